#pragma once

#include <understudy/base/check.h>
#include <understudy/port/packet_port.h>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace understudy::socket {

/// A datagram's memory and its way back.
struct alignas(64) DatagramBuffer {
    static constexpr std::uint32_t kCapacityOctets = port::PacketPort::kMinCapacityOctets;

    port::DatagramPath path;
    std::uint32_t scope_id = 0;      // the link of a link-local peer, else 0
    std::uint32_t socket_index = 0;  // of the port's sockets: where it came in
    std::array<std::uint8_t, kCapacityOctets> octets;

    /// The packet that stands for this buffer in the worker's hands.
    [[nodiscard]] port::Packet packet(std::uint32_t length_octets) noexcept {
        return {.data = octets.data(),
                .length_octets = length_octets,
                .capacity_octets = kCapacityOctets,
                .path = &path,
                .handle = this};
    }

    [[nodiscard]] static DatagramBuffer* of(const port::Packet& packet) noexcept {
        return static_cast<DatagramBuffer*>(packet.handle);
    }
};

/// A fixed number of buffers. The one freed last, still in the cache, goes out first.
class DatagramPool {
  public:
    /// A burst waiting in the receiver, one with the worker, and as much again for late replies.
    static constexpr std::size_t kBuffers = 4 * port::kMaxBurst;

    DatagramPool() : buffers_(std::make_unique<DatagramBuffer[]>(kBuffers)) {
        free_.reserve(kBuffers);
        for (std::size_t i = 0; i < kBuffers; ++i) {
            free_.push_back(&buffers_[i]);
        }
    }

    /// Null when all are out.
    [[nodiscard]] DatagramBuffer* take() noexcept {
        if (free_.empty()) {
            return nullptr;
        }
        DatagramBuffer* buffer = free_.back();
        free_.pop_back();
        return buffer;
    }

    void give(DatagramBuffer* buffer) noexcept {
        UNDERSTUDY_CHECK(free_.size() < kBuffers);
        free_.push_back(buffer);
    }

  private:
    std::unique_ptr<DatagramBuffer[]> buffers_;
    std::vector<DatagramBuffer*> free_;
};

}  // namespace understudy::socket
