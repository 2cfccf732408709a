#!/usr/bin/python3
"""A secondary of a real primary: transfers, NOTIFY, TSIG, a primary that refuses, dies or comes late."""

import time

from lib import ask, net, scenario, zones
from lib.keys import ALGORITHMS, Key
from lib.peers import PEERS, PeerZone
from lib.scenario import expect, expect_equal, expect_same_lines, wait_until
from lib.understudy import Understudy

VARIANTS = ("knot", "nsd", "named")

PRIMARY, LATE, STRANGER, SECONDARY = "198.51.100.1", "198.51.100.3", "198.51.100.9", "198.51.100.2"
MANY_HOSTS = 20000

TRANSFER_S = 15     # a first transfer, a sanitized daemon and its primary both being slow
NOTIFIED_S = 5      # from the primary's new serial to ours; knotd alone waits a second before it notifies
RETRY_S = 15        # a zone that never had data is tried at least every 10 s


def main(world):
    peer = PEERS[world.argument or VARIANTS[0]]
    here, there = net.Namespace(world, "secondary"), net.Namespace(world, "primary")
    net.connect(here, "up0", [f"{SECONDARY}/24"], there, "down0",
                [f"{address}/24" for address in (PRIMARY, LATE, STRANGER)])

    # knotd is asked for every algorithm: one is enough to show that the other two understand us.
    algorithms = ALGORITHMS if world.argument == "knot" else ALGORITHMS[2:3]
    keys = [Key(f"{algorithm}.key.example", algorithm) for algorithm in algorithms]
    signed = {f"{key.algorithm}.example": key for key in keys}
    served = [PeerZone("plain.example", zones.featured("plain.example"), SECONDARY),
              PeerZone("silent.example", zones.versioned("silent.example", 1)),  # its primary notifies nobody
              PeerZone("many.example", zones.versioned("many.example", 1, MANY_HOSTS), SECONDARY, keys[0])]
    served += [PeerZone(name, zones.versioned(name, 1), SECONDARY, key) for name, key in signed.items()]
    primary = peer(world, there, PRIMARY, served).start()
    late = peer(world, there, LATE, [PeerZone("late.example", zones.versioned("late.example", 1), SECONDARY)], name="late")

    daemon = Understudy(world, here, configuration(keys, signed))
    daemon.write("own.zone", zones.versioned("own.example", 1))
    daemon.start()
    client = ask.Client(here, SECONDARY)

    show_first_transfers(world, daemon, client, primary, served)
    show_notify(world, client, primary, there, keys[0])
    show_wrong_key(world, daemon, client, primary, configuration, keys, signed)
    show_late_primary(world, daemon, client, late)
    show_dead_primary(world, daemon, client, primary, served)


def configuration(keys, signed, plain_key=None):
    """`plain_key`: what plain.example's primary is asked with, without its knowing the key."""
    known = [*keys, *([plain_key] if plain_key else [])]
    remotes = [{"name": f"primary-{key.algorithm}", "addresses": [PRIMARY], "source": SECONDARY, "key": key.name}
               for key in keys]
    remotes += [{"name": "primary-plain", "addresses": [PRIMARY], **({"key": plain_key.name} if plain_key else {})},
                {"name": "late", "addresses": [f"{LATE}@53"]}]
    acls = [{"name": "primaries", "addresses": [PRIMARY, LATE], "allow": ["notify"]},
            {"name": "readers", "addresses": [f"{SECONDARY}/32"], "allow": ["transfer"]}]
    acls += [{"name": f"signed-{key.algorithm}", "keys": [key.name], "allow": ["notify"]} for key in keys]
    configured = [{"name": name, "primaries": [f"primary-{key.algorithm}"], "acls": [f"signed-{key.algorithm}", "readers"]}
                  for name, key in {**signed, "many.example": keys[0]}.items()]
    configured += [{"name": "plain.example", "primaries": ["primary-plain"], "acls": ["primaries", "readers"]},
                   {"name": "silent.example", "primaries": ["primary-plain"], "acls": ["primaries", "readers"]},
                   {"name": "late.example", "primaries": ["late"], "acls": ["primaries"]},
                   {"name": "own.example", "file": "own.zone", "acls": ["primaries"]}]
    return {
        "listen": [f"{SECONDARY}@53"],
        "keys": [{"name": key.name, "algorithm": key.algorithm, "secret": key.secret} for key in known],
        "remotes": remotes, "acls": acls, "zones": configured,
    }


def show_first_transfers(world, daemon, client, primary, served):
    with world.step("every zone is transferred at the start"):
        for zone in served:
            wait_until(lambda zone=zone: client.serial(zone.name) == 1, TRANSFER_S, zone.name)
    with world.step("a zone without data is answered SERVFAIL, and waited for in vain"):
        expect_equal(ask.rcode(client.ask("www.late.example")), "SERVFAIL")
        code, output, complaints = daemon.ctl("wait", "--timeout", "1")
        expect_equal(code, 1, "exit code of wait")
        expect("late.example." in output + complaints, f"the missing zone is not named in {output + complaints!r}")
    with world.step("what was transferred is what the primary has"):
        for zone in served:
            expect_same_lines(client.axfr(zone.name), primary.client.axfr(zone.name, zone.key), zone.name)
    with world.step("understudyctl tells of the transfers"):
        rows = {row["name"]: row for row in daemon.json("zones")}
        for zone in served:
            row = rows[f"{zone.name}."]
            expect_equal((row["role"], row["serial"], row["state"]), ("secondary", 1, "current"), zone.name)
        expect_equal((rows["late.example."]["serial"], rows["late.example."]["state"]), (None, "bootstrapping"))
        many = daemon.zone("many.example")
        expect_equal(many["last_transfer"]["kind"].lower(), "axfr")
        expect(many["last_transfer"]["octets"] > 20 * MANY_HOSTS, f"octets: {many['last_transfer']}")
        expect_equal([entry["address"] for entry in many["primaries"]], [f"{PRIMARY}@53"])


def show_notify(world, client, primary, there, key):
    sender = ask.Client(there, SECONDARY, source=PRIMARY)
    stranger = ask.Client(there, SECONDARY, source=STRANGER)

    with world.step("a change is served soon after NOTIFY"):
        for serial in range(2, 5):
            primary.change("silent.example", zones.versioned("silent.example", serial))
            started = time.monotonic()
            expect_equal(ask.rcode(sender.notify("silent.example")), "NOERROR", "answer to NOTIFY")
            wait_until(lambda serial=serial: client.serial("silent.example") == serial, NOTIFIED_S, f"serial {serial}")
            print(f"        {(time.monotonic() - started) * 1000:.0f} ms from NOTIFY to the new serial")
    with world.step("the primary's own NOTIFY is heeded, signed ones too"):
        for zone, signing in (("plain.example", None), (f"{key.algorithm}.example", key)):
            serial = client.serial(zone) + 1
            primary.change(zone, zones.versioned(zone, serial))
            wait_until(lambda zone=zone, serial=serial: client.serial(zone) == serial, NOTIFIED_S, f"{zone} {signing}")
            expect_equal(client.ask(f"version.{zone}", "TXT").answer[0][0].strings[0], str(serial).encode())
    with world.step("names that are gone from the new version are gone from ours"):
        expect_equal(ask.rcode(client.ask("alias.plain.example")), "NXDOMAIN")
    with world.step("a large zone changes"):
        primary.change("many.example", zones.versioned("many.example", 2, MANY_HOSTS))
        wait_until(lambda: client.serial("many.example") == 2, TRANSFER_S, "serial 2")
    with world.step("NOTIFY is refused from strangers, without the key it takes, and for zones that have no primary"):
        expect_equal(ask.rcode(stranger.notify("plain.example")), "REFUSED", "a stranger")
        expect_equal(ask.rcode(sender.notify(f"{key.algorithm}.example")), "REFUSED", "without the key")
        expect_equal(ask.rcode(sender.notify(f"{key.algorithm}.example", key)), "NOERROR", "with the key")
        expect_equal(ask.rcode(sender.notify("own.example")), "NOTAUTH", "a zone of which we are the primary")
        expect_equal(ask.rcode(sender.notify("elsewhere.example")), "NOTAUTH", "a zone that is not ours")


def show_wrong_key(world, daemon, client, primary, configure, keys, signed):
    with world.step("a primary that refuses our key is logged with the reason, and the old zone goes on"):
        before = client.serial("plain.example")
        mark = len(daemon.log())
        daemon.configure(configure(keys, signed, Key("unknown.key.example")))
        expect_equal(daemon.ctl("reload")[0], 0, "exit code of reload")
        primary.change("plain.example", zones.versioned("plain.example", before + 1))

        def refused():
            [entry] = daemon.zone("plain.example")["primaries"]
            return entry["last_result"] == "failed" and entry["last_reason"]

        reason = wait_until(refused, TRANSFER_S, "the primary's refusal in zone plain.example")
        print(f"        reason: {reason}")
        complaints = [line for line in daemon.log()[mark:].splitlines() if "plain.example" in line and PRIMARY in line]
        expect(any(reason in line for line in complaints), f"{reason!r} is not in {complaints}")
        expect_equal(client.serial("plain.example"), before, "serial served")
    with world.step("with the key mended it is transferred again"):
        daemon.configure(configure(keys, signed))
        expect_equal(daemon.ctl("reload")[0], 0, "exit code of reload")
        wait_until(lambda: client.serial("plain.example") == before + 1, TRANSFER_S, "the new serial")


def show_late_primary(world, daemon, client, late):
    with world.step("a primary that comes up late is found without NOTIFY"):
        late.zones["late.example"].other = None
        late.start()
        wait_until(lambda: client.serial("late.example") == 1, RETRY_S, "late.example")
        expect_equal(daemon.ctl("wait", "--timeout", "5")[0], 0, "exit code of wait")


def show_dead_primary(world, daemon, client, primary, served):
    with world.step("with the primary gone every zone is still answered"):
        primary.kill()
        daemon.ctl("zone", "plain.example", "refresh")
        for zone in served:
            expect(client.serial(zone.name), f"{zone.name} is not answered")
        expect_equal(daemon.json("status")["state"], "serving")


if __name__ == "__main__":
    scenario.run(main)
