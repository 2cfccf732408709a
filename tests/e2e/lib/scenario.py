"""A scenario's world: its steps, its folder, and the order in which everything is taken down.

A scenario is a function of a World, made of steps. A step that fails is reported and the next one runs, so that one
fault does not hide another. Exit: 0 all steps passed, 1 one failed, 77 it cannot run here (the last line says why).
"""

import contextlib
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

SKIPPED = 77

# Of the names of everything that a scenario makes outside of its folder.
PREFIX = "e2e"

KEEP = "E2E_KEEP"  # environment: leave the scenario's folder behind

# Of each process's log, shown after a failure.
LOG_TAIL_LINES = 40

# Of a value in a complaint.
SHOWN_CHARACTERS = 1500


class Failure(AssertionError):
    """An expectation that did not hold."""


class Skip(Exception):
    """A step cannot run on this machine, or raised outside of one, the scenario; the text says why."""


class CannotRun(Skip):
    """The scenario as a whole cannot run on this machine."""


class World:
    """What a scenario makes and leaves behind. Use from one thread."""

    def __init__(self, folder, prefix=PREFIX):
        self.folder = pathlib.Path(folder)
        self.prefix = prefix
        self.argument = sys.argv[1] if len(sys.argv) > 1 else None
        self.processes = []
        self.failures = 0
        self._stack = contextlib.ExitStack()

    def enter(self, context):
        """Enters `context` until the scenario ends."""
        return self._stack.enter_context(context)

    def at_end(self, function, *arguments):
        self._stack.callback(function, *arguments)

    @contextlib.contextmanager
    def step(self, what):
        """One thing that is shown. Failing, it is reported and counted, and the scenario goes on."""
        started = time.monotonic()
        try:
            yield
        except CannotRun:
            raise
        except Skip as reason:
            print(f"  skip  {what}: {reason}", flush=True)
            return
        except Exception as fault:  # pylint: disable=broad-except
            self.failures += 1
            print(f"  FAIL  {what}", flush=True)
            _explain(fault)
            return
        print(f"  ok    {what}  {time.monotonic() - started:.2f} s", flush=True)

    def close(self):
        self._stack.close()


def expect(condition, message):
    if not condition:
        raise Failure(message)


def expect_equal(actual, expected, what=""):
    if actual != expected:
        raise Failure(f"{what}{': ' if what else ''}expected {_short(expected)}, got {_short(actual)}")


def expect_same_lines(actual, expected, what):
    """For long lists: says what is missing and what is too much."""
    if actual != expected:
        missing, extra = sorted(set(expected) - set(actual)), sorted(set(actual) - set(expected))
        raise Failure(f"{what}: missing {_short(missing)}, beyond it {_short(extra)}")


def wait_until(condition, timeout_s, what):
    """Polls `condition` until it gives something true, which is returned. Its network errors count as not yet."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            value = condition()
        except OSError as fault:
            value, last = None, f" ({fault})"
        else:
            last = ""
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {timeout_s} s{last}")
        time.sleep(0.01)


def run(main):
    """Runs the scenario `main(world)` and exits."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if os.geteuid() != 0:
        print("network namespaces need root")
        sys.exit(SKIPPED)
    world = World(tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-"))
    reason = None
    try:
        main(world)
    except Skip as skip:
        reason = str(skip)
    except Exception as fault:  # pylint: disable=broad-except
        world.failures += 1
        print("  FAIL  outside of any step")
        _explain(fault)
    finally:
        _take_down(world)
    if world.failures:
        sys.exit(1)
    if reason:
        print(reason)
        sys.exit(SKIPPED)
    sys.exit(0)


def _short(value):
    text = repr(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _take_down(world):
    # Closing stops the processes, which may have more to complain about (leaks are reported at exit).
    try:
        world.close()
    except Exception as fault:  # pylint: disable=broad-except
        world.failures += 1
        print("  FAIL  taking down")
        _explain(fault)
    if world.failures:
        for process in world.processes:
            print(f"---- end of {process.log.name}")
            print("\n".join(process.log_text().splitlines()[-LOG_TAIL_LINES:]))
    if os.environ.get(KEEP):
        print(f"kept: {world.folder}")
    else:
        shutil.rmtree(world.folder, ignore_errors=True)


def _explain(fault):
    if isinstance(fault, Failure):
        # The line of the scenario that expected it, which stands above the harness's own frames.
        frames = [frame for frame in traceback.extract_tb(fault.__traceback__) if "/lib/" not in frame.filename]
        place = f" (line {frames[-1].lineno})" if frames else ""
        print(f"        {fault}{place}", flush=True)
    else:
        print("".join(traceback.format_exception(fault)), flush=True)
