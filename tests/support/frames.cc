#include "support/frames.h"

#include <algorithm>

namespace understudy::support {
namespace {

void put16(Bytes& to, std::uint32_t value) {
    to.push_back(static_cast<std::uint8_t>(value >> 8));
    to.push_back(static_cast<std::uint8_t>(value));
}

void put32(Bytes& to, std::uint32_t value) {
    put16(to, value >> 16);
    put16(to, value & 0xFFFF);
}

void put(Bytes& to, base::Octets octets) {
    for (const std::uint8_t octet : octets) {
        to.push_back(octet);
    }
}

void patch16(Bytes& octets, std::size_t at, std::uint16_t value) {
    octets.at(at) = static_cast<std::uint8_t>(value >> 8);
    octets.at(at + 1) = static_cast<std::uint8_t>(value);
}

std::uint16_t inverted(std::uint16_t sum) { return static_cast<std::uint16_t>(~sum); }

Bytes ethernet(const EthernetFields& fields, std::uint16_t type, const Bytes& content) {
    Bytes frame;
    put(frame, fields.destination);
    put(frame, fields.source);
    for (const auto& [tag_type, control] : fields.tags) {
        put16(frame, tag_type);
        put16(frame, control);
    }
    put16(frame, fields.type.value_or(type));
    put(frame, content);
    return frame;
}

Bytes ipv4(const Ipv4Fields& fields, std::uint8_t protocol, const Bytes& content) {
    Bytes header;
    const std::size_t octets = 20 + fields.options.size();
    header.push_back(
        fields.version_and_length.value_or(static_cast<std::uint8_t>(0x40 + octets / 4)));
    header.push_back(fields.type_of_service);
    put16(header,
          fields.total_length.value_or(static_cast<std::uint16_t>(octets + content.size())));
    put16(header, fields.identification);
    put16(header, fields.fragment);
    header.push_back(fields.ttl);
    header.push_back(fields.protocol.value_or(protocol));
    put16(header, 0);
    put(header, ip(fields.source).octets());
    put(header, ip(fields.destination).octets());
    put(header, fields.options);
    patch16(header, 10, fields.checksum.value_or(inverted(slow_sum(header))));
    return join({header, content});
}

/// The extension headers in front of `protocol`, each naming the type of the one after it.
Bytes extension_headers(const std::vector<Extension>& extensions, std::uint8_t protocol) {
    Bytes all;
    for (std::size_t i = 0; i < extensions.size(); ++i) {
        Bytes one{i + 1 < extensions.size() ? extensions[i + 1].type : protocol, 0};
        put(one, extensions[i].options);
        const std::size_t missing = (8 - one.size() % 8) % 8;
        if (missing == 1) {
            one.push_back(0);
        } else if (missing > 1) {
            one.push_back(1);
            one.push_back(static_cast<std::uint8_t>(missing - 2));
            one.resize(one.size() + missing - 2);
        }
        one[1] = extensions[i].length_units.value_or(static_cast<std::uint8_t>(one.size() / 8 - 1));
        put(all, one);
    }
    return all;
}

Bytes ipv6(const Ipv6Fields& fields, std::uint8_t protocol, const Bytes& content) {
    const std::uint8_t last = fields.next_header.value_or(protocol);
    const Bytes extensions = extension_headers(fields.extensions, last);
    Bytes header;
    put32(header, fields.first_word);
    put16(header,
          fields.payload_length.value_or(
              static_cast<std::uint16_t>(extensions.size() + content.size())));
    header.push_back(fields.extensions.empty() ? last : fields.extensions.front().type);
    header.push_back(fields.hop_limit);
    put(header, ip(fields.source).octets());
    put(header, ip(fields.destination).octets());
    return join({header, extensions, content});
}

Bytes udp(const UdpFields& fields,
          std::string_view source,
          std::string_view destination,
          const Bytes& payload) {
    Bytes datagram;
    const std::uint16_t length =
        fields.length.value_or(static_cast<std::uint16_t>(8 + payload.size()));
    put16(datagram, fields.source_port);
    put16(datagram, fields.destination_port);
    put16(datagram, length);
    put16(datagram, 0);
    put(datagram, payload);
    const Bytes covered(datagram.begin(),
                        datagram.begin() + std::min<std::ptrdiff_t>(length, std::ssize(datagram)));
    const std::uint16_t sum =
        slow_sum(join({pseudo_header(ip(source), ip(destination), 17, length), covered}));
    const std::uint16_t checksum = sum == 0xFFFF ? sum : inverted(sum);
    patch16(datagram, 6, fields.checksum.value_or(checksum));
    return datagram;
}

/// `pseudo`: empty for ICMP over IPv4.
Bytes icmp(const IcmpFields& fields, const Bytes& pseudo) {
    Bytes message{fields.type, fields.code, 0, 0};
    put(message, fields.body);
    patch16(message, 2, fields.checksum.value_or(inverted(slow_sum(join({pseudo, message})))));
    return message;
}

Bytes padded(Bytes frame, std::size_t padding_octets) {
    frame.insert(frame.end(), padding_octets, 0xEE);
    return frame;
}

}  // namespace

base::IpAddress ip(std::string_view text) { return base::IpAddress::parse(text).value(); }

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes whole;
    for (const Bytes& part : parts) {
        put(whole, part);
    }
    return whole;
}

std::uint16_t slow_sum(base::Octets octets) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < octets.size(); i += 2) {
        const std::uint32_t low = i + 1 < octets.size() ? octets[i + 1] : 0U;
        sum += octets[i] * 256U + low;
        if (sum > 0xFFFF) {
            sum -= 0xFFFF;
        }
    }
    return static_cast<std::uint16_t>(sum);
}

Bytes pseudo_header(const base::IpAddress& source,
                    const base::IpAddress& destination,
                    std::uint8_t protocol,
                    std::size_t length) {
    Bytes header;
    put(header, source.octets());
    put(header, destination.octets());
    put32(header, static_cast<std::uint32_t>(length));
    put32(header, protocol);
    return header;
}

Bytes udp_frame_v4(const FrameFields& fields) {
    const Bytes datagram =
        udp(fields.udp, fields.ipv4.source, fields.ipv4.destination, fields.payload);
    return padded(ethernet(fields.ethernet, 0x0800, ipv4(fields.ipv4, 17, datagram)),
                  fields.padding_octets);
}

Bytes udp_frame_v6(const FrameFields& fields) {
    const Bytes datagram =
        udp(fields.udp, fields.ipv6.source, fields.ipv6.destination, fields.payload);
    return padded(ethernet(fields.ethernet, 0x86DD, ipv6(fields.ipv6, 17, datagram)),
                  fields.padding_octets);
}

Bytes icmp_frame_v4(const IcmpFields& fields, const FrameFields& frame) {
    return padded(ethernet(frame.ethernet, 0x0800, ipv4(frame.ipv4, 1, icmp(fields, {}))),
                  frame.padding_octets);
}

Bytes icmp_frame_v6(const IcmpFields& fields, const FrameFields& frame) {
    const Bytes pseudo = pseudo_header(
        ip(frame.ipv6.source), ip(frame.ipv6.destination), 58, 4 + fields.body.size());
    return padded(ethernet(frame.ethernet, 0x86DD, ipv6(frame.ipv6, 58, icmp(fields, pseudo))),
                  frame.padding_octets);
}

Bytes arp_frame(const ArpFields& fields, const EthernetFields& frame) {
    Bytes packet;
    put16(packet, fields.hardware);
    put16(packet, fields.protocol);
    packet.push_back(fields.hardware_octets);
    packet.push_back(fields.protocol_octets);
    put16(packet, fields.operation);
    put(packet, fields.sender_mac);
    put(packet, ip(fields.sender).octets());
    put(packet, fields.target_mac);
    put(packet, ip(fields.target).octets());
    return ethernet(frame, 0x0806, packet);
}

Bytes solicitation_frame(const SolicitationFields& solicitation, const FrameFields& fields) {
    Bytes body(4, 0);
    put(body, ip(solicitation.target).octets());
    put(body, solicitation.options);
    return icmp_frame_v6({135, solicitation.code, body, solicitation.checksum}, fields);
}

FrameFields solicitation_fields() {
    FrameFields fields;
    fields.ethernet.destination = {0x33, 0x33, 0xFF, 0x00, 0x00, 0x53};
    fields.ipv6.destination = "ff02::1:ff00:53";
    fields.ipv6.hop_limit = 255;
    return fields;
}

IcmpFields echo_request(bool v6, const Bytes& data) {
    return {static_cast<std::uint8_t>(v6 ? 128 : 8), 0, join({{0x12, 0x34, 0x00, 0x01}, data}), {}};
}

}  // namespace understudy::support
