#!/usr/bin/python3
"""A worker polls a TAP: the kernel is the client. Plain and with an 802.1Q tag."""

import pathlib

import dns.exception

from lib import ask, huge_pages, net, polled, scenario
from lib.polled import CLIENT_V4, CLIENT_V6, SERVICE_V4, ZONE
from lib.scenario import Skip, expect, wait_until

VARIANTS = ("plain", "vlan", "huge_pages")

VLAN = 5
HUGE_OCTETS = 256 << 20


def main(world):
    if not pathlib.Path("/dev/net/tun").exists():
        raise Skip("/dev/net/tun is missing")
    pages = "off"
    if world.argument == "huge_pages":
        huge_pages.reserve(world, HUGE_OCTETS)
        pages = "on"
    ns = net.Namespace(world, "ns")
    tagged = world.argument == "vlan"
    daemon = polled.start(world, ns, "tap:dns0", huge_pages=pages, **({"vlan": VLAN} if tagged else {}))
    attach(ns, tagged)

    polled.show_answers(world, ns)
    polled.show_load(world, ns, daemon)
    if tagged:
        show_untagged(world, ns, daemon)
    show_end(world, daemon, ns)


def attach(ns, tagged):
    """The kernel's end of the TAP gets the client's addresses."""
    ns.ip("link", "set", "dns0", "up")
    name = "dns0"
    if tagged:
        name = f"dns0.{VLAN}"
        ns.ip("link", "add", "link", "dns0", "name", name, "type", "vlan", "id", VLAN)
        ns.ip("link", "set", name, "up")
    for address in (CLIENT_V4, CLIENT_V6):
        ns.add_address(name, address)


def show_untagged(world, ns, daemon):
    with world.step("frames without the service's tag are dropped under their own verdict"):
        ns.ip("address", "del", CLIENT_V4, "dev", f"dns0.{VLAN}")
        ns.add_address("dns0", CLIENT_V4)
        ns.ip("neighbour", "replace", SERVICE_V4, "lladdr", mac(ns), "dev", "dns0")
        try:
            ask.Client(ns, SERVICE_V4).udp(ask.question(f"www.{ZONE}"), timeout_s=0.3)
        except dns.exception.Timeout:
            pass
        else:
            raise scenario.Failure("an untagged query was answered")
        drops = sum(row["drops"].get("foreign_vlan", 0) for row in daemon.json("workers"))
        expect(drops > 0, "no drop for foreign_vlan")


def mac(ns):
    return ns.run("cat", "/sys/class/net/dns0/address").stdout.strip()


def show_end(world, daemon, ns):
    with world.step("after SIGTERM the TAP is gone"):
        daemon.stop()
        wait_until(lambda: "dns0" not in ns.ip("link", "show"), 2, "no interface dns0")


if __name__ == "__main__":
    scenario.run(main)
