#pragma once

#include <understudy/answer/answer.h>
#include <understudy/wire/constants.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace understudy::answer {

inline constexpr std::size_t kOptionHeadOctets = 4;  // code and length

/// What our OPT says that we take, which is also the most that we send.
[[nodiscard]] inline std::uint16_t own_payload_octets(const Context& context) noexcept {
    return std::max(context.max_udp_payload_octets,
                    static_cast<std::uint16_t>(wire::kMinUdpPayloadOctets));
}

/// The most octets that a response to this request may have. `client_octets`: what the client says
/// that it takes over UDP; `own_octets`: own_payload_octets.
[[nodiscard]] inline std::size_t limit_octets(const Request& request,
                                              std::size_t client_octets,
                                              std::size_t own_octets) noexcept {
    const std::size_t room = std::min(request.buffer.size(), request.limit_octets);
    if (request.transport == Transport::kStream) {
        return std::min(room, wire::kMaxMessageOctets);
    }
    return std::min({room, std::max(client_octets, wire::kMinUdpPayloadOctets), own_octets});
}

}  // namespace understudy::answer
