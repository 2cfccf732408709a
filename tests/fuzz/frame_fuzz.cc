#include <understudy/net/arp.h>
#include <understudy/net/frame.h>
#include <understudy/net/icmp.h>
#include <understudy/net/ndp.h>
#include <understudy/net/reply.h>

#include <understudy/base/check.h>
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>

namespace {

using namespace understudy;

constexpr std::size_t kAnswerOctets = 300;
constexpr std::size_t kMaxFrameOctets = 4096;

net::Service make_service() {
    net::Service::Settings settings;
    settings.mac = {0x02, 0x00, 0x5E, 0x00, 0x00, 0x53};
    settings.addresses = {{base::IpPrefix::parse("192.0.2.53/24").value()},
                          {base::IpPrefix::parse("2001:db8::53/64").value()}};
    return net::Service::make(settings).value();
}

/// The reply to the frame that `buffer` begins with.
net::ReplyFrame reply_to(base::MutableOctets buffer,
                         const net::Inspection& inspection,
                         const net::Service& service) {
    switch (inspection.kind) {
        case net::FrameKind::kDatagram:
            return net::make_udp_reply(
                buffer, inspection.view, kAnswerOctets, net::ChecksumMode::kSoftware);
        case net::FrameKind::kArpRequest:
            return net::make_arp_reply(buffer, inspection.view, service);
        case net::FrameKind::kNeighbourSolicitation:
            return net::make_advertisement(buffer, inspection.view, service);
        case net::FrameKind::kEchoRequest:
            return net::make_echo_reply(buffer, inspection.view);
        case net::FrameKind::kDropped:
            break;
    }
    return {};
}

}  // namespace

/// The first octet says what the device found of the checksums, so that frames with wrong ones come
/// as far as those with right ones; the rest is the frame.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const net::Service service = make_service();
    if (size == 0 || size > kMaxFrameOctets) {
        return 0;
    }
    const auto ip = static_cast<base::ChecksumState>(data[0] % 3);
    const auto udp = static_cast<base::ChecksumState>(data[0] / 3 % 3);
    const std::size_t octets = size - 1;
    const auto exact = std::make_unique<std::uint8_t[]>(octets);
    std::copy_n(data + 1, octets, exact.get());
    const net::Inspection inspection = net::inspect({exact.get(), octets}, ip, udp, service);
    const net::FrameView& view = inspection.view;
    if (inspection.kind == net::FrameKind::kDropped) {
        UNDERSTUDY_CHECK(stats::outcome(inspection.verdict) == stats::Outcome::kDropped);
        return 0;
    }
    UNDERSTUDY_CHECK(view.payload_offset + view.payload_octets <= octets);
    const std::size_t room =
        std::max({octets, view.payload_offset + kAnswerOctets, net::kMaxAdvertisementFrameOctets});
    const auto buffer = std::make_unique<std::uint8_t[]>(room);
    std::copy_n(data + 1, octets, buffer.get());
    const net::ReplyFrame reply = reply_to({buffer.get(), room}, inspection, service);
    UNDERSTUDY_CHECK(reply.length_octets != 0 && reply.offset + reply.length_octets <= room);
    // It goes back to where the frame came from, or to all nodes.
    const bool to_sender = std::memcmp(buffer.get() + reply.offset, data + 1 + 6, 6) == 0;
    UNDERSTUDY_CHECK(to_sender || inspection.kind == net::FrameKind::kNeighbourSolicitation);
    return 0;
}
