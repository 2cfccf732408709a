"""Questions to a server and what came back, with dnspython."""

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.tsigkeyring
import dns.zone

from .scenario import Failure

TIMEOUT_S = 2


def question(name, kind="A", *, payload=None, version=0, do=False, options=(), rd=False, rdclass="IN"):
    """A query message; without `payload` it has no OPT record."""
    message = dns.message.make_query(name, kind, rdclass)
    message.flags = dns.flags.RD if rd else 0
    if payload is not None:
        message.use_edns(version, dns.flags.DO if do else 0, payload, options=list(options))
    return message


class Client:
    """Where questions come from and go to."""

    def __init__(self, namespace, server, port=53, source=None):
        self.namespace = namespace
        self.server = server
        self.port = port
        self.source = source

    def udp(self, message, timeout_s=TIMEOUT_S):
        with self.namespace.inside():
            return dns.query.udp(message, self.server, timeout_s, self.port, self.source)

    def tcp(self, message, timeout_s=TIMEOUT_S):
        with self.namespace.inside():
            return dns.query.tcp(message, self.server, timeout_s, self.port, self.source)

    def ask(self, name, kind="A", **rest):
        """A question over UDP."""
        return self.udp(question(name, kind, **rest))

    def serial(self, zone):
        """The serial served, None if there is no answer with one."""
        try:
            answer = self.ask(zone, "SOA")
        except dns.exception.Timeout:
            return None
        if answer.rcode() != dns.rcode.NOERROR or not answer.answer:
            return None
        return answer.answer[0][0].serial

    def notify(self, zone, key=None, timeout_s=TIMEOUT_S):
        """Sends NOTIFY; returns the answer."""
        message = dns.message.make_query(zone, "SOA")
        message.flags = dns.flags.AA
        message.set_opcode(dns.opcode.NOTIFY)
        if key:
            sign(message, key)
        return self.udp(message, timeout_s)

    def axfr(self, zone, key=None):
        """Transfers a zone by dig; returns its sorted lines, the SOA once."""
        words = ["dig", f"@{self.server}", "-p", self.port, *(["-b", self.source] if self.source else []),
                 *(["-y", f"{key.algorithm}:{key.name}:{key.secret}"] if key else []),
                 zone, "AXFR", "+noall", "+answer", "+onesoa"]
        done = self.namespace.run(*words)
        complaints = [line for line in done.stdout.splitlines() if line.startswith(";")]
        if complaints:
            raise Failure(f"AXFR of {zone} from {self.server}: {' '.join(complaints)}")
        return sorted(" ".join(line.split()) for line in done.stdout.splitlines() if line)


def sign(message, key):
    """Signs what is sent with a `keys.Key`; the answer's signature is checked."""
    ring = dns.tsigkeyring.from_text({key.name: (f"{key.algorithm}.", key.secret)})
    message.use_tsig(ring, dns.name.from_text(key.name), algorithm=dns.name.from_text(key.algorithm))


def rcode(message):
    return dns.rcode.to_text(message.rcode())


def flags(message):
    """Header flags as text, such as "QR AA"."""
    return dns.flags.to_text(message.flags)


def records(section):
    """A section as sorted lines `owner ttl type rdata`, names in lower case where the class makes no difference."""
    return sorted(f"{rrset.name.to_text().lower()} {rrset.ttl} {dns.rdatatype.to_text(rrset.rdtype)} {rdata.to_text()}"
                  for rrset in section for rdata in rrset)


def text_records(text, zone):
    """Master-file text as sorted lines, like `records`. Slow: for small zones."""
    nodes = dns.zone.from_text(text, zone, relativize=False, check_origin=False).nodes
    return sorted(f"{name.to_text().lower()} {rdataset.ttl} {dns.rdatatype.to_text(rdataset.rdtype)} {rdata.to_text()}"
                  for name, node in nodes.items() for rdataset in node for rdata in rdataset)
