#!/usr/bin/python3
"""Started as root, it opens its port, becomes the user that the configuration names, and keeps what its end needs."""

import json
import pathlib
import pwd

from lib import ask, net, scenario, zones
from lib.polled import CLIENT_V4, CLIENT_V6, KERNEL_V4, KERNEL_V6, SERVICE_V4, ZONE
from lib.scenario import expect, expect_equal, wait_until
from lib.understudy import Understudy

USER = "nobody"
CAP_NET_BIND_SERVICE, CAP_NET_ADMIN = 10, 12


def main(world):
    world.folder.chmod(0o755)  # the user looks for files in it
    here, there = net.Namespace(world, "server"), net.Namespace(world, "client")
    net.connect(here, "dns0", [f"{KERNEL_V4}/24", f"{KERNEL_V6}/64"], there, "eth0", [CLIENT_V4, CLIENT_V6])
    net.offloads_off(there, "eth0")
    before = links(here)
    daemon = Understudy(world, here, {
        "server": {"user": USER},
        "workers": {"cores": "0", "huge-pages": "off"},
        "ports": [{"device": "af_xdp:dns0", "addresses": [f"{SERVICE_V4}/24"]}],
        "zones": [{"name": ZONE, "file": "polled.zone"}],
    })
    daemon.write("polled.zone", zones.featured(ZONE))
    daemon.start()
    with world.step("every thread is the user's, and has nothing in effect but to poll and to answer"):
        threads = list(pathlib.Path(f"/proc/{daemon.process.pid}/task").iterdir())
        expect(len(threads) > 2, f"only {len(threads)} threads")
        for thread in threads:
            status = dict(line.split(":\t", 1) for line in (thread / "status").read_text().splitlines())
            expect_equal(status["Uid"].split(), [str(pwd.getpwnam(USER).pw_uid)] * 4, f"users of {status['Name']}")
            expect_equal(int(status["CapEff"], 16), 0, f"effective in {status['Name']}")
            beyond = int(status["CapPrm"], 16) & ~(1 << CAP_NET_ADMIN | 1 << CAP_NET_BIND_SERVICE)
            expect_equal(beyond, 0, f"permitted to {status['Name']}")
    with world.step("it answers over UDP and TCP"):
        client = ask.Client(there, SERVICE_V4)
        expect_equal(client.serial(ZONE), 1)
        expect_equal(len(client.tcp(ask.question(f"big.{ZONE}", "TXT")).answer[0]), 40, "records of big")
    with world.step("at its end the XDP program is off and the service address gone"):
        daemon.stop()
        wait_until(lambda: links(here) == before, 2, f"the interfaces are as before ({before})")


def links(namespace):
    """Addresses and XDP programs of every interface."""
    return {link["ifname"]: (link.get("xdp"), sorted(entry["local"] for entry in link["addr_info"]))
            for link in json.loads(namespace.ip("-j", "-d", "address", "show"))}


if __name__ == "__main__":
    scenario.run(main)
