#!/usr/bin/python3
"""A service with an 802.1Q tag: answers carry the tag, frames without it or with another one are dropped."""

import pathlib

import dns.message

from lib import ask, net, polled, scenario
from lib.frames import ARP, BROADCAST, IPV4, IPV6, Wire, arp_request, ethernet, udp, udp_payload
from lib.polled import SERVICE_V4, SERVICE_V6, ZONE
from lib.scenario import Skip, expect, expect_equal, wait_until

TAG, OTHER_TAG = 5, 6
CLIENT_V4, CLIENT_V6, CLIENT_PORT = "192.0.2.1", "2001:db8::1", 40000
ANSWER_S, SILENCE_S = 2, 0.3


def main(world):
    if not pathlib.Path("/dev/net/tun").exists():
        raise Skip("/dev/net/tun is missing")
    ns = net.Namespace(world, "ns")
    daemon = polled.start(world, ns, "tap:dns0", vlan=TAG)
    ns.ip("link", "set", "dns0", "up")
    wire = Wire(world, ns, "dns0")

    with world.step("ARP with the tag is answered with the tag"):
        wire.send(ethernet(BROADCAST, wire.mac, ARP, arp_request(wire.mac, CLIENT_V4, SERVICE_V4), TAG))
        answer = wire.receive(lambda kind, _: kind == ARP, ANSWER_S)
        expect(answer, "no answer")
        service_mac, tag, _ = answer
        expect_equal(tag, TAG, "tag")
    for client, service in ((CLIENT_V4, SERVICE_V4), (CLIENT_V6, SERVICE_V6)):
        with world.step(f"{service}: a query with the tag is answered with the tag"):
            answer = exchange(wire, service_mac, client, service, TAG, ANSWER_S)
            expect(answer, "no answer")
            _, tag, packet = answer
            expect_equal(tag, TAG, "tag")
            expect_equal(len(dns.message.from_wire(udp_payload(packet)).answer[0]), 2, "records of www")
        with world.step(f"{service}: without the tag or with another one there is silence"):
            before = dropped(daemon)
            for tag in (None, OTHER_TAG):
                expect(not exchange(wire, service_mac, client, service, tag, SILENCE_S), f"an answer to tag {tag}")
            # The kernel's own frames have no tag either.
            wait_until(lambda before=before: dropped(daemon) >= before + 2, 2, "drops for foreign_vlan")


def exchange(wire, service_mac, client, service, tag, timeout_s):
    kind = IPV6 if ":" in service else IPV4
    packet = udp(client, service, CLIENT_PORT, 53, ask.question(f"www.{ZONE}").to_wire())
    wire.send(ethernet(service_mac, wire.mac, kind, packet, tag))
    # From port 53 to ours, behind the IP header.
    ports = b"\x00\x35" + CLIENT_PORT.to_bytes(2, "big")
    return wire.receive(lambda got, payload: got == kind and ports in payload[20:44], timeout_s)


def dropped(daemon):
    return sum(row["drops"]["foreign_vlan"] for row in daemon.json("workers"))


if __name__ == "__main__":
    scenario.run(main)
