#include <understudy/worker/pipeline.h>

#include <understudy/base/check.h>
#include <understudy/net/arp.h>
#include <understudy/net/icmp.h>
#include <understudy/net/ndp.h>
#include <understudy/net/reply.h>
#include <algorithm>
#include <span>

#include "worker/pass_to_twin.h"

namespace understudy::worker {
namespace {

using stats::Verdict;

/// Ethernet with its tags, IPv4 with all its options (IPv6 is shorter), UDP.
constexpr std::size_t kMaxPlainHeadersOctets = net::kMaxLinkHeaderOctets + 60 + 8;

// Only IPv6 extension headers can bring a message so near to its buffer's end that even an error
// would not fit behind them.
static_assert(port::PacketPort::kMinCapacityOctets >=
              kMaxPlainHeadersOctets + answer::kMaxUdpPayloadOctets);

base::MutableOctets buffer_of(const port::Packet& packet) noexcept {
    return {packet.data, packet.capacity_octets};
}

/// Where the source address stands in an IP header, and how long it is.
base::Octets source_address(const port::Packet& packet, const net::FrameView& view) noexcept {
    constexpr std::size_t kSourceOffsetV4 = 12;
    constexpr std::size_t kSourceOffsetV6 = 8;
    return view.v6 ? base::Octets(packet.data + view.l3_offset + kSourceOffsetV6, 16)
                   : base::Octets(packet.data + view.l3_offset + kSourceOffsetV4, 4);
}

/// Between whom a frame travels, for control, which asks its lists about it.
port::DatagramPath path_of(const port::Packet& packet, const net::FrameView& view) noexcept {
    const base::Octets source = source_address(packet, view);
    const base::Octets destination(source.data() + source.size(), source.size());
    const auto address = [](base::Octets octets) {
        return octets.size() == 4 ? base::IpAddress::v4(octets.first<4>())
                                  : base::IpAddress::v6(octets.first<16>());
    };
    const std::uint8_t* udp = packet.data + view.l4_offset;
    return {.peer = {address(source), base::load_be16(udp)},
            .local = {address(destination), base::load_be16(udp + 2)}};
}

}  // namespace

Pipeline::Pipeline(const PortBinding& binding,
                   std::uint16_t port_index,
                   port::DeferredRings& rings,
                   port::WakeUp& control,
                   stats::WorkerCounters& counters,
                   CaptureTap tap) noexcept
    : port_(*binding.port),
      service_(binding.service),
      framing_(binding.port->framing()),
      port_index_(port_index),
      to_kernel_(binding.to_kernel),
      from_kernel_(binding.from_kernel),
      rings_(rings),
      control_(control),
      counters_(counters),
      tap_(tap) {
    UNDERSTUDY_CHECK((framing_ == port::Framing::kEthernet) == (service_ != nullptr));
}

std::size_t Pipeline::receive() noexcept {
    received_count_ = port_.rx_burst(received_);
    counters_.polls.add(1);
    if (received_count_ == 0) {
        counters_.empty_polls.add(1);
    }
    counters_.packets.add(received_count_);
    return received_count_;
}

void Pipeline::settle(const zone::Snapshot& snapshot, const answer::Context& context) noexcept {
    tap_.show(std::span(received_).first(received_count_), Direction::kReceived);
    for (const port::Packet& packet : std::span(received_).first(received_count_)) {
        take(packet);
    }
    answer::answer(std::span(queries_).first(query_count_), snapshot, context);
    for (std::size_t i = 0; i < query_count_; ++i) {
        conclude(i);
    }
    received_count_ = 0;
    now_cycles_ = 0;
    query_count_ = 0;
    flush();
}

void Pipeline::take(const port::Packet& packet) noexcept {
    if (framing_ == port::Framing::kEthernet) {
        take_frame(packet);
    } else {
        net::FrameView whole;
        whole.payload_octets = packet.length_octets;
        add_query(packet, whole, packet.path->peer.address.octets());
    }
}

void Pipeline::take_frame(const port::Packet& packet) noexcept {
    const net::Inspection seen = net::inspect(
        {packet.data, packet.length_octets}, packet.ip_checksum, packet.udp_checksum, *service_);
    net::ReplyFrame reply;
    switch (seen.kind) {
        case net::FrameKind::kDatagram:
            if (packet.capacity_octets - seen.view.payload_offset < answer::kMinBufferOctets) {
                drop(packet, Verdict::kTooManyExtensions);
            } else {
                add_query(packet, seen.view, source_address(packet, seen.view));
            }
            return;
        case net::FrameKind::kDropped:
            drop(packet, pass_to_twin(to_kernel_, packet, seen.verdict));
            return;
        case net::FrameKind::kArpRequest:
            reply = net::make_arp_reply(buffer_of(packet), seen.view, *service_);
            break;
        case net::FrameKind::kNeighbourSolicitation:
            reply = net::make_advertisement(buffer_of(packet), seen.view, *service_);
            break;
        case net::FrameKind::kEchoRequest:
            if (!may_echo()) {
                drop(packet, Verdict::kEchoLimited);
                return;
            }
            reply = net::make_echo_reply(buffer_of(packet), seen.view);
            break;
    }
    port::Packet turned = packet;
    turned.data += reply.offset;
    turned.length_octets = static_cast<std::uint32_t>(reply.length_octets);
    turned.capacity_octets -= static_cast<std::uint32_t>(reply.offset);
    queue_reply(turned, seen.verdict);
}

/// Time is read once in a burst, and only if there is an echo request in it.
bool Pipeline::may_echo() noexcept {
    if (now_cycles_ == 0) {
        now_cycles_ = base::cycles_now();
    }
    return echoes_.take(now_cycles_);
}

void Pipeline::add_query(const port::Packet& packet,
                         const net::FrameView& view,
                         base::Octets source) noexcept {
    pending_[query_count_] = {packet, view};
    answer::Request& query = queries_[query_count_];
    query = answer::Request{};
    query.buffer = buffer_of(packet).subspan(view.payload_offset);
    query.length_octets = view.payload_octets;
    query.source = source;
    ++query_count_;
}

void Pipeline::conclude(std::size_t index) noexcept {
    const Pending& pending = pending_[index];
    const answer::Request& request = queries_[index];
    if (stats::outcome(request.verdict) == stats::Outcome::kAnswered) {
        reply_to(pending.packet, pending.view, request.length_octets, request.verdict);
    } else if (request.verdict == Verdict::kToControl) {
        drop(pending.packet, defer(pending, request));
    } else {
        drop(pending.packet, request.verdict);
    }
}

Verdict Pipeline::defer(const Pending& pending, const answer::Request& request) noexcept {
    const std::size_t length = pending.view.payload_offset + request.length_octets;
    if (length > port::Deferred::kMaxOctets) {
        return Verdict::kControlTooLong;
    }
    port::Deferred* slot = rings_.to_control.reserve();
    if (slot == nullptr) {
        return Verdict::kControlRingFull;
    }
    std::copy_n(pending.packet.data, length, slot->octets.begin());
    slot->length_octets = static_cast<std::uint16_t>(length);
    slot->payload_offset = static_cast<std::uint16_t>(pending.view.payload_offset);
    slot->port_index = port_index_;
    slot->frame = {static_cast<std::uint16_t>(pending.view.l3_offset),
                   static_cast<std::uint16_t>(pending.view.l4_offset),
                   pending.view.v6};
    slot->path = framing_ == port::Framing::kEthernet ? path_of(pending.packet, pending.view)
                                                      : *pending.packet.path;
    rings_.to_control.commit();
    control_.wake();
    return Verdict::kToControl;
}

void Pipeline::reply_to(port::Packet packet,
                        const net::FrameView& view,
                        std::size_t payload_octets,
                        Verdict verdict) noexcept {
    packet.length_octets = static_cast<std::uint32_t>(payload_octets);
    if (framing_ == port::Framing::kEthernet) {
        const net::ReplyFrame reply = net::make_udp_reply(
            buffer_of(packet), view, payload_octets, net::ChecksumMode::kSoftware);
        packet.data += reply.offset;
        packet.capacity_octets -= static_cast<std::uint32_t>(reply.offset);
        packet.length_octets = static_cast<std::uint32_t>(reply.length_octets);
    }
    queue_reply(packet, verdict);
}

void Pipeline::send_late(const port::Deferred& reply) noexcept {
    port::Packet packet;
    if (port_.allocate({&packet, 1}) == 0) {
        counters_.count(Verdict::kTransmitFull);
        return;
    }
    UNDERSTUDY_CHECK(reply.length_octets <= packet.capacity_octets);
    std::copy_n(reply.octets.begin(), reply.length_octets, packet.data);
    net::FrameView view;
    if (framing_ == port::Framing::kDatagram) {
        *packet.path = reply.path;
    } else {
        view = {.l3_offset = reply.frame.l3,
                .l4_offset = reply.frame.l4,
                .payload_offset = reply.payload_offset,
                .payload_octets =
                    static_cast<std::uint32_t>(reply.length_octets - reply.payload_offset),
                .v6 = reply.frame.v6};
    }
    reply_to(packet, view, reply.message().size(), Verdict::kControlReply);
    flush();
}

std::size_t Pipeline::send_from_kernel() noexcept {
    if (from_kernel_ == nullptr) {
        return 0;
    }
    while (reply_count_ < port::kMaxBurst) {
        port::Packet packet;
        if (!take_from_kernel(packet)) {
            break;
        }
        queue_reply(packet, Verdict::kFromTwin);
    }
    const std::size_t count = reply_count_;
    flush();
    return count;
}

/// The oldest of the kernel's frames, in a buffer of the port's. Without one free, it waits.
bool Pipeline::take_from_kernel(port::Packet& packet) noexcept {
    const base::Octets frame = from_kernel_->front();
    if (frame.empty() || port_.allocate({&packet, 1}) == 0) {
        return false;
    }
    UNDERSTUDY_CHECK(frame.size() <= packet.capacity_octets);
    std::ranges::copy(frame, packet.data);
    packet.length_octets = static_cast<std::uint32_t>(frame.size());
    from_kernel_->release();
    return true;
}

void Pipeline::announce() noexcept {
    if (service_ == nullptr) {
        return;
    }
    for (const net::Service::Address& address : service_->settings().addresses) {
        port::Packet packet;
        if (!address.answered || port_.allocate({&packet, 1}) == 0) {
            continue;
        }
        const base::IpAddress& ours = address.prefix.address;
        packet.length_octets = static_cast<std::uint32_t>(
            ours.is_v6() ? net::make_unsolicited_advertisement(buffer_of(packet), *service_, ours)
                         : net::make_gratuitous_arp(buffer_of(packet), *service_, ours));
        tap_.show({&packet, 1}, Direction::kSent);
        if (port_.tx_burst({&packet, 1}) == 0) {
            port_.free({&packet, 1});
        }
    }
}

void Pipeline::queue_reply(const port::Packet& packet, Verdict verdict) noexcept {
    replies_[reply_count_] = packet;
    reply_verdicts_[reply_count_] = verdict;
    ++reply_count_;
}

void Pipeline::drop(const port::Packet& packet, Verdict verdict) noexcept {
    counters_.count(verdict);
    dropped_[dropped_count_++] = packet;
}

void Pipeline::flush() noexcept {
    std::size_t sent = 0;
    if (reply_count_ > 0) {
        const std::span replies = std::span(replies_).first(reply_count_);
        tap_.show(replies, Direction::kSent);
        sent = port_.tx_burst(replies);
    }
    counters_.sent.add(sent);
    for (std::size_t i = 0; i < reply_count_; ++i) {
        counters_.count(i < sent ? reply_verdicts_[i] : Verdict::kTransmitFull);
    }
    port_.free(std::span(replies_).subspan(sent, reply_count_ - sent));
    port_.free(std::span(dropped_).first(dropped_count_));
    reply_count_ = 0;
    dropped_count_ = 0;
}

}  // namespace understudy::worker
