#include <understudy/net/query_frame.h>

#include <understudy/base/check.h>
#include <algorithm>
#include <cstring>

#include "net/layout.h"

namespace understudy::net {
namespace {

using base::ChecksumState;
using base::load_be16;
namespace ethernet = layout::ethernet;
namespace ipv4 = layout::ipv4;
namespace ipv6 = layout::ipv6;
namespace udp = layout::udp;

constexpr std::uint8_t kHopLimit = 64;
constexpr std::size_t kTailOctetsV6 = 8;
constexpr unsigned kHalfBits = 32;

/// The sum of a number's octets as they go on the wire. REQUIRES: even places.
InternetSum sum_of_u32(std::uint32_t value) noexcept {
    std::array<std::uint8_t, sizeof value> octets{};
    base::store_be32(octets.data(), value);
    return InternetSum::of_fixed<sizeof value>(octets.data());
}

void copy_address(std::uint8_t* to, const base::IpAddress& address) noexcept {
    std::ranges::copy(address.octets(), to);
}

}  // namespace

std::uint64_t address_tail(const base::IpAddress& address) noexcept {
    return address.is_v6() ? base::load_be64(address.octets().last(kTailOctetsV6).data())
                           : base::load_be32(address.octets().data());
}

QueryFrame::QueryFrame(const base::MacAddress& ours,
                       const base::MacAddress& servers,
                       const base::IpAddress& network,
                       const base::Endpoint& server) noexcept
    : v6_(server.address.is_v6()) {
    UNDERSTUDY_CHECK(network.is_v6() == v6_);
    std::uint8_t* frame = headers_.data();
    constexpr std::size_t kL3 = ethernet::kOctets;
    std::ranges::copy(servers, frame + ethernet::kDestination);
    std::ranges::copy(ours, frame + ethernet::kSource);
    base::store_be16(frame + ethernet::kEtherType, v6_ ? ethernet::kTypeIpv6 : ethernet::kTypeIpv4);
    std::uint8_t* header = frame + kL3;
    if (v6_) {
        base::store_be32(header + ipv6::kVersion, ipv6::kVersionWord);
        header[ipv6::kNextHeader] = layout::protocol::kUdp;
        header[ipv6::kHopLimit] = kHopLimit;
        copy_address(header + ipv6::kSource, network);
        copy_address(header + ipv6::kDestination, server.address);
        source_tail_offset_ = kL3 + ipv6::kSource + ipv6::kAddressOctets - kTailOctetsV6;
        std::memset(frame + source_tail_offset_, 0, kTailOctetsV6);
        udp_sum_ = pseudo_header_sum_v6(header + ipv6::kSource, layout::protocol::kUdp, 0);
        header_octets_ = kL3 + ipv6::kOctets + udp::kOctets;
    } else {
        header[ipv4::kVersionAndLength] = ipv4::kVersionWithoutOptions;
        base::store_be16(header + ipv4::kFragment, ipv4::kDontFragment);
        header[ipv4::kTimeToLive] = kHopLimit;
        header[ipv4::kProtocol] = layout::protocol::kUdp;
        copy_address(header + ipv4::kDestination, server.address);
        source_tail_offset_ = kL3 + ipv4::kSource;
        ip_sum_ = InternetSum::of_fixed<ipv4::kOctets>(header);
        udp_sum_ = pseudo_header_sum_v4(header + ipv4::kSource, layout::protocol::kUdp, 0);
        header_octets_ = kL3 + ipv4::kOctets + udp::kOctets;
    }
    base::store_be16(frame + header_octets_ - udp::kOctets + udp::kDestinationPort, server.port);
    udp_sum_ += InternetSum::of_word(server.port);
}

void QueryFrame::write(std::uint8_t* frame,
                       const QuerySource& source,
                       std::size_t payload_octets,
                       InternetSum payload_sum) const noexcept {
    const auto udp_octets = static_cast<std::uint16_t>(payload_octets + udp::kOctets);
    InternetSum sum = udp_sum_ + payload_sum + InternetSum::of_word(source.port) +
                      InternetSum::of_word(udp_octets) + InternetSum::of_word(udp_octets) +
                      sum_of_u32(static_cast<std::uint32_t>(source.tail));
    if (v6_) {
        write_v6(frame, source.tail, udp_octets);
        sum += sum_of_u32(static_cast<std::uint32_t>(source.tail >> kHalfBits));
    } else {
        write_v4(frame, static_cast<std::uint32_t>(source.tail), udp_octets);
    }
    std::uint8_t* header = frame + header_octets_ - udp::kOctets;
    base::store_be16(header + udp::kSourcePort, source.port);
    base::store_be16(header + udp::kLength, udp_octets);
    // A sum of zero is sent as its other form: zero means that there is none (RFC 768).
    const std::uint16_t checksum = sum.checksum();
    base::store_be16(header + udp::kChecksum, checksum == 0 ? 0xFFFF : checksum);
}

void QueryFrame::write_v4(std::uint8_t* frame,
                          std::uint32_t source,
                          std::uint16_t udp_octets) const {
    constexpr std::size_t kOctets = ethernet::kOctets + ipv4::kOctets + udp::kOctets;
    std::memcpy(frame, headers_.data(), kOctets);
    std::uint8_t* header = frame + ethernet::kOctets;
    const auto total = static_cast<std::uint16_t>(udp_octets + ipv4::kOctets);
    base::store_be16(header + ipv4::kTotalLength, total);
    base::store_be32(header + ipv4::kSource, source);
    base::store_be16(header + ipv4::kChecksum,
                     (ip_sum_ + InternetSum::of_word(total) + sum_of_u32(source)).checksum());
}

void QueryFrame::write_v6(std::uint8_t* frame,
                          std::uint64_t source,
                          std::uint16_t udp_octets) const {
    constexpr std::size_t kOctets = ethernet::kOctets + ipv6::kOctets + udp::kOctets;
    std::memcpy(frame, headers_.data(), kOctets);
    base::store_be16(frame + ethernet::kOctets + ipv6::kPayloadLength, udp_octets);
    base::store_be64(frame + source_tail_offset_, source);
}

AnswerInspector::AnswerInspector(const base::Endpoint& server, Returning returning) noexcept
    : port_(server.port),
      v6_(server.address.is_v6()),
      reflected_(returning == Returning::kReflected) {
    copy_address(address_.data(), server.address);
}

AnswerFrame AnswerInspector::inspect(base::Octets frame,
                                     ChecksumState ip,
                                     ChecksumState udp_state) const noexcept {
    const std::size_t ip_octets = v6_ ? ipv6::kOctets : ipv4::kOctets;
    const std::size_t headers = ethernet::kOctets + ip_octets + udp::kOctets;
    if (frame.size() < headers || load_be16(frame.data() + ethernet::kEtherType) !=
                                      (v6_ ? ethernet::kTypeIpv6 : ethernet::kTypeIpv4)) {
        return {};
    }
    const std::uint8_t* l3 = frame.data() + ethernet::kOctets;
    const std::uint8_t* l4 = l3 + ip_octets;
    const std::size_t address_octets = v6_ ? ipv6::kAddressOctets : ipv4::kAddressOctets;
    const std::uint8_t* source = l3 + (v6_ ? ipv6::kSource : ipv4::kSource);
    const std::uint8_t* destination = source + address_octets;
    const bool is_udp =
        v6_ ? l3[ipv6::kNextHeader] == layout::protocol::kUdp
            : l3[ipv4::kVersionAndLength] == ipv4::kVersionWithoutOptions &&
                  l3[ipv4::kProtocol] == layout::protocol::kUdp &&
                  (load_be16(l3 + ipv4::kFragment) & ipv4::kMoreFragmentsOrOffset) == 0;
    const std::uint8_t* theirs = reflected_ ? destination : source;
    const std::uint8_t* ours = reflected_ ? source : destination;
    if (!is_udp || std::memcmp(theirs, address_.data(), address_octets) != 0 ||
        load_be16(l4 + (reflected_ ? udp::kDestinationPort : udp::kSourcePort)) != port_) {
        return {};
    }
    AnswerFrame answer{.kind = AnswerFrameKind::kBadChecksum, .source = {}, .payload = {}};
    const std::size_t udp_octets = load_be16(l4 + udp::kLength);
    const std::size_t ip_payload =
        v6_ ? load_be16(l3 + ipv6::kPayloadLength)
            : load_be16(l3 + ipv4::kTotalLength) - std::size_t{ipv4::kOctets};
    if (udp_octets < udp::kOctets || udp_octets != ip_payload ||
        udp_octets > frame.size() - ethernet::kOctets - ip_octets) {
        return answer;
    }
    const bool is_ip_intact =
        v6_ || ip == ChecksumState::kGood ||
        (ip == ChecksumState::kUnknown && InternetSum::of_fixed<ipv4::kOctets>(l3).is_intact());
    if (!is_ip_intact || udp_state == ChecksumState::kBad) {
        return answer;
    }
    if (udp_state == ChecksumState::kUnknown && (v6_ || load_be16(l4 + udp::kChecksum) != 0)) {
        const auto length = static_cast<std::uint16_t>(udp_octets);
        const InternetSum pseudo =
            v6_ ? pseudo_header_sum_v6(source, layout::protocol::kUdp, length)
                : pseudo_header_sum_v4(source, layout::protocol::kUdp, length);
        if (!(pseudo + InternetSum::of({l4, udp_octets})).is_intact()) {
            return answer;
        }
    }
    answer.kind = AnswerFrameKind::kAnswer;
    answer.source.tail =
        v6_ ? base::load_be64(ours + ipv6::kAddressOctets - kTailOctetsV6) : base::load_be32(ours);
    answer.source.port = load_be16(l4 + (reflected_ ? udp::kSourcePort : udp::kDestinationPort));
    answer.payload = {l4 + udp::kOctets, udp_octets - udp::kOctets};
    return answer;
}

}  // namespace understudy::net
