#pragma once

#include <understudy/base/octets.h>
#include <understudy/stats/verdict.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/snapshot.h>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace understudy::answer {

/// What every answer draws on beside the zones: fixed for a server's life.
struct Context {
    std::string identity;            // id.server, hostname.bind; empty: hidden
    std::string version;             // version.server, version.bind; empty: hidden
    std::vector<std::uint8_t> nsid;  // empty: none
    std::uint16_t max_udp_payload_octets = 1232;
};

enum class Transport : std::uint8_t {
    kUdp,
    kStream,  // TCP, TLS: up to 65,535 octets, no truncation but by that
};

/// The room that any answer needs: a header, the longest question and an OPT with an EDE.
inline constexpr std::size_t kMinBufferOctets = wire::kHeaderOctets + wire::kMaxNameOctets + 4 + 17;

/// A request in a buffer, to be answered in the same buffer.
struct Request {
    base::MutableOctets buffer;  // the message first, the rest is room; at least kMinBufferOctets
    std::size_t length_octets = 0;  // in: of the message; out: of the response
    base::Octets source;            // the client's address, 4 or 16 octets
    Transport transport = Transport::kUdp;
    const wire::Name* key = nullptr;  // whose TSIG was verified and taken off, or null
    std::size_t limit_octets =
        wire::kMaxMessageOctets;  // of the response, beside what the transport allows; as above
    stats::Verdict verdict = stats::Verdict::kShortMessage;  // out
};

/// The room that a buffer must have for a UDP answer to be whole: what Context may allow at the
/// most.
inline constexpr std::size_t kMaxUdpPayloadOctets =
    1452;  // fits IPv6 in an Ethernet frame of 1,500

/// Answers each request from `snapshot`. An answered verdict: the response stands in the buffer.
/// kToControl: the message is untouched and for the control plane (TSIG, NOTIFY, AXFR, IXFR). A
/// dropped one: there must be no response. Any octets are a legal input; pure, and allocates
/// nothing.
///
/// REQUIRES: the caller may read `snapshot` until it returns (see rcu::Reader).
void answer(std::span<Request> requests,
            const zone::Snapshot& snapshot,
            const Context& context) noexcept;

}  // namespace understudy::answer
