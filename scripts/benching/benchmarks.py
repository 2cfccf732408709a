"""The benchmarks that scripts/bench knows: how each is run, and which of its figures are set beside which."""

import dataclasses
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from typing import Callable

from .result import BenchmarkFailed, Result

ROUNDS = 5
SECONDS_A_ROUND = 0.3


@dataclasses.dataclass(frozen=True)
class Options:
    large: bool  # also what needs minutes and gigabytes
    scale: float  # of the workloads' sizes


@dataclasses.dataclass(frozen=True)
class Benchmark:
    """What `run` is given: the one program NAME_bench of bench/, or where `programs` names them, as (folder, name), a
    dict of those by name."""

    name: str
    summary: str
    run: Callable  # the program or programs and Options -> results, one by one as they come
    programs: tuple = ()


# Nanoseconds a query at 32 a burst: what an answer may cost, and what `net` and software checksums may on top.
NET_GOAL_NS = 15
CHECKSUM_GOAL_NS = 5
ANSWER_GOALS_NS = {"root": 50, "hosts": 70}


def run_pipeline(program, options):
    runs = _google_benchmark(program, options)
    results = []
    for name in runs.names("pipeline/"):
        workload, burst = name.split("/")[1:]
        goal = ANSWER_GOALS_NS[workload] + NET_GOAL_NS + CHECKSUM_GOAL_NS if burst == "burst_32" else None
        parts = [runs.rounds(f"{part}/{workload}/{burst}") for part in ("reflection", "table")]
        results.append(Result(f"{workload}/{burst}", "ns/query", runs.rounds(name),
                              [sum(pair) for pair in zip(*parts)], goal, fault=runs.fault(name)))
    return results


def run_net(program, _options):
    runs = _google_benchmark(program)
    copies = runs.rounds("copy_alone")
    return [Result(name.removeprefix("bench/"), "ns/frame", _beyond(copies, runs.rounds(name)), copies,
                   NET_GOAL_NS + (CHECKSUM_GOAL_NS if "software" in name else 0), fault=runs.fault(name))
            for name in runs.names("bench/")]


@dataclasses.dataclass(frozen=True)
class EngineCase:
    """Answers to the questions of a workload, in batches of 32: nanoseconds each, and in floors."""

    name: str
    goal_ns: float | None = None
    goal_floors: float | None = None
    large: bool = False


ENGINE_CASES = (
    EngineCase("hosts/hits", 70, 2),
    EngineCase("hosts/mixed"),
    EngineCase("hosts/misses", 120),
    EngineCase("root/mixed", 50),
    EngineCase("tld/hits", 100, 3),
    EngineCase("tld/mixed"),
    EngineCase("com/hits", large=True),
    EngineCase("hosts10m/hits", 80, 2),
    EngineCase("many/hits", 130),
    EngineCase("many/mixed"),
    EngineCase("ip6/hits", 250),
    EngineCase("ip6/misses", 400),
    EngineCase("nsec/hits"),
    EngineCase("nsec/misses", 500),
    EngineCase("nsec3/hits"),
    EngineCase("nsec3/misses", 900),
)
TWO_THREADS_CASE = "hosts/hits"
TWO_THREADS_GOAL = 0.97

# What is counted -> arguments, goal. The sizes of these workloads do not matter, but what valgrind takes for them does.
COUNTED = {
    "one A": (["--count=one_a/hits", "--scale=0.001"], 350),
    "referral of 281 octets": (["--count=root/hits", "--octets=281", "--scale=0.2"], 600),
}


def run_engine(program, options):
    for case in ENGINE_CASES:
        if case.large and not options.large:
            continue
        runs = _google_benchmark(program, options, [f"--benchmark_filter=^{case.name}/"])
        yield Result(case.name, "ns/query", *_engine_rounds(runs, case.name), case.goal_ns, case.goal_floors,
                     fault=runs.fault(f"{case.name}/answer"))
        if case.name == TWO_THREADS_CASE:
            yield _two_threads(runs, case.name)
    yield from _count_instructions(program)


def _engine_rounds(runs, case, threads=""):
    """Rounds of answer and floor, without the copies with which each begins."""
    copies = runs.rounds(f"{case}/copies{threads}")
    return [_beyond(copies, runs.rounds(f"{case}/{what}{threads}")) for what in ("answer", "floor")]


def _two_threads(runs, case):
    """What two threads answer in the time in which one answers 1, as against two copies of the floor's loop.

    It is processor time, so that it tells what the threads do to each other and not what other programs do to them.
    """
    one, two = _engine_rounds(runs, case), _engine_rounds(runs, case, "/threads:2")
    speedups = [[2 * alone / both for alone, both in zip(*pair)] for pair in zip(one, two)]
    return Result("two threads", "threads", *speedups, ratio_goal=TWO_THREADS_GOAL, more_is_better=True,
                  fault=runs.fault(f"{case}/answer/threads:2"))


def _count_instructions(program):
    if not shutil.which("valgrind"):
        print("skipped: valgrind, which counts instructions, is not installed")
        return
    for name, (arguments, goal) in COUNTED.items():
        yield Result(name, "instructions", [_instructions(program, arguments, "answer_counted")],
                     [_instructions(program, arguments, "look_up_batch")], goal)


def _instructions(program, arguments, function):
    """Instructions inside `function` for each question."""
    with tempfile.NamedTemporaryFile() as counts:
        output = _output(["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={counts.name}",
                          f"--toggle-collect=*{function}*", program, *arguments],
                         # Else the first call of each library function counts the search for it as well.
                         {**os.environ, "LD_BIND_NOW": "1"})
        with open(counts.name, encoding="utf-8") as file:
            total = re.search(r"^summary: (\d+)", file.read(), re.MULTILINE)
    questions = re.search(r"^(\d+) questions$", output, re.MULTILINE)
    if not total or not questions or int(questions[1]) == 0 or int(total[1]) == 0:
        raise BenchmarkFailed(f"nothing was counted of {function}: {output}")
    return int(total[1]) / int(questions[1])


@dataclasses.dataclass(frozen=True)
class ZoneCase:
    """The zones of a workload: octets a name or a delegation, and those as against the wire size of the records."""

    workload: str
    goal_octets: float | None = None
    goal_wire_sizes: float | None = None
    peak_goal_octets: float | None = None
    large: bool = False


ZONE_CASES = (
    ZoneCase("one_a", 52),
    ZoneCase("one_a10m", 52),
    ZoneCase("one_a100m", 52, large=True),
    ZoneCase("hosts"),
    ZoneCase("tld", 110),
    ZoneCase("com", 110, peak_goal_octets=20e9 / 150e6, large=True),
    ZoneCase("many"),
    ZoneCase("ip6", 300),
    ZoneCase("nsec", goal_wire_sizes=1.3),
    ZoneCase("nsec3", goal_wire_sizes=1.3),
)
BUILD_GOAL_RECORDS_A_SECOND = 3e6

# From the image of a zone to its first answer, beside reading and summing up as many octets.
START_GOALS_MS = {"hosts": 200}
START_CASES = ("one_a", "hosts", "tld", "ip6", "nsec", "nsec3")


@dataclasses.dataclass(frozen=True)
class ChangeCase:
    """A zone in several sizes: one-record changes."""

    kind: str
    workloads: dict  # names -> what has so many
    goal_factor: float = 1  # what a signed zone may cost more
    large: tuple = ()  # sizes that need minutes and gigabytes


CHANGE_SIZES = (1_000, 10_000, 100_000, 1_000_000)
CHANGE_CASES = (
    ChangeCase("unsigned",
               dict.fromkeys(CHANGE_SIZES, "one_a") | {10_000_000: "one_a10m", 100_000_000: "one_a100m"},
               large=(10_000_000, 100_000_000)),
    ChangeCase("nsec", dict.fromkeys(CHANGE_SIZES, "nsec"), 3),
    ChangeCase("nsec3", dict.fromkeys(CHANGE_SIZES, "nsec3"), 3),
)
CHANGE_GOAL_US = 20
CHANGE_GOAL_MEAN_OCTETS = 16 * 1024
CHANGE_GOAL_MOST_OCTETS = 24 * 1024
CHANGE_GOAL_GROWTH = 2
DRIFT_GOAL = 1.15


def run_zone(program, options):
    for case in ZONE_CASES:
        if not case.large or options.large:
            runs = _google_benchmark(program, options, [f"--benchmark_filter=^{case.workload}/"])
            yield from _zone_results(case, runs)
    for workload in START_CASES:
        yield _start_result(workload, _google_benchmark(program, options, [f"--benchmark_filter=^image/{workload}/"]))
    for case in CHANGE_CASES:
        yield from _change_results(case, program, options)
    yield from _drift_results(_google_benchmark(program, options, ["--benchmark_filter=^drift/one_a"]))


def _start_result(workload, runs):
    start, floor = (f"image/{workload}/{what}/iterations:3" for what in ("start", "sum"))
    return Result(f"{workload}/start from an image", "ms", runs.rounds(start), runs.rounds(floor),
                  START_GOALS_MS.get(workload), fault=runs.fault(start))


def _change_results(case, program, options):
    """Each size beside the smallest."""
    smallest = None
    for size, workload in case.workloads.items():
        if size in case.large and not options.large:
            continue
        name = f"change/{workload}/{size}/iterations:4000"
        runs = _google_benchmark(program, options, [f"--benchmark_filter=^{name}$"])
        fault = runs.fault(name)
        times = runs.rounds(name)
        smallest = smallest or times
        label = f"change/{case.kind} {size:,}"
        yield Result(label, "us", times, smallest, CHANGE_GOAL_US * case.goal_factor, CHANGE_GOAL_GROWTH, fault=fault)
        for figure, counter, goal in (("new memory", "octets", CHANGE_GOAL_MEAN_OCTETS),
                                      ("most new memory", "most_octets", CHANGE_GOAL_MOST_OCTETS)):
            yield Result(f"{label}/{figure}", "octets", runs.rounds(name, counter), None, goal * case.goal_factor,
                         fault=fault)


def _drift_results(runs):
    """A zone after a million changes, beside what it was before."""
    name = "drift/one_a/iterations:1"
    for figure, counter in (("live octets", "live_ratio"), ("footprint", "footprint_ratio")):
        yield Result(f"a million changes/{figure}", "x", runs.rounds(name, counter), None, DRIFT_GOAL,
                     fault=runs.fault(name))


def _zone_results(case, runs):
    build, log, records = (f"{case.workload}/{what}/iterations:1" for what in ("build", "log", "records"))
    fault = runs.fault(build)

    def memory(name, counter, *goals):
        return Result(f"{case.workload}/{name}", "octets/name", runs.rounds(build, counter),
                      runs.rounds(records, "octets_a_name"), *goals, fault=fault)

    def a_second(name):
        own = _beyond(runs.rounds(records), runs.rounds(name))
        return [count / nanoseconds * 1e9 for count, nanoseconds in zip(runs.rounds(records, "records"), own)]

    return [memory("own count", "octets_a_name", case.goal_octets, case.goal_wire_sizes),
            memory("resident", "resident_a_name", case.goal_octets, case.goal_wire_sizes),
            memory("peak", "peak_a_name", case.peak_goal_octets),
            Result(f"{case.workload}/build", "records/s", a_second(build), a_second(log), BUILD_GOAL_RECORDS_A_SECOND,
                   more_is_better=True, fault=fault)]


# Of the benchmarks of forwarding.py, which is imported when they run: it wants packages that scripts/setup brings.
FORWARDING_PROGRAMS = (("src/app", "understudyd"), ("src/app", "understudyctl"), ("src/app", "understudy-load"),
                       ("bench", "placement"))


def run_line(programs, options):
    from . import forwarding  # pylint: disable=import-outside-toplevel
    yield from forwarding.run_line(programs, options)


def run_port(programs, options):
    from . import forwarding  # pylint: disable=import-outside-toplevel
    yield from forwarding.run_port(programs, options)


SOCKET_LINE = re.compile(r"(.+?)\s+(\d+) echoes/s \((\d+) to (\d+)\), ([\d.]+) us CPU each")


def run_socket(program, _options):
    lines = [SOCKET_LINE.fullmatch(line) for line in _output([program, "1"]).splitlines()]
    figures = {line[1]: [float(line[i]) for i in (3, 2, 4)] for line in lines if line}
    floors = figures.pop("system calls alone")
    return [Result(name, "echoes/s", values, floors, more_is_better=True) for name, values in figures.items()]


BENCHMARKS = {benchmark.name: benchmark for benchmark in (
    Benchmark("pipeline", "a query from port to port, beside turning its frame around and a bare table look-up",
              run_pipeline),
    Benchmark("engine", "an answer alone, beside a bare table look-up over as many octets", run_engine),
    Benchmark("zone", "memory of a name, time to build, start from an image and change", run_zone),
    Benchmark("net", "the frame of a query to that of its reply, beside the copy that brings it in", run_net),
    Benchmark("socket", "echoes over kernel UDP sockets, beside the system calls alone", run_socket),
    Benchmark("line", "the daemon over memif: answers, latency, rest; beside testpmd's forwarding", run_line,
              FORWARDING_PROGRAMS),
    Benchmark("port", "the daemon over AF_XDP on a veth, beside testpmd's forwarding and Knot DNS", run_port,
              FORWARDING_PROGRAMS),
)}


class Runs:
    """What a program of Google Benchmark measured, in as many rounds."""

    def __init__(self, report):
        self._runs = {}
        for run in report["benchmarks"]:
            if run["run_type"] == "iteration":
                self._runs.setdefault(run["run_name"], []).append(run)

    def names(self, prefix):
        return sorted((name for name in self._runs if name.startswith(prefix)), key=_natural)

    def fault(self, name):
        """What was wrong with an answer, or None."""
        faults = [run["error_message"] for run in self._runs[name] if run.get("error_occurred")]
        return faults[0] if faults else None

    def rounds(self, name, figure="cpu_time"):
        """Nanoseconds, or another figure, one for each round; none where an answer was wrong."""
        return [] if self.fault(name) else [run[figure] for run in self._runs[name]]


def _google_benchmark(program, options=None, arguments=()):
    """Runs what `arguments` choose; the rounds of all benchmarks are interleaved."""
    scale = [f"--scale={options.scale}"] if options else []
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        # A wrong answer ends the program badly, but then the report says so.
        output = _run([program, f"--benchmark_repetitions={ROUNDS}", "--benchmark_enable_random_interleaving=true",
                       f"--benchmark_min_time={SECONDS_A_ROUND}", f"--benchmark_out={report.name}", *scale,
                       *arguments])
        try:
            return Runs(json.load(report))
        except ValueError as fault:
            raise BenchmarkFailed(output.stdout) from fault


def _beyond(floors, values):
    """The rounds of `values` without the median of `floors`, with which each begins."""
    return [value - statistics.median(floors) for value in values]


def _natural(name):
    """Sorts burst_1 and addresses/4 before burst_32 and addresses/16."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def _run(command, environment=None):
    return subprocess.run([str(word) for word in command], check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=environment)


def _output(command, environment=None):
    done = _run(command, environment)
    if done.returncode != 0:
        raise BenchmarkFailed(f"{done.stdout}$ {' '.join(str(word) for word in command)}: exit {done.returncode}")
    return done.stdout
