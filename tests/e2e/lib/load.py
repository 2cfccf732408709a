"""Load generators: dnsperf over sockets, kxdpgun over AF_XDP."""

import dataclasses
import re

from .process import Process
from .scenario import Failure, expect_equal


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


def _number(text, pattern):
    found = re.search(pattern, text)
    if not found:
        raise Failure(f"no {pattern!r} in:\n{text}")
    return int(found.group(1))
