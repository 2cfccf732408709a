#!/usr/bin/env python3
"""Turns the compiled XDP program into a C++ source: embed_object.py OBJECT SOURCE."""

import pathlib
import sys

COLUMNS = 24

SOURCE = """#include "ethdev/xdp/service_filter_object.h"

#include <array>

namespace understudy::ethdev {{
namespace {{

// libbpf reads the ELF header in place.
alignas(8) constexpr std::array<std::uint8_t, {count}> kObject = {{
{rows}
}};

}}  // namespace

base::Octets service_filter_object() noexcept {{ return kObject; }}

}}  // namespace understudy::ethdev
"""


def main():
    octets = pathlib.Path(sys.argv[1]).read_bytes()
    rows = (octets[i : i + COLUMNS] for i in range(0, len(octets), COLUMNS))
    text = "\n".join("    " + ", ".join(map(str, row)) + "," for row in rows)
    pathlib.Path(sys.argv[2]).write_text(SOURCE.format(count=len(octets), rows=text))


main()
