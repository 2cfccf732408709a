#!/usr/bin/python3
"""A worker polls a veth through AF_XDP; the kernel keeps what is not ours, and the interface is clean afterwards."""

import json
import socket

from lib import ask, huge_pages, net, polled, scenario
from lib.load import kxdpgun
from lib.polled import CLIENT_V4, CLIENT_V6, KERNEL_V4, KERNEL_V6, SERVICE_V4, SERVICE_V6, ZONE
from lib.scenario import expect, expect_equal, wait_until

VARIANTS = ("one_queue", "two_queues", "one_worker", "huge_pages")

HUGE_OCTETS = 256 << 20
KXDPGUN_ANSWERED = 0.95  # it stops listening while the last answers are on their way


def main(world):
    queues = 2 if world.argument in ("two_queues", "one_worker") else 1
    cores = "0-1" if world.argument == "two_queues" else "0"
    pages = "off"
    if world.argument == "huge_pages":
        huge_pages.reserve(world, HUGE_OCTETS)
        pages = "on"
    here, there = net.Namespace(world, "server"), net.Namespace(world, "client")
    net.connect(here, "dns0", [f"{KERNEL_V4}/24", f"{KERNEL_V6}/64"], there, "eth0", [CLIENT_V4, CLIENT_V6], queues)
    # The far end is out of the daemon's reach.
    net.offloads_off(there, "eth0")
    before = interface(here)

    daemon = polled.start(world, here, "af_xdp:dns0", huge_pages=pages, cores=cores)
    polled.show_answers(world, there)
    show_kernel(world, here, there)
    show_tcp(world, there)
    polled.show_load(world, there, daemon)
    show_queues(world, daemon, queues)
    show_kxdpgun(world, there)
    show_clean_end(world, daemon, here, before)


def interface(namespace):
    """What the daemon may have changed: addresses by interface, and the XDP programs."""
    links = json.loads(namespace.ip("-j", "-d", "link", "show"))
    addresses = json.loads(namespace.ip("-j", "address", "show"))
    return ({link["ifname"]: link.get("xdp") for link in links},
            {link["ifname"]: sorted(entry["local"] for entry in link["addr_info"]) for link in addresses})


def show_kernel(world, here, there):
    with world.step("what is not ours reaches the kernel: ping, a TCP service, UDP to another address"):
        there.run("ping", "-n", "-c", "2", "-i", "0.05", "-W", "2", KERNEL_V4)
        with here.inside():
            listener = socket.create_server((KERNEL_V4, 8080))
            datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            datagrams.bind((KERNEL_V4, 53))
        with listener, datagrams, there.inside():
            datagrams.settimeout(2)
            listener.settimeout(2)
            with socket.create_connection((KERNEL_V4, 8080), 2) as connection, listener.accept()[0] as accepted:
                connection.sendall(b"hello")
                expect_equal(accepted.recv(5), b"hello", "over TCP")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"to the kernel", (KERNEL_V4, 53))
            expect_equal(datagrams.recv(100), b"to the kernel", "over UDP")


def show_tcp(world, there):
    with world.step("TCP to the service addresses is served through the kernel"):
        for address in (SERVICE_V4, SERVICE_V6):
            response = ask.Client(there, address).tcp(ask.question(f"big.{ZONE}", "TXT"))
            expect_equal(len(response.answer[0]), 40, address)


def show_queues(world, daemon, queues):
    with world.step("every receive queue is polled by one worker"):
        rows = daemon.json("workers")
        expect_equal({row["port"] for row in rows}, {"af_xdp:dns0"}, "ports")
        # A worker that polls several names them all: "0,1".
        found = sorted(queue for row in rows for queue in str(row["queue"]).split(","))
        expect_equal(found, [str(queue) for queue in range(queues)], "queues")


def show_kxdpgun(world, there):
    with world.step("kxdpgun: raw frames from another AF_XDP socket are answered"):
        file = world.folder / "kxdpgun.queries"
        file.write_text("\n".join(polled.questions()) + "\n")
        load = kxdpgun(there, "eth0", SERVICE_V4, file, seconds=polled.LOAD_S, rate=polled.load_rate())
        print(f"        {load.sent} sent, {load.answered} answered")
        expect(load.sent > 0 and load.answered >= KXDPGUN_ANSWERED * load.sent,
               f"only {load.answered} of {load.sent} answered")


def show_clean_end(world, daemon, here, before):
    with world.step("after SIGTERM no XDP program and no address of ours is left"):
        daemon.stop()
        wait_until(lambda: interface(here) == before, 2, f"the interfaces are as before ({before})")


if __name__ == "__main__":
    scenario.run(main)
