#include <understudy/memory/memory_port.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <understudy/base/check.h>
#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace understudy::memory {

MemoryPort::MemoryPort(const Options& options)
    : options_(options),
      buffers_(2 * options.buffers),
      to_poller_(std::bit_ceil(buffers_.size())),
      to_test_(std::bit_ceil(buffers_.size())),
      bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    UNDERSTUDY_CHECK(options.buffers > 0 && options.buffer_octets >= kMinCapacityOctets);
    UNDERSTUDY_CHECK(bell_ >= 0);
    test_free_.reserve(options.buffers);
    poller_free_.reserve(options.buffers);
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
        Buffer& buffer = buffers_[i];
        buffer.octets = std::make_unique<std::uint8_t[]>(options.buffer_octets);
        buffer.home = i < options.buffers ? Home::kTest : Home::kPoller;
        (buffer.home == Home::kTest ? test_free_ : poller_free_).push_back(&buffer);
    }
}

MemoryPort::~MemoryPort() { ::close(bell_); }

/// A ring has a slot for every buffer and so is never full.
void MemoryPort::pass(Ring& ring, const Passage& passage) noexcept {
    Passage* slot = ring.reserve();
    UNDERSTUDY_CHECK(slot != nullptr);
    *slot = passage;
    ring.commit();
}

bool MemoryPort::inject(base::Octets octets,
                        const port::DatagramPath& path,
                        base::ChecksumState ip,
                        base::ChecksumState udp) {
    collect();
    if (test_free_.empty() || octets.size() > options_.buffer_octets) {
        return false;
    }
    Buffer* buffer = test_free_.back();
    test_free_.pop_back();
    std::ranges::copy(octets, buffer->octets.get());
    buffer->path = path;
    pass(to_poller_,
         {buffer, buffer->octets.get(), static_cast<std::uint32_t>(octets.size()), true, ip, udp});
    wake();
    return true;
}

std::vector<SentPacket> MemoryPort::sent() {
    collect();
    return std::exchange(sent_, {});
}

/// Takes what the poller has sent or given back, and returns its own buffers to it.
void MemoryPort::collect() {
    for (const Passage* passage = to_test_.front(); passage != nullptr;
         passage = to_test_.front()) {
        Buffer* buffer = passage->buffer;
        if (passage->is_packet) {
            sent_.push_back(
                {{passage->data, passage->data + passage->length_octets}, buffer->path});
        }
        to_test_.release();
        if (buffer->home == Home::kTest) {
            test_free_.push_back(buffer);
        } else {
            pass(to_poller_, {buffer});
        }
    }
}

std::size_t MemoryPort::outstanding() const noexcept {
    const std::uint64_t back = taken_back_.read();  // first, or the difference might be negative
    return handed_out_.read() - back;
}

void MemoryPort::loop(std::vector<PreparedPacket> packets, LoopCheck check) {
    for (const PreparedPacket& packet : packets) {
        UNDERSTUDY_CHECK(packet.octets.size() <= options_.buffer_octets);
    }
    loop_packets_ = std::move(packets);
    loop_check_ = std::move(check);
    loop_next_ = 0;
}

port::Packet MemoryPort::hand_out(Buffer& buffer, std::uint32_t length_octets) noexcept {
    buffer.is_held = true;
    handed_out_.add(1);
    port::Packet packet;
    packet.data = buffer.octets.get();
    packet.length_octets = length_octets;
    packet.capacity_octets = options_.buffer_octets;
    packet.path = options_.framing == port::Framing::kDatagram ? &buffer.path : nullptr;
    packet.handle = &buffer;
    return packet;
}

MemoryPort::Buffer& MemoryPort::take_back(const port::Packet& packet) noexcept {
    Buffer& buffer = *static_cast<Buffer*>(packet.handle);
    UNDERSTUDY_CHECK(buffer.is_held);
    buffer.is_held = false;
    taken_back_.add(1);
    return buffer;
}

void MemoryPort::give_back(Buffer& buffer) noexcept {
    if (buffer.home == Home::kPoller) {
        poller_free_.push_back(&buffer);
    } else {
        pass(to_test_, {&buffer});
    }
}

/// The poller's own buffers that the test has emptied stand in the ring between packets put in.
void MemoryPort::take_returned() noexcept {
    for (const Passage* passage = to_poller_.front(); passage != nullptr && !passage->is_packet;
         passage = to_poller_.front()) {
        poller_free_.push_back(passage->buffer);
        to_poller_.release();
    }
}

std::size_t MemoryPort::rx_burst(std::span<port::Packet> packets) noexcept {
    UNDERSTUDY_CHECK(packets.size() <= port::kMaxBurst);
    const std::size_t count = rx_injected(packets);
    return loop_packets_.empty() ? count : count + rx_loop(packets.subspan(count));
}

std::size_t MemoryPort::rx_injected(std::span<port::Packet> packets) noexcept {
    std::size_t count = 0;
    while (count < packets.size()) {
        // Looked at once: the test may have emptied a buffer since take_returned last looked.
        const Passage* passage = to_poller_.front();
        if (passage == nullptr) {
            break;
        }
        if (passage->is_packet) {
            packets[count] = hand_out(*passage->buffer, passage->length_octets);
            packets[count].ip_checksum = passage->ip;
            packets[count].udp_checksum = passage->udp;
            ++count;
        } else {
            poller_free_.push_back(passage->buffer);
        }
        to_poller_.release();
    }
    return count;
}

std::size_t MemoryPort::rx_loop(std::span<port::Packet> packets) noexcept {
    const std::size_t count = allocate(packets);
    for (port::Packet& packet : packets.first(count)) {
        const PreparedPacket& prepared = loop_packets_[loop_next_];
        Buffer& buffer = *static_cast<Buffer*>(packet.handle);
        std::memcpy(packet.data, prepared.octets.data(), prepared.octets.size());
        packet.length_octets = static_cast<std::uint32_t>(prepared.octets.size());
        buffer.path = prepared.path;
        buffer.loop_index = loop_next_;
        loop_next_ = loop_next_ + 1 == loop_packets_.size() ? 0 : loop_next_ + 1;
    }
    return count;
}

std::size_t MemoryPort::tx_burst(std::span<port::Packet> packets) noexcept {
    UNDERSTUDY_CHECK(packets.size() <= port::kMaxBurst);
    const std::size_t count = std::min(packets.size(), tx_limit_.load(std::memory_order_relaxed));
    for (const port::Packet& packet : packets.first(count)) {
        send(packet);
    }
    return count;
}

void MemoryPort::send(const port::Packet& packet) noexcept {
    Buffer& buffer = take_back(packet);
    const std::uint8_t* begin = buffer.octets.get();
    UNDERSTUDY_CHECK(packet.length_octets != 0 && packet.data >= begin &&
                     packet.data + packet.length_octets <= begin + options_.buffer_octets);
    if (loop_packets_.empty()) {
        pass(to_test_, {&buffer, packet.data, packet.length_octets, true});
        return;
    }
    loop_sent_.add(1);
    if (loop_check_ && !loop_check_(buffer.loop_index, {packet.data, packet.length_octets})) {
        loop_wrong_.add(1);
    }
    give_back(buffer);
}

void MemoryPort::free(std::span<port::Packet> packets) noexcept {
    for (const port::Packet& packet : packets) {
        give_back(take_back(packet));
    }
}

std::size_t MemoryPort::allocate(std::span<port::Packet> packets) noexcept {
    take_returned();
    std::size_t count = 0;
    for (; count < packets.size() && !poller_free_.empty(); ++count) {
        Buffer* buffer = poller_free_.back();
        poller_free_.pop_back();
        packets[count] = hand_out(*buffer, 0);
    }
    return count;
}

void MemoryPort::wait(std::chrono::microseconds timeout) noexcept {
    if (!loop_packets_.empty() || to_poller_.front() != nullptr) {
        return;
    }
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    const timespec limit{.tv_sec = whole.count(),
                         .tv_nsec = std::chrono::nanoseconds(timeout - whole).count()};
    pollfd bell{.fd = bell_, .events = POLLIN, .revents = 0};
    if (::ppoll(&bell, 1, &limit, /*__ss=*/nullptr) > 0) {
        eventfd_t rings = 0;
        static_cast<void>(::eventfd_read(bell_, &rings));
    }
}

void MemoryPort::wake() noexcept {
    // Fails only where it rings already.
    static_cast<void>(::eventfd_write(bell_, 1));
}

}  // namespace understudy::memory
