#pragma once

#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <cstdint>
#include <vector>

/// What a zone answers, in the slowest and plainest way: lists, searched from front to end, after
/// the words of RFC 1034 §4.3.2, 2308, 4592 and 6672. It shares nothing with the server but names
/// and numbers, so that the two do not err alike.
namespace understudy::model {

struct Record {
    wire::Name owner;
    wire::Type type = 0;
    std::uint32_t ttl_s = 0;
    std::vector<std::uint8_t> rdata;  // uncompressed
};

/// REQUIRES: an SOA at the apex, and what RFC 1034 §3.6.2 asks of CNAMEs.
struct Zone {
    wire::Name apex;
    std::vector<Record> records;
};

struct Answer {
    wire::Rcode rcode = wire::Rcode::kNoError;
    bool is_authoritative = false;
    std::vector<Record> answer;
    std::vector<Record> authority;
    std::vector<Record> additional;
};

/// Aliases that a question may lead through.
inline constexpr std::size_t kMaxAliases = 17;

/// The whole answer, as if size were no matter; ANY gets every RRset. REQUIRES: `name` is in the
/// zone.
[[nodiscard]] Answer answer(const Zone& zone, const wire::Name& name, wire::Type type);

}  // namespace understudy::model
