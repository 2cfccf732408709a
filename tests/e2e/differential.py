#!/usr/bin/python3
"""The same questions to understudy, knotd, nsd and named: every difference has a reason that stands here."""

import collections
import dataclasses
from typing import Callable

import dns.name
import dns.zone

from lib import ask, net, scenario, zones
from lib.peers import PEERS, PeerZone
from lib.scenario import Failure, expect
from lib.understudy import Understudy

ZONE = "diff.example"
TYPES = ("A", "AAAA", "NS", "SOA", "MX", "TXT", "CNAME", "DNAME", "DS", "SRV", "HTTPS", "SVCB", "TYPE65280", "TYPE65281")
EDNS = ({}, {"payload": 1232, "do": True}, {"payload": 512, "rd": True})
LEAST_QUESTIONS = 2000
SHOWN_DIFFERENCES = 20


@dataclasses.dataclass(frozen=True)
class Answer:
    """What is compared of a response."""

    rcode: str
    flags: str
    edns: int
    do: bool
    answer: list
    authority: list
    additional: list


@dataclasses.dataclass(frozen=True)
class Reason:
    """Why one of `peers` may differ from us."""

    peers: tuple
    why: str
    explains: Callable  # (name, our Answer, their Answer) -> bool


def only(field, ours, theirs):
    """Nothing but `field` differs."""
    return dataclasses.replace(ours, **{field: getattr(theirs, field)}) == theirs


def fewer_additional(_, ours, theirs):
    return only("additional", ours, theirs) and set(theirs.additional) < set(ours.additional)


def loops(name, *_):
    return name.labels[0] in (b"loop1", b"loop2", b"self")


def truncated_alike(_, ours, theirs):
    return "TC" in ours.flags and ours.flags == theirs.flags and ours.rcode == theirs.rcode


def no_additional(_, ours, theirs):
    return only("additional", ours, theirs) and not ours.additional and ours.answer


REASONS = (
    Reason(("knot", "nsd", "named"), "adds addresses of the hosts in a positive answer, which resolvers do not use",
           no_additional),
    Reason(("named",), "fills no additional section at 512 octets", fewer_additional),
    Reason(("nsd",), "with minimal-responses leaves out additional data that is no glue", fewer_additional),
    Reason(("named",), "SERVFAIL for a CNAME loop, where we and the others answer with what there is", loops),
    Reason(("named",), "puts part of a record set into a truncated answer, which RFC 2181 section 9 tells clients to ignore",
           truncated_alike),
)


def main(world):
    ns = net.Namespace(world, "ns")
    text = zones.featured(ZONE)
    clients = {"understudy": start_understudy(world, ns, text)}
    for number, (name, peer) in enumerate(PEERS.items(), 2):
        address = f"127.0.0.{number}"
        ns.add_address("lo", f"{address}/8")
        clients[name] = peer(world, ns, address, [PeerZone(ZONE, text)]).start().client

    asked = list(questions(text))
    expect(len(asked) >= LEAST_QUESTIONS, f"only {len(asked)} questions")
    with world.step(f"{len(asked)} questions, answered alike but for {len(REASONS)} known reasons"):
        compare(asked, clients)


def start_understudy(world, ns, text):
    daemon = Understudy(world, ns, {"listen": ["127.0.0.1@53"], "zones": [{"name": ZONE, "file": "diff.zone"}]})
    daemon.write("diff.zone", text)
    daemon.start()
    return ask.Client(ns, "127.0.0.1")


def questions(text):
    """Every name of the zone and names beside, below and above them, with each type; ways of asking take turns."""
    origin = dns.name.from_text(ZONE)
    names = {dns.name.from_text("www.other.example"), dns.name.root, origin.parent()}
    for name in dns.zone.from_text(text, origin, relativize=False).nodes:
        while name.is_subdomain(origin):
            below = [(b"child",), (b"a", b"b"), (b"*",)]
            names |= {name, *(dns.name.Name(labels + name.labels) for labels in below)}
            name = name.parent()
    number = 0
    for name in sorted(names):
        for kind in TYPES:
            number += 1
            yield name, kind, EDNS[number % len(EDNS)]
    for rest in EDNS:
        yield dns.name.from_text(f"big.{ZONE}"), "TXT", rest


def compare(asked, clients):
    differences = []
    used = collections.Counter()
    for name, kind, rest in asked:
        ours = answer(clients["understudy"], name, kind, rest)
        for peer in PEERS:
            theirs = answer(clients[peer], name, kind, rest)
            if ours == theirs:
                continue
            reason = next((reason for reason in REASONS
                           if peer in reason.peers and reason.explains(name, ours, theirs)), None)
            if reason:
                used[reason.why] += 1
            else:
                differences.append(describe(f"{name} {kind} {rest}", peer, ours, theirs))
    for why, count in used.items():
        print(f"        {count} times: {why}")
    if differences:
        raise Failure(f"{len(differences)} differences without a reason:\n" + "\n".join(differences[:SHOWN_DIFFERENCES]))


def answer(client, name, kind, rest):
    message = client.ask(name, kind, **rest)
    return Answer(rcode=ask.rcode(message), flags=ask.flags(message), edns=message.edns,
                  do=bool(message.ednsflags & 0x8000), answer=ask.records(message.answer),
                  authority=ask.records(message.authority), additional=ask.records(message.additional))


def describe(question, peer, ours, theirs):
    lines = [question]
    for field in dataclasses.fields(Answer):
        mine, other = getattr(ours, field.name), getattr(theirs, field.name)
        if mine != other:
            lines.append(f"    {field.name}: understudy {mine}")
            lines.append(f"    {' ' * len(field.name)}  {peer:10} {other}")
    return "\n".join(lines)


if __name__ == "__main__":
    scenario.run(main)
