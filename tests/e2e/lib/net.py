"""Network namespaces and the veth pairs between them. Nothing is ever made in the machine's own namespace."""

import contextlib
import ctypes
import os
import signal
import subprocess

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000

# `ip netns exec` gives a command a /sys of its own, without the file system in which libxdp keeps what it pins.
_WITH_BPF = 'mount -t bpf bpf /sys/fs/bpf 2>/dev/null; exec "$@"'


class Namespace:
    """A network namespace with a loopback interface that is up; deleted when the world ends."""

    def __init__(self, world, label):
        self.name = f"{world.prefix}-{os.getpid()}-{label}"
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        world.at_end(self._delete)
        # Duplicate address detection would keep IPv6 addresses unusable for a second.
        self.run("sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
        self.ip("link", "set", "lo", "up")

    def command(self, *words):
        """The words that start a command in here."""
        return ["ip", "netns", "exec", self.name, "sh", "-c", _WITH_BPF, "-", *(str(word) for word in words)]

    def run(self, *words, check=True, timeout_s=30, text=None):
        """Runs a command to its end; returns its CompletedProcess with both outputs as text."""
        done = subprocess.run(self.command(*words), check=False, text=True, input=text or "", timeout=timeout_s,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(str(word) for word in words)}: exit {done.returncode}\n"
                               f"{done.stdout}{done.stderr}")
        return done

    def ip(self, *words):
        """`ip` in here; returns its output."""
        return subprocess.run(["ip", "-n", self.name, *(str(word) for word in words)], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def add_address(self, interface, address):
        self.ip("address", "add", address, "dev", interface, *(["nodad"] if ":" in address else []))

    @contextlib.contextmanager
    def inside(self):
        """Sockets that the calling thread opens meanwhile belong to this namespace."""
        with open("/proc/thread-self/ns/net", "rb") as before, open(f"/run/netns/{self.name}", "rb") as here:
            _setns(here)
            try:
                yield
            finally:
                _setns(before)

    def _delete(self):
        _delete(self.name)


def connect(left, left_name, left_addresses, right, right_name, right_addresses, queues=1):
    """A veth pair from `left` to `right`, both ends up, with `queues` receive and transmit queues at each end."""
    count = ["numrxqueues", str(queues), "numtxqueues", str(queues)]
    left.ip("link", "add", left_name, *count, "type", "veth", "peer", "name", right_name, *count, "netns", right.name)
    for namespace, name, addresses in ((left, left_name, left_addresses), (right, right_name, right_addresses)):
        for address in addresses:
            namespace.add_address(name, address)
        namespace.ip("link", "set", name, "up")


def offloads_off(namespace, interface):
    """What is sent over `interface` carries whole checksums, as a frame on a wire does."""
    namespace.run("ethtool", "-K", interface, "tx", "off", "rx", "off", "gro", "off")


def delete_leftovers(prefix, pid):
    """Ends what a process that was killed left in its namespaces, and deletes these."""
    listed = subprocess.run(["ip", "netns", "list"], check=False, text=True, stdout=subprocess.PIPE).stdout
    for name in (line.split()[0] for line in listed.splitlines()):
        if name.startswith(f"{prefix}-{pid}-"):
            _delete(name)


def _delete(name):
    # Whatever is still in there is ours: the namespace was made for it.
    left = subprocess.run(["ip", "netns", "pids", name], check=False, text=True, stdout=subprocess.PIPE).stdout
    for process in left.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)
    subprocess.run(["ip", "netns", "delete", name], check=False)


def _setns(file):
    if _libc.setns(file.fileno(), _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
