#!/usr/bin/python3
"""Workers poll e1000e, virtio-net and vmxnet3 through vfio-pci in an emulated machine, queried from outside."""

import dataclasses
import errno
import pathlib
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))

# pylint: disable=wrong-import-position
import dns.message

from lib import ask, frames, net, scenario, zones
from lib.peers import Knot, PeerZone
from lib.scenario import expect, expect_equal, wait_until
from lib.understudy import program
from machine import guest, served

ZONE, TRANSFERRED = "nic.example", "transferred.example"
MTU = 3000  # of the service without a VLAN: more than cards take unless they are told to
HEADERS_OCTETS = 48  # of IPv6 and ICMPv6
VLAN, OTHER_VLAN = 5, 6
USER = "understudy"
QUESTIONS = 50
LINK_S = 5      # until a pulled cable is told of
TRANSFER_S = 15
CLOSED_PORT = 5353
SILENCE_S = 0.5


@dataclasses.dataclass(frozen=True)
class Wire:
    """A NIC of the guest and the network behind it, in which we are .1, the guest's kernel .2, the service .53."""

    nic: guest.Nic
    v4: str  # the network's first three octets
    v6: str  # its first half

    @property
    def services(self):
        return f"{self.v4}.53", f"{self.v6}::53"

    @property
    def kernel(self):
        """The guest kernel's own addresses, on the NIC's twin."""
        return f"{self.v4}.2", f"{self.v6}::2"

    @property
    def outside(self):
        return f"{self.v4}.1", f"{self.v6}::1"


# A virtio device that does not say so goes around the IOMMU, and no driver but a legacy one may use it then.
WIRES = (
    Wire(guest.Nic("e1000e"), "192.0.2", "2001:db8:1"),
    Wire(guest.Nic("virtio-net-pci", ",mq=on,vectors=6,iommu_platform=on,disable-legacy=on", 2), "198.51.100",
         "2001:db8:2"),
    Wire(guest.Nic("vmxnet3"), "203.0.113", "2001:db8:3"),
)


def configuration(server=None, **port):
    """`server`: keys of that section; `port`: keys that every port gets."""
    ports = [{"device": guest.pci_address(index), "addresses": [f"{wire.services[0]}/24", f"{wire.services[1]}/64"], **port}
             for index, wire in enumerate(WIRES)]
    primary, _ = WIRES[0].outside
    return served.config(
        server=server or {}, workers={"cores": "0-1"}, ports=ports,
        remotes=[{"name": "primary", "addresses": [primary]}],
        acls=[{"name": "primaries", "addresses": [primary], "allow": ["notify"]}],
        zones=[{"name": ZONE, "file": f"{ZONE}.zone"},
               {"name": TRANSFERRED, "primaries": ["primary"], "acls": ["primaries"]}])


def main(world):
    outside = net.Namespace(world, "outside")
    started = time.monotonic()
    machine = guest.Guest(
        world, outside, [wire.nic for wire in WIRES], [program("understudyd"), program("understudyctl")],
        {"etc/plain.yaml": configuration(mtu=MTU), "etc/vlan.yaml": configuration({"user": USER}, vlan=VLAN),
         f"etc/{ZONE}.zone": zones.featured(ZONE)})
    print(f"        booted in {time.monotonic() - started:.1f} s", flush=True)
    for wire in WIRES:
        outside.ip("link", "set", wire.nic.model, "mtu", MTU)
        outside.add_address(wire.nic.model, f"{wire.outside[0]}/24")
        outside.add_address(wire.nic.model, f"{wire.outside[1]}/64")
    show_refused(world, machine)
    daemon = served.Daemon(machine, "/etc/plain.yaml")
    for index, wire in enumerate(WIRES):
        machine.run(f"ip address add {wire.kernel[0]}/24 dev dns{index}")
        machine.run(f"ip address add {wire.kernel[1]}/64 dev dns{index}")
    show_status(world, daemon)
    for wire in WIRES:
        show_answers(world, outside, wire)
        show_twin(world, outside, wire)
    show_transfer(world, outside, machine, daemon)
    show_queues(world, outside, daemon)
    show_counters(world, outside, daemon)
    show_link(world, machine, daemon)
    show_end(world, machine, daemon)
    daemon = served.Daemon(machine, "/etc/vlan.yaml")
    show_vlan(world, outside)
    with world.step("with a user of its own it has no powers in effect, and two permitted"):
        status = machine.run("cat /proc/$(pidof understudyd)/status")[1]
        for line in ("CapPrm:\t0000000000001400", "CapEff:\t0000000000000000"):  # NET_ADMIN and NET_BIND_SERVICE
            expect(line in status, status)
    show_end(world, machine, daemon)


def show_refused(world, machine):
    start = "understudyd --config /etc/plain.yaml"
    with world.step("without /dev/net/tun it exits with 3 and says what to do"):
        machine.run("mv /dev/net/tun /dev/net/away")
        code, output = machine.run(start, check=False)
        machine.run("mv /dev/net/away /dev/net/tun")
        expect_equal(code, 3, output)
        expect("modprobe tun" in output, output)
    with world.step("without its driver a card is refused with the command that mends it"):
        card = guest.pci_address(0)
        machine.run(f"echo {card} > /sys/bus/pci/drivers/vfio-pci/unbind")
        code, output = machine.run(start, check=False)
        machine.run(f"echo {card} > /sys/bus/pci/drivers_probe")
        expect_equal(code, 3, output)
        expect(f"scripts/nic bind {card}" in output, output)


def show_status(world, daemon):
    with world.step("status tells of every port"):
        rows = daemon.json("status")["ports"]
        expect_equal([row["port"] for row in rows], [guest.pci_address(index) for index in range(len(WIRES))], "ports")
        expect_equal([row["driver"] for row in rows], ["net_e1000_em", "net_virtio", "net_vmxnet3"], "drivers")
        expect_equal([row["queues"] for row in rows], [1, 2, 2], "queues: e1000e cannot spread packets")
        expect_equal([row["twin"] for row in rows], ["dns0", "dns1", "dns2"], "twins")
        expect_equal({row["link"] for row in rows}, {"up"}, "links")


def show_answers(world, outside, wire):
    for address in wire.services:
        client = ask.Client(outside, address)
        with world.step(f"{wire.nic.model}: {address}: answers of every kind"):
            expect_equal(len(client.ask(f"www.{ZONE}").answer[0]), 2, "records of www")
            expect_equal(ask.rcode(client.ask(f"nothing.{ZONE}")), "NXDOMAIN")
            expect_equal(ask.rcode(client.ask("elsewhere.example")), "REFUSED")
            expect_equal(ask.flags(client.ask(f"big.{ZONE}", "TXT", payload=1232)), "QR AA TC")
        with world.step(f"{wire.nic.model}: {address}: echo"):
            outside.run("ping", "-n", "-c", "3", "-i", "0.05", "-W", "2", "-M", "do", "-s", MTU - HEADERS_OCTETS, address)


def show_twin(world, outside, wire):
    model = wire.nic.model
    for address in wire.kernel:
        with world.step(f"{model}: {address}: the guest's kernel answers through the twin"):
            # Longer than a frame: fragments both ways.
            outside.run("ping", "-n", "-c", "3", "-i", "0.05", "-W", "2", "-s", 2 * MTU, address)
            expect_equal(knock(outside, address), errno.ECONNREFUSED, "what becomes of UDP to a closed port")
    for address in wire.services:
        with world.step(f"{model}: {address}: TCP, and echo in fragments"):
            outside.run("ping", "-n", "-c", "3", "-i", "0.05", "-W", "2", "-s", 2 * MTU, address)
            response = ask.Client(outside, address).tcp(ask.question(f"big.{ZONE}", "TXT"))
            expect_equal(len(response.answer[0]), 40, "records of big")


def knock(outside, address):
    """The error that a datagram to a port comes back with on which nobody listens."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with outside.inside(), socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.settimeout(2)
        sender.connect((address, CLOSED_PORT))
        sender.send(b"knock")
        try:
            sender.recv(1)
        except OSError as error:
            return error.errno
    return None


def show_transfer(world, outside, machine, daemon):
    wire = WIRES[0]
    service = ask.Client(outside, wire.services[0])
    with world.step("a zone is transferred over the twin of the NIC that serves it"):
        primary = Knot(world, outside, wire.outside[0],
                       [PeerZone(TRANSFERRED, zones.versioned(TRANSFERRED, 1, 2000), wire.services[0])]).start()
        machine.run(f"understudyctl --socket {served.SOCKET} zone {TRANSFERRED} refresh")
        wait_until(lambda: service.serial(TRANSFERRED) == 1, TRANSFER_S, "serial 1 is served")
    with world.step("NOTIFY comes in through the workers, and the next version over the twin"):
        primary.change(TRANSFERRED, zones.versioned(TRANSFERRED, 2, 2000))
        wait_until(lambda: service.serial(TRANSFERRED) == 2, TRANSFER_S, "serial 2 is served")
        expect_equal(daemon.json("zone", TRANSFERRED)["primaries"][0]["last_result"], "ok", "the primary's result")


def show_queues(world, outside, daemon):
    with world.step("queries from many ports come to both workers, and every queue is polled"):
        client = ask.Client(outside, WIRES[1].services[0])
        for _ in range(QUESTIONS):
            client.ask(f"www.{ZONE}")
        rows = daemon.json("workers")
        found = sorted(zip(",".join(row["port"] for row in rows).split(","),
                           ",".join(str(row["queue"]) for row in rows).split(",")))
        expect_equal(found, sorted([(guest.pci_address(0), "0"), (guest.pci_address(1), "0"), (guest.pci_address(1), "1"),
                                    (guest.pci_address(2), "0"), (guest.pci_address(2), "1")]), "polled")


def show_counters(world, outside, daemon):
    with world.step("counters match what was sent, whichever NIC and queue it came through"):
        before = daemon.json("stats")
        for wire in WIRES:
            for address in wire.services:
                client = ask.Client(outside, address)
                for _ in range(QUESTIONS):
                    client.ask(f"www.{ZONE}")
        after = daemon.json("stats")
        expect_equal(after["positive"] - before["positive"], QUESTIONS * 2 * len(WIRES), "positive")
    with world.step("every frame to and from the kernel is counted at both ends of the rings"):
        stats = daemon.json("stats")
        expect_equal(stats["to_twin"] + stats["fragment_to_twin"], stats["port_twin_to_kernel"], "to the kernel")
        expect_equal(stats["from_twin"], stats["port_twin_from_kernel"], "from the kernel")
        expect(stats["fragment_to_twin"] > 0 and stats["from_twin"] > 0, "nothing came through")
        for name in ("twin_ring_full", "transmit_full", "port_twin_refused", "port_missed", "port_not_sent"):
            expect_equal(stats[name], 0, name)


def show_link(world, machine, daemon):
    with world.step("a pulled cable is told of: in the log, in status, and to the kernel by the twin"):
        machine.set_link(WIRES[0].nic, False)
        wait_until(lambda: daemon.json("status")["ports"][0]["link"] == "down", LINK_S, "status says so")
        machine.wait_for("test $(cat /sys/class/net/dns0/carrier) = 0", LINK_S, "the twin has no carrier")
        machine.set_link(WIRES[0].nic, True)
        wait_until(lambda: daemon.json("status")["ports"][0]["link"] == "up", LINK_S, "status says that it is back")
        machine.wait_for("test $(cat /sys/class/net/dns0/carrier) = 1", LINK_S, "the twin has its carrier back")
        expect(f"{guest.pci_address(0)}: the link is down" in machine.log_text(), "the log says nothing")


def show_end(world, machine, daemon):
    with world.step("after SIGTERM it ends, and neither twin nor service address is left"):
        expect_equal(daemon.stop(), "understudyd: exit 0")
        left = machine.run("ip address show")[1]
        expect("dns0" not in left and WIRES[0].services[0] not in left, left)


def show_vlan(world, outside):
    for wire in WIRES:
        link = frames.Wire(world, outside, wire.nic.model)
        client, service = wire.outside[0], wire.services[0]
        with world.step(f"{wire.nic.model}: a service in a VLAN answers there and nowhere else"):
            request = frames.arp_request(link.mac, client, service)
            link.send(frames.ethernet(frames.BROADCAST, link.mac, frames.ARP, request, VLAN))
            answer = link.receive(lambda kind, _: kind == frames.ARP, 2)
            expect(answer, "no answer to ARP")
            mac, tag, _ = answer
            expect_equal(tag, VLAN, "ARP's tag")
            query = frames.udp(client, service, 40000, 53, ask.question(f"www.{ZONE}").to_wire())
            for tag, answers in ((VLAN, True), (OTHER_VLAN, False), (None, False)):
                link.send(frames.ethernet(mac, link.mac, frames.IPV4, query, tag))
                answer = link.receive(is_answer, 2 if answers else SILENCE_S)
                expect_equal(bool(answer), answers, f"an answer to tag {tag}")
                if answer:
                    expect_equal(answer[1], VLAN, "the answer's tag")
                    message = dns.message.from_wire(frames.udp_payload(answer[2]))
                    expect_equal(len(message.answer[0]), 2, "records of www")


def is_answer(kind, payload):
    """From port 53 to ours."""
    return kind == frames.IPV4 and payload[20:24] == b"\x00\x35" + (40000).to_bytes(2, "big")


if __name__ == "__main__":
    scenario.run(main)
