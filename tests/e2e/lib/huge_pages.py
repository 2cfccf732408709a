"""Huge pages for a scenario that asks for them; given back when it ends."""

import pathlib

from .scenario import Skip

_COUNT = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")


def reserve(world, octets):
    """Reserves 2 MiB pages for `octets`, or skips."""
    if not _COUNT.exists():
        raise Skip("this kernel has no huge pages of 2 MiB")
    before = int(_COUNT.read_text())
    wanted = before + octets // (2 << 20)
    _COUNT.write_text(str(wanted))
    world.at_end(_COUNT.write_text, str(before))
    if int(_COUNT.read_text()) < wanted:
        raise Skip(f"this machine has no room for {wanted} huge pages")
