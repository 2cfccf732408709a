"""Other name servers to work with: knotd, nsd, named, each as primary and as secondary.

A peer runs in the foreground in a namespace, with files of its own below the world's folder.
"""

import dataclasses
import signal

import dns.exception

from .ask import Client, question
from .keys import Key
from .process import Process
from .scenario import wait_until

READY_TIMEOUT_S = 15


@dataclasses.dataclass
class PeerZone:
    """A zone as a peer has it: primary with `text`, secondary without. `other` is the server at the far end."""

    name: str  # without the final dot
    text: str | None = None
    other: str | None = None  # address: whom it notifies, or from whom it transfers
    key: Key | None = None  # signs what goes to `other`, and is asked of it


class Peer:
    """What the three have in common."""

    program = ""

    def __init__(self, world, namespace, address, zones, port=53, name=None):
        self.world = world
        self.namespace = namespace
        self.address = address
        self.port = port
        self.zones = {zone.name: zone for zone in zones}
        self.name = name or self.program
        self.folder = world.folder / self.name
        self.folder.mkdir()
        self.client = Client(namespace, address, port)
        self.process = None
        for zone in zones:
            if zone.text is not None:
                self._zone_file(zone).write_text(zone.text)

    def start(self):
        """Starts and waits until it answers."""
        config = self.folder / f"{self.program}.conf"
        config.write_text(self._config())
        self.process = Process(self.world, self.name, self.namespace, self._command(config))
        wait_until(self._answers, READY_TIMEOUT_S, f"{self.name} answers")
        return self

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()

    def change(self, name, text):
        """A new version of a primary zone; returns once it is served."""
        zone = self.zones[name]
        zone.text = text
        before = self.client.serial(name)
        self._zone_file(zone).write_text(text)
        self.process.signal(signal.SIGHUP)
        wait_until(lambda: self.client.serial(name) not in (None, before), READY_TIMEOUT_S, f"{self.name} reloads {name}")

    def keys(self):
        return {zone.key.name: zone.key for zone in self.zones.values() if zone.key}.values()

    def _answers(self):
        try:
            return self.client.udp(question(next(iter(self.zones)), "SOA"), 0.05)
        except dns.exception.Timeout:
            return None

    def _zone_file(self, zone):
        return self.folder / f"{zone.name}.zone"

    def _config(self):
        raise NotImplementedError

    def _command(self, config):
        raise NotImplementedError


class Knot(Peer):
    program = "knotd"

    def _command(self, config):
        return ["knotd", "-c", config]

    def _config(self):
        lines = [
            "server:", f"  rundir: {self.folder}", f"  listen: {self.address}@{self.port}", "  user: root",
            "  udp-workers: 1", "  tcp-workers: 1", "  background-workers: 1",
            "log:", "  - target: stderr", "    any: info",
            "database:", f"  storage: {self.folder}",
        ]
        if self.keys():
            lines.append("key:")
        for key in self.keys():
            lines += [f"  - id: {key.name}", f"    algorithm: {key.algorithm}", f"    secret: {key.secret}"]
        lines.append("remote:")
        for number, zone in enumerate(self.zones.values()):
            if zone.other:
                lines += [f"  - id: remote{number}", f"    address: {zone.other}@53", f"    via: {self.address}"]
                lines += [f"    key: {zone.key.name}"] if zone.key else []
        lines.append("acl:")
        for number, zone in enumerate(self.zones.values()):
            lines += [f"  - id: acl{number}", "    action: [transfer, notify]"]
            lines += [f"    key: {zone.key.name}"] if zone.key else []
        lines.append("zone:")
        for number, zone in enumerate(self.zones.values()):
            lines += [f"  - domain: {zone.name}", f"    storage: {self.folder}", f"    file: {self._zone_file(zone)}",
                      "    zonefile-sync: -1", "    zonefile-load: whole", "    journal-content: none",
                      f"    acl: acl{number}"]
            if zone.other:
                lines.append(f"    {'notify' if zone.text is not None else 'master'}: remote{number}")
        return "\n".join(lines) + "\n"


class Nsd(Peer):
    program = "nsd"

    def _command(self, config):
        return ["nsd", "-d", "-V", "2", "-c", config]

    def _config(self):
        lines = [
            "server:", f"  ip-address: {self.address}", f"  port: {self.port}", "  username: root", "  server-count: 1",
            f'  zonesdir: "{self.folder}"', f'  pidfile: "{self.folder}/nsd.pid"', f'  xfrdfile: "{self.folder}/xfrd.state"',
            f'  xfrdir: "{self.folder}"', f'  zonelistfile: "{self.folder}/zone.list"', '  database: ""',
            "  rrl-ratelimit: 0", "  hide-version: yes", "  minimal-responses: yes",
            "remote-control:", "  control-enable: no",
        ]
        for key in self.keys():
            lines += ["key:", f"  name: {key.name}", f"  algorithm: {key.algorithm}", f'  secret: "{key.secret}"']
        for zone in self.zones.values():
            key = zone.key.name if zone.key else "NOKEY"
            lines += ["zone:", f"  name: {zone.name}", f'  zonefile: "{self._zone_file(zone)}"']
            lines += [f"  provide-xfr: {everybody} {key}" for everybody in ("0.0.0.0/0", "::0/0")]
            if zone.text is None:
                lines += [f"  request-xfr: {zone.other} {key}", f"  allow-notify: {zone.other} {key}",
                          f"  outgoing-interface: {self.address}"]
            elif zone.other:
                lines += [f"  notify: {zone.other} {key}", f"  outgoing-interface: {self.address}"]
        return "\n".join(lines) + "\n"


class Named(Peer):
    program = "named"

    def _command(self, config):
        return ["named", "-g", "-n", "1", "-c", config]

    def _config(self):
        v6 = ":" in self.address
        lines = [
            "options {", f'  directory "{self.folder}";', f'  pid-file "{self.folder}/named.pid";',
            f"  listen-on port {self.port} {{ {'none' if v6 else self.address}; }};",
            f"  listen-on-v6 port {self.port} {{ {self.address if v6 else 'none'}; }};",
            "  recursion no;", "  dnssec-validation no;", "  notify explicit;", "  notify-delay 0;",
            f"  {'notify-source-v6' if v6 else 'notify-source'} {self.address};",
            f"  {'transfer-source-v6' if v6 else 'transfer-source'} {self.address};",
            "  session-keyfile none;", "  lock-file none;", "  rrset-order { order none; };", "  minimal-responses no-auth;",
            "  masterfile-format text;", "  check-names primary ignore;", "  check-integrity no;",
            "  empty-zones-enable no;", "  zero-no-soa-ttl no;", "};", "controls {};",
        ]
        for key in self.keys():
            lines.append(f'key "{key.name}" {{ algorithm {key.algorithm}; secret "{key.secret}"; }};')
        for zone in self.zones.values():
            kind = "primary" if zone.text is not None else "secondary"
            key = f' key "{zone.key.name}"' if zone.key else ""
            allowed = f'key "{zone.key.name}"' if zone.key else "any"
            lines += [f'zone "{zone.name}" {{', f"  type {kind};", f'  file "{self._zone_file(zone)}";',
                      f"  allow-transfer {{ {allowed}; }};"]
            if zone.text is None:
                lines += [f"  primaries {{ {zone.other}{key}; }};", f"  allow-notify {{ {allowed}; }};"]
            elif zone.other:
                lines.append(f"  also-notify {{ {zone.other}{key}; }};")
            lines.append("};")
        return "\n".join(lines) + "\n"


PEERS = {"knot": Knot, "nsd": Nsd, "named": Named}
