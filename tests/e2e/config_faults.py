#!/usr/bin/python3
"""What is wrong with a configuration or the machine is said in full, and a broken zone costs itself only."""

import re
import socket

from lib import ask, net, scenario, zones
from lib.scenario import Skip, expect, expect_equal
from lib.understudy import ENVIRONMENT, Understudy, program

FAULTY = """\
server:
  identity: ams1.example
  colour: blue                     # fault: no such key
  log: loud                        # fault
  max-udp-payload: many            # fault
keys:
  - name: transfer.example
    algorithm: hmac-rot13          # fault
    secret: "not base64!"          # fault
remotes:
  - name: hidden-primary
    addresses: [192.0.2.300]       # fault
    key: nobodys.example           # fault
acls:
  - name: friends
    allow: [everything]            # fault
zones:
  - name: both.example             # fault: a file and primaries
    file: both.zone
    primaries: [hidden-primary]
  - name: twice.example
    file: twice.zone
  - name: Twice.Example.           # fault: as above
    file: twice.zone
  - name: a..b.example             # fault
    file: empty-label.zone
  - name: lost.example
    primaries: [nobody]            # fault
listen:
  - 127.0.0.1@99999                # fault
"""


def main(world):
    ns = net.Namespace(world, "ns")
    show_faulty_configuration(world, ns)
    show_usage(world, ns)
    show_environment(world, ns)
    show_broken_zone(world, ns)


def show_faulty_configuration(world, ns):
    faulty = Understudy(world, ns, FAULTY, "faulty")
    for what, options in (("--check", ["--check"]), ("the start", [])):
        with world.step(f"{what} lists every fault with file, line and column"):
            code, output = faulty.start_refused(*options)
            expect_equal(code, 1, "exit code")
            expect_faults(faulty.config_file, output)

    with world.step("text that is no YAML is one fault with its place"):
        broken = Understudy(world, ns, "server: [\nzones: }\n", "no-yaml")
        code, output = broken.check()
        expect_equal(code, 1, "exit code")
        expect(re.search(re.escape(f"{broken.config_file}:") + r"\d+:\d+: \S", output), f"no place in {output!r}")

    with world.step("--check takes a good configuration"):
        good = Understudy(world, ns, {"listen": ["127.0.0.1@5300"],
                                      "zones": [{"name": "good.example", "file": "good.zone"}]}, "good")
        good.write("good.zone", zones.featured("good.example"))
        expect_equal(good.check(), (0, ""), "exit code and output")


def expect_faults(file, output):
    """Each line that says `fault` is complained about, no other is, and each complaint points into its line."""
    text = FAULTY.splitlines()
    expected = {number for number, line in enumerate(text, 1) if "# fault" in line}
    found = set()
    for line, column in re.findall(rf"^{re.escape(str(file))}:(\d+):(\d+): \S", output, re.MULTILINE):
        found.add(int(line))
        expect(1 <= int(column) <= len(text[int(line) - 1]), f"line {line} has no column {column}")
    # A zone with both may be complained about at its name, its file or its primaries.
    found = {18 if line in (19, 20) else line for line in found}
    expect_equal(sorted(found), sorted(expected), f"lines with faults in\n{output}\n")


def show_usage(world, ns):
    def code(name, *words):
        return ns.run(program(name), *words, check=False).returncode

    with world.step("wrong usage exits 2"):
        expect_equal(code("understudyd"), 2, "no option")
        expect_equal(code("understudyd", "--config"), 2, "an option without its value")
        expect_equal(code("understudyd", "--no-such-option"), 2, "an unknown option")
        expect_equal(code("understudyctl"), 2, "no command")
        expect_equal(code("understudyctl", "no-such-command"), 2, "an unknown command")
    with world.step("--help exits 0"):
        expect_equal(code("understudyd", "--help"), 0, "understudyd")
        expect_equal(code("understudyctl", "--help"), 0, "understudyctl")
    with world.step("a control socket without a daemon exits 3"):
        expect_equal(code("understudyctl", "--socket", world.folder / "nobody.sock", "status"), 3)


def show_environment(world, ns):
    """Exit 3 with one line that says what to do."""
    def refused(name, config, *words, prefix=()):
        daemon = Understudy(world, ns, {"server": {"log": "error"}, **config}, name)
        daemon.folder.chmod(0o777)
        done = ns.run(*prefix, program("understudyd"), "--config", daemon.config_file, check=False)
        expect_equal(done.returncode, ENVIRONMENT, f"exit code ({done.stdout}{done.stderr})")
        lines = (done.stdout + done.stderr).strip().splitlines()
        expect_equal(len(lines), 1, f"lines of output in {lines}")
        for word in words:
            expect(word in lines[0], f"{word!r} is not in {lines[0]!r}")

    with world.step("an address in use"), ns.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 5300))
        refused("taken", {"listen": ["127.0.0.1@5300"]}, "127.0.0.1@5300")
    with world.step("an address that the host does not have"):
        refused("foreign", {"listen": ["192.0.2.99@53"]}, "192.0.2.99@53")
    with world.step("a port that needs privilege"):
        world.folder.chmod(0o755)
        refused("unprivileged", {"listen": ["127.0.0.1@53"]}, "127.0.0.1@53",
                prefix=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
    with world.step("an interface that is not there"):
        refused("no-interface", {"ports": [{"device": "af_xdp:nosuch0", "addresses": ["192.0.2.53/24"]}],
                                 "workers": {"huge-pages": "off"}}, "nosuch0")
    with world.step("a PCI device that is not there"):
        refused("no-pci", {"ports": [{"device": "0000:ff:1f.7", "addresses": ["192.0.2.53/24"]}],
                           "workers": {"huge-pages": "off"}}, "0000:ff:1f.7")
    with world.step("huge pages asked for where there are none"):
        if huge_pages():
            raise Skip("this machine has huge pages")
        refused("no-huge-pages", {"ports": [{"device": "tap:dns0", "addresses": ["192.0.2.53/24"]}],
                                  "workers": {"huge-pages": "on"}}, "huge")


def huge_pages():
    with open("/proc/meminfo", encoding="ascii") as meminfo:
        return int(re.search(r"HugePages_Total:\s+(\d+)", meminfo.read()).group(1))


def show_broken_zone(world, ns):
    config = {"listen": ["127.0.0.1@53"],
              "zones": [{"name": name, "file": f"{name}.zone"} for name in ("good", "broken", "missing")]}
    daemon = Understudy(world, ns, config, "zones")
    daemon.write("good.zone", zones.versioned("good", 1))
    daemon.write("broken.zone", zones.soa("broken", 1) + "www A 192.0.2.300\n")
    line = len(zones.soa("broken", 1).splitlines()) + 1

    with world.step("--check exits 1 for a zone file with a fault"):
        code, output = daemon.check()
        expect_equal(code, 1, "exit code")
        expect(f"{daemon.folder / 'broken.zone'}:{line}" in output, f"no file and line in {output!r}")
        expect("missing.zone" in output, f"no missing.zone in {output!r}")

    client = ask.Client(ns, "127.0.0.1")
    with world.step("a broken zone file costs that zone only"):
        daemon.start()
        expect_equal(ask.rcode(client.ask("version.good", "TXT")), "NOERROR", "good")
        expect_equal(ask.rcode(client.ask("www.broken")), "SERVFAIL", "broken")
        expect_equal(ask.rcode(client.ask("www.missing")), "SERVFAIL", "missing")
        expect_equal(ask.rcode(client.ask("www.unknown")), "REFUSED", "a zone that is not configured")
        expect(f"broken.zone:{line}" in daemon.log(), "the log does not name file and line")
        expect("missing.zone" in daemon.log(), "the log does not name the missing file")


if __name__ == "__main__":
    scenario.run(main)
