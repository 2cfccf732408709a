#!/usr/bin/python3
"""Signed answers of every kind, judged by validators: BIND's delv, libunbound, and our own reading of the RFCs."""

import dataclasses

import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rdata
import dns.rdataclass
import dns.rdatatype as kind
import dns.zone

from lib import ask, net, scenario, signing, zones
from lib.peers import Knot, PeerZone
from lib.proofs import Checker, Unproven
from lib.scenario import expect, expect_equal, expect_same_lines
from lib.understudy import Understudy

CHILDREN = "127.0.0.2"  # the server of the delegated zones
TYPES = ("A", "TXT", "DS", "NS", "CNAME", "NSEC")
SHOWN = 10

DELEGATIONS = f"""
insecure  NS ns.insecure
ns.insecure A {CHILDREN}
secure    NS ns.secure
ns.secure A {CHILDREN}
hidden.ent2 NS ns.insecure
"""


@dataclasses.dataclass(frozen=True)
class Case:
    """A question and what is to come of it: what a validator says of it, and what our checker reads in the response."""

    name: str  # below the zone
    type: str
    status: str  # secure or insecure
    proves: str
    proves_opt_out: str | None = None  # where that differs under Opt-Out


CASES = (
    Case("www", "A", "secure", "answer"),
    Case("nothing", "A", "secure", "nxdomain", "nxdomain-optout"),
    Case("a.b.nothing", "A", "secure", "nxdomain", "nxdomain-optout"),
    Case("child.www", "A", "secure", "nxdomain", "nxdomain-optout"),
    Case("nothing.exists.wild", "A", "secure", "nxdomain", "nxdomain-optout"),
    Case("www", "TXT", "secure", "nodata"),
    Case("ent", "A", "secure", "nodata-ent"),
    Case("b.ent", "TXT", "secure", "nodata-ent"),
    Case("anything.wild", "A", "secure", "wildcard answer", "wildcard-optout answer"),
    Case("a.b.c.wild", "TXT", "secure", "wildcard answer", "wildcard-optout answer"),
    Case("*.wild", "A", "secure", "answer"),
    Case("anything.wild", "AAAA", "secure", "nodata-wildcard", "nodata-wildcard-optout"),
    Case("anything.starred", "A", "secure", "nodata-wildcard", "nodata-wildcard-optout"),
    Case("alias", "A", "secure", "alias answer"),
    Case("chain1", "A", "secure", "alias alias alias answer"),
    Case("dangling", "A", "secure", "alias nxdomain", "alias nxdomain-optout"),
    Case("to-ent", "A", "secure", "alias nodata-ent"),
    Case("to-wild", "A", "secure", "alias wildcard answer", "alias wildcard-optout answer"),
    Case("to-wild", "AAAA", "secure", "alias nodata-wildcard", "alias nodata-wildcard-optout"),
    Case("anything.cwild", "A", "secure", "wildcard alias answer", "wildcard-optout alias answer"),
    Case("anything.cwild-nx", "A", "secure", "wildcard alias nxdomain", "wildcard-optout alias nxdomain-optout"),
    Case("host.dname", "A", "secure", "dname answer"),
    Case("nothing.dname", "A", "secure", "dname nxdomain", "dname nxdomain-optout"),
    Case("to-dname", "A", "secure", "alias dname answer"),
    Case("insecure", "DS", "secure", "nodata", "nodata-optout"),
    Case("secure", "DS", "secure", "answer"),
    Case("nothing", "DS", "secure", "nxdomain", "nxdomain-optout"),
    Case("www.insecure", "A", "insecure", "insecure-referral", "insecure-referral-optout"),
    Case("www.secure", "A", "secure", "secure-referral"),
    Case("www.hidden.ent2", "A", "insecure", "insecure-referral", "insecure-referral-optout"),
    Case("ent2", "A", "secure", "nodata-ent", "nodata-optout"),
)

# What Opt-Out lets nobody prove, a validator calls insecure (RFC 5155 section 9.2).
OPTED_OUT = "-optout"


def main(world):
    ns = net.Namespace(world, "ns")
    ns.add_address("lo", f"{CHILDREN}/8")
    signer = signing.Signer(world.folder)
    signed, children = {}, []
    for method in signing.METHODS:
        origin = f"{method.name}.example"
        child = signer.sign(f"secure.{origin}", zones.versioned(f"secure.{origin}", 1), method)
        children.append(PeerZone(child.origin, child.text))
        for name in ("insecure", "hidden.ent2"):
            children.append(PeerZone(f"{name}.{origin}", zones.versioned(f"{name}.{origin}", 1)))
        signed[method.name] = signer.sign(origin, f"{zones.featured(origin)}{DELEGATIONS}secure {child.ds}\n", method)
    Knot(world, ns, CHILDREN, children).start()
    start_understudy(world, ns, signed.values())
    client = ask.Client(ns, "127.0.0.1")
    for name, zone in signed.items():
        judge(world, ns, client, name, zone)


def start_understudy(world, ns, signed):
    daemon = Understudy(world, ns, {"listen": ["127.0.0.1@53"],
                                    "acls": [{"name": "local", "addresses": ["127.0.0.1"], "allow": ["transfer"]}],
                                    "zones": [{"name": zone.origin, "file": f"{zone.origin}.zone", "acls": ["local"]}
                                              for zone in signed]})
    for zone in signed:
        daemon.write(f"{zone.origin}.zone", zone.text)
    daemon.start()


def judge(world, ns, client, method, zone):
    checker = Checker(zone.origin, dns.rdata.from_text("IN", "DNSKEY", zone.dnskey.split("DNSKEY")[1]))
    cases = [(case, wanted_proof(case, method)) for case in CASES]
    with world.step(f"{method}: each of {len(cases)} kinds of answer proves what it says, and needs each of its proofs"):
        for case, proves in cases:
            response = ask_signed(client, f"{case.name}.{zone.origin}", case.type)
            expect_equal(checker.check(response), proves, f"{case.name} {case.type}")
            needs_each_proof(checker, response, case, proves)
    with world.step(f"{method}: every answer about every name proves what it says"):
        check_everything(client, checker, zone)
    with world.step(f"{method}: a transfer gives every record back, with its TTL"):
        with client.namespace.inside():
            transferred = dns.zone.from_xfr(dns.query.xfr(client.server, zone.origin, relativize=False), relativize=False)
        expected = dns.zone.from_text(zone.text, zone.origin, relativize=False)
        expect_same_lines(zone_lines(transferred), zone_lines(expected), "transfer")
    with world.step(f"{method}: delv calls the answers valid"):
        anchors = world.folder / f"{method}.anchors"
        owner, _, _, flags, protocol, algorithm, *key = zone.dnskey.split()
        anchors.write_text(f'trust-anchors {{ {owner} static-key {flags} {protocol} {algorithm} "{"".join(key)}"; }};\n')
        for case, proves in cases:
            if "referral" not in proves:
                delv(ns, anchors, zone.origin, case, OPTED_OUT in proves)
    with world.step(f"{method}: libunbound calls the answers what they are"):
        config = world.folder / f"{method}.unbound.conf"
        config.write_text(UNBOUND.format(origin=zone.origin, anchor=zone.dnskey))
        for case, proves in cases:
            unbound(ns, config, zone.origin, case, "insecure" if OPTED_OUT in proves else case.status)


def zone_lines(zone):
    return sorted(f"{name} {ttl} {rdata.rdtype} {rdata}" for name, ttl, rdata in zone.iterate_rdatas())


def wanted_proof(case, method):
    return case.proves_opt_out if method == "optout" and case.proves_opt_out else case.proves


def ask_signed(client, name, type_):
    response = client.udp(ask.question(name, type_, payload=1232, do=True))
    return client.tcp(ask.question(name, type_, payload=1232, do=True)) if response.flags & dns.flags.TC else response


def needs_each_proof(checker, response, case, proves):
    """Without any one of the NSEC or NSEC3 records the response proves less: none is in vain, and the check can fail."""
    denials = [rrset for rrset in response.authority if rrset.rdtype in (kind.NSEC, kind.NSEC3)]
    expect(denials or not any(word in case.proves for word in ("nxdomain", "nodata", "insecure", "wildcard")),
           f"{case.name} {case.type}: no proof of {case.proves}")
    for missing in denials:
        less = dns.message.from_wire(response.to_wire())
        less.authority = [rrset for rrset in less.authority
                          if rrset.name != missing.name or rrset.rdtype in (kind.NS, kind.SOA)]
        try:
            proven = checker.check(less)
        except Unproven:
            continue
        expect(proven != proves, f"{case.name} {case.type}: proves {proven} without {missing}")


def check_everything(client, checker, zone):
    origin = dns.name.from_text(zone.origin)
    names = set()
    for name, node in dns.zone.from_text(zone.text, origin, relativize=False).nodes.items():
        if node.get_rdataset(dns.rdataclass.IN, kind.NSEC3):
            continue
        while name.is_subdomain(origin):
            names |= {name, *(dns.name.Name(labels + name.labels) for labels in ((b"child",), (b"a", b"b"), (b"*",)))}
            name = name.parent()
    bad = []
    for name in sorted(names):
        for type_ in TYPES:
            try:
                checker.check(ask_signed(client, name, type_))
            except Unproven as reason:
                bad.append(f"{name} {type_}: {reason}")
    expect(not bad, f"{len(bad)} unproven:\n" + "\n".join(bad[:SHOWN]))


def delv(ns, anchors, origin, case, opted_out):
    """BIND's validator, with our server in the place of its resolver."""
    output = ns.run("delv", "@127.0.0.1", "-a", anchors, f"+root={origin}", f"{case.name}.{origin}", case.type,
                    check=False).stdout
    first = output.splitlines()[0] if output else ""
    wanted = ["; fully validated", "; negative response, fully validated"]
    if opted_out:  # it calls some of them valid, where RFC 5155 section 9.2 wants no AD bit
        wanted += ["; unsigned answer", "; negative response, unsigned answer"]
    expect(first in wanted, f"{case.name} {case.type}: delv: {output}")


UNBOUND = """server:
  do-not-query-localhost: no
  trust-anchor: "{anchor}"
  do-ip6: no
  qname-minimisation: no
  harden-referral-path: no
stub-zone:
  name: {origin}
  stub-addr: 127.0.0.1
"""


def unbound(ns, config, origin, case, status):
    """NLnet Labs' validator, which resolves by itself from our server on."""
    output = ns.run("unbound-host", "-C", config, "-v", "-t", case.type, f"{case.name}.{origin}", check=False).stdout
    words = {line.rsplit("(", 1)[-1].rstrip(")") for line in output.splitlines() if "(" in line}
    expect(words == {status}, f"{case.name} {case.type}: libunbound: {output or 'no answer'}, expected {status}")


if __name__ == "__main__":
    scenario.run(main)
