#pragma once

#include <understudy/answer/answer.h>
#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/zone/fixups.h>
#include <understudy/zone/wire_record.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "answer/owned_records.h"
#include "answer/size_limits.h"

namespace understudy::answer {

// Where the fields of an OPT stand, its owner being the root (RFC 6891 §6.1.2).
inline constexpr std::size_t kOptTypeAt = 1;
inline constexpr std::size_t kOptPayloadAt = 3;
inline constexpr std::size_t kOptVersionAt = 6;
inline constexpr std::size_t kOptFlagsAt = 7;
inline constexpr std::size_t kOptLengthAt = 9;

/// An OPT without options and flags.
using OptRecord = std::array<std::uint8_t, wire::kOptOctets>;

[[nodiscard]] inline OptRecord make_opt(std::size_t payload_octets) noexcept {
    OptRecord opt{0, 0, wire::type::kOpt};
    base::store_be16(&opt[kOptPayloadAt], static_cast<std::uint16_t>(payload_octets));
    return opt;
}

/// The counts of a header with one question and nothing else, as the number that they are together.
inline constexpr std::uint64_t kOneQuestion = 0x0001'0000'0000'0000;

/// A response that is written behind its question, once it is known to fit.
class Reply {
  public:
    /// Where a section's count stands among the four.
    enum Section : unsigned { kAnswer = 32, kAuthority = 16, kAdditional = 0 };

    Reply(Request& request, std::size_t question_end) noexcept
        : request_(request), at_(request.buffer.data() + question_end) {}

    void add(Section section, base::Octets records, std::size_t count) noexcept {
        std::memcpy(at_, records.data(), records.size());
        advance(section, records.size(), count);
    }

    /// Records that are stored for a question shorter by `shift` octets.
    void add_moved(Section section,
                   base::Octets records,
                   std::size_t count,
                   base::Octets fixups,
                   std::size_t shift) noexcept {
        if (records.empty()) {
            return;
        }
        std::memcpy(at_, records.data(), records.size());
        if (shift != 0) {
            zone::FixUps::apply(fixups, at_, shift);
        }
        advance(section, records.size(), count);
    }

    void add(Section section, const OwnedRecords& records, std::uint32_t ttl_s) noexcept {
        records.write(at_, ttl_s);
        advance(section, records.octets(), records.count());
    }

    void add_opt(const OptRecord& opt, bool dnssec_ok) noexcept {
        std::memcpy(at_, opt.data(), opt.size());
        at_[kOptFlagsAt] = dnssec_ok ? wire::edns::kDo >> 8U : 0;
        advance(kAdditional, opt.size(), 1);
    }

    /// Ends the request.
    void finish(wire::Rcode rcode, stats::Verdict verdict) noexcept {
        constexpr unsigned kKept = wire::flag::kRd | wire::flag::kCd;
        std::uint8_t* const message = request_.buffer.data();
        const unsigned flags = wire::flag::kQr | (base::load_be16(message + 2) & kKept) |
                               (verdict == stats::Verdict::kReferral ? 0U : wire::flag::kAa) |
                               static_cast<unsigned>(rcode);
        base::store_be16(message + 2, static_cast<std::uint16_t>(flags));
        base::store_be64(message + 4, counts_);
        request_.length_octets = static_cast<std::size_t>(at_ - message);
        request_.verdict = verdict;
    }

  private:
    void advance(Section section, std::size_t octets, std::size_t count) noexcept {
        at_ += octets;
        counts_ += std::uint64_t{count} << section;
    }

    Request& request_;
    std::uint8_t* at_;
    std::uint64_t counts_ = kOneQuestion;
};

}  // namespace understudy::answer
