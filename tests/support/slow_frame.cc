#include "support/slow_frame.h"

#include <algorithm>
#include <stdexcept>

namespace understudy::support {
namespace {

/// Reads from the front, throws at the end.
class Reader {
  public:
    explicit Reader(base::Octets octets) : left_(octets.begin(), octets.end()) {}

    Bytes take(std::size_t octets) {
        if (octets > left_.size()) {
            throw std::runtime_error("the frame is too short");
        }
        const auto end = left_.begin() + static_cast<std::ptrdiff_t>(octets);
        Bytes taken(left_.begin(), end);
        left_.erase(left_.begin(), end);
        return taken;
    }

    std::uint8_t u8() { return take(1)[0]; }
    std::uint16_t u16() {
        const Bytes octets = take(2);
        return static_cast<std::uint16_t>(octets[0] * 256 + octets[1]);
    }
    base::MacAddress mac() {
        const Bytes octets = take(6);
        base::MacAddress mac{};
        std::ranges::copy(octets, mac.begin());
        return mac;
    }
    base::IpAddress v4() {
        const Bytes octets = take(4);
        return base::IpAddress::v4(std::span<const std::uint8_t, 4>(octets));
    }
    base::IpAddress v6() {
        const Bytes octets = take(16);
        return base::IpAddress::v6(std::span<const std::uint8_t, 16>(octets));
    }

    [[nodiscard]] const Bytes& left() const { return left_; }

  private:
    Bytes left_;
};

void require(bool condition, const char* fault) {
    if (!condition) {
        throw std::runtime_error(fault);
    }
}

void parse_arp(Reader& reader, SlowFrame& frame) {
    require(reader.u16() == 1 && reader.u16() == 0x0800 && reader.u8() == 6 && reader.u8() == 4,
            "not ARP for IPv4 over Ethernet");
    frame.arp_operation = reader.u16();
    frame.arp_sender_mac = reader.mac();
    frame.source = reader.v4();
    frame.arp_target_mac = reader.mac();
    frame.destination = reader.v4();
    require(reader.left().empty(), "octets after ARP");
}

void parse_ipv4(Reader& reader, SlowFrame& frame) {
    const Bytes packet = reader.left();
    require(packet.size() >= 20, "short IPv4 header");
    require(slow_sum(base::Octets(packet).first(20)) == 0xFFFF, "IPv4 header checksum");
    require(reader.u8() == 0x45, "IPv4 version or options");
    require(reader.u8() == 0, "type of service");
    require(reader.u16() == packet.size(), "IPv4 total length");
    frame.identification = reader.u16();
    frame.fragment = reader.u16();
    frame.hop_limit = reader.u8();
    frame.protocol = reader.u8();
    (void)reader.u16();
    frame.source = reader.v4();
    frame.destination = reader.v4();
}

void parse_ipv6(Reader& reader, SlowFrame& frame) {
    require(reader.take(4) == Bytes{0x60, 0, 0, 0}, "IPv6 version, class or flow label");
    const std::size_t payload_length = reader.u16();
    frame.protocol = reader.u8();
    frame.hop_limit = reader.u8();
    frame.source = reader.v6();
    frame.destination = reader.v6();
    require(reader.left().size() == payload_length, "IPv6 payload length");
}

void parse_udp(Reader& reader, SlowFrame& frame, bool device_checksum) {
    const Bytes pseudo = pseudo_header(frame.source, frame.destination, 17, reader.left().size());
    const std::uint16_t sum = slow_sum(join({pseudo, reader.left()}));
    const std::size_t octets = reader.left().size();
    frame.source_port = reader.u16();
    frame.destination_port = reader.u16();
    require(reader.u16() == octets, "UDP length");
    frame.udp_checksum = reader.u16();
    if (device_checksum) {
        require(frame.udp_checksum == slow_sum(pseudo), "pseudo header's sum");
    } else {
        require(frame.udp_checksum != 0 && sum == 0xFFFF, "UDP checksum");
    }
    frame.payload = reader.left();
}

void parse_icmp(Reader& reader, SlowFrame& frame) {
    const Bytes pseudo =
        frame.protocol == 58
            ? pseudo_header(frame.source, frame.destination, 58, reader.left().size())
            : Bytes{};
    require(slow_sum(join({pseudo, reader.left()})) == 0xFFFF, "ICMP checksum");
    frame.icmp_type = reader.u8();
    frame.icmp_code = reader.u8();
    (void)reader.u16();
    frame.payload = reader.left();
}

void parse(Reader& reader, SlowFrame& frame, bool device_checksum) {
    frame.destination_mac = reader.mac();
    frame.source_mac = reader.mac();
    frame.type = reader.u16();
    if (frame.type == 0x88A8) {
        frame.outer_tag_control = reader.u16();
        frame.type = reader.u16();
        require(frame.type == 0x8100, "type of the inner tag");
    }
    if (frame.type == 0x8100) {
        frame.tag_control = reader.u16();
        frame.type = reader.u16();
    }
    if (frame.type == 0x0806) {
        parse_arp(reader, frame);
        return;
    }
    require(frame.type == 0x0800 || frame.type == 0x86DD, "EtherType");
    frame.type == 0x0800 ? parse_ipv4(reader, frame) : parse_ipv6(reader, frame);
    if (frame.protocol == 17) {
        parse_udp(reader, frame, device_checksum);
    } else {
        require(frame.protocol == (frame.type == 0x0800 ? 1 : 58), "protocol");
        parse_icmp(reader, frame);
    }
}

}  // namespace

SlowFrame parse_slowly(base::Octets octets, bool device_checksum) {
    SlowFrame frame;
    Reader reader(octets);
    try {
        parse(reader, frame, device_checksum);
    } catch (const std::runtime_error& error) {
        frame.fault = error.what();
    }
    return frame;
}

}  // namespace understudy::support
