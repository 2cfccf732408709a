#!/usr/bin/python3
"""understudy-load finds its server, loses nothing, tells what came back, and catches a server that answers wrongly."""

import contextlib
import pathlib
import socket
import threading

from lib import net, polled, scenario
from lib.load import UnderstudyLoad
from lib.peers import Knot, PeerZone
from lib.polled import CLIENT_V4, CLIENT_V6, SERVICE_V4, SERVICE_V6, ZONE
from lib.scenario import Skip, expect, expect_equal
from lib.understudy import Understudy

VARIANTS = ("af_xdp", "tap", "sockets", "wrong", "knot")

SOURCES_V4, SOURCES_V6 = "192.0.2.128/26", "2001:db8::/64"
PEER = "192.0.2.2"


def main(world):
    {"af_xdp": on_af_xdp, "tap": on_tap, "sockets": on_sockets, "wrong": on_wrong_answers, "knot": on_knot}[
        world.argument](world)


def questions():
    return [*polled.questions(), f"nothing.{ZONE} A"]


def rate():
    return polled.load_rate()


def veth(world, there_addresses):
    here, there = net.Namespace(world, "server"), net.Namespace(world, "client")
    net.connect(here, "dns0", [f"{PEER}/24", "2001:db8::2/64"], there, "eth0", there_addresses)
    for namespace, interface in ((here, "dns0"), (there, "eth0")):
        net.offloads_off(namespace, interface)
    return here, there


def show_honest(report, what):
    """Every query was answered, and the report's parts agree with each other."""
    expect(report["sent"] > rate() // 2, f"{what}: only {report['sent']} sent")
    expect_equal((report["lost"], report["unmatched"], sum(report["wrong"].values())), (0, 0, 0),
                 f"{what}: lost, unmatched, wrong")
    expect_equal(sum(report["rcodes"].values()), report["answered"], f"{what}: rcodes")
    expect_equal(sum(count for _, count in report["latency_histogram"]), report["answered"], f"{what}: latencies")
    latency = report["latency_us"]
    order = [latency[name] for name in ("min", "p50", "p90", "p99", "p99.9", "max")]
    expect(0 < order[0] and order == sorted(order), f"{what}: latencies {latency}")
    share = report["rcodes"]["NXDOMAIN"] / report["answered"]
    expect(0.5 / 101 < share < 2 / 101, f"{what}: {share:.3f} were NXDOMAIN instead of 1 in 101")


def on_af_xdp(world):
    here, there = veth(world, [CLIENT_V4, CLIENT_V6])
    daemon = polled.start(world, here, "af_xdp:dns0")
    load = UnderstudyLoad(world, there)
    for target, source in ((SERVICE_V4, SOURCES_V4), (SERVICE_V6, SOURCES_V6)):
        with world.step(f"{target}: its MAC address is found, and every query from a random source is answered"):
            before = daemon.json("stats")
            report, _ = load.run(questions(), "--device", "af_xdp:eth0", "--target", target, "--source", source,
                                 "--rate", rate())
            show_honest(report, target)
            after = daemon.json("stats")
            asked = sum(after[name] - before[name] for name in ("positive", "nxdomain"))
            expect_equal(asked, report["answered"], "answers as the server counts them")
    with world.step("without --source queries come from the interface's own address"):
        report, _ = load.run(questions(), "--device", "af_xdp:eth0", "--target", SERVICE_V4, "--rate", rate())
        show_honest(report, "own address")
    with world.step("--rate max goes as fast as answers come and loses next to nothing"):
        report, _ = load.run(questions(), "--device", "af_xdp:eth0", "--target", SERVICE_V4, "--rate", "max")
        print(f"        {report['qps']} answers a second")
        expect(report["lost"] <= report["sent"] // 100, f"{report['lost']} of {report['sent']} lost")
    with world.step("a plot is drawn"):
        plot = load.folder / "plot.png"
        try:
            import matplotlib  # pylint: disable=import-outside-toplevel,unused-import
        except ImportError as missing:
            raise Skip("python3-matplotlib is missing") from missing
        load.run(questions(), "--device", "af_xdp:eth0", "--target", SERVICE_V4, "--rate", rate(), "--plot", plot)
        expect(plot.read_bytes().startswith(b"\x89PNG"), "no PNG")
    with world.step("no XDP program is left"):
        expect("xdp" not in there.ip("link", "show", "eth0"), "an XDP program is left")


def on_tap(world):
    """The server stands at the kernel's end of our TAP, and asks it for each source's MAC address."""
    if not pathlib.Path("/dev/net/tun").exists():
        raise Skip("/dev/net/tun is missing")
    ns = net.Namespace(world, "ns")
    start_on_sockets(world, ns, "0.0.0.0@53", "::@53")
    load = UnderstudyLoad(world, ns)
    stop = threading.Event()
    thread = threading.Thread(target=bring_up, args=(ns, stop))
    thread.start()
    try:
        for target, source in ((PEER, SOURCES_V4), ("2001:db8::2", "2001:db8::100/120")):
            with world.step(f"{target}: the kernel's end is found and told where the sources are"):
                report, _ = load.run(questions(), "--device", "tap:load0", "--target", target, "--source", source,
                                     "--rate", 1000)
                # The kernel queues three packets a neighbour while it asks.
                expect(report["answered"] > 0.8 * report["sent"] > 0, f"{report['answered']} of {report['sent']}")
                expect_equal(sum(report["wrong"].values()), 0, "wrong answers")
    finally:
        stop.set()
        thread.join()


def bring_up(namespace, stop):
    """Gives each interface load0 that appears its addresses, until told to stop."""
    while not stop.wait(0.05):
        with contextlib.suppress(Exception):
            if "load0" in namespace.ip("link", "show") and PEER not in namespace.ip("address", "show", "load0"):
                namespace.ip("link", "set", "load0", "up")
                namespace.add_address("load0", f"{PEER}/24")
                namespace.add_address("load0", "2001:db8::2/64")


def start_on_sockets(world, namespace, *listen):
    daemon = Understudy(world, namespace, {"listen": list(listen), "zones": [{"name": ZONE, "file": "polled.zone"}]})
    daemon.write("polled.zone", polled_zone())
    return daemon.start()


def on_sockets(world):
    ns = net.Namespace(world, "ns")
    start_on_sockets(world, ns, "127.0.0.1@5300", "::1@5300")
    load = UnderstudyLoad(world, ns)
    for target in ("127.0.0.1@5300", "::1@5300"):
        with world.step(f"{target}: every query is answered"):
            report, _ = load.run(questions(), "--device", "socket", "--target", target, "--rate", rate() // 2,
                                 "--dnssec")
            show_honest(report, target)
    with world.step("an rcode that was not expected is a fault, one that was is none"):
        elsewhere = ["elsewhere.example A"]
        report, said = load.run(elsewhere, "--device", "socket", "--target", "127.0.0.1@5300", "--rate", 100, code=1)
        expect_equal(report["wrong"]["unexpected_rcodes"], report["rcodes"]["REFUSED"], "unexpected rcodes")
        expect("rcode" in said, said)
        load.run(elsewhere, "--device", "socket", "--target", "127.0.0.1@5300", "--rate", 100, "--expect", "REFUSED")
    with world.step("bad input gets a clear error"):
        show_refusals(load)


def polled_zone():
    return (f"$ORIGIN {ZONE}.\n$TTL 300\n@ SOA ns h 1 3600 900 604800 300\n@ NS ns\nns A 192.0.2.1\n"
            + "".join(f"host{number} A 192.0.2.7\n" for number in range(polled.HOSTS)))


def show_refusals(load):
    socket_at = ("--device", "socket", "--target", "127.0.0.1@5300")
    _, said = load.run(["www.example"], *socket_at, code=1)
    expect("queries:1: a query is NAME TYPE" in said, said)
    _, said = load.run(["a A"], "--device", "socket", "--target", "nowhere", code=2)
    expect("--target" in said, said)
    _, said = load.run(["a A"], *socket_at, "--source", "192.0.2.0/24", code=3)
    expect("one address" in said, said)
    _, said = load.run(["a A"], "--device", "af_xdp:none0", "--target", "192.0.2.53", "--source", "192.0.2.1", code=3)
    expect("none0" in said, said)
    _, said = load.run(["a A"], "--device", "tap:x0", "--target", "192.0.2.53", code=3)
    expect("--source" in said, said)
    _, said = load.run(["a A"], "--device", "tap:x0", "--target", "192.0.2.53", "--source", "192.0.2.1", code=3)
    expect("--target-mac" in said, said)


def on_wrong_answers(world):
    """A server of our own that does one thing wrong at a time."""
    ns = net.Namespace(world, "ns")
    load = UnderstudyLoad(world, ns)
    right = lambda query: query[:2] + b"\x84\x00" + query[4:]  # noqa: E731
    cases = {
        "right answers": (right, None),
        "another name": (lambda query: right(query[:13] + bytes([query[13] ^ 2]) + query[14:]), "wrong_question"),
        "another type": (lambda query: right(query[:-3] + b"\x10" + query[-2:]), "wrong_question"),
        "queries sent back": (lambda query: query, "malformed"),
        "SERVFAIL": (lambda query: query[:2] + b"\x84\x02" + query[4:], "unexpected_rcodes"),
        "another id": (lambda query: right(bytes([query[0] ^ 1]) + query[1:]), "unmatched"),
    }
    for what, (answer, counted_as) in cases.items():
        with world.step(f"{what}: {counted_as or 'no fault'}"), responder(ns, answer) as port:
            fails = counted_as in ("wrong_question", "malformed", "unexpected_rcodes")
            report, _ = load.run(["www.example A"], "--device", "socket", "--target", f"127.0.0.1@{port}",
                                 "--rate", 500, seconds=1, code=1 if fails else 0)
            counts = {**report["wrong"], "unmatched": report["unmatched"]}
            expect(counted_as is None or counts[counted_as] > 100, f"{counts}")
            expect_equal(sum(counts.values()), counts[counted_as] if counted_as else 0, "faults of all kinds")
            taken = counted_as in (None, "unexpected_rcodes")
            expect(taken == (report["answered"] > 100), f"{report['answered']} of {report['sent']} answered")


@contextlib.contextmanager
def responder(namespace, answer):
    """Answers every datagram by `answer` on a port of 127.0.0.1; yields the port."""
    with namespace.inside():
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    server.settimeout(0.1)
    stop = threading.Event()

    def serve():
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                query, peer = server.recvfrom(4096)
                server.sendto(answer(query), peer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        stop.set()
        thread.join()
        server.close()


def on_knot(world):
    here, there = veth(world, [CLIENT_V4, CLIENT_V6])
    Knot(world, here, PEER, [PeerZone(ZONE, polled_zone())]).start()
    load = UnderstudyLoad(world, there)
    with world.step("knotd over sockets: every query is answered"):
        report, _ = load.run(questions(), "--device", "socket", "--target", PEER, "--rate", rate() // 2)
        show_honest(report, "sockets")
    with world.step("knotd, asked over AF_XDP: its kernel is told where the sources are"):
        report, _ = load.run(questions(), "--device", "af_xdp:eth0", "--target", PEER, "--source", SOURCES_V4,
                             "--rate", rate() // 2)
        # The kernel queues three packets a neighbour while it asks.
        expect(report["answered"] > 0.8 * report["sent"] > 0, f"{report['answered']} of {report['sent']}")
        expect_equal(sum(report["wrong"].values()), 0, "wrong answers")


if __name__ == "__main__":
    scenario.run(main)
