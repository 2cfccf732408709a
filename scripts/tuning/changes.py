"""Applies changes and takes them back: what a file said before is on disk before anything else is written to it."""

import json
import pathlib

RECORD = "/var/lib/understudy/tune.json"


class Record:
    """The changes that were made, oldest first: [{path, before, after}]."""

    def __init__(self, file):
        self._file = pathlib.Path(file)
        self.entries = json.loads(self._file.read_text()) if self._file.exists() else []

    def add(self, path, before, after):
        """Only the first value of a file counts: undoing goes back to before the first `apply`."""
        known = next((entry for entry in self.entries if entry["path"] == path), None)
        if known:
            known["after"] = after
        else:
            self.entries.append({"path": path, "before": before, "after": after})
        self._save()

    def drop(self, entry):
        self.entries.remove(entry)
        self._save()

    def _save(self):
        if not self.entries:
            self._file.unlink(missing_ok=True)
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self.entries, indent=1) + "\n")
        new.rename(self._file)


def apply(machine, changes, record, say):
    """Makes the changes, one by one; returns how many failed."""
    failed = 0
    for change in changes:
        before = chosen(machine.read(change.path))
        if before is None:
            say(f"failed: {change.path} is not there")
            failed += 1
            continue
        if before == change.text:
            continue
        record.add(change.path, before, change.text)
        if write(machine, change.path, change.text):
            now = chosen(machine.read(change.path))
            # The kernel gives fewer huge pages than asked for where memory is in pieces.
            say(f"{change.path}: {before} -> {now}" + ("" if now == change.text else f" ({change.text} was asked for)"))
        else:
            say(f"failed: {change.command}")
            failed += 1
            record.drop(record.entries[-1])
    return failed


def undo(machine, record, say):
    """Takes everything back, the last change first; what fails stays on record. Returns how many failed."""
    failed = 0
    for entry in reversed(list(record.entries)):
        now = chosen(machine.read(entry["path"]))
        if now is None:
            say(f"gone meanwhile: {entry['path']}")
            record.drop(entry)
        elif write(machine, entry["path"], entry["before"]):
            changed = "" if now == entry["after"] else f" (somebody had made it {now})"
            say(f"{entry['path']}: {now} -> {entry['before']}{changed}")
            record.drop(entry)
        else:
            say(f"failed: echo {entry['before']} > {entry['path']}")
            failed += 1
    return failed


def write(machine, path, text):
    try:
        machine.write(path, text)
    except OSError:
        return False
    return True


def chosen(text):
    """Of a list of possibilities (`always [madvise] never`) the one in force."""
    if text and "[" in text:
        return text.split("[", 1)[1].split("]", 1)[0]
    return text
