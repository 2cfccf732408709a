#!/usr/bin/python3
"""The primary of real secondaries: transfers out, NOTIFY out, TSIG."""

from lib import ask, net, scenario, zones
from lib.keys import ALGORITHMS, Key
from lib.peers import PEERS, PeerZone
from lib.scenario import expect_equal, expect_same_lines, wait_until
from lib.understudy import Understudy

VARIANTS = ("knot", "nsd", "named")

PRIMARY, SECONDARY = "198.51.100.1", "198.51.100.2"
MANY_HOSTS = 20000

TRANSFER_S = 15
NOTIFIED_S = 10  # nsd waits a second after a NOTIFY


def main(world):
    peer = PEERS[world.argument or VARIANTS[0]]
    here, there = net.Namespace(world, "primary"), net.Namespace(world, "secondary")
    net.connect(here, "down0", [f"{PRIMARY}/24"], there, "up0", [f"{SECONDARY}/24"])

    algorithms = ALGORITHMS if world.argument == "knot" else ALGORITHMS[2:3]
    keys = {f"{algorithm}.example": Key(f"{algorithm}.key.example", algorithm) for algorithm in algorithms}
    texts = {"plain.example": zones.featured("plain.example"),
             "many.example": zones.versioned("many.example", 1, MANY_HOSTS),
             **{name: zones.versioned(name, 1) for name in keys}}
    keys["many.example"] = next(iter(keys.values()))

    daemon = Understudy(world, here, configuration(texts, keys))
    for name, text in texts.items():
        daemon.write(f"{name}.zone", text)
    daemon.start()
    secondary = peer(world, there, SECONDARY, [PeerZone(name, None, PRIMARY, keys.get(name)) for name in texts]).start()

    show_transfers(world, secondary, texts, keys)
    show_notify(world, daemon, secondary, texts)
    show_return(world, daemon, secondary)


def configuration(texts, keys):
    known = {key.name: key for key in keys.values()}.values()
    return {
        "listen": [f"{PRIMARY}@53"],
        "keys": [{"name": key.name, "algorithm": key.algorithm, "secret": key.secret} for key in known],
        "remotes": [{"name": "plain", "addresses": [SECONDARY], "source": PRIMARY},
                    *({"name": key.algorithm, "addresses": [SECONDARY], "source": PRIMARY, "key": key.name}
                      for key in known)],
        "acls": [{"name": "plain", "addresses": [SECONDARY], "allow": ["transfer"]},
                 *({"name": key.algorithm, "keys": [key.name], "allow": ["transfer"]} for key in known)],
        "zones": [{"name": name, "file": f"{name}.zone",
                   "notify": [keys[name].algorithm if name in keys else "plain"],
                   "acls": [keys[name].algorithm if name in keys else "plain"]} for name in texts],
    }


def show_transfers(world, secondary, texts, keys):
    with world.step("the secondary gets every zone"):
        for name in texts:
            wait_until(lambda name=name: secondary.client.serial(name) == 1, TRANSFER_S, name)
    with world.step("what the secondary has is what we send"):
        client = ask.Client(secondary.namespace, PRIMARY)
        for name in texts:
            key = keys.get(name)
            # Some secondaries keep names in lower case.
            theirs, ours = (sorted(line.lower() for line in one.axfr(name, key)) for one in (secondary.client, client))
            expect_same_lines(theirs, ours, name)


def show_notify(world, daemon, secondary, texts):
    with world.step("a change reaches the secondary by NOTIFY, signed where there is a key"):
        for name in texts:
            daemon.write(f"{name}.zone", zones.versioned(name, 2, MANY_HOSTS if name == "many.example" else 0))
            expect_equal(daemon.ctl("zone", name, "reload")[0], 0, f"exit code of zone {name} reload")
        for name in texts:
            wait_until(lambda name=name: secondary.client.serial(name) == 2, NOTIFIED_S, name)
            expect_equal(secondary.client.ask(f"version.{name}", "TXT").answer[0][0].strings[0], b"2", name)


def show_return(world, daemon, secondary):
    with world.step("a secondary that was away is told by `zone NAME notify`"):
        secondary.stop()
        daemon.write("plain.example.zone", zones.versioned("plain.example", 3))
        expect_equal(daemon.ctl("zone", "plain.example", "reload")[0], 0, "exit code of reload")
        secondary.start()
        expect_equal(daemon.ctl("zone", "plain.example", "notify")[0], 0, "exit code of notify")
        wait_until(lambda: secondary.client.serial("plain.example") == 3, NOTIFIED_S, "serial 3")


if __name__ == "__main__":
    scenario.run(main)
