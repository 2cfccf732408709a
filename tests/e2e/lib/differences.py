"""Why knotd, nsd and named answer otherwise than we do: every class of difference, with its reason."""

import dataclasses
import re
from typing import Callable

import dns.rdatatype as kind

from .bulk import Answer, Question

_OUR_ALIASES = 16  # after which we end a chain
_HASH = re.compile(rb"[0-9a-v]{32}", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Reason:
    """Why one of `peers` may differ from us."""

    peers: tuple
    why: str
    explains: Callable[[Question, Answer, Answer], bool]  # the question, our answer, theirs


def find_reason(peer, question, ours, theirs):
    """The first Reason that explains the difference, or None."""
    return next((reason for reason in REASONS if peer in reason.peers and reason.explains(question, ours, theirs)), None)


def _only(ours, theirs, *fields):
    """Nothing but these fields differs."""
    return ours.with_field_of(theirs, *fields) == theirs


def _more_than(ours, theirs):
    """The sets of records that the left section has beyond the right one; None if it lacks some."""
    return set(ours) - set(theirs) if set(theirs) <= set(ours) else None


def _are_proofs(records):
    """NSEC and NSEC3 records with their signatures, and nothing else."""
    return records and {record.kind for record in records} <= {kind.NSEC, kind.NSEC3, kind.RRSIG}


def _is_signed(answer):
    return any(record.kind == kind.RRSIG for record in answer.answer + answer.authority)


def _has_opt_out(question):
    return any(label.startswith(b"optout-") for label in question.name.labels)


def _adds_addresses(_, ours, theirs):
    return _only(ours, theirs, "additional") and not ours.additional and ours.answer


def _fewer_additional(_, ours, theirs):
    return _only(ours, theirs, "additional") and _more_than(ours.additional, theirs.additional)


def _truncated_alike(_, ours, theirs):
    return "TC" in ours.flags and ours.flags == theirs.flags and ours.rcode == theirs.rcode


def _needs_more_room(_, ours, theirs):
    return (_only(ours, theirs, "flags", "answer", "authority", "additional") and theirs.flags - ours.flags == {"TC"}
            and all(set(left) <= set(right) for left, right in ((theirs.answer, ours.answer),
                                                                (theirs.authority, ours.authority),
                                                                (theirs.additional, ours.additional))))


def _follow(question, answer):
    """The names in the order in which the answer's aliases lead from one to the next; the first again at a loop's end."""
    targets = {record.owner: record.rdata for record in answer.answer if record.kind == kind.CNAME}
    names = [question.name.to_wire().lower()]
    while names[-1] in targets and names[-1] not in names[:-1]:
        names.append(targets[names[-1]])
    return names


def _is_loop(question, answer):
    names = _follow(question, answer)
    return names[-1] in names[:-1]


def _refuses_loop(question, ours, theirs):
    return theirs.rcode == "SERVFAIL" and _is_loop(question, ours)


def _ends_chain_elsewhere(question, ours, theirs):
    return len(_follow(question, ours)) > _OUR_ALIASES and (
        theirs.rcode == "SERVFAIL" or set(theirs.answer) <= set(ours.answer))


def _expands_glue(_, ours, theirs):
    beyond = _more_than(theirs.additional, ours.additional)
    return (_only(ours, theirs, "additional") and "AA" not in ours.flags and beyond
            and {record.kind for record in beyond} <= {kind.A, kind.AAAA, kind.RRSIG})


def _repeats_records(_, ours, theirs):
    return (_only(ours, theirs, "answer") and set(ours.answer) == set(theirs.answer)
            and len(set(ours.answer)) == len(ours.answer))


def _leaves_unsigned_ds_out(_, ours, theirs):
    beyond = _more_than(ours.authority, theirs.authority)
    return (_only(ours, theirs, "authority", "additional") and set(theirs.additional) <= set(ours.additional)
            and beyond and {record.kind for record in beyond} == {kind.DS} and not _is_signed(ours))


def _nsec_beside_alias(question, ours, theirs):
    return (question.kind == "NSEC" and theirs.rcode == "NOERROR" and len(theirs.answer) < len(ours.answer)
            and any(record.kind == kind.CNAME for record in ours.answer))


def _nsec_of_cut(question, ours, theirs):
    beyond = _more_than(theirs.answer, ours.answer)
    return (question.kind == "NSEC" and any(record.kind == kind.NS for record in ours.authority)
            and beyond and {record.kind for record in beyond} <= {kind.NSEC, kind.RRSIG})


def _is_of_hash(question, *_):
    return any(_HASH.fullmatch(label) for label in question.name.labels)


def _hash_proven_otherwise(question, ours, theirs):
    return _is_of_hash(question) and _only(ours, theirs, "flags", "authority", "additional")


def _adds_proofs(_, ours, theirs):
    return (_only(ours, theirs, "authority")
            and _are_proofs(_more_than(theirs.authority, ours.authority) or set()))


def _proves_opted_out_otherwise(question, ours, theirs):
    return (_has_opt_out(question) and _only(ours, theirs, "authority")
            and _are_proofs(set(ours.authority) ^ set(theirs.authority)))


def _forgets_wildcard(_, ours, theirs):
    beyond = _more_than(ours.authority, theirs.authority)
    return (_only(ours, theirs, "authority") and ours.rcode == "NOERROR"
            and sorted(record.kind for record in beyond or ()) == [kind.RRSIG, kind.NSEC])


def _nsec_is_answer(question, ours, theirs):
    beyond = _more_than(ours.authority, theirs.authority)
    return (question.kind == "NSEC" and _only(ours, theirs, "authority") and beyond and _are_proofs(beyond)
            and {record.rdata for record in beyond if record.kind == kind.NSEC}
            <= {record.rdata for record in ours.answer if record.kind == kind.NSEC})


def _shows_wildcard_opted_out(question, ours, theirs):
    return (_has_opt_out(question) and _only(ours, theirs, "authority")
            and _are_proofs(_more_than(theirs.authority, ours.authority) or set()))


def _forgets_proofs(ours, theirs, wanted):
    """The peer lacks nothing but records of this type and their signatures."""
    beyond = _more_than(ours.authority, theirs.authority)
    return (_only(ours, theirs, "authority") and beyond and _are_proofs(beyond)
            and {record.kind for record in beyond} - {kind.RRSIG} == {wanted})


def _mistakes_nsec_behind_dname(_, ours, theirs):
    differing = set(ours.authority) ^ set(theirs.authority)
    return (_only(ours, theirs, "authority") and {record.kind for record in differing} == {kind.NSEC, kind.RRSIG}
            and any(record.kind == kind.DNAME for record in ours.answer))


def _forgets_apex(_, ours, theirs):
    beyond = _more_than(ours.authority, theirs.authority)
    soa = next((record.owner for record in ours.authority if record.kind == kind.SOA), b"")
    return (_forgets_proofs(ours, theirs, kind.NSEC3) and ours.rcode == "NOERROR" and len(beyond) == 2
            and all(record.owner.endswith(soa) for record in beyond))


def _forgets_encloser_of_asterisk(question, ours, theirs):
    return (_forgets_proofs(ours, theirs, kind.NSEC3)
            and any(name.startswith(b"\1*") for name in _follow(question, ours)[1:]))


def _gives_up(question, ours, theirs):
    return (_has_opt_out(question) and ours.rcode == theirs.rcode == "NXDOMAIN" and not theirs.authority
            and "AA" not in theirs.flags)


REASONS = (
    Reason(("knot", "nsd", "named"),
           "adds addresses of the hosts in a positive answer, which resolvers do not use", _adds_addresses),
    Reason(("named",),
           "fills no additional section at 512 octets, and leaves addresses out that are no glue", _fewer_additional),
    Reason(("nsd",), "with minimal-responses leaves out additional data that is no glue", _fewer_additional),
    Reason(("named",),
           "SERVFAIL for a loop of aliases, where we and the others answer with what there is", _refuses_loop),
    Reason(("knot", "nsd", "named"),
           "ends a chain of aliases that grows without end after fewer steps than we do", _ends_chain_elsewhere),
    Reason(("knot", "nsd"),
           "expands a wildcard for the address of a delegation's host, where it can be no glue", _expands_glue),
    Reason(("knot",), "repeats records when a DNAME leads to itself", _repeats_records),
    Reason(("knot", "nsd", "named"),
           "puts other record sets or parts of them into a truncated answer, which RFC 2181 section 9 tells clients to "
           "ignore", _truncated_alike),
    Reason(("named",), "needs a few octets more for the same answer, and has no room for them", _needs_more_room),
    Reason(("knot", "nsd", "named"),
           "leaves the DS out of the referral of an unsigned zone, which RFC 4035 section 3.1.4 does not except",
           _leaves_unsigned_ds_out),
    Reason(("knot", "named"),
           "takes NSEC for a type that stands beside a CNAME in any zone, and does not follow the alias: RFC 1034 "
           "section 4.3.2 step 3a follows it for each type that is not there", _nsec_beside_alias),
    Reason(("named",),
           "answers for the NSEC of a cut, where RFC 4035 section 3.1.4.1 excepts the DS alone from a referral",
           _nsec_of_cut),
    Reason(("nsd",),
           "takes the owner of an NSEC3 record for a name that exists, against RFC 5155 section 7.2.8", _is_of_hash),
    Reason(("knot", "named"),
           "proves with the hash of an NSEC3 owner's own name, which RFC 5155 section 7.2.8 calls none",
           _hash_proven_otherwise),
    Reason(("nsd",),
           "adds records that no proof of RFC 4035 section 3.1.3 or RFC 5155 section 7.2 asks for",
           _adds_proofs),
    Reason(("nsd",),
           "takes an empty non-terminal above insecure delegations alone for the closest encloser, which has no NSEC3 "
           "under Opt-Out: ours is the closest provable one of RFC 5155 section 7.2.1", _proves_opted_out_otherwise),
    Reason(("knot", "named"),
           "leaves out the NSEC over a wildcard that is an empty non-terminal, which RFC 4035 section 3.1.3.4 asks for",
           _forgets_wildcard),
    Reason(("knot", "nsd"),
           "leaves the NSEC out that covers the name where the same record, expanded from a wildcard, is the answer",
           _nsec_is_answer),
    Reason(("named",),
           "shows that a wildcard is covered below an encloser that Opt-Out hides, too, where RFC 5155 section 7.2 has "
           "no use for it", _shows_wildcard_opted_out),
    Reason(("nsd",),
           "leaves out the NSEC that covers a name behind a DNAME, or takes the one before: it denies as any other does",
           _mistakes_nsec_behind_dname),
    Reason(("nsd",),
           "leaves out the match of the closest encloser where a wildcard at the apex lacks the type, which RFC 5155 "
           "section 7.2.5 asks for", _forgets_apex),
    Reason(("knot",),
           "takes a name that begins with * behind an alias for the wildcard itself, and leaves out the closest "
           "encloser proof", _forgets_encloser_of_asterisk),
    Reason(("knot",),
           "sends a bare NXDOMAIN where no proof is possible: below an empty non-terminal that Opt-Out hides, beside a "
           "wildcard", _gives_up),
)
