#!/usr/bin/python3
"""scripts/nic over a made-up machine: a folder in the place of /sys/bus/pci, a stand-in for dpdk-devbind.py."""

import pathlib
import subprocess

from lib import scenario
from lib.scenario import expect, expect_equal

NIC = pathlib.Path(__file__).resolve().parents[2] / "scripts/nic"

# Does to the folder what the real one makes the kernel do, and refuses a card in use as that does: with exit code 0.
DEVBIND = r"""#!/bin/sh
set -e
force=no
if [ "$1" = --force ]; then force=yes; shift; fi
[ "$1" = --unbind ] && driver= && shift || { driver=$2; shift 2; }
if [ "$1" = 0000:01:00.0 ] && [ $force = no ] && [ -n "$driver" ]; then
    echo "Warning: routing table indicates that interface $1 is active. Not modifying" >&2
    exit 0
fi
rm -rf /sys/bus/pci/devices/$1/driver /sys/bus/pci/devices/$1/net
[ -z "$driver" ] || ln -s ../../drivers/$driver /sys/bus/pci/devices/$1/driver
"""


def main(world):
    pci = world.folder / "pci"
    for driver in ("vfio-pci", "ixgbe", "mlx5_core", "nvme"):
        (pci / "drivers" / driver).mkdir(parents=True)
    (pci / "drivers_probe").write_text("")
    make_card(pci, "0000:01:00.0", "ixgbe", "eno1", group="7")
    make_card(pci, "0000:02:00.0", "ixgbe", "eno2", group="8")
    make_card(pci, "0000:03:00.0", "mlx5_core", "eno3", group="9")
    make_card(pci, "0000:04:00.0", "ixgbe", "eno4", group=None)
    make_card(pci, "0000:05:00.0", "nvme", None, kind="0x010802", group="10")
    tools = world.folder / "bin"
    tools.mkdir()
    (tools / "dpdk-devbind.py").write_text(DEVBIND)
    (tools / "dpdk-devbind.py").chmod(0o755)

    def nic(*words):
        place = f'mount --bind {pci} /sys/bus/pci && PATH={tools}:$PATH exec {NIC} "$@"'
        done = subprocess.run(["unshare", "-m", "sh", "-c", place, "-", *words], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    with world.step("status lists the network cards and nothing else"):
        code, output = nic("status")
        expect_equal(code, 0, output)
        expect("0000:02:00.0" in output and "eno2" in output and "0000:05:00.0" not in output, output)
        expect("ready, shared with the kernel" in output, output)
    with world.step("bind takes a card by its interface, once and twice"):
        expect_equal(nic("bind", "eno2"), (0, "0000:02:00.0 is ready: device: 0000:02:00.0\n"))
        expect_equal(nic("bind", "02:00.0"), (0, "0000:02:00.0 is ready: device: 0000:02:00.0\n"))
        expect("vfio-pci" in nic("status")[1], "status does not know")
    with world.step("unbind gives it back: the kernel is asked to choose a driver"):
        code, output = nic("unbind", "0000:02:00.0")
        expect_equal(code, 1, "there is no kernel that would")
        expect("finds no driver of the kernel" in output, output)
        expect_equal((pci / "drivers_probe").read_text(), "0000:02:00.0", "drivers_probe")
        expect_equal((pci / "devices/0000:02:00.0/driver_override").read_text(), "\n", "driver_override")
    with world.step("a card that a route leads over is left alone without --force"):
        code, output = nic("bind", "eno1")
        expect_equal(code, 1, output)
        expect("--force" in output, output)
        expect_equal(nic("bind", "--force", "eno1")[0], 0)
    with world.step("a bifurcated card stays where it is"):
        expect_equal(nic("bind", "eno3"),
                     (0, "0000:03:00.0 stays with mlx5_core, which shares it: device: 0000:03:00.0\n"))
    with world.step("what cannot be says why"):
        for words, code, text in ((("bind", "eno4"), 1, "is behind no IOMMU"), (("bind", "eno9"), 1, "scripts/nic status"),
                                  (("bind", "05:00.0"), 1, "no network card"), (("fly",), 2, "usage:")):
            actual, output = nic(*words)
            expect_equal(actual, code, f"{words}: {output}")
            expect(text in output, f"{words}: {output}")


def make_card(pci, address, driver, interface, *, kind="0x020000", group):
    card = pci / "devices" / address
    card.mkdir(parents=True)
    for name, text in (("class", kind), ("vendor", "0x8086"), ("device", "0x1572"), ("numa_node", "-1"),
                       ("driver_override", "(null)")):
        (card / name).write_text(text)
    (card / "driver").symlink_to(f"../../drivers/{driver}")
    if group:
        (card / "iommu_group").symlink_to(f"../../../../kernel/iommu_groups/{group}")
    if interface:
        (card / "net" / interface).mkdir(parents=True)


if __name__ == "__main__":
    scenario.run(main)
