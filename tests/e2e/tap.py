#!/usr/bin/python3
"""A worker polls a TAP, and the kernel at its other end is the client."""

import pathlib

from lib import huge_pages, net, polled, scenario
from lib.polled import CLIENT_V4, CLIENT_V6
from lib.scenario import Skip, wait_until

VARIANTS = ("plain", "huge_pages")

HUGE_OCTETS = 256 << 20


def main(world):
    if not pathlib.Path("/dev/net/tun").exists():
        raise Skip("/dev/net/tun is missing")
    pages = "off"
    if world.argument == "huge_pages":
        huge_pages.reserve(world, HUGE_OCTETS)
        pages = "on"
    ns = net.Namespace(world, "ns")
    daemon = polled.start(world, ns, "tap:dns0", huge_pages=pages)
    ns.ip("link", "set", "dns0", "up")
    for address in (CLIENT_V4, CLIENT_V6):
        ns.add_address("dns0", address)

    polled.show_answers(world, ns)
    polled.show_load(world, ns, daemon)
    with world.step("after SIGTERM the TAP is gone"):
        daemon.stop()
        wait_until(lambda: "dns0" not in ns.ip("link", "show"), 2, "no interface dns0")


if __name__ == "__main__":
    scenario.run(main)
