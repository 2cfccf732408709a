"""Which cores, which card and how, for this machine: what `plan` prints and `check` and `apply` go by."""

import dataclasses

from .machine import format_list, parse_list

HUGE_PAGE_KIB = 2048

# What the daemon reserves: packet_memory_octets() of drivers/ethdev.
OWN_MIB, QUEUE_MIB = 32, 24

MAX_WORKERS = 16  # beyond that, cores are for the operator to choose

# Documentation addresses, where the interface has none: what is printed has to pass --check.
EXAMPLE_ADDRESS = "192.0.2.53/24"


class PlanFailed(Exception):
    """Why there is no plan, and what to do."""


@dataclasses.dataclass(frozen=True)
class Plan:
    cores: list
    card: object = None          # Card; None: this machine has none that could be polled
    device: str | None = None    # as the configuration names it
    queues: int = 0
    is_shared: bool = False      # the kernel keeps the card: AF_XDP
    reasons: tuple = ()          # why so, a line each

    @property
    def huge_pages(self):
        """2-MiB pages on the card's node."""
        return -(-(OWN_MIB + self.queues * QUEUE_MIB) * 1024 // HUGE_PAGE_KIB)

    @property
    def node(self):
        return self.card.node if self.card else 0


def make_plan(machine, nic=None, workers=None):
    """`nic`: PCI address or interface; else the best candidate. `workers`: how many; else as many as make sense."""
    card, why_card = choose_card(machine, nic)
    cores, why_cores = choose_cores(machine, card.node if card else 0)
    if workers is not None:
        if workers > len(cores):
            raise PlanFailed(f"{workers} workers want as many cores; fit for it are only {format_list(cores)}")
        cores = cores[:workers]
    cores = cores[:MAX_WORKERS]
    if card is None:
        return Plan(cores, reasons=(why_card, why_cores))
    if must_share(machine, card):
        # Every receive queue of the interface is polled.
        queues = machine.queues(card.interface)[0]
        why = "it is how this machine is reached" if card.interface in machine.default_route_interfaces() else \
            "there is no IOMMU for vfio-pci"
        return Plan(cores[:queues], card, f"af_xdp:{card.interface}", queues, True,
                    (why_card, f"shared with the kernel (AF_XDP): {why}", why_cores))
    if card.interface:
        cores = cores[:machine.queues(card.interface)[1]]
    return Plan(cores, card, card.address, len(cores), False, (why_card, "dedicated: DPDK drives it", why_cores))


def choose_card(machine, nic):
    cards = machine.cards()
    if nic is not None:
        chosen = [card for card in cards if nic in (card.address, card.address.removeprefix("0000:"), card.interface)]
        if not chosen:
            raise PlanFailed(f"no network card {nic}; there are: {', '.join(card.label for card in cards) or 'none'}")
        return chosen[0], f"{chosen[0].label}: as asked"
    if not cards:
        return None, "no PCI network card: serve on kernel sockets (listen), or poll a virtual port"
    reached_by = machine.default_route_interfaces()
    free = [card for card in cards if card.interface not in reached_by]
    # The fastest of those that are not needed to reach the machine.
    best = max(free or cards, key=lambda card: speed(machine, card))
    return best, f"{best.label}: " + ("the fastest that does not carry a default route" if free else "the only kind there is")


def speed(machine, card):
    """Mbit/s; 0 where the link is down or the kernel does not have the card."""
    return max(0, machine.read_number(f"/sys/class/net/{card.interface}/speed") or 0) if card.interface else 0


def must_share(machine, card):
    if card.interface is None:
        return False
    return card.interface in machine.default_route_interfaces() or not machine.has_iommu()


def choose_cores(machine, node):
    """One hardware thread of each physical core, near the card, without core 0; isolated ones where there are any."""
    online = machine.online_cores()
    near = [core for core in online if core in machine.nodes().get(node, online)] or online
    single = []
    for core in near:
        if not any(sibling in single for sibling in machine.siblings(core)):
            single.append(core)
    isolated = [core for core in machine.isolated_cores() if core in near]
    if isolated:
        isolated = [core for core in isolated if core == min(set(machine.siblings(core)) & set(isolated))]
        return isolated, f"cores {format_list(isolated)}: isolated, on node {node}, one of each physical core"
    without_first = [core for core in single if 0 not in machine.siblings(core)] or [core for core in single if core] or \
        [core for core in near if core] or near
    return without_first, f"cores {format_list(without_first)}: on node {node}, one of each physical core, not core 0"


def kernel_parameters(machine, plan):
    """For the boot loader: what isolates the cores, and huge pages while memory is still in one piece."""
    cores = format_list(plan.cores)
    parameters = [f"isolcpus=managed_irq,domain,{cores}", f"nohz_full={cores}", f"rcu_nocbs={cores}",
                  "hugepagesz=2M", f"hugepages={plan.huge_pages * len(machine.nodes())}"]
    if plan.card and not plan.is_shared:
        vendor = "amd_iommu=on" if "AuthenticAMD" in (machine.read("/proc/cpuinfo") or "") else "intel_iommu=on"
        parameters += [vendor, "iommu=pt"]
    return parameters


def missing_parameters(machine, plan):
    present = (machine.read("/proc/cmdline") or "").split()
    return [parameter for parameter in kernel_parameters(machine, plan) if parameter not in present]


def configuration(machine, plan):
    """`workers` and `ports` as the daemon reads them, with the reasons as comments."""
    lines = [f"# {reason}" for reason in plan.reasons]
    lines += ["workers:", f'  cores: "{format_list(plan.cores)}"', "  idle: adaptive", "  huge-pages: auto"]
    if plan.device:
        addresses = ", ".join(f'"{address}"' for address in service_addresses(machine, plan))
        lines += ["ports:", f'  - device: "{plan.device}"',
                  f"    addresses: [{addresses}]   # the service addresses: put yours here", "    queues: auto"]
    else:
        lines += ["listen: [127.0.0.1@53]   # put your addresses here"]
    return "\n".join(lines) + "\n"


def service_addresses(machine, plan):
    """The interface's own addresses where the kernel keeps it, else an example."""
    text = machine.run("ip", "-o", "address", "show", "dev", plan.card.interface, "scope", "global") \
        if plan.card.interface else None
    found = [fields[3] for fields in map(str.split, (text or "").splitlines())
             if len(fields) > 3 and fields[2] in ("inet", "inet6")]
    return found or [EXAMPLE_ADDRESS]


def busy_irqs(machine, plan):
    """Interrupts that may hit a worker's core: number -> the cores that it may go to."""
    found = {}
    for name in machine.names("/proc/irq"):
        allowed = machine.read(f"/proc/irq/{name}/smp_affinity_list") if name.isdigit() else None
        # What the kernel manages by itself cannot be moved and says so when written to.
        if allowed and set(parse_list(allowed)) & set(plan.cores):
            found[int(name)] = parse_list(allowed)
    return found
