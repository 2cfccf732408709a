#!/usr/bin/python3
"""The same questions to understudy, knotd, nsd and named: every difference has a reason that stands here."""

import collections
import dataclasses
import os

import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.zone

from lib import net, random_zones, scenario, signing, zones
from lib.bulk import Asker, Question
from lib.differences import REASONS, find_reason
from lib.peers import PEERS, PeerZone
from lib.scenario import Failure, expect
from lib.understudy import Understudy

ON_REQUEST = ("whole",)  # variants that run only if they are named

TYPES = ("A", "AAAA", "NS", "SOA", "MX", "TXT", "CNAME", "DNAME", "DS", "SRV", "HTTPS", "SVCB", "DNSKEY", "NSEC",
         "NSEC3PARAM", "TYPE65280", "TYPE65281")
RANDOM_TYPES = ("A", "TXT", "NS", "CNAME", "DS", "MX", "NSEC")
WAYS = ({"payload": 1232, "do": True}, {}, {"payload": 4096, "do": True}, {"payload": 512, "rd": True})
HASHED_NAMES = 2
SHOWN_DIFFERENCES = 20


@dataclasses.dataclass(frozen=True)
class Extent:
    """How much is asked."""

    ways: int  # in which each question about the zones with every feature is asked; they take turns
    random_zones: int
    least_questions: int


EXTENTS = {None: Extent(ways=1, random_zones=4, least_questions=20000),
           "whole": Extent(ways=len(WAYS), random_zones=40, least_questions=100000)}


def main(world):
    ns = net.Namespace(world, "ns")
    extent = EXTENTS[world.argument]
    texts, asked = zones_and_questions(world, extent)
    askers = {"understudy": start_understudy(world, ns, texts)}
    for number, (name, peer) in enumerate(PEERS.items(), 2):
        address = f"127.0.0.{number}"
        ns.add_address("lo", f"{address}/8")
        peer(world, ns, address, [PeerZone(zone, text) for zone, text in texts.items()]).start()
        askers[name] = Asker(ns, address)
    expect(len(asked) >= extent.least_questions, f"only {len(asked)} questions")
    with world.step(f"{len(asked)} questions, answered alike but for {len(REASONS)} known reasons"):
        compare(asked, askers)


def zones_and_questions(world, extent):
    """Zones' texts by name, and what to ask about them: each zone unsigned, and signed by each method."""
    signer = signing.Signer(world.folder)
    texts, asked = {}, []

    def add(origin, make_text, kinds, ways):
        texts[origin] = make_text(origin)
        asked.extend(questions(origin, texts[origin], kinds, ways))
        for method in signing.METHODS:
            zone = f"{method.name}-{origin}"
            texts[zone] = signer.sign(zone, make_text(zone), method).text
            asked.extend(questions(zone, texts[zone], kinds, ways))

    add("diff.example", zones.featured, TYPES, extent.ways)
    first = int(os.environ.get("UNDERSTUDY_SEED", "1")) * extent.random_zones
    for number in range(first, first + extent.random_zones):
        add(f"z{number}.test", lambda origin, seed=number: random_zones.text(origin, seed), RANDOM_TYPES, 1)
    return texts, asked


def start_understudy(world, ns, texts):
    daemon = Understudy(world, ns, {"listen": ["127.0.0.1@53"],
                                    "zones": [{"name": name, "file": f"{name}.zone"} for name in texts]})
    for name, text in texts.items():
        daemon.write(f"{name}.zone", text)
    daemon.start()
    return Asker(ns, "127.0.0.1")


def questions(zone, text, kinds, ways):
    """Every name of the zone and names beside and below them, with each type; of those of hashes, two."""
    origin = dns.name.from_text(zone)
    names = {dns.name.from_text("www.other.example"), dns.name.root, origin.parent()}
    nodes = dns.zone.from_text(text, origin, relativize=False).nodes
    hashed = sorted(name for name, node in nodes.items() if node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.NSEC3))
    for name in set(nodes) - set(hashed[HASHED_NAMES:]):
        while name.is_subdomain(origin):
            below = [(b"child",), (b"a", b"b"), (b"*",)]
            names |= {name, *(dns.name.Name(labels + name.labels) for labels in below)}
            name = name.parent()
    number = 0
    for name in sorted(names):
        for kind in kinds:
            number += 1
            for way in range(ways):
                yield Question(name, kind, **WAYS[(number + way) % len(WAYS)])


def compare(asked, askers):
    ours = askers["understudy"].ask(asked)
    differences = []
    used = collections.Counter()
    for peer in PEERS:
        for question, mine, other in zip(asked, ours, askers[peer].ask(asked)):
            if mine == other:
                continue
            reason = find_reason(peer, question, mine, other)
            if reason:
                used[peer, reason.why] += 1
            else:
                differences.append(describe(question, peer, mine, other))
    for (peer, why), count in used.items():
        print(f"        {count} times {peer} {why}")
    if differences:
        raise Failure(f"{len(differences)} differences without a reason:\n" + "\n".join(differences[:SHOWN_DIFFERENCES]))


def describe(question, peer, ours, theirs):
    lines = [str(question)]
    for field in dataclasses.fields(ours):
        mine, other = getattr(ours, field.name), getattr(theirs, field.name)
        if mine == other:
            continue
        if isinstance(mine, tuple):
            mine, other = ([str(record) for record in records] for records in (mine, other))
        lines.append(f"    {field.name}: understudy {mine}")
        lines.append(f"    {' ' * len(field.name)}  {peer:10} {other}")
    return "\n".join(lines)


if __name__ == "__main__":
    scenario.run(main)
