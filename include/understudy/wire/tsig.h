#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/wire/reader.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

/// The TSIG record (RFC 8945): where it stands in a message, and which octets its code covers. No
/// cryptography here.
namespace understudy::wire {

/// The error field's values that are TSIG's own (RFC 8945 §3). Others are rcodes.
// NOLINTNEXTLINE(performance-enum-size): the field has 16 bits, and any value may arrive
enum class TsigError : std::uint16_t {
    kNone = 0,
    kBadSig = 16,
    kBadKey = 17,
    kBadTime = 18,
    kBadTrunc = 22,
};

/// A TSIG record, received or to be sent. A received one's views point into its message.
struct Tsig {
    NameBuffer key;  // the owner
    NameView algorithm;
    std::uint64_t time_signed_s = 0;  // since 1970; 48 bits
    std::uint16_t fudge_s = 0;
    base::Octets mac;
    std::uint16_t original_id = 0;
    TsigError error = TsigError::kNone;
    base::Octets other;
    std::size_t offset = 0;  // received: where in the message the record begins
};

enum class TsigPresence : std::uint8_t {
    kAbsent,
    kPresent,
    kMalformed,  // FORMERR, and nothing of the message is to be believed
};

/// Looks for the TSIG record. There may be one, as the very end of the message in its additional
/// section, of class ANY and TTL 0, with an uncompressed algorithm name (RFC 8945 §4.2, §5.1);
/// whatever deviates is malformed, and so is a message whose records do not stand whole.
[[nodiscard]] TsigPresence find_tsig(base::Octets message, Tsig& into) noexcept;

/// What of a received message is covered: without its TSIG record, not counted either, and under
/// the id that it was signed with (RFC 8945 §4.3.2).
struct TsigCoverage {
    std::array<std::uint8_t, kHeaderOctets> header;
    base::Octets rest;
};

/// REQUIRES: `tsig` was found in `message`.
[[nodiscard]] TsigCoverage tsig_coverage(base::Octets message, const Tsig& tsig) noexcept;

/// The TSIG variables in digest form, names in lower case (RFC 8945 §4.3.3).
[[nodiscard]] std::vector<std::uint8_t> tsig_variables(const Tsig& tsig);

inline constexpr std::size_t kTsigTimersOctets = 8;

/// What later messages of a stream cover instead of the variables (RFC 8945 §5.3.1).
[[nodiscard]] std::array<std::uint8_t, kTsigTimersOctets> tsig_timers(const Tsig& tsig) noexcept;

/// How long the record is in a message.
[[nodiscard]] std::size_t tsig_record_octets(NameView key,
                                             NameView algorithm,
                                             std::size_t mac_octets,
                                             std::size_t other_octets) noexcept;

/// Whether `message` stays within what a message can have, in octets and records, with one more
/// record of `record_octets`. REQUIRES: it begins with a header.
[[nodiscard]] bool tsig_fits(base::Octets message, std::size_t record_octets) noexcept;

/// Puts the record at the end of `message` and counts it.
/// REQUIRES: tsig_fits; `tsig` does not point into `message`.
void append_tsig(std::vector<std::uint8_t>& message, const Tsig& tsig);

/// Takes the record off again; the id stays as received. Ends the validity of the views of `tsig`.
/// REQUIRES: `tsig` was found in `message`.
void strip_tsig(std::vector<std::uint8_t>& message, const Tsig& tsig);

}  // namespace understudy::wire
