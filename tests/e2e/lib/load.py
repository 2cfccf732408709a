"""Load generators: dnsperf over sockets, kxdpgun over AF_XDP, and our own over any device."""

import dataclasses
import json
import re

from .process import SANITIZERS, Process
from .scenario import Failure, expect_equal
from .understudy import program


@dataclasses.dataclass(frozen=True)
class Load:
    sent: int
    answered: int

    @property
    def lost(self):
        return self.sent - self.answered


class Dnsperf:
    """dnsperf in the background; `questions` are lines `NAME TYPE`."""

    def __init__(self, world, namespace, server, questions, *, seconds, rate, port=53, name="dnsperf"):
        file = world.folder / f"{name}.queries"
        file.write_text("\n".join(questions) + "\n")
        self._seconds = seconds
        self._process = Process(world, name, namespace, [
            "dnsperf", "-s", server, "-p", port, "-d", file, "-l", seconds, "-Q", rate, "-q", "50", "-t", "2", "-c", "4"])

    def running(self):
        return self._process.exit_code is None

    def finish(self):
        """Waits for its end; returns the Load."""
        expect_equal(self._process.wait(self._seconds + 10), 0, "exit code of dnsperf")
        log = self._process.log_text()
        return Load(_number(log, r"Queries sent:\s+(\d+)"), _number(log, r"Queries completed:\s+(\d+)"))


def kxdpgun(namespace, interface, server, file, *, seconds, rate):
    """Sends raw frames from `interface`; `file` holds lines `NAME TYPE`. Returns the Load."""
    done = namespace.run("kxdpgun", "-t", seconds, "-Q", rate, "-b", "32", "-i", file, "-I", interface, server,
                         timeout_s=seconds + 20)
    output = done.stdout + done.stderr
    return Load(_number(output, r"total queries:\s+(\d+)"), _number(output, r"total replies:\s+(\d+)"))


class UnderstudyLoad:
    """understudy-load in `namespace`; `questions` are lines `NAME TYPE`."""

    def __init__(self, world, namespace, name="load"):
        self.folder = world.folder / name
        self.folder.mkdir()
        self._namespace = namespace

    def run(self, questions, *options, seconds=2, code=0):
        """Returns its report, the JSON document, and everything it said."""
        queries, report = self.folder / "queries", self.folder / "report.json"
        queries.write_text("\n".join(questions) + "\n")
        sanitizers = [f"{name}={value}" for name, value in SANITIZERS.items()]
        done = self._namespace.run("env", *sanitizers, program("understudy-load"), "--queries", queries, "--json", report,
                                   "--duration", seconds, "--quiet", *options, check=False, timeout_s=seconds + 30)
        said = done.stdout + done.stderr
        expect_equal(done.returncode, code, f"exit code of understudy-load ({said})")
        return json.loads(report.read_text() or "null"), said


def _number(text, pattern):
    found = re.search(pattern, text)
    if not found:
        raise Failure(f"no {pattern!r} in:\n{text}")
    return int(found.group(1))
