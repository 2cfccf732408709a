"""The daemon under test: its configuration, its start, and understudyctl."""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess

from .process import SANITIZERS, Process
from .scenario import CannotRun, Failure, expect_equal

PROGRAMS = "UNDERSTUDY_PROGRAMS"  # environment: the folder of understudyd and understudyctl
READY_TIMEOUT_S = 30
ENVIRONMENT = 3  # exit code: NIC, memory, privileges, address in use


def program(name):
    root = pathlib.Path(__file__).resolve().parents[3]
    path = pathlib.Path(os.environ.get(PROGRAMS) or root / "build").resolve() / name
    if not path.exists():
        raise CannotRun(f"{path} is missing: run scripts/build or set {PROGRAMS}")
    return path


def sanitized():
    """Whether the daemon is a sanitizer build, in which limits of time mean little."""
    linked = subprocess.run(["ldd", program("understudyd")], check=True, text=True, stdout=subprocess.PIPE).stdout
    return bool(re.search(r"lib[at]san", linked))


class Understudy:
    """One daemon with a folder of its own, in which its configuration, zone files and state stand."""

    def __init__(self, world, namespace, config, name="understudy"):
        self.world = world
        self.namespace = namespace
        self.name = name
        self.folder = world.folder / name
        self.folder.mkdir()
        self.config_file = self.folder / "understudy.yaml"
        self.process = None
        self.configure(config)

    def configure(self, config):
        """Writes the configuration: a dict, completed by what every test wants, or the file's text as it is."""
        if isinstance(config, dict):
            server = {"identity": "test.identity", "state": "state", "control": "control.sock", "log": "debug"}
            config = to_yaml({**config, "server": {**server, **config.get("server", {})}})
        self.config_file.write_text(config)

    def write(self, file, text):
        """A file beside the configuration, such as a zone's; replaced in one go, as an editor does."""
        new = self.folder / f"{file}.new"
        new.write_text(text)
        new.rename(self.folder / file)

    def start(self):
        """Starts and waits for READY=1."""
        with self._notify_socket() as (notify, environment):
            self._launch(environment)
            self._wait_ready(notify)
        return self

    def start_refused(self, *options, timeout_s=20):
        """Starts a daemon that is expected to give up; returns its exit code and its output."""
        done = self.namespace.run(program("understudyd"), "--config", self.config_file, *options, check=False,
                                  timeout_s=timeout_s)
        return done.returncode, done.stdout + done.stderr

    def check(self):
        """`understudyd --check`: exit code and output."""
        return self.start_refused("--check")

    def stop(self):
        """SIGTERM; it has to end with exit code 0."""
        expect_equal(self.process.stop(), 0, "exit code after SIGTERM")

    def log(self):
        return self.process.log_text()

    def ctl(self, *words):
        """understudyctl for people: exit code, output, complaints."""
        done = self.namespace.run(program("understudyctl"), "--socket", self.folder / "control.sock", *words,
                                  check=False)
        return done.returncode, done.stdout, done.stderr

    def json(self, *words, code=0):
        """understudyctl for programs: the document, after checking the exit code and that there is nothing else."""
        actual, output, complaints = self.ctl("--json", *words)
        expect_equal(actual, code, f"exit code of understudyctl {' '.join(words)} ({output}{complaints})")
        try:
            return json.loads(output)
        except ValueError as fault:
            raise Failure(f"understudyctl --json {' '.join(words)}: no JSON document: {output!r}") from fault

    def zone(self, name):
        return self.json("zone", name)

    def _launch(self, environment):
        self.process = Process(self.world, self.name, self.namespace,
                               [program("understudyd"), "--config", self.config_file], environment)

    def _wait_ready(self, notify):
        notify.settimeout(0.1)
        received = b""
        for _ in range(READY_TIMEOUT_S * 10):
            with contextlib.suppress(TimeoutError):
                received += notify.recv(4096) + b"\n"
            if b"READY=1" in received:
                return
            if self.process.exit_code is not None:
                raise Failure(f"understudyd ended with exit code {self.process.exit_code} instead of being ready")
        raise Failure(f"understudyd was not ready within {READY_TIMEOUT_S} s")

    @contextlib.contextmanager
    def _notify_socket(self):
        path = self.folder / "notify.sock"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(path))
            path.chmod(0o777)  # as systemd's, for a daemon that has become somebody else
            try:
                yield notify, {"NOTIFY_SOCKET": str(path), **SANITIZERS}
            finally:
                path.unlink()


def to_yaml(value, indent=0):
    """Block-style YAML, as a person would write it."""
    pad = " " * indent
    lines = []
    for key, item in value.items():
        if isinstance(item, dict) and item:
            lines += [f"{pad}{key}:", to_yaml(item, indent + 2)]
        elif isinstance(item, list) and item and isinstance(item[0], dict):
            lines.append(f"{pad}{key}:")
            for entry in item:
                text = to_yaml(entry, indent + 4)
                lines.append(f"{pad}  - {text.lstrip()}")
        else:
            lines.append(f"{pad}{key}: {_scalar(item)}")
    return "\n".join(lines) + ("\n" if indent == 0 else "")


def _scalar(value):
    if isinstance(value, list):
        return f"[{', '.join(_scalar(item) for item in value)}]"
    if isinstance(value, bool):
        return "on" if value else "off"
    if value == {}:
        return "{}"
    text = str(value)
    # Quoted where YAML would read something else: colons, empty text, escapes.
    return json.dumps(text) if re.search(r"[:#\"{}\[\],&*\\]|^$", text) else text
