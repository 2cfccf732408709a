"""Ethernet frames made and read by hand: for what the kernel will not send, such as tags without its VLAN module."""

import ipaddress
import socket
import struct
import time

ARP, IPV4, IPV6, VLAN = 0x0806, 0x0800, 0x86DD, 0x8100
BROADCAST = b"\xff" * 6

_SOL_PACKET, _PACKET_AUXDATA = 263, 8
_AUXDATA = struct.Struct("=IIIHHHH")  # struct tpacket_auxdata: status len snaplen mac net vlan_tci vlan_tpid
_VLAN_VALID = 1 << 4
_EVERYTHING = 3  # ETH_P_ALL


def ethernet(to, source, kind, payload, vlan=None):
    tag = struct.pack("!HH", VLAN, vlan) if vlan is not None else b""
    return to + source + tag + struct.pack("!H", kind) + payload


def arp_request(mac, sender, target):
    return (struct.pack("!HHBBH", 1, IPV4, 6, 4, 1) + mac + ipaddress.ip_address(sender).packed
            + bytes(6) + ipaddress.ip_address(target).packed)


def udp(source, target, source_port, port, payload):
    """An IPv4 or IPv6 packet, by the addresses' family."""
    source, target = ipaddress.ip_address(source), ipaddress.ip_address(target)
    length = 8 + len(payload)
    pseudo = source.packed + target.packed + struct.pack("!II", length, socket.IPPROTO_UDP)
    head = struct.pack("!HHHH", source_port, port, length, 0)
    datagram = head[:6] + struct.pack("!H", _checksum(pseudo + head + payload) or 0xFFFF) + payload
    if source.version == 6:
        return struct.pack("!IHBB", 6 << 28, length, socket.IPPROTO_UDP, 64) + source.packed + target.packed + datagram
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 64, socket.IPPROTO_UDP, 0) + source.packed + target.packed
    return ip[:10] + struct.pack("!H", _checksum(ip)) + ip[12:] + datagram


def udp_payload(packet):
    """Of an IPv4 or IPv6 packet without options."""
    return packet[20 + 8:] if packet[0] >> 4 == 4 else packet[40 + 8:]


def _checksum(octets):
    words = struct.unpack(f"!{(len(octets) + 1) // 2}H", octets + b"\0" * (len(octets) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


class Wire:
    """Sends and receives frames on one interface."""

    def __init__(self, world, namespace, interface):
        with namespace.inside():
            self._socket = world.enter(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_EVERYTHING)))
        self._socket.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        self._socket.bind((interface, _EVERYTHING))
        self.mac = self._socket.getsockname()[4]

    def send(self, frame):
        self._socket.send(frame)

    def receive(self, wanted, timeout_s):
        """The first incoming frame of which `wanted(kind, payload)` holds: source MAC, VLAN or None, payload; or None."""
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                frame, extra, _, address = self._socket.recvmsg(65535, socket.CMSG_SPACE(_AUXDATA.size))
            except TimeoutError:
                return None
            kind, payload = struct.unpack("!H", frame[12:14])[0], frame[14:]
            if address[2] != socket.PACKET_OUTGOING and wanted(kind, payload):
                return frame[6:12], _vlan(extra), payload
        return None


def _vlan(extra):
    """The kernel takes the tag out of the frame and tells of it beside."""
    for level, kind, data in extra:
        if (level, kind) == (_SOL_PACKET, _PACKET_AUXDATA):
            status, _, _, _, _, tag, _ = _AUXDATA.unpack(data)
            return tag & 0xFFF if status & _VLAN_VALID else None
    return None
