"""Many questions at a time to one server, and answers in a form that compares cheaply: no dnspython on the way."""

import dataclasses
import socket
import struct

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from .scenario import Failure

TIMEOUT_S = 2
ATTEMPTS = 3
WINDOW = 32  # questions under way: what any server's socket buffer takes

_HEADER = struct.Struct("!HHHHHH")
_FIELDS = struct.Struct("!HHIH")  # of a record, from the type on
_RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN"}
_FLAGS = ((0x8000, "QR"), (0x0400, "AA"), (0x0200, "TC"), (0x0100, "RD"), (0x0080, "RA"), (0x0020, "AD"), (0x0010, "CD"))
_OPT = 41
_RRSIG = 46
_DO = 0x8000

# Octets before the names in the rdata of types in which a server may compress them, and how many names there are.
_COMPRESSED = {2: (0, 1), 5: (0, 1), 6: (0, 2), 12: (0, 1), 15: (2, 1)}
# Types whose rdata holds names in front that may come in another letter case: DNAME, NSEC, SRV.
_OTHER_NAMES = {39: 0, 47: 0, 33: 6}


@dataclasses.dataclass(frozen=True)
class Question:
    name: dns.name.Name
    kind: str
    payload: int | None = None  # None: without EDNS
    do: bool = False
    rd: bool = False

    def wire(self, message_id):
        opt = b""
        if self.payload is not None:
            opt = b"\0" + struct.pack("!HHIH", _OPT, self.payload, _DO if self.do else 0, 0)
        return (_HEADER.pack(message_id, 0x0100 if self.rd else 0, 1, 0, 0, 1 if opt else 0) + self.name.to_wire()
                + struct.pack("!HH", dns.rdatatype.from_text(self.kind), 1) + opt)

    def __str__(self):
        edns = f" payload={self.payload}" if self.payload is not None else ""
        return f"{self.name} {self.kind}{edns}{' DO' if self.do else ''}{' RD' if self.rd else ''}"


@dataclasses.dataclass(frozen=True, order=True)
class Record:
    owner: bytes  # names in wire format and lower case, not compressed
    kind: int
    ttl: int
    rdata: bytes

    def __str__(self):
        if self.kind == _RRSIG:
            covered = dns.rdatatype.to_text(int.from_bytes(self.rdata[:2], "big"))
            return f"{dns.name.from_wire(self.owner, 0)[0]} {self.ttl} RRSIG {covered}"
        rdata = dns.rdata.from_wire(dns.rdataclass.IN, self.kind, self.rdata, 0, len(self.rdata))
        return f"{dns.name.from_wire(self.owner, 0)[0]} {self.ttl} {dns.rdatatype.to_text(self.kind)} {rdata}"


@dataclasses.dataclass(frozen=True)
class Answer:
    """What is compared of a response; sections are sorted, and a record that comes twice stands there twice."""

    rcode: str
    flags: frozenset
    edns: bool
    do: bool
    answer: tuple
    authority: tuple
    additional: tuple

    def with_field_of(self, other, *fields):
        """This answer, with those fields as the other has them."""
        return dataclasses.replace(self, **{field: getattr(other, field) for field in fields})


class Asker:
    """Sends questions to `server` from a socket in `namespace`."""

    def __init__(self, namespace, server, port=53):
        with namespace.inside():
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect((server, port))
        self._socket.settimeout(TIMEOUT_S)
        self._server = server

    def ask(self, questions):
        """The Answer to each question, in their order."""
        return [answer for start in range(0, len(questions), WINDOW)
                for answer in self._window(questions[start:start + WINDOW])]

    def close(self):
        self._socket.close()

    def _window(self, questions):
        answers = {}
        for _ in range(ATTEMPTS):
            missing = [number for number in range(len(questions)) if number not in answers]
            for number in missing:
                self._socket.send(questions[number].wire(number))
            try:
                while len(answers) < len(questions):
                    message = self._socket.recv(65535)
                    answers[_HEADER.unpack_from(message)[0]] = message
            except TimeoutError:
                continue
            return [parse(answers[number]) for number in range(len(questions))]
        lost = [str(question) for number, question in enumerate(questions) if number not in answers]
        raise Failure(f"{self._server} does not answer {'; '.join(lost)}")


def parse(message):
    """A response as an Answer."""
    _, flags, questions, *counts = _HEADER.unpack_from(message)
    names = {}
    offset = _HEADER.size
    for _ in range(questions):
        _, offset = _name(message, offset, names)
        offset += 4
    sections, edns, do = [], False, False
    for count in counts:
        records = []
        for _ in range(count):
            owner, offset = _name(message, offset, names)
            kind, _, ttl, size = _FIELDS.unpack_from(message, offset)
            offset += _FIELDS.size
            if kind == _OPT:
                edns, do = True, bool(ttl & _DO)
            else:
                records.append(Record(owner, kind, ttl, _rdata(message, kind, offset, size, names)))
            offset += size
        sections.append(tuple(sorted(records)))
    if offset != len(message):
        raise Failure(f"{len(message) - offset} octets behind the last record")
    return Answer(_RCODES.get(flags & 15, str(flags & 15)), frozenset(text for bit, text in _FLAGS if flags & bit),
                  edns, do, *sections)


def _rdata(message, kind, offset, size, names):
    if kind in _COMPRESSED:
        plain, count = _COMPRESSED[kind]
        rdata = message[offset:offset + plain]
        at = offset + plain
        for _ in range(count):
            name, at = _name(message, at, names)
            rdata += name
        return rdata + message[at:offset + size]
    if kind in _OTHER_NAMES:
        plain = _OTHER_NAMES[kind]
        name, end = _name(message, offset + plain, names)
        return message[offset:offset + plain] + name + message[end:offset + size]
    return message[offset:offset + size]


def _name(message, offset, names):
    """The name at `offset`, whole and in lower case, and where it ends in place."""
    start, labels = offset, []
    while True:
        length = message[offset]
        if length >= 0xC0:
            target = (length & 0x3F) << 8 | message[offset + 1]
            if target >= start:
                raise Failure("a compression pointer that does not point back")
            if target not in names:
                names[target], _ = _name(message, target, names)
            return b"".join(labels) + names[target], offset + 2
        labels.append(message[offset:offset + 1 + length].lower())
        offset += 1 + length
        if length == 0:
            return b"".join(labels), offset
