"""The suites that scripts/test knows, in the order in which they run."""

import dataclasses
import json
import tempfile
from typing import Callable

from . import checks, fuzzers, programs
from .builds import ROOT, Build

# Scenarios of tests/e2e that run only if they are named: they ask too much for every day.
LONG_SCENARIOS = ("differential_whole", "durable_long")


@dataclasses.dataclass(frozen=True)
class Suite:
    name: str
    summary: str
    run: Callable
    default: bool = True


def run_unit(results):
    checks.check_layers(results)
    checks.check_format(results)
    build = Build("asan")
    programs.run_suite(build, "unit", results)
    build.make(build.executables("src/app").values())
    checks.check_scripts(results)


def run_property(results):
    programs.run_suite(Build("asan"), "property", results)


def run_race(results):
    programs.run_suite(Build("tsan"), "race", results)


def run_fuzz(results):
    programs.run_suite(Build("asan"), "fuzz", results)


def run_fuzz_long(results):
    fuzzers.run(results, fuzzers.LONG_S)


def run_e2e(results):
    build = Build("asan")
    if make_daemon(build, results):
        programs.run_suite(build, "e2e", results)
        run_scenarios("tests/e2e/run", results, "--programs", build.folder / "src/app")


def run_e2e_long(results):
    build = Build("asan")
    if make_daemon(build, results):
        run_scenarios("tests/e2e/run", results, "--programs", build.folder / "src/app", *LONG_SCENARIOS)


def make_daemon(build, results):
    """Builds what the scenarios start; False where there is no such thing."""
    daemon = build.executables("src/app")
    if "understudyd" not in daemon:
        results.skip("e2e", "this version has no understudyd")
        return False
    build.make(daemon.values())
    return True


def run_nic(results):
    build = Build("nic")
    build.make(build.executables("src/app").values())
    run_scenarios("tests/nic/run", results, "--programs", build.folder / "src/app")


def run_scenarios(runner, results, *options):
    """Hands over to a runner of scenarios, which prints as it goes and leaves its results as JSON."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        code = checks.passthrough([ROOT / runner, "--results", report.name, *options])
        try:
            outcomes = json.loads(report.read())
        except ValueError:
            results.fail(runner, f"ended with exit code {code} and left no results")
            return
    results.passed += sum(1 for outcome in outcomes if outcome["result"] == "ok")
    results.failed += [outcome["name"] for outcome in outcomes if outcome["result"] == "fail"]
    results.skipped += [f"{outcome['name']}: {outcome['reason']}" for outcome in outcomes if outcome["result"] == "skip"]


def run_tidy(results):
    checks.check_format(results)
    checks.check_tidy(results)


def run_clang(results):
    programs.run_suite(Build("clang"), "unit", results)


SUITES = {suite.name: suite for suite in (
    Suite("unit", "layers, format, each folder's tests under ASan and UBSan, and those of the scripts", run_unit),
    Suite("property", "random worlds against the oracle, under ASan and UBSan", run_property),
    Suite("race", "readers against writers under ThreadSanitizer", run_race),
    Suite("fuzz", "every fuzzer over its corpus, under ASan and UBSan", run_fuzz),
    Suite("e2e", "the sanitized daemon with real peers in network namespaces", run_e2e),
    Suite("nic", "PCI drivers on emulated NICs in QEMU", run_nic),
    Suite("tidy", "clang-format and clang-tidy over everything", run_tidy, default=False),
    Suite("clang", "the unit tests built by clang", run_clang, default=False),
    Suite("e2e-long", "100,000 questions to the sanitized daemon and to three others; 200 kills in the middle of updates", run_e2e_long, default=False),
    Suite("fuzz-long", "20 minutes of each libFuzzer program, in a clang build", run_fuzz_long, default=False),
)}
