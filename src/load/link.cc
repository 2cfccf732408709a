#include <understudy/load/link.h>

#include <understudy/net/arp.h>
#include <understudy/net/frame.h>
#include <understudy/net/ndp.h>
#include <understudy/net/service.h>
#include <array>

namespace understudy::load {
namespace {

using base::ChecksumState;
using base::fail;
using base::IpAddress;
using base::MacAddress;
using net::Service;
using port::Packet;

// Where an untagged frame says what it asks for.
constexpr std::size_t kTypeOffset = 12;
constexpr std::uint16_t kTypeArp = 0x0806;
constexpr std::uint16_t kTypeIpv6 = 0x86DD;
constexpr std::size_t kArpTargetOffset = 14 + 24;
constexpr std::size_t kNextHeaderOffset = 14 + 6;
constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::size_t kIcmpTypeOffset = 14 + 40;
constexpr std::uint8_t kNeighbourSolicitation = 135;
constexpr std::size_t kNdpTargetOffset = kIcmpTypeOffset + 8;

/// Whose MAC address the frame asks for, as far as a glance tells.
std::optional<IpAddress> wanted_address(base::Octets frame) {
    if (frame.size() < kTypeOffset + 2) {
        return std::nullopt;
    }
    const std::uint16_t type = base::load_be16(frame.data() + kTypeOffset);
    if (type == kTypeArp && frame.size() >= kArpTargetOffset + 4) {
        return IpAddress::v4(frame.subspan<kArpTargetOffset, 4>());
    }
    if (type == kTypeIpv6 && frame.size() >= kNdpTargetOffset + 16 &&
        frame[kNextHeaderOffset] == kIcmpv6 && frame[kIcmpTypeOffset] == kNeighbourSolicitation) {
        return IpAddress::v6(frame.subspan<kNdpTargetOffset, 16>());
    }
    return std::nullopt;
}

std::uint8_t host_length(const IpAddress& address) {
    return static_cast<std::uint8_t>(address.octets().size() * 8);
}

/// One of our addresses as what a server would serve: net answers for those.
base::Expected<Service> service_of(const MacAddress& mac, const IpAddress& address) {
    Service::Settings settings;
    settings.mac = mac;
    settings.addresses = {{{address, host_length(address)}, true}};
    return Service::make(settings);
}

/// Puts one packet, whose length `write` returns, on the port. False: it takes none now.
template <typename Write>
bool send_one(port::PacketPort& port, Write write) {
    std::array<Packet, 1> packet;
    if (port.allocate(packet) == 0) {
        return false;
    }
    packet[0].length_octets = static_cast<std::uint32_t>(
        write(base::MutableOctets(packet[0].data, packet[0].capacity_octets)));
    if (port.tx_burst(packet) == 0) {
        port.free(packet);
        return false;
    }
    return true;
}

/// Takes what came: answers requests, and returns the server's address if it is told.
std::optional<MacAddress> listen(port::PacketPort& port, const Link& link) {
    std::array<Packet, port::kMaxBurst> packets;
    const std::size_t count = port.rx_burst(packets);
    std::optional<MacAddress> learned;
    for (std::size_t i = 0; i < count; ++i) {
        Packet& packet = packets[i];
        const base::MutableOctets buffer(packet.data, packet.capacity_octets);
        if (const auto mac = link.learn(buffer.first(packet.length_octets))) {
            learned = mac;
        }
        const std::size_t reply = link.answer(buffer, packet.length_octets);
        packet.length_octets = static_cast<std::uint32_t>(reply);
        if (reply == 0 || port.tx_burst({&packet, 1}) == 0) {
            port.free({&packet, 1});
        }
    }
    return learned;
}

std::string in_seconds(std::chrono::milliseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

bool Link::is_ours(const IpAddress& address) const {
    return address != server_ && sources_.network().contains(address);
}

std::size_t Link::answer(base::MutableOctets buffer, std::size_t length) const {
    const base::MutableOctets frame = buffer.first(length);
    const auto wanted = wanted_address(frame);
    if (!wanted || !is_ours(*wanted)) {
        return 0;
    }
    const auto service = service_of(mac_, *wanted);
    if (!service) {
        return 0;
    }
    const net::Inspection seen =
        net::inspect(frame, ChecksumState::kUnknown, ChecksumState::kUnknown, *service);
    if (seen.kind == net::FrameKind::kArpRequest) {
        return net::make_arp_reply(buffer, seen.view, *service).length_octets;
    }
    if (seen.kind == net::FrameKind::kNeighbourSolicitation) {
        return net::make_advertisement(buffer, seen.view, *service).length_octets;
    }
    return 0;
}

std::size_t Link::ask(base::MutableOctets buffer) const {
    Service::Settings ours;
    ours.mac = mac_;
    return server_.is_v6() ? net::make_solicitation(buffer, ours, sources_.example(), server_)
                           : net::make_arp_request(buffer, ours, sources_.example(), server_);
}

std::size_t Link::announce(base::MutableOctets buffer) const {
    const IpAddress address = sources_.example();
    const auto service = service_of(mac_, address);
    if (!service) {
        return ask(buffer);  // it names us all the same
    }
    return address.is_v6() ? net::make_unsolicited_advertisement(buffer, *service, address)
                           : net::make_gratuitous_arp(buffer, *service, address);
}

std::optional<MacAddress> Link::learn(base::Octets frame) const {
    return server_.is_v6() ? net::mac_from_advertisement(frame, server_)
                           : net::mac_from_arp_reply(frame, server_);
}

base::Expected<MacAddress> find_server(std::span<port::PacketPort* const> ports,
                                       const Link& link,
                                       const std::optional<MacAddress>& known,
                                       std::chrono::milliseconds timeout) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::microseconds kPause{1000};
    port::PacketPort& first = *ports.front();
    const Clock::time_point end = Clock::now() + timeout;
    Clock::time_point next_request = Clock::now();
    bool has_sent = false;
    while (Clock::now() < end) {
        if (Clock::now() >= next_request) {
            next_request += kBetweenRequests;
            has_sent |= send_one(first, [&](base::MutableOctets buffer) {
                return known ? link.announce(buffer) : link.ask(buffer);
            });
        }
        if (known && has_sent) {
            return *known;
        }
        for (port::PacketPort* port : ports) {
            if (const auto mac = listen(*port, link)) {
                return *mac;
            }
        }
        first.wait(kPause);
    }
    return has_sent
               ? fail("the target did not answer " +
                      std::string("ARP or neighbour solicitations within ") + in_seconds(timeout) +
                      ": check that it is up and on this link, or give --target-mac")
               : fail("the device sent nothing within " + in_seconds(timeout) +
                      ": check that its link is up and its other end is there");
}

}  // namespace understudy::load
