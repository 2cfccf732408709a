"""Runs test programs that meson knows and counts their single tests."""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import tempfile
import time

SKIPPED = 77  # exit code of a test that cannot run here; its last line says why

# meson's time limits are for plain builds; sanitizers slow a program down by this much.
SANITIZER_FACTOR = 4

# Of a failed program's output: the end, where the assertion and the sanitizer's report stand.
SHOWN_LINES = 80

SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=0:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


def run_suite(build, suite, results):
    """Builds and runs every test of `suite`; says so if there is none."""
    tests = build.tests(suite)
    if not tests:
        results.skip(suite, "this version has no tests of it")
        return
    build.make(test["cmd"][0] for test in tests)
    parallel = [test for test in tests if test["is_parallel"]]
    alone = [test for test in tests if not test["is_parallel"]]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for test, outcome in zip(parallel, pool.map(_run, parallel)):
            _report(f"{suite}/{test['name']}", outcome, results)
    for test in alone:
        _report(f"{suite}/{test['name']}", _run(test), results)


def run_command(command, timeout_s, environment=None, cwd=None):
    """Returns exit code (None: ran out of time), output and seconds."""
    started = time.monotonic()
    try:
        done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout_s, cwd=cwd,
                              env={**os.environ, **SANITIZERS, **(environment or {})})
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as expired:
        code, output = None, (expired.stdout or b"") + f"\ngiven up after {timeout_s} s".encode()
    return code, output.decode(errors="replace"), time.monotonic() - started


def _run(test):
    """Runs one program. Returns exit code, output, seconds and GoogleTest's report, if it wrote one."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        command = list(test["cmd"])
        if test["protocol"] == "gtest":
            command += [f"--gtest_output=json:{report}", "--gtest_brief=1"]
        outcome = run_command(command, test["timeout"] * SANITIZER_FACTOR, test["env"])
        return *outcome, json.loads(report.read_text()) if report.exists() else None


def _report(name, outcome, results):
    code, output, seconds, report = outcome
    shown = "\n".join(output.splitlines()[-SHOWN_LINES:])
    if code == SKIPPED:
        results.skip(name, output.strip().splitlines()[-1] if output.strip() else "cannot run here")
        return
    passed, failed, skipped = _cases(report)
    for case in skipped:
        results.skip(f"{name}/{case}", "GTEST_SKIP")
    if code == 0:
        results.ok(name, 1 if report is None else passed, seconds)
        return
    results.passed += passed
    # A program that dies, leaks or hangs fails although none of its cases says so.
    for case in failed or ["exit" if code is not None else "time"]:
        results.fail(f"{name}/{case}", shown, seconds)
        shown = ""


def _cases(report):
    """Count of passed cases, names of failed and of skipped ones."""
    passed, failed, skipped = 0, [], []
    for group in (report or {}).get("testsuites", []):
        for case in group["testsuite"]:
            name = f"{group['name']}.{case['name']}"
            if case["result"] == "SKIPPED":
                skipped.append(name)
            elif case.get("failures"):
                failed.append(name)
            elif case["status"] == "RUN":
                passed += 1
    return passed, failed, skipped
