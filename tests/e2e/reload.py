#!/usr/bin/python3
"""Configuration reloads under load: zones come and go, no query is lost, a faulty file changes nothing."""

import signal

from lib import ask, net, scenario, zones
from lib.load import Dnsperf
from lib.scenario import expect, expect_equal, wait_until
from lib.understudy import Understudy

LOAD_S = 8
RATE = 2000
ROUNDS = 10


def main(world):
    ns = net.Namespace(world, "ns")
    daemon = Understudy(world, ns, configuration("steady"))
    for name in ("steady", "comes", "goes"):
        daemon.write(f"{name}.zone", zones.versioned(name, 1, 1000))
    daemon.start()
    client = ask.Client(ns, "127.0.0.1")

    load = Dnsperf(world, ns, "127.0.0.1", [f"host{number}.steady A" for number in range(1000)],
                   seconds=LOAD_S, rate=RATE)
    show_reloads(world, daemon, client)
    show_faulty_reload(world, daemon, client)
    show_restart(world, daemon, client)
    with world.step("no query was lost meanwhile"):
        expect(load.running(), "the load had ended before the reloads did")
        done = load.finish()
        print(f"        {done.sent} sent, {done.answered} answered")
        expect_equal(done.lost, 0, "queries lost")
        expect(done.sent > LOAD_S * RATE // 2, f"only {done.sent} queries sent")


def configuration(*names, **more):
    return {"listen": ["127.0.0.1@53"], "zones": [{"name": name, "file": f"{name}.zone"} for name in names], **more}


def show_reloads(world, daemon, client):
    def rcodes():
        return [ask.rcode(client.ask(f"version.{name}", "TXT")) for name in ("steady", "comes", "goes")]

    with world.step("understudyctl reload adds and removes zones before it returns"):
        for _ in range(ROUNDS):
            daemon.configure(configuration("steady", "goes"))
            expect_equal(daemon.ctl("reload")[0], 0, "exit code")
            expect_equal(rcodes(), ["NOERROR", "REFUSED", "NOERROR"])
            daemon.configure(configuration("steady", "comes"))
            expect_equal(daemon.ctl("reload")[0], 0, "exit code")
            expect_equal(rcodes(), ["NOERROR", "NOERROR", "REFUSED"])
    with world.step("SIGHUP does the same"):
        daemon.configure(configuration("steady", "comes", "goes"))
        daemon.process.signal(signal.SIGHUP)
        wait_until(lambda: rcodes() == ["NOERROR"] * 3, 5, "all three zones")
    with world.step("zones tells what is configured now"):
        expect_equal([row["name"] for row in daemon.json("zones")], ["comes.", "goes.", "steady."])


def show_faulty_reload(world, daemon, client):
    faulty = "server:\n  colour: blue\nzones:\n  - name: a..b\n    file: steady.zone\n"
    with world.step("a faulty file changes nothing, its faults are printed and logged, exit 1"):
        daemon.configure(faulty)
        mark = len(daemon.log())
        code, output, complaints = daemon.ctl("reload")
        expect_equal(code, 1, "exit code")
        for line in (2, 4):
            expect(f"{daemon.config_file}:{line}:" in output + complaints, f"no fault of line {line} in {output!r}")
            expect(f"{daemon.config_file}:{line}:" in daemon.log()[mark:], f"no fault of line {line} in the log")
        expect_equal([row["name"] for row in daemon.json("zones")], ["comes.", "goes.", "steady."])
        expect_equal(ask.rcode(client.ask("version.comes", "TXT")), "NOERROR")
    with world.step("so does SIGHUP, and the daemon goes on"):
        mark = len(daemon.log())
        daemon.process.signal(signal.SIGHUP)
        daemon.process.wait_for_log(r"understudy\.yaml:2:", start=mark)
        expect_equal(ask.rcode(client.ask("version.comes", "TXT")), "NOERROR")


def show_restart(world, daemon, client):
    with world.step("what needs a restart is said"):
        daemon.configure(configuration("steady", listen=["127.0.0.1@53", "127.0.0.1@5300"]))
        code, output, complaints = daemon.ctl("reload")
        expect_equal(code, 0, "exit code")
        expect("restart" in output + complaints, f"no word of a restart in {output + complaints!r}")
        expect_equal(ask.rcode(client.ask("version.steady", "TXT")), "NOERROR")


if __name__ == "__main__":
    scenario.run(main)
