"""The benchmarks of whole packets, from one process to another: over memif (`line`) and over AF_XDP on a veth (`port`).

The server polls on core 0, understudy-load on core 1. What else a server could be is started in turn with it, a slice
of a few seconds each: testpmd's macswap, which only sends back what comes (the floor), and Knot DNS (the peer).

How near the two cores are to each other changes within seconds on virtual machines, and threefold what a slice of
memif brings: the placement is measured before and after each slice, and only slices of one phase are compared.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

from testing.builds import ROOT

from .result import BenchmarkFailed, Result

sys.path.insert(0, str(ROOT / "tests/e2e"))
# The scenarios' parts: namespaces, processes that end with us, the daemon and the peers.
from lib import net, scenario  # noqa: E402  pylint: disable=wrong-import-position
from lib.peers import Knot, PeerZone  # noqa: E402  pylint: disable=wrong-import-position
from lib.process import Process  # noqa: E402  pylint: disable=wrong-import-position
from lib.understudy import PROGRAMS, Understudy  # noqa: E402  pylint: disable=wrong-import-position

# Of slices that can be compared, for each contestant; and after how many rounds it has to do with fewer.
ROUNDS, MAX_ROUNDS = 5, 15
SLICE_S = 2
SERVER_CORE, LOAD_CORE = 0, 1
START_S = 60  # a million records are read meanwhile

# Above other work on the machine: what is measured is the program and not the scheduler.
PRIORITY = ("nice", "-n", "-15")

ZONE = "lines.bench.example"
HOSTS = 1_000_000
QUERIES = 1_000_000
MISSES = 0.1
SERVICE, CLIENT, SERVER = "192.0.2.53", "192.0.2.1", "192.0.2.2"
SOURCES = "198.18.0.0/15"
MAC = "02:00:5e:00:00:53"  # of testpmd, which takes any

# A round trip of a cache line between two cores that share a cache, and between two that do not: 80 and 320 ns.
NEAR_BELOW_NS = 160


@dataclasses.dataclass(frozen=True)
class Slice:
    """What understudy-load reported, and the phase that the machine was in."""

    report: dict
    before_ns: float
    after_ns: float

    @property
    def phase(self):
        near = [ns < NEAR_BELOW_NS for ns in (self.before_ns, self.after_ns)]
        return "near" if all(near) else None if any(near) else "far"


class Bench:
    """Zone, queries, and a way to let one contestant after the other answer them."""

    def __init__(self, world, programs, scale):
        self.world = world
        self.programs = programs
        self.zone, self.queries = world.folder / "hosts.zone", world.folder / "queries"
        self._write_workload(max(1, round(HOSTS * scale)))
        self._slices = 0

    def _write_workload(self, hosts):
        """Names of 30 octets: frames of 88. Nine in ten exist; letters of either case."""
        choose = random.Random(1)
        with open(self.zone, "w", encoding="ascii") as file:
            file.write(f"$ORIGIN {ZONE}.\n$TTL 3600\n@ SOA ns h 1 3600 900 604800 300\n@ NS ns\nns A 192.0.2.1\n")
            file.writelines(f"h{host:07} A 10.{host >> 16 & 255}.{host >> 8 & 255}.{host & 255}\n"
                            for host in range(hosts))
        with open(self.queries, "w", encoding="ascii") as file:
            for _ in range(QUERIES):
                name = f"{'n' if choose.random() < MISSES else 'h'}{choose.randrange(hosts):07}.{ZONE}"
                # 19 letters at most; one draw decides on all of them.
                cases = choose.getrandbits(32)
                name = "".join(letter.upper() if cases >> place & 1 else letter for place, letter in enumerate(name))
                file.write(f"{name} A\n")

    def placement_ns(self):
        done = subprocess.run([*PRIORITY, self.programs["placement"], str(SERVER_CORE), str(LOAD_CORE)], check=True,
                              text=True, stdout=subprocess.PIPE)
        return float(done.stdout)

    def load(self, namespace, *options, seconds=SLICE_S):
        """One slice of understudy-load. A wrong answer ends the benchmark."""
        report = self.world.folder / "report.json"
        before = self.placement_ns()
        done = subprocess.run(
            namespace.command(*PRIORITY, self.programs["understudy-load"], "--queries", self.queries, "--json", report,
                              "--cores", LOAD_CORE, "--duration", seconds, "--quiet", *options),
            check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds + 60)
        if done.returncode != 0:
            raise BenchmarkFailed(f"understudy-load {' '.join(map(str, options))}: exit {done.returncode}\n{done.stdout}")
        document = json.loads(report.read_text())
        if document["answered"] == 0:
            raise BenchmarkFailed(f"understudy-load {' '.join(map(str, options))}: nothing came back\n{done.stdout}")
        return Slice(document, before, self.placement_ns())

    @contextlib.contextmanager
    def understudy(self, namespace, device, idle="busy"):
        name = self._name("understudy")
        daemon = Understudy(self.world, namespace, {
            "server": {"log": "info"},
            "workers": {"cores": str(SERVER_CORE), "idle": idle, "huge-pages": "off"},
            "ports": [{"device": device, "addresses": [f"{SERVICE}/24"]}],
            "zones": [{"name": ZONE, "file": str(self.zone)}],
        }, name)
        daemon.start()
        raise_priority(daemon.process.pid)
        try:
            yield daemon
        finally:
            end(daemon.process)

    @contextlib.contextmanager
    def testpmd(self, namespace, device):
        """`device`: the arguments of DPDK's --vdev."""
        name = self._name("testpmd")
        command = [*PRIORITY, "dpdk-testpmd", f"--lcores=0@{LOAD_CORE},1@{SERVER_CORE}", "--no-pci", "--no-huge", "-m",
                   "512", "--no-telemetry", f"--file-prefix={name}-{os.getpid()}", f"--vdev={device}", "--",
                   "--forward-mode=macswap", "--nb-cores=1", "--auto-start", "--total-num-mbufs=16384", "--stats-period=60"]
        process = Process(self.world, name, namespace, command)
        process.wait_for_log(r"macswap packet forwarding|Start automatic packet forwarding", START_S)
        try:
            yield process
        finally:
            end(process)

    @contextlib.contextmanager
    def knot(self, namespace, interface):
        name = self._name("knot")
        peer = KnotOnXdp(self.world, namespace, SERVER, [PeerZone(ZONE)], interface, self.zone, name)
        peer.start()
        raise_priority(peer.process.pid)
        try:
            yield peer
        finally:
            end(peer.process)
            namespace.ip("link", "set", interface, "xdp", "off")  # it leaves its program

    def _name(self, what):
        self._slices += 1
        return f"{what}{self._slices}"


class KnotOnXdp(Knot):
    """knotd with AF_XDP on an interface; worker i pins itself to core i, so that one stands on SERVER_CORE."""

    def __init__(self, world, namespace, address, zones, interface, file, name):  # pylint: disable=too-many-arguments
        super().__init__(world, namespace, address, zones, name=name)
        self._interface, self._file = interface, file

    def _zone_file(self, zone):
        return self._file

    def _config(self):
        return super()._config() + f"xdp:\n  listen: {self._interface}@53\n"


def raise_priority(pid):
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, int(thread.name), -15)


def end(process):
    """A memif's server may crash as its peer goes, which is DPDK's fault and of no interest here."""
    with contextlib.suppress(scenario.Failure):
        process.stop()


@contextlib.contextmanager
def made_world():
    world = scenario.World(tempfile.mkdtemp(prefix="bench-"), prefix="bench")
    try:
        yield world
    except scenario.Failure as failure:
        raise BenchmarkFailed(str(failure)) from failure
    finally:
        world.close()
        subprocess.run(["rm", "-rf", world.folder], check=False)


def prepare(programs):
    if os.geteuid() != 0:
        raise BenchmarkFailed("network namespaces want root")
    if os.cpu_count() < 2:
        raise BenchmarkFailed("it takes two cores")
    os.environ[PROGRAMS] = str(programs["understudyd"].parent)


def comparable_rounds(take_slice, names):
    """Takes slices of each in turn until enough are of one phase; returns those, and which phase that is."""
    slices = {name: [] for name in names}

    def fewest(phase):
        return min(sum(slice_.phase == phase for slice_ in of_one) for of_one in slices.values())

    for _ in range(MAX_ROUNDS):
        for name in names:
            slices[name].append(take_slice(name))
        phase = max(("near", "far"), key=fewest)
        if fewest(phase) >= ROUNDS:
            break
    if fewest(phase) == 0:
        raise BenchmarkFailed("no phase of the machine lasted long enough to compare in: run it again")
    return {name: [slice_ for slice_ in of_one if slice_.phase == phase] for name, of_one in slices.items()}, phase


def figures(slices, figure):
    return [figure(slice_.report) for slice_ in slices]


def qps(report):
    return report["qps"]


def percentile(name):
    return lambda report: report["latency_us"][name]


# memif.

MEMIF_GOAL = 0.6  # of testpmd's
LATENCY_GOALS_US = {"p50": 5, "p99.9": 50}  # or twice testpmd's
LATENCY_LOAD = 0.1
IDLE_GOAL_PERCENT = 5
WAKE_GOAL_US = 1000
IDLE_S = 3


def run_line(programs, options):
    prepare(programs)
    with made_world() as world:
        bench = Bench(world, programs, options.scale)
        namespace = net.Namespace(world, "both")
        socket = world.folder / "memif.sock"
        contestants = {
            "understudy": (lambda: bench.understudy(namespace, f"memif:{socket},server"), ()),
            "testpmd": (lambda: bench.testpmd(namespace, f"net_memif0,role=server,socket={socket},socket-abstract=no"),
                        ("--reflected", "--target-mac", MAC)),
        }
        common = ("--device", f"memif:{socket},client", "--target", SERVICE, "--source", SOURCES)

        def rounds(*more):
            def take_slice(name):
                start, own = contestants[name]
                socket.unlink(missing_ok=True)
                with start():
                    return bench.load(namespace, *common, *own, *more)

            return comparable_rounds(take_slice, contestants)

        full, phase = rounds()
        ours, floor = (figures(full[name], qps) for name in contestants)
        yield Result(f"memif, cores {phase}", "answers/s", ours, floor, ratio_goal=MEMIF_GOAL, more_is_better=True)
        rate = round(LATENCY_LOAD * statistics.median(ours))
        tenth, phase = rounds("--rate", rate)
        for name, goal in LATENCY_GOALS_US.items():
            ours, floor = (figures(tenth[contestant], percentile(name)) for contestant in contestants)
            yield Result(f"{name} at 10 % load, cores {phase}", "us", ours, floor,
                         max(goal, 2 * statistics.median(floor)))
        yield from _idle(bench, namespace, socket, common, rate)


def _idle(bench, namespace, socket, common, tenth):
    """What `idle: adaptive` costs and brings: processor time at rest and at 1 % load, and the first answer after it."""
    rest, light, first = [], [], []
    for _ in range(ROUNDS):
        socket.unlink(missing_ok=True)
        with bench.understudy(namespace, f"memif:{socket},server", idle="adaptive") as daemon:
            rest.append(_busy_percent(daemon.process.pid, lambda: time.sleep(IDLE_S)))
            # A query each 100 ms finds it asleep.
            first.append(bench.load(namespace, *common, "--rate", 10).report["latency_us"]["p50"])
        socket.unlink(missing_ok=True)
        with bench.understudy(namespace, f"memif:{socket},server", idle="adaptive") as daemon:
            light.append(_busy_percent(daemon.process.pid,
                                       lambda: bench.load(namespace, *common, "--rate", max(1, tenth // 10), seconds=IDLE_S)))
    yield Result("adaptive, at rest", "% of a core", rest, goal=IDLE_GOAL_PERCENT)
    yield Result("adaptive, at 1 % load", "% of a core", light)
    yield Result("adaptive, an answer after rest", "us", first, goal=WAKE_GOAL_US)


def _busy_percent(pid, during):
    before, started = _cpu_s(pid), time.monotonic()
    during()
    return 100 * (_cpu_s(pid) - before) / (time.monotonic() - started)


def _cpu_s(pid):
    """Of all threads of a process, in the kernel too."""
    with contextlib.suppress(OSError):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    raise BenchmarkFailed("understudyd has ended meanwhile")


# AF_XDP on a veth.

AF_XDP_GOAL = 0.9   # of testpmd's
KNOT_GOAL = 1.6     # times Knot's


def run_port(programs, options):
    prepare(programs)
    with made_world() as world:
        bench = Bench(world, programs, options.scale)
        here, there = net.Namespace(world, "server"), net.Namespace(world, "client")
        net.connect(here, "dns0", [f"{SERVER}/24"], there, "eth0", [f"{CLIENT}/24"])
        for namespace, interface in ((here, "dns0"), (there, "eth0")):
            net.offloads_off(namespace, interface)
        # Knot asks nobody: it answers to the MAC address that the query came from.
        mac = json.loads(here.ip("-j", "link", "show", "dns0"))[0]["address"]
        contestants = {
            "understudy": (lambda: bench.understudy(here, "af_xdp:dns0"), ("--target", SERVICE)),
            "testpmd": (lambda: bench.testpmd(here, "net_af_xdp0,iface=dns0,busy_budget=0"),
                        ("--target", SERVICE, "--reflected")),
            "knot": (lambda: bench.knot(here, "dns0"), ("--target", SERVER)),
        }
        common = ("--device", "af_xdp:eth0", "--source", SOURCES, "--target-mac", mac)
        slices = {name: [] for name in contestants}
        for _ in range(ROUNDS):
            for name, (start, own) in contestants.items():
                with start():
                    slices[name].append(bench.load(there, *common, *own))
        # Sending is a system call a packet: the placement matters little beside it.
        rates = {name: figures(of_one, qps) for name, of_one in slices.items()}
        yield Result("AF_XDP on veth, beside testpmd", "answers/s", rates["understudy"], rates["testpmd"],
                     ratio_goal=AF_XDP_GOAL, more_is_better=True)
        yield Result("AF_XDP on veth, beside Knot", "answers/s", rates["understudy"], rates["knot"],
                     ratio_goal=KNOT_GOAL, more_is_better=True, beside="peer")
        for name in ("understudy", "knot"):
            lost = [100 * slice_.report["lost"] / max(1, slice_.report["sent"]) for slice_ in slices[name]]
            yield Result(f"lost, {name}", "%", lost)
