"""What /proc, /sys and a few tools say of a machine; tests present made-up ones below a folder of their own."""

import dataclasses
import os
import pathlib
import re
import subprocess

NETWORK_CLASS = "0x02"  # what PCI classes of network controllers begin with


class Machine:
    """The machine whose /proc and /sys stand below `root`.

    What tools say stands, for a made-up machine, in files below `root`/commands, each named by its command line.
    """

    def __init__(self, root="/"):
        self.root = pathlib.Path(root)
        self.is_real = self.root == pathlib.Path("/")

    def path(self, name):
        return self.root / name.lstrip("/")

    def read(self, name):
        """The file's text without blanks around it; None where it is not, or says nothing to us."""
        try:
            return self.path(name).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return None

    def read_number(self, name):
        text = self.read(name)
        return int(text) if text and re.fullmatch(r"-?\d+", text) else None

    def write(self, name, text):
        self.path(name).write_text(text, encoding="utf-8")

    def names(self, name):
        """What is in a folder; nothing where there is none."""
        try:
            return sorted(os.listdir(self.path(name)), key=_natural)
        except OSError:
            return []

    def target(self, name):
        """Last part of what a symbolic link aims at, None where there is none."""
        try:
            return pathlib.Path(os.readlink(self.path(name))).name
        except OSError:
            return None

    def run(self, *words):
        """What a command prints, None where it fails or is not there. It must change nothing."""
        if not self.is_real:
            return self.read("commands/" + " ".join(words))
        try:
            return subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        except (OSError, subprocess.CalledProcessError):
            return None

    # Cores.

    def online_cores(self):
        return parse_list(self.read("/sys/devices/system/cpu/online") or "0")

    def isolated_cores(self):
        return parse_list(self.read("/sys/devices/system/cpu/isolated") or "")

    def siblings(self, core):
        """The hardware threads of the core's physical core, itself among them."""
        return parse_list(self.read(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list") or str(core))

    def nodes(self):
        """NUMA node -> its cores; one node 0 with all where the kernel knows of none."""
        found = {int(name[4:]): parse_list(self.read(f"/sys/devices/system/node/{name}/cpulist") or "")
                 for name in self.names("/sys/devices/system/node") if re.fullmatch(r"node\d+", name)}
        return found or {0: self.online_cores()}

    def node_of(self, core):
        return next((node for node, cores in self.nodes().items() if core in cores), 0)

    def has_iommu(self):
        return bool(self.names("/sys/class/iommu"))

    # Network cards.

    def default_route_interfaces(self):
        """The interfaces by which the machine is reached: of default routes, IPv4 and IPv6."""
        found = set()
        for line in (self.read("/proc/net/route") or "").splitlines()[1:]:
            fields = line.split()
            if len(fields) > 1 and fields[1] == "00000000":
                found.add(fields[0])
        for line in (self.read("/proc/net/ipv6_route") or "").splitlines():
            fields = line.split()
            if len(fields) == 10 and fields[0] == "0" * 32 and fields[1] == "00" and fields[9] != "lo":
                found.add(fields[9])
        return found

    def cards(self):
        return [self._card(address) for address in self.names("/sys/bus/pci/devices")
                if (self.read(f"/sys/bus/pci/devices/{address}/class") or "").startswith(NETWORK_CLASS)]

    def _card(self, address):
        folder = f"/sys/bus/pci/devices/{address}"
        # virtio's interfaces hang one level lower.
        interfaces = self.names(f"{folder}/net") or [name for child in self.names(folder) if child.startswith("virtio")
                                                     for name in self.names(f"{folder}/{child}/net")]
        node = self.read_number(f"{folder}/numa_node")
        return Card(address, interfaces[0] if interfaces else None, self.target(f"{folder}/driver"),
                    0 if node is None or node < 0 else node)

    def queues(self, interface):
        """Pairs of queues in use and at the most, as `ethtool -l` counts them; (1, 1) where it cannot."""
        text = self.run("ethtool", "-l", interface) or ""
        combined = [int(number) for number in re.findall(r"^Combined:\s+(\d+)$", text, re.MULTILINE)]
        most, now = combined if len(combined) == 2 else (0, 0)
        return (now, most) if most else (self._folder_queues(interface), self._folder_queues(interface))

    def _folder_queues(self, interface):
        return max(1, sum(name.startswith("rx-") for name in self.names(f"/sys/class/net/{interface}/queues")))

    def irqs(self, card):
        """Interrupts of a card."""
        return [int(name) for name in self.names(f"/sys/bus/pci/devices/{card.address}/msi_irqs") if name.isdigit()]


@dataclasses.dataclass(frozen=True)
class Card:
    """A network card. `interface`: the kernel's, None where another driver has the card."""

    address: str
    interface: str | None
    driver: str | None
    node: int

    @property
    def label(self):
        return f"{self.address} ({self.interface or self.driver or 'no driver'})"


def parse_list(text):
    """`0-3,6` as the kernel writes it: [0, 1, 2, 3, 6]."""
    numbers = []
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def format_list(numbers):
    """The reverse."""
    parts = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def _natural(name):
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
