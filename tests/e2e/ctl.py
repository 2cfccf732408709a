#!/usr/bin/python3
"""understudyctl: every command for people and for programs, documented keys, exit codes."""

import time

from lib import ask, net, scenario, zones
from lib.scenario import expect, expect_equal, expect_same_lines, wait_until
from lib.understudy import Understudy, sanitized

STATES = {"bootstrapping", "current", "refreshing", "retrying", "expired", "failed"}
ROW = {"name", "role", "serial", "state", "next_event", "next_event_s"}
STOP_S = 2


def main(world):
    ns = net.Namespace(world, "ns")
    daemon = Understudy(world, ns, {
        "listen": ["127.0.0.1@53"],
        "remotes": [{"name": "dead", "addresses": ["127.0.0.1@5399"]}],
        "zones": [{"name": "Own.Example", "file": "own.zone", "notify": ["dead"]},
                  {"name": "orphan.example", "primaries": ["dead"]},
                  {"name": "broken.example", "file": "broken.zone"}],
    })
    daemon.write("own.zone", zones.featured("own.example", 7))
    daemon.write("broken.zone", "broken\n")
    daemon.start()
    client = ask.Client(ns, "127.0.0.1")

    show_status(world, daemon)
    show_zones(world, daemon)
    show_zone(world, daemon)
    show_actions(world, daemon, client)
    show_dump(world, daemon)
    show_counters(world, daemon, client)
    show_wait(world, daemon)
    show_wrong_usage(world, daemon)
    show_stop(world, daemon)


def expect_keys(document, keys, what):
    missing = set(keys) - set(document)
    expect(not missing, f"{what} has no {sorted(missing)}: {document}")


def text(daemon, *words):
    """What a person sees; exit code 0."""
    code, output, complaints = daemon.ctl(*words)
    expect_equal(code, 0, f"exit code of {' '.join(words)} ({complaints})")
    return output


def show_status(world, daemon):
    with world.step("status"):
        status = daemon.json("status")
        expect_keys(status, {"state", "uptime_s", "zones", "qps", "announced"}, "status")
        expect_equal(status["state"], "serving")
        expect(set(status["zones"]) <= STATES, f"zone states: {status['zones']}")
        expect_equal(sum(status["zones"].values()), 3, "zones counted")
        expect("serving" in text(daemon, "status"), "no state for people")


def show_zones(world, daemon):
    with world.step("zones"):
        rows = {row["name"]: row for row in daemon.json("zones")}
        expect_equal(sorted(name.lower() for name in rows), ["broken.example.", "orphan.example.", "own.example."])
        for row in rows.values():
            expect_keys(row, ROW, "a row")
            expect(row["state"] in STATES, f"state {row['state']!r}")
        rows = {name.lower(): row for name, row in rows.items()}
        own, orphan, broken = (rows[f"{name}.example."] for name in ("own", "orphan", "broken"))
        expect_equal((own["role"], own["serial"], own["state"]), ("primary", 7, "current"))
        expect_equal((orphan["role"], orphan["serial"], orphan["state"]), ("secondary", None, "bootstrapping"))
        expect_equal((broken["role"], broken["serial"], broken["state"]), ("primary", None, "failed"))
        expect_equal(len([line for line in text(daemon, "zones").splitlines() if ".example." in line.lower()]), 3,
                     "rows for people")


def show_zone(world, daemon):
    with world.step("zone NAME, in any letter case, with and without the final dot"):
        for name in ("own.example", "OWN.example.", "own.\\101xample"):
            expect_equal(daemon.zone(name)["serial"], 7, name)
    with world.step("zone NAME of a secondary"):
        def reason():
            document = daemon.zone("orphan.example")
            return document["primaries"][0]["last_reason"] and document

        document = wait_until(reason, 20, "a reason for the failed transfer")
        expect_keys(document, ROW | {"primaries", "timers", "last_transfer", "key", "image_octets", "journal_octets"},
                    "zone")
        [primary] = document["primaries"]
        expect_keys(primary, {"name", "address", "last_result", "last_reason"}, "a primary")
        expect_equal((primary["name"], primary["address"]), ("dead", "127.0.0.1@5399"))
        expect_keys(document["timers"] or {}, {"refresh_s", "retry_s", "expire_s"}, "timers")
        expect("dead" in text(daemon, "zone", "orphan.example"), "no primary for people")
    with world.step("a zone that is not configured"):
        code, _, complaints = daemon.ctl("zone", "elsewhere.example")
        expect_equal(code, 1, "exit code")
        expect("elsewhere.example" in complaints, f"it is not named in {complaints!r}")
        expect(isinstance(daemon.json("zone", "elsewhere.example", code=1), dict), "no JSON object on exit 1")


def show_actions(world, daemon, client):
    with world.step("zone NAME reload: done, and refused with the fault"):
        daemon.write("own.zone", zones.featured("own.example", 8))
        text(daemon, "zone", "own.example", "reload")
        expect_equal(client.serial("own.example"), 8)
        code, output, complaints = daemon.ctl("zone", "broken.example", "reload")
        expect_equal(code, 1, "exit code")
        expect("broken.zone:1" in output + complaints, f"no place in {output + complaints!r}")
    with world.step("zone NAME refresh, retransfer and notify"):
        text(daemon, "zone", "orphan.example", "refresh")
        text(daemon, "zone", "orphan.example", "retransfer")
        text(daemon, "zone", "own.example", "notify")
        expect_equal(daemon.ctl("zone", "broken.example", "notify")[0], 1, "exit code without anyone to notify")
        expect_equal(daemon.ctl("zone", "own.example", "refresh")[0], 1, "exit code of a primary zone's refresh")
        expect_equal(daemon.ctl("zone", "own.example", "retransfer")[0], 1, "exit code of a primary zone's retransfer")


def show_dump(world, daemon):
    def records(dumped):
        return ask.text_records(dumped, "own.example")

    expected = records(zones.featured("own.example", 8))
    with world.step("zone NAME dump to stdout and to a file"):
        expect_same_lines(records(text(daemon, "zone", "own.example", "dump")), expected, "on stdout")
        file = world.folder / "dumped.zone"
        text(daemon, "zone", "own.example", "dump", str(file))
        expect_same_lines(records(file.read_text()), expected, "in the file")
    with world.step("nothing to dump, nowhere to write"):
        expect_equal(daemon.ctl("zone", "orphan.example", "dump")[0], 1, "exit code without data")
        expect_equal(daemon.ctl("zone", "own.example", "dump", str(world.folder / "no" / "such"))[0], 1,
                     "exit code without the folder")


def show_counters(world, daemon, client):
    with world.step("stats, and the names with their meanings"):
        for _ in range(5):
            client.ask("nothing.own.example")
        expect("nxdomain" in str(daemon.json("stats")), "no nxdomain in the JSON document")
        expect("nxdomain" in text(daemon, "stats"), "no nxdomain for people")
        expect("the name does not exist" in text(daemon, "stats", "--names"), "no meaning of nxdomain")
    with world.step("workers without ports is an empty table"):
        expect_equal(daemon.json("workers"), [])
        text(daemon, "workers")


def show_wait(world, daemon):
    with world.step("wait names what is missing after its time"):
        started = time.monotonic()
        code, output, complaints = daemon.ctl("wait", "--timeout", "1")
        expect_equal(code, 1, "exit code")
        expect(1 <= time.monotonic() - started < 3, "it did not wait for a second")
        for name in ("orphan.example.", "broken.example."):
            expect(name in output + complaints, f"{name} is not named in {output + complaints!r}")
        expect("own.example" not in (output + complaints).lower().replace("own.example.zone", ""), "own.example is named")
        daemon.json("wait", "--timeout", "1", code=1)
    with world.step("wait returns at once when all have data"):
        daemon.configure({"listen": ["127.0.0.1@53"], "zones": [{"name": "own.example", "file": "own.zone"}]})
        text(daemon, "reload")
        text(daemon, "wait", "--timeout", "5")
        expect(isinstance(daemon.json("reload"), dict), "reload gives no JSON object")


def show_wrong_usage(world, daemon):
    with world.step("wrong usage exits 2"):
        for words in ([], ["nonsense"], ["zone"], ["zone", "own.example", "nonsense"], ["wait", "--timeout", "soon"],
                      ["status", "too", "much"]):
            expect_equal(daemon.ctl(*words)[0], 2, f"exit code of {words}")
    with world.step("a name that is none exits 1 or 2 and is complained about"):
        code, _, complaints = daemon.ctl("zone", "a..b")
        expect(code in (1, 2) and complaints, f"exit code {code}, {complaints!r}")


def show_stop(world, daemon):
    with world.step("stop ends the daemon, which then is not reachable"):
        started = time.monotonic()
        text(daemon, "stop")
        expect_equal(daemon.process.wait(10), 0, "exit code of understudyd")
        if not sanitized():
            expect(time.monotonic() - started < STOP_S, f"it took more than {STOP_S} s")
        code, output, complaints = daemon.ctl("status")
        expect_equal((code, output), (3, ""), "exit code and output")
        expect("control.sock" in complaints, f"the socket is not named in {complaints!r}")


if __name__ == "__main__":
    scenario.run(main)
