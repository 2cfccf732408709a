#pragma once

#include <understudy/base/octets.h>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Blocks of the pcapng format (draft-ietf-opsawg-pcapng), as tcpdump and Wireshark read it: octets
/// in the machine's order, times in nanoseconds, frames of Ethernet.
namespace understudy::app {

/// What a file begins with: the section and its interfaces, to which packets refer by their index.
[[nodiscard]] std::string pcapng_header(std::span<const std::string> interfaces);

struct PcapngPacket {
    std::uint32_t interface = 0;
    std::uint32_t queue = 0;
    bool is_sent = false;             // else received
    std::uint64_t time_ns = 0;        // since 1970
    std::uint32_t length_octets = 0;  // on the wire; what is kept may be less
    std::string octets;
};

[[nodiscard]] std::string pcapng_packet(const PcapngPacket& packet);

/// A remark at the file's end: statistics of the first interface, at `time_ns`.
[[nodiscard]] std::string pcapng_remark(std::uint64_t time_ns, std::string_view remark);

}  // namespace understudy::app
