#pragma once

#include <chrono>

namespace understudy::control {

/// How long other servers are waited for. A mute primary is given up within 15 seconds, whatever
/// was asked of it; tests have less patience.
struct Timeouts {
    static constexpr int kDatagramTries = 2;

    std::chrono::milliseconds datagram{1'500};
    std::chrono::milliseconds connect{4'000};
    std::chrono::milliseconds send{1'000};     // a query on a new connection
    std::chrono::milliseconds answer{6'000};   // for the answer to an SOA query over TCP
    std::chrono::milliseconds message{9'000};  // between two messages of a transfer
    std::chrono::milliseconds pace{30'000};    // that a transfer may take to come to its least rate
    std::chrono::milliseconds notify{1'000};   // for the first NOTIFY's answer; each further try
                                               // takes twice as long as the one before
};

inline constexpr std::chrono::milliseconds kMaxMute{15'000};
static_assert(Timeouts::kDatagramTries * Timeouts{}.datagram + Timeouts{}.connect +
                  Timeouts{}.send + Timeouts{}.answer <
              kMaxMute);
static_assert(Timeouts{}.connect + Timeouts{}.send + Timeouts{}.message < kMaxMute);

}  // namespace understudy::control
