"""The guest: its start, its NICs and commands that run inside."""

import contextlib
import dataclasses
import pathlib
import shutil
import socket
import time

from lib.process import Process
from lib.scenario import CannotRun, Failure, wait_until

from . import initramfs, kernel

BOOT_TIMEOUT_S = 150
COMMAND_TIMEOUT_S = 30

MEMORY_MIB = 1500
HUGE_PAGES = 160  # of 2 MiB

_QEMU = "qemu-system-x86_64"
_INIT = pathlib.Path(__file__).with_name("init.sh")
_TUN = pathlib.Path("/dev/net/tun")  # the wires are TAPs
_FIRST_SLOT = 0x10

# On a loaded machine the emulated timer is late, which the kernel would take for broken wiring.
_PARAMETERS = "console=ttyS0 quiet panic=-1 intel_iommu=on no_timer_check"


@dataclasses.dataclass(frozen=True)
class Nic:
    """A NIC of the guest, whose wire is a TAP of the same name in the namespace that QEMU runs in."""

    model: str  # as QEMU names it
    options: str = ""
    queues: int = 1


class Guest:
    """A running machine with the NICs bound to vfio-pci behind an IOMMU. Stopped when the world ends."""

    def __init__(self, world, namespace, nics, programs, files):
        """`files`: path in the guest to text."""
        if not shutil.which(_QEMU):
            raise CannotRun(f"{_QEMU} is missing: scripts/setup --tests")
        if not _TUN.exists():
            raise CannotRun(f"{_TUN} is missing: modprobe tun")
        self.folder = world.folder / "guest"
        self.folder.mkdir()
        used = kernel.get()
        disk = initramfs.Initramfs(self.folder)
        disk.write("init", _INIT.read_text(), 0o755)
        disk.write("etc/huge-pages", f"{HUGE_PAGES}\n")
        disk.write("modules/order", "\n".join(initramfs.MODULES) + "\n")
        disk.add_modules(used)
        disk.add_drivers()
        for program in programs:
            disk.add_program(program)
        for path, text in files.items():
            disk.write(path, text)
        for nic in nics:
            _make_wire(namespace, nic)
        self._process = Process(world, "guest", namespace, self._command(used.image, disk.pack(), nics))
        wait_until(self._is_ready, BOOT_TIMEOUT_S, "the guest is ready")
        self._line = world.enter(socket.socket(socket.AF_UNIX))
        self._line.connect(str(self._line_path()))

    def run(self, command, timeout_s=COMMAND_TIMEOUT_S, check=True):
        """Runs a line of shell; returns its exit code and its output."""
        self._line.settimeout(timeout_s)
        self._line.sendall(f"{command}\n".encode())
        try:
            reader = self._line.makefile("rb")
            code, octets = (int(word) for word in reader.readline().split())
            output = reader.read(octets).decode(errors="replace")
        except (TimeoutError, ValueError) as fault:
            raise Failure(f"the guest gives no answer to {command!r}") from fault
        if check and code != 0:
            raise Failure(f"in the guest, {command!r} exits with {code}: {output.strip()}")
        return code, output

    def wait_for(self, command, timeout_s, what):
        """Runs a line of shell until it exits with 0; returns its output."""
        def output():
            code, text = self.run(command, check=False)
            return [text] if code == 0 else None
        return wait_until(output, timeout_s, what)[0]

    def log_text(self):
        """What the guest's console shows: the kernel, and whatever runs with its output there."""
        return self._process.log_text()

    def set_link(self, nic, up):
        """Plugs a NIC's cable in or pulls it."""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.connect(str(self._monitor_path()))
            monitor.settimeout(COMMAND_TIMEOUT_S)
            reader = monitor.makefile("rb")
            monitor.sendall(f"set_link {nic.model} {'on' if up else 'off'}\ninfo version\n".encode())
            while b"Debian" not in reader.readline():  # what the second command answers: the first is done
                pass

    def _is_ready(self):
        if self._process.exit_code is not None:
            raise Failure("the guest ended while it booted")
        return "guest: ready" in self._process.log_text()

    def _monitor_path(self):
        return self.folder / "monitor"

    def _line_path(self):
        return self.folder / "line"

    def _command(self, image, disk, nics):
        words = [_QEMU, "-M", "q35,accel=tcg,kernel-irqchip=split", "-cpu", "max", "-smp", "2", "-m", MEMORY_MIB,
                 "-device", "intel-iommu,intremap=on,caching-mode=on,device-iotlb=on",
                 "-kernel", image, "-initrd", disk, "-append", _PARAMETERS,
                 "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                 "-monitor", f"unix:{self._monitor_path()},server=on,wait=off", "-serial", "stdio", "-serial", f"unix:{self._line_path()},server=on,wait=off"]
        for index, nic in enumerate(nics):
            queues = f",queues={nic.queues}" if nic.queues > 1 else ""
            words += ["-netdev", f"tap,id={nic.model},ifname={nic.model},script=no,downscript=no,vhost=off{queues}",
                      "-device", f"{nic.model},netdev={nic.model},bus=pcie.0,addr={_FIRST_SLOT + index:#x},"
                                 f"mac=52:54:00:00:00:{index + 1:02x}{nic.options}"]
        return words


def pci_address(index):
    """Of the NIC with this place in the list."""
    return f"0000:00:{_FIRST_SLOT + index:02x}.0"


def _make_wire(namespace, nic):
    namespace.ip("tuntap", "add", "dev", nic.model, "mode", "tap", *(["multi_queue"] if nic.queues > 1 else []))
    namespace.ip("link", "set", nic.model, "up")
