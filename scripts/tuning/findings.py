"""The doctor: what stands between this machine and line rate, why it matters, and the command that mends it."""

import dataclasses
import re

from . import planning
from .machine import format_list

# Of a finding that many files mend.
SHOWN_CHANGES = 3

OK, WARN, BAD = "ok", "warn", "BAD"

HUGE_PAGES = "/sys/devices/system/node/node{node}/hugepages/hugepages-2048kB/{what}"
TRANSPARENT = "/sys/kernel/mm/transparent_hugepage/enabled"
GOVERNOR = "/sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor"


@dataclasses.dataclass(frozen=True)
class Change:
    """A file of /proc or /sys that mends a finding when `text` is written to it."""

    path: str
    text: str

    @property
    def command(self):
        return f"echo {self.text} > {self.path}"


@dataclasses.dataclass(frozen=True)
class Finding:
    name: str
    state: str
    what: str             # how it is
    why: str = ""         # why it matters
    mend: str = ""        # the command, or what to do
    changes: tuple = ()   # what `apply` does; none: it is the operator's

    @property
    def command(self):
        if self.mend:
            return self.mend
        shown = "; ".join(change.command for change in self.changes[:SHOWN_CHANGES])
        more = len(self.changes) - SHOWN_CHANGES
        return shown + (f"; and {more} like it (scripts/tune apply --dry-run prints them)" if more > 0 else "")


def all_findings(machine, plan):
    for check in (huge_pages, transparent_huge_pages, iommu, vfio, governor, isolation, interrupts, smt, nodes, link,
                  firmware, queues):
        yield from check(machine, plan)


def huge_pages(machine, plan):
    why = "packet buffers in ordinary pages cost TLB misses on every packet"
    for node in sorted(machine.nodes()):
        if node != plan.node:
            continue
        total = machine.read_number(HUGE_PAGES.format(node=node, what="nr_hugepages"))
        free = machine.read_number(HUGE_PAGES.format(node=node, what="free_hugepages"))
        name, needed = f"huge pages of node {node}", plan.huge_pages
        if total is None:
            yield Finding(name, BAD, "the kernel has none of 2 MiB", why, "use a kernel with CONFIG_HUGETLBFS")
        elif (free or 0) >= needed:
            yield Finding(name, OK, f"{free} of {total} free, {needed} needed")
        else:
            wanted = total + needed - (free or 0)
            yield Finding(name, WARN, f"{free or 0} of {total} free, {needed} needed", why,
                          changes=(Change(HUGE_PAGES.format(node=node, what="nr_hugepages"), str(wanted)),))


def transparent_huge_pages(machine, _plan):
    text = machine.read(TRANSPARENT)
    chosen = re.search(r"\[(\w+)\]", text or "")
    if chosen and chosen[1] != "never":
        yield Finding("transparent huge pages", OK, chosen[1])
    else:
        yield Finding("transparent huge pages", WARN, chosen[1] if chosen else "unknown to this kernel",
                      "zone data in small pages costs 7 to 15 % on look-ups",
                      changes=(Change(TRANSPARENT, "madvise"),) if chosen else ())


def iommu(machine, plan):
    if plan.card is None or machine.has_iommu():
        yield Finding("IOMMU", OK, "on" if machine.has_iommu() else "not needed: no card is polled")
    else:
        yield Finding("IOMMU", WARN if plan.is_shared else BAD, "off",
                      "vfio-pci gives a card to DPDK only behind an IOMMU",
                      "in the firmware's setup, then kernel parameters " +
                      " ".join(p for p in planning.kernel_parameters(machine, dataclasses.replace(plan, is_shared=False))
                               if "iommu" in p))


def vfio(machine, plan):
    if plan.card is None or plan.is_shared:
        yield Finding("VFIO", OK, "not needed: no card is taken from the kernel")
    elif plan.card.driver == "mlx5_core":
        yield Finding("VFIO", OK, "not needed: mlx5 leaves the card with the kernel's driver")
    elif not machine.path("/sys/module/vfio_pci").exists():
        yield Finding("VFIO", BAD, "vfio-pci is not loaded", "DPDK reaches the card through it", "modprobe vfio-pci")
    elif plan.card.driver != "vfio-pci":
        yield Finding("VFIO", BAD, f"the card's driver is {plan.card.driver or 'none'}",
                      "DPDK reaches the card through vfio-pci", f"scripts/nic bind {plan.card.address}")
    else:
        yield Finding("VFIO", OK, "the card is bound to vfio-pci")


def governor(machine, plan):
    slow = {core: text for core in plan.cores
            if (text := machine.read(GOVERNOR.format(core=core))) not in (None, "performance")}
    if not slow:
        yield Finding("governor", OK, "performance, or not the kernel's to choose")
    else:
        yield Finding("governor", WARN, f"{', '.join(sorted(set(slow.values())))} on cores {format_list(slow)}",
                      "a core that slows down while it waits answers late when packets come",
                      changes=tuple(Change(GOVERNOR.format(core=core), "performance") for core in slow))


def isolation(machine, plan):
    missing = set(plan.cores) - set(machine.isolated_cores())
    if not missing:
        yield Finding("isolated cores", OK, format_list(plan.cores))
    else:
        yield Finding("isolated cores", WARN, f"the scheduler uses cores {format_list(missing)} too",
                      "any other process there stops a worker for milliseconds",
                      "kernel parameters " + " ".join(planning.kernel_parameters(machine, plan)[:3]))


def interrupts(machine, plan):
    busy = planning.busy_irqs(machine, plan)
    others = [core for core in machine.online_cores() if core not in plan.cores]
    movable = {irq: [core for core in cores if core not in plan.cores] or others for irq, cores in busy.items()}
    if plan.is_shared:
        # AF_XDP's own interrupts belong where the queue is polled or beside it: the kernel's work is done there.
        movable = {irq: cores for irq, cores in movable.items() if irq not in machine.irqs(plan.card)}
    if not movable or not others:
        yield Finding("interrupts", OK, f"none go to cores {format_list(plan.cores)}" if not movable else
                      "every core has a worker: there is nowhere else to go")
    else:
        yield Finding("interrupts", WARN, f"{len(movable)} may go to cores {format_list(plan.cores)}",
                      "each stops a worker for microseconds",
                      changes=tuple(Change(f"/proc/irq/{irq}/smp_affinity_list", format_list(cores))
                                    for irq, cores in sorted(movable.items())))


def smt(machine, plan):
    shared = [core for core in plan.cores if set(machine.siblings(core)) & set(plan.cores) - {core}]
    if shared:
        yield Finding("SMT", WARN, f"cores {format_list(shared)} are threads of one physical core",
                      "two workers there answer little more than one", "name one thread of each physical core")
        return
    idle = sorted({sibling for core in plan.cores for sibling in machine.siblings(core)} - set(plan.cores))
    yield Finding("SMT", OK, f"threads {format_list(idle)} share cores with workers: leave them idle" if idle else
                  "no worker shares its core")


def nodes(machine, plan):
    far = [core for core in plan.cores if plan.card and machine.node_of(core) != plan.card.node]
    if far:
        yield Finding("NUMA", WARN, f"cores {format_list(far)} are not on the card's node {plan.card.node}",
                      "each packet crosses the link between processors", "scripts/tune plan chooses near ones")
    else:
        yield Finding("NUMA", OK, f"cores and card on node {plan.node}" if plan.card else "no card")


def link(machine, plan):
    if plan.card is None or plan.card.interface is None:
        return
    folder = f"/sys/class/net/{plan.card.interface}"
    if machine.read(f"{folder}/operstate") not in ("up", "unknown"):
        yield Finding("link", BAD, f"{plan.card.interface} is down", "nothing comes in",
                      f"ip link set {plan.card.interface} up")
    else:
        megabits = planning.speed(machine, plan.card)
        yield Finding("link", OK, f"{megabits // 1000} Gbit/s" if megabits >= 1000 else "up")
    device = f"/sys/bus/pci/devices/{plan.card.address}"
    now, most = (machine.read(f"{device}/{name}_link_width") for name in ("current", "max"))
    if now and most and now != most:
        yield Finding("PCI slot", WARN, f"{now} lanes of {most}", "a card of 25 Gbit/s and more wants all its lanes",
                      "put it into another slot")


def firmware(machine, plan):
    if plan.card is None or plan.card.interface is None:
        return
    text = machine.run("ethtool", "-i", plan.card.interface) or ""
    version = re.search(r"^firmware-version:[ \t]*(.*)$", text, re.MULTILINE)
    yield Finding("firmware", OK, f"{plan.card.driver}, firmware {(version and version[1]) or 'unknown'}: "
                  "compare it with the table of DPDK's release notes")


def queues(machine, plan):
    if plan.card is None or plan.card.interface is None:
        return
    now, most = machine.queues(plan.card.interface)
    if plan.is_shared and now > len(plan.cores):
        yield Finding("queues", WARN, f"{now} queues for {len(plan.cores)} workers",
                      "each worker then polls several, which costs cycles and spreads load unevenly",
                      f"ethtool -L {plan.card.interface} combined {len(plan.cores)}")
    elif most < len(plan.cores):
        yield Finding("queues", WARN, f"at most {most} for {len(plan.cores)} workers", "workers without a queue are idle",
                      f"plan with --workers {most}")
    else:
        yield Finding("queues", OK, f"{now} in use, at most {most}, {len(plan.cores)} workers")
