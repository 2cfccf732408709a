"""Runs the scenarios of a folder: each script, once for each of its VARIANTS, in a process of its own.

Prints a line for each with its result and duration; after a failure also what the scenario said.
"""

import argparse
import ast
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from . import net
from .scenario import KEEP, PREFIX, SKIPPED
from .understudy import PROGRAMS

TIME_LIMIT_S = 180  # a healthy scenario takes a sixth of it, under ASan too, unless its suite knows better
LONG_LIMIT_S = 1800  # one that runs on request
CLEANUP_S = 20      # how long one may take to tidy up after SIGTERM


@dataclasses.dataclass(frozen=True)
class Scenario:
    script: pathlib.Path
    variant: str | None
    summary: str
    on_request: bool = False  # runs only if it is named

    @property
    def name(self):
        """Without the suite's."""
        return self.script.stem + (f"_{self.variant}" if self.variant else "")


def main(suite, folder, limit_s=TIME_LIMIT_S):
    """The runner's whole life; returns its exit code: 0 nothing failed, 1 something failed, 2 wrong usage.

    `limit_s`: what one scenario may take, unless it runs on request.
    """
    parser = argparse.ArgumentParser(description="Runs the scenarios beside this script.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these, such as ctl or secondary_knot")
    parser.add_argument("--list", action="store_true", help="print the scenarios and stop")
    parser.add_argument("--programs", metavar="FOLDER", help="where understudyd and understudyctl are (default: build/)")
    parser.add_argument("--results", metavar="FILE", help="write name, result and reason of each as JSON")
    options = parser.parse_args()

    known = list(_scenarios(folder))
    names = {name.removeprefix(f"{suite}/") for name in options.names}
    unknown = names - {scenario.name for scenario in known}
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    chosen = [scenario for scenario in known if scenario.name in names
              or not names and (options.list or not scenario.on_request)]
    if options.list:
        for scenario in chosen:
            note = "(on request) " if scenario.on_request else ""
            print(f"{scenario.name:20} {note}{scenario.summary}")
        return 0

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    outcomes = []
    for scenario in chosen:
        started = time.monotonic()
        result, reason, output = _run(scenario, options.programs, LONG_LIMIT_S if scenario.on_request else limit_s)
        outcomes.append({"name": f"{suite}/{scenario.name}", "result": result, "reason": reason})
        _report(outcomes[-1], output, time.monotonic() - started)
    if options.results:
        pathlib.Path(options.results).write_text(json.dumps(outcomes))
    return 1 if any(outcome["result"] == "fail" for outcome in outcomes) else 0


def _scenarios(folder):
    """Every script there, with what its docstring, its VARIANTS and its ON_REQUEST say."""
    for script in sorted(folder.glob("*.py")):
        tree = ast.parse(script.read_text())
        summary = (ast.get_docstring(tree) or "").split("\n")[0]
        named = {getattr(node.targets[0], "id", ""): node.value for node in tree.body if isinstance(node, ast.Assign)}
        for variant in ast.literal_eval(named["VARIANTS"]) if "VARIANTS" in named else [None]:
            yield Scenario(script, variant, summary)
        for variant in ast.literal_eval(named["ON_REQUEST"]) if "ON_REQUEST" in named else []:
            yield Scenario(script, variant, summary, on_request=True)


def _run(scenario, programs, limit_s):
    """Returns the result (ok, fail, skip), its reason and the output."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    if programs:
        environment[PROGRAMS] = str(pathlib.Path(programs).resolve())
    command = [sys.executable, scenario.script, *([scenario.variant] if scenario.variant else [])]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, errors="replace", env=environment)
    try:
        output, _ = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        output = f"{_end(process)}\ngiven up after {limit_s} s"
    except BaseException:
        _end(process)
        raise
    finally:
        _delete_leftovers(process.pid)
    last = (output.strip().splitlines() or [""])[-1].strip()
    result = {0: "ok", SKIPPED: "skip"}.get(process.returncode, "fail")
    return result, last if result == "skip" else "", output


def _end(process):
    """Asks a scenario to end and to tidy up, then insists. Returns its output."""
    process.terminate()
    try:
        return process.communicate(timeout=CLEANUP_S)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[0]


def _delete_leftovers(pid):
    """What a scenario leaves that had no time to tidy up."""
    net.delete_leftovers(PREFIX, pid)
    if not os.environ.get(KEEP):
        for folder in pathlib.Path(tempfile.gettempdir()).glob(f"{PREFIX}-{pid}-*"):
            shutil.rmtree(folder, ignore_errors=True)


def _report(outcome, output, seconds):
    if outcome["result"] == "fail":
        print(output.rstrip("\n"))
    word = "FAIL" if outcome["result"] == "fail" else outcome["result"]
    reason = f": {outcome['reason']}" if outcome["reason"] else ""
    print(f"{word:5} {outcome['name']}{reason}  {seconds:.1f} s", flush=True)
