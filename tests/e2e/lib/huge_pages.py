"""Huge pages for a scenario that asks for them; given back when it ends."""

import pathlib

from .scenario import Skip

_COUNT = pathlib.Path("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")


def reserve(world, octets):
    """Reserves 2 MiB pages for `octets`, or skips."""
    if not _COUNT.exists():
        raise Skip("this kernel has no huge pages of 2 MiB")
    pages = octets // (2 << 20)
    wanted = int(_COUNT.read_text()) + pages
    _COUNT.write_text(str(wanted))
    world.at_end(_give_back, pages)
    if int(_COUNT.read_text()) < wanted:
        raise Skip(f"this machine has no room for {wanted} huge pages")


def _give_back(pages):
    # By difference: another run may have reserved some meanwhile.
    _COUNT.write_text(str(max(0, int(_COUNT.read_text()) - pages)))
