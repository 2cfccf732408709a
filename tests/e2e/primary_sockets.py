#!/usr/bin/python3
"""A primary zone from a file, served over kernel sockets: every kind of answer, transfers out, reloads."""

import signal
import socket
import struct

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.xfr
import dns.zone

from lib import ask, net, scenario, zones
from lib.keys import Key
from lib.scenario import expect, expect_equal, expect_same_lines, wait_until
from lib.understudy import Understudy

ZONE = "feat.example"
SERVICE_V4, SERVICE_V6 = "127.0.0.1", "::1"
SILENCE_S = 0.3
TSIG_ERRORS = {16: "BADSIG", 17: "BADKEY", 18: "BADTIME"}


def main(world):
    ns = net.Namespace(world, "ns")
    key = Key("transfer.example")
    daemon = Understudy(world, ns, {
        "server": {"identity": "ams1.example", "nsid": "ams1"},
        "listen": ["127.0.0.1@53", "::1@53"],
        "keys": [{"name": key.name, "algorithm": key.algorithm, "secret": key.secret}],
        "acls": [{"name": "local", "addresses": ["127.0.0.1"], "allow": ["transfer"]},
                 {"name": "signed", "keys": [key.name], "allow": ["transfer"]}],
        "zones": [{"name": ZONE, "file": "feat.zone", "acls": ["local"]},
                  {"name": "closed.example", "file": "closed.zone"},
                  {"name": "signed.example", "file": "signed.zone", "acls": ["signed"]}],
    })
    daemon.write("feat.zone", zones.featured(ZONE))
    daemon.write("closed.zone", zones.versioned("closed.example", 1))
    daemon.write("signed.zone", zones.versioned("signed.example", 1, 3000))
    daemon.start()

    for address in (SERVICE_V4, SERVICE_V6):
        client = ask.Client(ns, address)
        for name, send in (("UDP", client.udp), ("TCP", client.tcp)):
            show_answers(world, f"{address} {name}", send)
    client = ask.Client(ns, SERVICE_V4)
    show_edns(world, client)
    show_truncation(world, client)
    show_refusals(world, client)
    show_server_info(world, client)
    show_any(world, client)
    show_streams(world, ns)
    show_transfers(world, client, key)
    show_reloads(world, client, daemon)


def show_answers(world, where, send):
    def answer(name, kind="A", **rest):
        return send(ask.question(f"{name}.{ZONE}" if name else ZONE, kind, **rest))

    def negative(response, rcode):
        expect_equal(ask.rcode(response), rcode)
        expect_equal(ask.flags(response), "QR AA", "flags")
        expect_equal(ask.records(response.answer), [], "answer")
        expect_equal([line.split()[1:3] for line in ask.records(response.authority)], [["300", "SOA"]], "authority")

    with world.step(f"{where}: positive"):
        response = answer("www")
        expect_equal(ask.rcode(response), "NOERROR")
        expect_equal(ask.flags(response), "QR AA", "flags")
        expect_equal(ask.records(response.answer),
                     [f"www.{ZONE}. 3600 A 192.0.2.80", f"www.{ZONE}. 3600 A 192.0.2.81"])
        expect_equal(ask.flags(answer("www", rd=True)), "QR AA RD", "flags with RD")
    with world.step(f"{where}: an unknown type"):
        expect_equal(ask.records(answer("unknown", "TYPE65280").answer),
                     [f"unknown.{ZONE}. 3600 TYPE65280 \\# 4 01020304"])
    with world.step(f"{where}: a CNAME chain"):
        expect_equal([line.split()[0] for line in ask.records(answer("chain1").answer)],
                     [f"{name}.{ZONE}." for name in ("chain1", "chain2", "chain3", "www", "www")])
        expect_equal(ask.rcode(answer("dangling")), "NXDOMAIN", "rcode of the last name")
        expect_equal(ask.rcode(answer("outside")), "NOERROR", "rcode of a CNAME that leaves")
    with world.step(f"{where}: a DNAME"):
        lines = ask.records(answer("host.dname").answer)
        expect(f"host.dname.{ZONE}. 3600 CNAME host.target.{ZONE}." in lines, f"no CNAME in {lines}")
        expect(f"host.target.{ZONE}. 3600 A 192.0.2.50" in lines, f"no address in {lines}")
    with world.step(f"{where}: a wildcard"):
        expect_equal(ask.records(answer("any.name.wild").answer), [f"any.name.wild.{ZONE}. 3600 A 192.0.2.40"])
        expect_equal(ask.rcode(answer("x.exists.wild")), "NXDOMAIN", "below a name that exists")
    with world.step(f"{where}: NODATA, NXDOMAIN, an empty non-terminal"):
        negative(answer("www", "MX"), "NOERROR")
        negative(answer("nothing"), "NXDOMAIN")
        negative(answer("b.ent"), "NOERROR")
    with world.step(f"{where}: a referral with glue"):
        response = answer("host.sub")
        expect_equal(ask.flags(response), "QR", "flags")
        expect_equal(ask.records(response.answer), [], "answer")
        expect_equal([line.split(" ", 2)[2] for line in ask.records(response.authority)],
                     [f"NS ns.sub.{ZONE}.", f"NS ns.sub2.{ZONE}."])
        lines = ask.records(response.additional)
        for glue in (f"ns.sub.{ZONE}. 3600 A 192.0.2.60", f"ns.sub.{ZONE}. 3600 AAAA 2001:db8::60"):
            expect(glue in lines, f"no {glue} in {lines}")
    with world.step(f"{where}: DS is answered above the cut"):
        response = answer("sub", "DS")
        expect_equal(ask.flags(response), "QR AA", "flags")
        expect_equal(len(response.answer), 1, "record sets in the answer")


def show_edns(world, client):
    with world.step("EDNS: an OPT in the answer exactly if the query had one"):
        expect_equal(client.ask(f"www.{ZONE}").edns, -1, "without")
        response = client.ask(f"www.{ZONE}", payload=4096, do=True)
        expect_equal((response.edns, response.payload), (0, 1232), "version and payload size")
        expect(response.ednsflags & dns.flags.DO, "DO is not copied")
    with world.step("EDNS: version 1 gets BADVERS"):
        response = client.ask(f"www.{ZONE}", payload=1232, version=1)
        expect_equal(ask.rcode(response), "BADVERS")
        expect_equal(response.edns, 0, "our version")
        expect_equal(response.answer, [], "answer")
    with world.step("EDNS: unknown options are ignored"):
        response = client.ask(f"www.{ZONE}", payload=1232, options=[dns.edns.GenericOption(65001, b"?")])
        expect_equal((ask.rcode(response), len(response.options)), ("NOERROR", 0))


def show_truncation(world, client):
    with world.step("an answer that does not fit is truncated, and whole over TCP"):
        for rest in ({}, {"payload": 512}, {"payload": 100}, {"payload": 1232}, {"payload": 4096}):
            question = ask.question(f"big.{ZONE}", "TXT", **rest)
            response = client.udp(question)
            expect(response.flags & dns.flags.TC, f"no TC with {rest}")
            size = len(response.to_wire())
            expect(size <= max(512, min(rest.get("payload", 512), 1232)), f"{size} octets with {rest}")
            expect_equal(len(client.tcp(question).answer[0]), 40, "records over TCP")


def show_refusals(world, client):
    wire = bytearray(ask.question(f"www.{ZONE}").to_wire())

    with world.step("REFUSED: a zone or class that is not ours"):
        expect_equal(ask.rcode(client.ask("www.elsewhere.example")), "REFUSED")
        expect_equal(ask.rcode(client.ask(".", "NS")), "REFUSED")
        expect_equal(ask.rcode(client.ask(f"www.{ZONE}", rdclass="HS")), "REFUSED")
    with world.step("FORMERR: two questions, a question cut short, two OPTs"):
        two = bytes(wire[:4]) + b"\0\2" + bytes(wire[6:]) + bytes(wire[12:])
        expect_equal(raw_rcode(client, two), dns.rcode.FORMERR, "two questions")
        expect_equal(raw_rcode(client, bytes(wire[:-3])), dns.rcode.FORMERR, "cut short")
        opt = bytes.fromhex("00002904d0000000000000")
        expect_equal(raw_rcode(client, bytes(wire[:10]) + b"\0\2" + bytes(wire[12:]) + opt * 2), dns.rcode.FORMERR,
                     "two OPTs")
    with world.step("NOTIMP: an operation that is not served"):
        status = ask.question(f"www.{ZONE}")
        status.set_opcode(dns.opcode.STATUS)
        expect_equal(ask.rcode(client.udp(status)), "NOTIMP")
    with world.step("responses and what is shorter than a header are not answered"):
        response = bytearray(wire)
        response[2] |= 0x80
        expect(raw(client, bytes(response)) is None, "a response was answered")
        expect(raw(client, bytes(wire[:11])) is None, "a part of a header was answered")
    with world.step("the question's letter case is echoed"):
        mixed = ask.question(f"wWw.{ZONE}".replace("feat", "fEAt")).to_wire()
        expect_equal(raw(client, mixed)[12:len(mixed)], mixed[12:], "question")


def raw(client, wire):
    """Sends octets, returns the answer's or None after a while of silence."""
    with client.namespace.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(SILENCE_S)
        sock.sendto(wire, (client.server, client.port))
        try:
            return sock.recv(65535)
        except TimeoutError:
            return None


def raw_rcode(client, wire):
    answer = raw(client, wire)
    expect(answer is not None, "no answer")
    expect_equal(answer[:2], wire[:2], "id")
    return answer[3] & 15


def show_server_info(world, client):
    def text(name):
        response = client.ask(name, "TXT", rdclass="CH")
        expect_equal(ask.rcode(response), "NOERROR", name)
        return response.answer[0][0].strings[0].decode()

    with world.step("CHAOS: identity and version"):
        for name in ("id.server", "hostname.bind"):
            expect_equal(text(name), "ams1.example", name)
        for name in ("version.server", "version.bind"):
            expect("understudy" in text(name), f"{name}: {text(name)!r}")
        expect_equal(ask.rcode(client.ask("other.server", "TXT", rdclass="CH")), "REFUSED", "another name")
    with world.step("NSID is given to those who ask"):
        response = client.ask(f"www.{ZONE}", payload=1232, options=[dns.edns.GenericOption(dns.edns.NSID, b"")])
        expect_equal([(option.otype, option.data) for option in response.options], [(dns.edns.NSID, b"ams1")])
        expect_equal(len(client.ask(f"www.{ZONE}", payload=1232).options), 0, "options without asking")


def show_any(world, client):
    with world.step("ANY: one record set over UDP, all over TCP"):
        question = ask.question(ZONE, "ANY")
        expect_equal(len(client.udp(question).answer), 1, "over UDP")
        kinds = {dns.rdatatype.to_text(rrset.rdtype) for rrset in client.tcp(question).answer}
        expect_equal(kinds, {"SOA", "NS", "MX", "TXT", "CAA"}, "over TCP")


def show_streams(world, ns):
    with world.step("TCP: a hundred questions in one write, answers after the client's FIN"):
        questions = [ask.question(f"host{number}.wild.{ZONE}") for number in range(100)]
        wires = [question.to_wire() for question in questions]
        with ns.inside(), socket.create_connection((SERVICE_V4, 53), 5) as sock:
            sock.sendall(b"".join(struct.pack("!H", len(wire)) + wire for wire in wires))
            sock.shutdown(socket.SHUT_WR)
            stream = sock.makefile("rb")
            ids = set()
            for _ in questions:
                response = dns.message.from_wire(stream.read(struct.unpack("!H", stream.read(2))[0]))
                expect_equal(ask.rcode(response), "NOERROR")
                ids.add(response.id)
            expect_equal(stream.read(), b"", "after the last answer")
        expect_equal(ids, {question.id for question in questions}, "ids")


def show_transfers(world, client, key):
    elsewhere = ask.Client(client.namespace, SERVICE_V6)

    with world.step("AXFR gives the zone as its file has it"):
        expected = ask.text_records(zones.featured(ZONE), ZONE)
        expect_same_lines(ask.text_records("\n".join(client.axfr(ZONE)), ZONE), expected, "by dig")
        kdig = client.namespace.run("kdig", "@127.0.0.1", ZONE, "AXFR", "+noidn").stdout
        lines = [line for line in kdig.splitlines() if line and not line.startswith(";")]
        expect_equal(len(lines), len(expected) + 1, "records by kdig, the SOA twice")
    with world.step("AXFR is refused to whom it is not granted"):
        expect_equal(transfer_rcode(elsewhere, ZONE), "REFUSED", "another address")
        expect_equal(transfer_rcode(client, "closed.example"), "REFUSED", "a zone without grants")
        expect_equal(transfer_rcode(client, "signed.example"), "REFUSED", "a zone that asks for a key")
        expect_equal(transfer_rcode(client, "elsewhere.example"), "NOTAUTH", "a zone that we do not have")
        expect_equal(transfer_rcode(client, f"sub.{ZONE}"), "NOTAUTH", "a name that is no apex")
    with world.step("AXFR over UDP is a format error, IXFR over UDP gives the SOA alone"):
        expect_equal(ask.rcode(client.ask(ZONE, "AXFR")), "FORMERR", "AXFR")
        query, _ = dns.xfr.make_query(dns.zone.from_text(zones.featured(ZONE), ZONE, relativize=False))
        expect_equal([line.split()[2] for line in ask.records(client.udp(query).answer)], ["SOA"], "IXFR")
    with world.step("signed: a query, and a transfer of many messages"):
        question = ask.question("version.signed.example", "TXT")
        ask.sign(question, key)
        response = client.udp(question)
        expect_equal((ask.rcode(response), response.had_tsig), ("NOERROR", True))
        expect_equal(len(elsewhere.axfr("signed.example", key)), 3006, "records")
    with world.step("TSIG: a key that we do not know, a wrong secret"):
        for wrong, error in ((Key("unknown.example"), "BADKEY"), (Key(key.name), "BADSIG")):
            expect_equal(tsig_error(client, wrong), ("NOTAUTH", error), wrong.name)


def transfer_rcode(client, zone):
    """What a transfer is refused with."""
    response = client.tcp(dns.message.make_query(zone, "AXFR"))
    expect_equal(ask.records(response.answer), [], "answer")
    return ask.rcode(response)


def tsig_error(client, key):
    """Rcode and TSIG error of the answer to a question signed with `key`."""
    question = ask.question("version.signed.example", "TXT")
    ask.sign(question, key)
    # The answer is unsigned, which dnspython would not take: its TSIG is read as the last record of the octets.
    answer = raw(client, question.to_wire())
    expect(answer is not None, "no answer")
    error = struct.unpack("!H", answer[-4:-2])[0]
    return dns.rcode.to_text(answer[3] & 15), TSIG_ERRORS.get(error, error)


def show_reloads(world, client, daemon):
    def change(serial):
        daemon.write("feat.zone", zones.featured(ZONE, serial))

    with world.step("understudyctl zone NAME reload serves the new file when it returns"):
        change(2)
        expect_equal(daemon.ctl("zone", ZONE, "reload")[0], 0, "exit code")
        expect_equal(client.serial(ZONE), 2)
    with world.step("SIGHUP reads the files again"):
        change(3)
        daemon.process.signal(signal.SIGHUP)
        wait_until(lambda: client.serial(ZONE) == 3, 5, "serial 3")
    with world.step("a file with a fault leaves the old zone"):
        daemon.write("feat.zone", zones.featured(ZONE, 4) + "bad A 192.0.2.300\n")
        line = len(zones.featured(ZONE, 4).splitlines()) + 1
        code, output, complaints = daemon.ctl("zone", ZONE, "reload")
        expect_equal(code, 1, "exit code")
        expect(f"feat.zone:{line}" in output + complaints, f"no file and line in {output + complaints!r}")
        expect_equal(client.serial(ZONE), 3)
        change(5)
        expect_equal(daemon.ctl("zone", ZONE, "reload")[0], 0, "exit code once it is mended")
        expect_equal(client.serial(ZONE), 5)


if __name__ == "__main__":
    scenario.run(main)
