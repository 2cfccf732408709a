#pragma once

#include <understudy/base/octets.h>
#include <string>
#include <tuple>
#include <vector>

#include "model/answerer.h"
#include "support/octets.h"

// Responses in a form in which the server's and the model's are equal or not.
namespace understudy::property {

/// Owner, type, TTL and rdata; letters are lowered, the rdata's with its names.
using Key = std::tuple<support::Bytes, wire::Type, std::uint32_t, support::Bytes>;

struct Comparable {
    unsigned flags = 0;            // AA, TC and the rcode
    std::vector<Key> sections[3];  // sorted; duplicates stay

    bool operator==(const Comparable&) const = default;

    [[nodiscard]] bool is_truncated() const { return (flags & wire::flag::kTc) != 0; }
    [[nodiscard]] std::string to_text() const;
};

[[nodiscard]] Comparable comparable(const model::Answer& answer);

/// A response; the test fails where it is malformed, or has an OPT with DO set other than
/// `dnssec_ok` says.
[[nodiscard]] Comparable comparable(base::Octets message, bool dnssec_ok);

/// What holds between the answer over UDP and the whole one: it has whole RRsets of that or nothing
/// of them, and unless it says TC it lacks none but additional ones. Signatures are an RRset for
/// each type that they cover.
[[nodiscard]] bool is_part_of(const Comparable& datagram, const Comparable& whole);

}  // namespace understudy::property
