"""The benchmarks that scripts/bench knows: how each is run, and which of its figures are set beside which."""

import dataclasses
import json
import re
import statistics
import subprocess
import tempfile
from typing import Callable

ROUNDS = 5
SECONDS_A_ROUND = 0.3


class BenchmarkFailed(Exception):
    """What a program said that ended badly: most of all a wrong answer."""


@dataclasses.dataclass(frozen=True)
class Result:
    """A figure over all rounds beside its floor, the median of which it is judged by; None where there is none."""

    name: str
    unit: str
    values: list
    floors: list | None = None
    goal: float | None = None  # the value, or with `goal_is_ratio` the ratio, at the most (at least, if more is better)
    goal_is_ratio: bool = False
    more_is_better: bool = False

    @property
    def value(self):
        return statistics.median(self.values)

    @property
    def floor(self):
        return statistics.median(self.floors) if self.floors else None

    @property
    def ratio(self):
        return self.value / self.floor if self.floor else None

    @property
    def met(self):
        if self.goal is None:
            return None
        judged = self.ratio if self.goal_is_ratio else self.value
        return judged >= self.goal if self.more_is_better else judged <= self.goal


@dataclasses.dataclass(frozen=True)
class Benchmark:
    name: str
    summary: str
    run: Callable


# Nanoseconds a query at 32 a burst: what an answer may cost, and what `net` and software checksums may on top.
NET_GOAL_NS = 15
CHECKSUM_GOAL_NS = 5
ANSWER_GOALS_NS = {"root": 50, "hosts": 70, "hosts1m": 70}


def run_pipeline(program, large):
    rounds = _google_benchmark(program, ["--hosts1m"] if large else [])
    results = []
    for name in [name for name in rounds if name.startswith("pipeline/")]:
        workload, burst = name.split("/")[1:]
        floors = [sum(pair) for pair in zip(rounds[f"reflection/{workload}/{burst}"],
                                            rounds[f"table/{workload}/{burst}"])]
        goal = ANSWER_GOALS_NS[workload] + NET_GOAL_NS + CHECKSUM_GOAL_NS if burst == "burst_32" else None
        results.append(Result(f"{workload}/{burst}", "ns/query", rounds[name], floors, goal))
    return results


def run_net(program, _large):
    rounds = _google_benchmark(program, [])
    copies = rounds.pop("copy_alone")
    results = []
    for name, values in rounds.items():
        own = [value - copy for value, copy in zip(values, copies)]
        goal = NET_GOAL_NS + (CHECKSUM_GOAL_NS if "software" in name else 0)
        results.append(Result(name.removeprefix("bench/"), "ns/frame", own, copies, goal))
    return results


SOCKET_LINE = re.compile(r"(.+?)\s+(\d+) echoes/s \((\d+) to (\d+)\), ([\d.]+) us CPU each")


def run_socket(program, _large):
    lines = [SOCKET_LINE.fullmatch(line) for line in _output([program, "1"]).splitlines()]
    figures = {line[1]: [float(line[i]) for i in (3, 2, 4)] for line in lines if line}
    floors = figures.pop("system calls alone")
    return [Result(name, "echoes/s", values, floors, more_is_better=True) for name, values in figures.items()]


BENCHMARKS = {benchmark.name: benchmark for benchmark in (
    Benchmark("pipeline", "a query from port to port, beside turning its frame around and a bare table look-up",
              run_pipeline),
    Benchmark("net", "the frame of a query to that of its reply, beside the copy that brings it in", run_net),
    Benchmark("socket", "echoes over kernel UDP sockets, beside the system calls alone", run_socket),
)}


def _google_benchmark(program, arguments):
    """Nanoseconds by name, one for each round; the rounds of all benchmarks are interleaved."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        _output([program, f"--benchmark_repetitions={ROUNDS}", "--benchmark_enable_random_interleaving=true",
                 f"--benchmark_min_time={SECONDS_A_ROUND}", f"--benchmark_out={report.name}", *arguments])
        runs = json.load(report)["benchmarks"]
    rounds = {}
    for run in runs:
        if run.get("error_occurred"):
            raise BenchmarkFailed(f"{run['name']}: {run['error_message']}")
        if run["run_type"] == "iteration":
            rounds.setdefault(run["run_name"], []).append(run["cpu_time"])
    return {name: rounds[name] for name in sorted(rounds, key=_natural)}


def _natural(name):
    """Sorts burst_1 and addresses/4 before burst_32 and addresses/16."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _output(command):
    done = subprocess.run([str(word) for word in command], check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise BenchmarkFailed(f"{done.stdout}$ {' '.join(str(word) for word in command)}: exit {done.returncode}")
    return done.stdout
