"""Processes that a scenario starts: logs collected, ended by their pid, sanitizer reports turned into failures."""

import contextlib
import ctypes
import os
import pathlib
import re
import signal
import subprocess

from .scenario import Failure, wait_until

_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1

STOP_TIMEOUT_S = 10

_ROOT = pathlib.Path(__file__).resolve().parents[3]

SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=0:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1",
    # What DPDK leaks is known there.
    "LSAN_OPTIONS": f"suppressions={_ROOT}/tests/support/lsan.supp:print_suppressions=0",
}
_REPORT = re.compile(r"(ERROR: AddressSanitizer|ERROR: LeakSanitizer|WARNING: ThreadSanitizer|runtime error:).*")


class Process:
    """A process in a namespace; its output goes to `<name>.log` in the world's folder. Stopped when the world ends."""

    def __init__(self, world, name, namespace, command, environment=None):
        self.name = name
        self.log = world.folder / f"{name}.log"
        with open(self.log, "ab") as log:
            # pylint: disable=consider-using-with
            self._popen = subprocess.Popen(
                namespace.command(*command), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                cwd=world.folder, env={**os.environ, **SANITIZERS, **(environment or {})}, preexec_fn=_die_with_parent)
        self.pid = self._popen.pid
        if all(process.log != self.log for process in world.processes):
            world.processes.append(self)
        world.at_end(self.stop)

    @property
    def exit_code(self):
        """None while it runs."""
        return self._popen.poll()

    def log_text(self):
        return self.log.read_text(errors="replace")

    def wait_for_log(self, pattern, timeout_s=10, start=0):
        """Waits until the log from offset `start` on matches `pattern`; returns the match."""
        return wait_until(lambda: re.search(pattern, self.log_text()[start:]), timeout_s,
                          f"{self.name} logs {pattern!r}")

    def signal(self, number):
        os.kill(self.pid, number)

    def wait(self, timeout_s):
        """Waits for its end; returns the exit code."""
        try:
            return self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired as expired:
            raise Failure(f"{self.name} still runs after {timeout_s} s") from expired

    def kill(self):
        self._popen.kill()
        self._popen.wait()

    def stop(self):
        """SIGTERM, then SIGKILL; returns the exit code. Fails if a sanitizer has found something."""
        if self._popen.poll() is None:
            self._popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(STOP_TIMEOUT_S)
        hung = self._popen.poll() is None
        if hung:
            self.kill()
        report = _REPORT.search(self.log_text())
        if report:
            raise Failure(f"{self.name}: {report.group(0)}")
        if hung:
            raise Failure(f"{self.name} did not end within {STOP_TIMEOUT_S} s of SIGTERM")
        return self._popen.returncode


def _die_with_parent():
    # A scenario that is killed must not leave servers behind.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
