"""Random small zones whose names collide in every way, within what every server takes for a zone."""

import random

from . import zones

_LABELS = ("a", "b", "c", "*")
_DS = "DS 12345 13 2 " + "01" * 32


class _Grammar:
    def __init__(self, origin, seed):
        self._random = random.Random(seed)
        self._origin = origin
        self._records = {}  # by relative owner: set of texts `TYPE rdata`
        self._closed = set()  # names below which no further record may stand: cuts and DNAMEs

    def text(self):
        for _ in range(self._random.randrange(3, 16)):
            self._plant()
        lines = [f"{owner} {record}" for owner, records in self._records.items() for record in sorted(records)]
        return zones.soa(self._origin, 1) + "\n".join(lines) + "\n"

    def _plant(self):
        owner = self._owner(3)
        content = self._random.choice(("A", "A", "TXT", "MX", "CNAME", "CNAME", "DNAME", "NS", "NS", "DS"))
        if self._is_closed(owner):
            return
        if content in ("DNAME", "NS", "DS"):
            below = any(other.endswith(f".{owner}") for other in self._records)
            if below or "*" in owner.split(".")[0] or owner in self._records:
                return
            self._closed.add(owner)
        if content == "CNAME" and owner in self._records or self._has(owner, "CNAME"):
            return
        self._put(owner, content)

    def _put(self, owner, content):
        add = self._records.setdefault(owner, set()).add
        number = self._random.randrange(3)
        if content == "A":
            add(f"A 192.0.2.{number}")
        elif content == "TXT":
            add(f"TXT t{number}")
        elif content == "MX":
            add(f"MX {number} {self._owner(2)}")
        elif content in ("CNAME", "DNAME"):
            add(f"{content} {self._target()}")
        else:
            host = f"ns.{owner}" if self._random.randrange(2) else self._target()
            add(f"NS {host}")
            if host == f"ns.{owner}":
                self._records[host] = {f"A 192.0.2.{number}"}
            if content == "DS":
                add(_DS)

    def _owner(self, most_labels):
        return ".".join(self._random.choice(_LABELS) for _ in range(self._random.randrange(1, most_labels + 1)))

    def _target(self):
        return "host.other.test." if self._random.randrange(5) == 0 else self._owner(3)

    def _has(self, owner, kind):
        return any(record.startswith(f"{kind} ") for record in self._records.get(owner, ()))

    def _is_closed(self, owner):
        return any(owner == name or owner.endswith(f".{name}") for name in self._closed)


def text(origin, seed):
    """Master-file text of zone number `seed`."""
    return _Grammar(origin, seed).text()
