"""Checks of the sources themselves: layers, format, clang-tidy."""

import os
import re
import subprocess

from . import programs
from .builds import ROOT, Build

SOURCE_SUFFIXES = {".h", ".cc"}
SOURCE_FOLDERS = ("include", "src", "drivers", "tests", "bench")
SCRIPTS_TIMEOUT_S = 300
TIDY_TIMEOUT_S = 7200  # two cores take about 20 minutes


def check_layers(results):
    _check("check-layers", [ROOT / "scripts/check-layers"], results)


def check_format(results):
    # The version is named because each formats a little differently.
    _check("clang-format", ["clang-format-14", "--dry-run", "--Werror", *_sources()], results)


def check_tidy(results):
    build = Build("clang")
    # clang-tidy compiles nothing, but what it reads must be there.
    build.make(build.generated())
    # Our sources only: the database knows generated ones as well.
    ours = f"^{re.escape(str(ROOT))}/({'|'.join(SOURCE_FOLDERS)})/"
    files = {path for path in build.compiled() if re.match(ours, path)}
    _check(f"clang-tidy over {len(files)} files",
           ["run-clang-tidy-19", "-quiet", "-p", build.folder, "-j", str(os.cpu_count()), ours], results)


def check_scripts(results):
    """The scripts' own tests, on made-up machines; they ask the daemon where it is built."""
    for test in sorted((ROOT / "tests/scripts").glob("*_test.py")):
        code, output, seconds = programs.run_command(
            ["python3", str(test)], SCRIPTS_TIMEOUT_S,
            {"UNDERSTUDY_PROGRAMS": str(ROOT / "build/asan/src/app"), "PYTHONDONTWRITEBYTECODE": "1"})
        ran = re.search(r"^Ran (\d+) tests?", output, re.MULTILINE)
        if code == 0 and ran:
            results.ok(f"scripts/{test.stem}", int(ran[1]), seconds)
        else:
            results.fail(f"scripts/{test.stem}", output, seconds)


def passthrough(command):
    """Runs a command with our own output; returns its exit code. Ended from outside, it lets the command clean up."""
    process = subprocess.Popen([str(word) for word in command])
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise


def _sources():
    return sorted(path for folder in SOURCE_FOLDERS for path in (ROOT / folder).rglob("*")
                  if path.suffix in SOURCE_SUFFIXES)


def _check(name, command, results):
    code, output, seconds = programs.run_command([str(word) for word in command], TIDY_TIMEOUT_S)
    if code == 0:
        results.ok(name, seconds=seconds)
    else:
        results.fail(name, output, seconds)
