#!/usr/bin/python3
"""understudyctl capture: packets as the workers see them, read back with tcpdump."""

import pathlib
import shutil
import signal
import subprocess

from lib import ask, net, polled, scenario
from lib.polled import CLIENT_V4, CLIENT_V6, SERVICE_V4, SERVICE_V6, ZONE
from lib.process import Process
from lib.scenario import Skip, expect, expect_equal
from lib.understudy import program

QUERIES = 12


def main(world):
    if not pathlib.Path("/dev/net/tun").exists():
        raise Skip("/dev/net/tun is missing")
    if not shutil.which("tcpdump"):
        raise Skip("tcpdump is missing: scripts/setup --tests installs it")
    ns = net.Namespace(world, "ns")
    daemon = polled.start(world, ns, "tap:dns0")
    ns.ip("link", "set", "dns0", "up")
    for address in (CLIENT_V4, CLIENT_V6):
        ns.add_address("dns0", address)
    client = ask.Client(ns, SERVICE_V4)
    client.ask(f"www.{ZONE}")  # neighbours have met

    show_both_directions(world, daemon, client)
    show_interrupt(world, daemon, client)
    show_refusals(world, daemon)
    with world.step("capture over, the daemon answers on"):
        expect_equal(ask.rcode(client.ask(f"www.{ZONE}")), "NOERROR")


def tcpdump(file, *words):
    """The lines that tcpdump makes of the file."""
    done = subprocess.run(["tcpdump", "-n", "-r", str(file), *words], check=True, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return done.stdout.splitlines()


def show_both_directions(world, daemon, client):
    file = world.folder / "dns.pcapng"
    with world.step("--filter and --count: queries and answers, nothing else"):
        capture = begin(world, daemon, "counted", "--filter", f"udp port 53 and host {SERVICE_V4}",
                        "--count", str(2 * QUERIES), "--seconds", "20", "--out", str(file))
        expect_equal(daemon.ctl("capture", "--seconds", "1", "--out", str(world.folder / "second"))[0], 1,
                     "exit code of a second capture")
        other = ask.Client(client.namespace, SERVICE_V6)
        for _ in range(QUERIES):
            other.ask(f"www.{ZONE}")
            client.ask(f"www.{ZONE}")
        expect_equal(capture.wait(30), 0, "exit code")
        expect(f"{2 * QUERIES} packets in {file}, 0 more" in capture.log_text(), capture.log_text())
    with world.step("tcpdump reads it back"):
        lines = tcpdump(file)
        expect_equal(len(lines), 2 * QUERIES, "packets")
        expect_equal(len([line for line in lines if f"> {SERVICE_V4}.53:" in line]), QUERIES, "queries")
        expect_equal(len([line for line in lines if f"IP {SERVICE_V4}.53 >" in line]), QUERIES, "answers")
        expect(all("bad" not in line for line in tcpdump(file, "-vv")), "a wrong checksum")


def begin(world, daemon, name, *words):
    """A capture that is under way."""
    capture = Process(world, name, daemon.namespace,
                      [program("understudyctl"), "--socket", daemon.folder / "control.sock", "capture", *words])
    capture.wait_for_log("capturing on tap:dns0")
    return capture


def show_interrupt(world, daemon, client):
    file = world.folder / "interrupted.pcapng"
    with world.step("SIGINT: what was captured until then is in the file"):
        capture = begin(world, daemon, "interrupted", "--filter", "udp", "--out", str(file))
        for _ in range(3):
            client.ask(f"www.{ZONE}")
        capture.signal(signal.SIGINT)
        expect_equal(capture.wait(10), 0, "exit code")
        expect_equal(len(tcpdump(file)), 6, "packets")


def show_refusals(world, daemon):
    with world.step("refused: a filter that is none, no file, a file that cannot be"):
        code, _, complaints = daemon.ctl("capture", "--filter", "udp port", "--out", "/tmp/never")
        expect_equal(code, 2, "exit code")
        expect("udp port" in complaints, complaints)
        daemon.json("capture", code=1)  # packets are no JSON
        expect_equal(daemon.ctl("capture", "--out", str(world.folder / "no" / "such"))[0], 1, "exit code")


if __name__ == "__main__":
    scenario.run(main)
