"""A validator's view of one response of a signed zone: is everything in it signed, and does it prove what it denies?

Written from RFC 4035 section 5 and RFC 5155 section 8 with dnspython's primitives; it knows the zone's key and name and
nothing of its contents.
"""

import dns.dnssec
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype as kind
import dns.rrset

_OPT_OUT = 1
_SHA1 = 1
_WILDCARD = dns.name.Name([b"*"])


class Unproven(Exception):
    """What a validator would call bogus."""


class Checker:
    """Checks responses from the zone `origin`, signed with the key of the DNSKEY record `dnskey` (an rdata)."""

    def __init__(self, origin, dnskey):
        self._origin = dns.name.from_text(origin)
        self._keys = {self._origin: dns.rrset.from_rdata(self._origin, 3600, dnskey)}
        self._valid = set()  # RRsets with signatures, as text, that were verified

    def check(self, message):
        """Raises Unproven, or returns what was proven: a word for each part, such as `wildcard nxdomain`."""
        question = message.question[0]
        denial = self._denial(message)
        words, name, ended = self._follow(message, question.name, question.rdtype, denial)
        if not ended and name.is_subdomain(self._origin):
            cut = [rrset for rrset in message.authority if rrset.rdtype == kind.NS and rrset.name != self._origin]
            if cut:
                words.append(self._referral(message, cut[0].name, name, denial))
            else:
                words.append(self._negative(message, name, question.rdtype, denial))
        elif message.rcode() != dns.rcode.NOERROR:
            raise Unproven("an error code where nothing is denied")
        return " ".join(words)

    def _follow(self, message, name, wanted, denial):
        """The answer section from alias to alias: words, the name that it ends at, and whether nothing more is to come."""
        words, seen, used = [], set(), set()
        rrsets = {(rrset.name, rrset.rdtype): rrset for rrset in message.answer if rrset.rdtype != kind.RRSIG}
        ended = False
        while not ended:
            seen.add(name)
            dname = next((rrset for (owner, kind_), rrset in rrsets.items()
                          if kind_ == kind.DNAME and name.is_subdomain(owner) and name != owner), None)
            rrset = rrsets.get((name, wanted)) or rrsets.get((name, kind.CNAME))
            if rrset is None:
                break
            used.add((name, rrset.rdtype))
            if dname is not None:
                used.add((dname.name, kind.DNAME))
                self._renamed(message, name, dname, rrset)
                words.append("dname")
            else:
                labels = self._signed(message.answer, rrset)
                if labels < _label_count(name):
                    words.append("wildcard" + denial.no_closer(name, dns.name.Name(name.labels[-labels - 1:])))
                words.append("answer" if rrset.rdtype == wanted else "alias")
            name = name if rrset.rdtype == wanted else rrset[0].target
            ended = rrset.rdtype == wanted or name in seen  # a loop proves itself
        if set(rrsets) != used:
            raise Unproven(f"{', '.join(str(owner) for owner, _ in set(rrsets) - used)} belong to no alias of the answer")
        return words, name, ended

    def _renamed(self, message, name, dname, cname):
        """RFC 6672 section 5.3.1: the CNAME is not signed, the DNAME that it comes from is."""
        self._signed(message.answer, dname)
        if cname[0].target != name.relativize(dname.name).concatenate(dname[0].target):
            raise Unproven(f"{name} is not renamed as {dname.name} says")

    def _referral(self, message, cut, name, denial):
        if not name.is_subdomain(cut):
            raise Unproven(f"a referral to {cut}, which is not above {name}")
        if any(rrset.rdtype == kind.DS for rrset in message.authority):
            self._signed(message.authority, self._authority(message, cut, kind.DS))
            return "secure-referral"
        return f"insecure-referral{denial.no_ds_at_cut(cut)}"

    def _negative(self, message, name, wanted, denial):
        self._signed(message.authority, self._authority(message, self._origin, kind.SOA))
        if message.rcode() == dns.rcode.NXDOMAIN:
            return f"nxdomain{denial.no_name(name)}"
        if message.rcode() == dns.rcode.NOERROR:
            return f"nodata{denial.no_type(name, wanted)}"
        raise Unproven("an error code that denies nothing")

    @staticmethod
    def _authority(message, name, wanted):
        rrset = message.get_rrset(message.authority, name, dns.rdataclass.IN, wanted)
        if rrset is None:
            raise Unproven(f"no {kind.to_text(wanted)} of {name}")
        return rrset

    def _denial(self, message):
        """The NSEC or NSEC3 records of the authority section, each verified."""
        found = {wanted: [rrset for rrset in message.authority if rrset.rdtype == wanted]
                 for wanted in (kind.NSEC, kind.NSEC3)}
        for rrset in found[kind.NSEC] + found[kind.NSEC3]:
            if self._signed(message.authority, rrset) != _label_count(rrset.name):
                raise Unproven(f"{rrset.name} is a denial made from a wildcard")
        if found[kind.NSEC3]:
            return Nsec3(self._origin, found[kind.NSEC3])
        return Nsec(self._origin, found[kind.NSEC])

    def _signed(self, section, rrset):
        """Verifies the RRset's signatures; returns how many labels they were made for (RFC 4035 section 5.3)."""
        rrsigs = next((one for one in section if one.name == rrset.name and one.rdtype == kind.RRSIG
                       and one.covers == rrset.rdtype), None)
        if rrsigs is None:
            raise Unproven(f"{rrset.name} {kind.to_text(rrset.rdtype)} has no signature")
        text = f"{rrset}\n{rrsigs}"
        if text not in self._valid:
            try:
                dns.dnssec.validate(rrset, rrsigs, self._keys)
            except dns.dnssec.ValidationFailure as failure:
                raise Unproven(f"{rrset.name} {kind.to_text(rrset.rdtype)}: {failure}") from failure
            self._valid.add(text)
        if rrset.ttl > rrsigs[0].original_ttl or rrsigs.ttl != rrset.ttl:
            raise Unproven(f"{rrset.name} {kind.to_text(rrset.rdtype)}: its TTL is not its signature's")
        return rrsigs[0].labels


def _label_count(name):
    """As an RRSIG counts (RFC 4034 section 3.1.3)."""
    return len(name) - 1 - name.is_wild()


def _types(rdata):
    return {window * 256 + octet * 8 + bit for window, bitmap in rdata.windows
            for octet, bits in enumerate(bitmap) for bit in range(8) if bits & 0x80 >> bit}


def _lacks(types, name, wanted):
    """A record that matches `name` shows that it has neither the type nor an alias, and is of the right side of a cut."""
    if wanted in types or kind.CNAME in types:
        raise Unproven(f"{name} has the type, or an alias")
    if wanted != kind.DS and kind.NS in types and kind.SOA not in types:
        raise Unproven(f"the denial of {name} is the parent's")


class Nsec:
    """RFC 4035 section 5.4."""

    def __init__(self, origin, rrsets):
        self._origin = origin
        self._records = [(rrset.name, rrset[0]) for rrset in rrsets]

    def no_name(self, name):
        self._covering(name)
        self._covering(_WILDCARD.concatenate(self._closest_encloser(name)))
        return ""

    def no_type(self, name, wanted):
        types = self._matching(name)
        if types is not None:
            _lacks(types, name, wanted)
            return ""
        _, rdata = self._covering(name)
        if rdata.next.is_subdomain(name):
            return "-ent"
        wildcard = _WILDCARD.concatenate(self._closest_encloser(name))
        types = self._matching(wildcard)
        if types is not None:
            _lacks(types, wildcard, wanted)
        elif not self._covering(wildcard)[1].next.is_subdomain(wildcard):
            raise Unproven(f"neither {name} nor {wildcard} is shown to exist")
        return "-wildcard"

    def no_closer(self, name, encloser):
        if self._closest_encloser(name) != encloser:
            raise Unproven(f"{encloser} is not the closest encloser of {name}")
        return ""

    def no_ds_at_cut(self, cut):
        types = self._matching(cut)
        if types is None or kind.NS not in types or types & {kind.DS, kind.SOA}:
            raise Unproven(f"{cut} is not shown to be an insecure delegation")
        return ""

    def _matching(self, name):
        return next((_types(rdata) for owner, rdata in self._records if owner == name), None)

    def _covering(self, name):
        """The record between whose owner and next name `name` lies, and which is not of a zone above it."""
        for owner, rdata in self._records:
            is_last = rdata.next == self._origin
            if owner < name and (name < rdata.next or is_last):
                types = _types(rdata)
                if name.is_subdomain(owner) and (kind.DNAME in types or {kind.NS, kind.SOA} & types == {kind.NS}):
                    raise Unproven(f"{owner} does not speak for {name}")
                return owner, rdata
        raise Unproven(f"nothing covers {name}")

    def _closest_encloser(self, name):
        """The longest suffix of `name` that the owner or the next name of the covering record has."""
        owner, rdata = self._covering(name)
        count = max(name.fullcompare(other)[2] for other in (owner, rdata.next))
        return dns.name.Name(name.labels[-count:])


class Nsec3:
    """RFC 5155 section 8."""

    def __init__(self, origin, rrsets):
        self._origin = origin
        self._records = [(rrset.name.labels[0].decode().upper(), rrset[0]) for rrset in rrsets]
        first = self._records[0][1]
        self._parameters = (first.salt, first.iterations, first.algorithm)
        for _, rdata in self._records:
            if (rdata.salt, rdata.iterations, rdata.algorithm) != self._parameters or rdata.algorithm != _SHA1:
                raise Unproven("NSEC3 records of different chains")

    def no_name(self, name):  # section 8.4
        encloser, optout = self._closest_encloser(name)
        self._covering(_WILDCARD.concatenate(encloser))
        return "-optout" if optout else ""

    def no_type(self, name, wanted):  # sections 8.5 to 8.7
        types = self._matching(name)
        if types is not None:
            _lacks(types, name, wanted)
            return "" if types else "-ent"
        encloser, optout = self._closest_encloser(name)
        wildcard = _WILDCARD.concatenate(encloser)
        types = self._matching(wildcard)
        if types is not None:
            _lacks(types, wildcard, wanted)
            return "-wildcard-optout" if optout else "-wildcard"
        # Section 8.6; an empty non-terminal above insecure delegations alone has no record either.
        if not optout:
            raise Unproven(f"neither {name} nor {wildcard} is shown to exist")
        return "-optout"

    def no_closer(self, name, encloser):  # section 8.8
        cover = self._covering(dns.name.Name(name.labels[-len(encloser) - 1:]))
        return "-optout" if cover.flags & _OPT_OUT else ""

    def no_ds_at_cut(self, cut):  # section 8.9
        types = self._matching(cut)
        if types is None:
            if not self._closest_encloser(cut)[1]:
                raise Unproven(f"{cut} is denied, not opted out")
            return "-optout"
        if kind.NS not in types or types & {kind.DS, kind.SOA}:
            raise Unproven(f"{cut} is not shown to be an insecure delegation")
        return ""

    def _closest_encloser(self, name):
        """Section 8.3: the encloser, and whether the record over the next closer name has Opt-Out."""
        for count in range(len(name) - 1, len(self._origin) - 1, -1):
            encloser = dns.name.Name(name.labels[-count:])
            types = self._matching(encloser)
            if types is not None:
                if kind.DNAME in types or {kind.NS, kind.SOA} & types == {kind.NS}:
                    raise Unproven(f"{encloser} does not speak for {name}")
                cover = self._covering(dns.name.Name(name.labels[-count - 1:]))
                return encloser, bool(cover.flags & _OPT_OUT)
        raise Unproven(f"no encloser of {name} is shown")

    def _hash(self, name):
        salt, iterations, algorithm = self._parameters
        return dns.dnssec.nsec3_hash(name, salt.hex() or None, iterations, algorithm)

    def _matching(self, name):
        hashed = self._hash(name)
        return next((_types(rdata) for owner, rdata in self._records if owner == hashed), None)

    def _covering(self, name):
        hashed = self._hash(name)
        for owner, rdata in self._records:
            following = rdata.to_text().split()[4].upper()
            if owner < hashed < following or (following <= owner and (hashed > owner or hashed < following)):
                return rdata
        raise Unproven(f"nothing covers {name}")
