"""Runs the libFuzzer programs, each on a copy of its corpus."""

import os
import pathlib
import tempfile

from . import programs
from .builds import ROOT, Build

LONG_S = 1200
GRACE_S = 60  # for reading the corpus, beyond the time that the fuzzer itself keeps

FOLDER = "tests/fuzz"


def run(results, seconds_each):
    build = Build("fuzz")
    fuzzers = build.executables(FOLDER)
    if not fuzzers:
        results.skip("libFuzzer", "this version has no fuzzers")
        return
    build.make(fuzzers.values())
    for name, program in sorted(fuzzers.items()):
        _run(name, program, seconds_each, results)


def _run(name, program, seconds, results):
    """New inputs go to a folder that is thrown away; a crashing one is kept in the build folder and named."""
    corpus = ROOT / FOLDER / "corpus" / name.removesuffix("_fuzz")
    crashes = program.parent / f"{name}.crashes"
    crashes.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as found:
        command = [program, f"-max_total_time={seconds}", f"-artifact_prefix={crashes}/", f"-jobs={os.cpu_count()}",
                   f"-workers={os.cpu_count()}", "-print_final_stats=1", "-verbosity=0", found]
        if corpus.is_dir():
            command.append(corpus)
        # Its jobs leave their logs in the working folder.
        code, output, duration = programs.run_command([str(word) for word in command], seconds + GRACE_S, cwd=found)
        logs = "".join(log.read_text(errors="replace") for log in pathlib.Path(found).glob("fuzz-*.log"))
    if code == 0:
        results.ok(f"libFuzzer/{name}", seconds=duration)
    else:
        results.fail(f"libFuzzer/{name}", output + logs, duration)
