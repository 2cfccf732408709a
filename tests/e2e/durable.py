#!/usr/bin/python3
"""A secondary's state folder: starts without its primary, kills in the middle of updates, damage."""

import random
import time

from lib import ask, net, scenario, zones
from lib.peers import Knot, PeerZone
from lib.scenario import expect, expect_equal, expect_same_lines, wait_until
from lib.understudy import Understudy

VARIANTS = ("short",)
ON_REQUEST = ("long",)
ROUNDS = {"short": 8, "long": 200}

PRIMARY, SECONDARY = "198.51.100.1", "198.51.100.2"
SMALL, LARGE = "small.example", "large.example"
HOSTS = 5000        # enough for an image file of its own
TRANSFER_S = 20
NOTIFIED_S = 10


def main(world):
    here, there = net.Namespace(world, "secondary"), net.Namespace(world, "primary")
    net.connect(here, "up0", [f"{SECONDARY}/24"], there, "down0", [f"{PRIMARY}/24"])
    serials = {SMALL: 1, LARGE: 1}
    primary = Knot(world, there, PRIMARY, [PeerZone(name, text_of(name, 1)) for name in serials]).start()
    daemon = Understudy(world, here, {
        "listen": [f"{SECONDARY}@53"],
        "remotes": [{"name": "primary", "addresses": [PRIMARY]}],
        "acls": [{"name": "primary", "addresses": [PRIMARY], "allow": ["notify"]},
                 {"name": "readers", "addresses": [SECONDARY], "allow": ["transfer"]}],
        "zones": [{"name": name, "primaries": ["primary"], "acls": ["primary", "readers"]} for name in serials],
    }).start()
    client = ask.Client(here, SECONDARY)
    sender = ask.Client(there, SECONDARY, source=PRIMARY)

    def change(name):
        serials[name] += 1
        primary.change(name, text_of(name, serials[name]))
        sender.notify(name)

    with world.step("zones are transferred, and follow their primary"):
        for name in serials:
            wait_until(lambda name=name: client.serial(name) == 1, TRANSFER_S, name)
            change(name)
            wait_until(lambda name=name: client.serial(name) == 2, NOTIFIED_S, f"{name} 2")
    show_kills(world, daemon, client, serials, change, ROUNDS[world.argument or VARIANTS[0]])
    show_start_without_primary(world, daemon, client, primary, serials)
    show_damage(world, daemon, client, primary, serials)


def text_of(name, serial):
    return zones.versioned(name, serial, HOSTS if name == LARGE else 0)


def version(client, name):
    """The serial that is served, which every record that tells it must agree with."""
    serial = client.serial(name)
    expect_equal(client.ask(f"version.{name}", "TXT").answer[0][0].strings[0], str(serial).encode(), name)
    return serial


def show_kills(world, daemon, client, serials, change, rounds):
    with world.step(f"killed at any instant, it starts with a version that the primary had ({rounds} rounds)"):
        least = {name: version(client, name) for name in serials}
        for _ in range(rounds):
            for name in serials:
                change(name)
            time.sleep(random.uniform(0, 0.3))
            daemon.process.kill()
            daemon.start()
            for name, serial in serials.items():
                found = version(client, name)
                expect(least[name] <= found <= serial, f"{name}: {found} is not in {least[name]}..{serial}")
                least[name] = found
            for name, serial in serials.items():
                daemon.ctl("zone", name, "refresh")
                wait_until(lambda name=name, serial=serial: client.serial(name) == serial, NOTIFIED_S, f"{name} {serial}")


def show_start_without_primary(world, daemon, client, primary, serials):
    with world.step("after a stop it serves all of it without a primary"):
        before = {name: client.axfr(name) for name in serials}
        daemon.stop()
        primary.stop()
        daemon.start()
        for name, serial in serials.items():
            expect_equal(version(client, name), serial, name)
            expect_same_lines(client.axfr(name), before[name], name)
            row = daemon.zone(name)
            expect_equal(row["state"] in ("current", "refreshing", "retrying"), True, row["state"])
            expect(row["image_octets"] > 0, f"image_octets of {name}")


def show_damage(world, daemon, client, primary, serials):
    with world.step("a damaged image costs one warning and a transfer"):
        daemon.stop()
        [image] = (daemon.folder / "state" / "images").iterdir()
        octets = bytearray(image.read_bytes())
        octets[len(octets) // 2] ^= 0xFF
        image.write_bytes(octets)
        primary.start()
        mark = len(daemon.log())
        daemon.start()
        wait_until(lambda: client.serial(LARGE) == serials[LARGE], TRANSFER_S, LARGE)
        warnings = [line for line in daemon.log()[mark:].splitlines() if "state folder" in line and "not used" in line]
        expect_equal(len(warnings), 1, f"warnings: {warnings}")
        expect_equal(version(client, SMALL), serials[SMALL], SMALL)
    with world.step("a state folder that cannot be used costs one warning, and no answer"):
        daemon.stop()
        database = daemon.folder / "state" / "understudy.db"
        database.write_bytes(b"x" * 5000)
        mark = len(daemon.log())
        daemon.start()
        for name, serial in serials.items():
            wait_until(lambda name=name, serial=serial: client.serial(name) == serial, TRANSFER_S, name)
        warnings = [line for line in daemon.log()[mark:].splitlines() if "server.state" in line]
        expect_equal(len(warnings), 1, f"warnings: {warnings}")


if __name__ == "__main__":
    scenario.run(main)
