#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace understudy::wire {

/// The header of a message (RFC 1035 §4.1.1).
struct Header {
    std::uint16_t id = 0;
    std::uint16_t flags = 0;
    std::uint16_t question_count = 0;
    std::uint16_t answer_count = 0;
    std::uint16_t authority_count = 0;
    std::uint16_t additional_count = 0;

    /// REQUIRES: at least kHeaderOctets.
    [[nodiscard]] static Header load(const std::uint8_t* at) noexcept;
    void store(std::uint8_t* at) const noexcept;

    [[nodiscard]] Opcode opcode() const noexcept {
        return static_cast<Opcode>((flags & flag::kOpcodeMask) >> flag::kOpcodeShift);
    }
    [[nodiscard]] Rcode rcode() const noexcept {
        return static_cast<Rcode>(flags & flag::kRcodeMask);
    }
    [[nodiscard]] bool is_response() const noexcept { return (flags & flag::kQr) != 0; }
};

/// What a message's OPT record says (RFC 6891 §6.1.3).
struct Edns {
    std::uint16_t payload_octets = kMinUdpPayloadOctets;  // what the sender takes; never below 512
    std::uint8_t version = 0;
    bool dnssec_ok = false;
    base::Octets options;  // well formed: code, length, value each; empty above version 0

    /// The value of the first option `code`.
    [[nodiscard]] std::optional<base::Octets> option(std::uint16_t code) const noexcept;
};

/// A request taken apart. Views into its message.
struct Query {
    Header header;
    NameView name;  // uncompressed, as received
    Type type = 0;
    Class klass = 0;
    std::size_t question_end =
        kHeaderOctets;  // where the question section ends; without a question the header's end
    bool has_question = false;
    std::optional<Edns> edns;
    bool has_tsig = false;

    [[nodiscard]] bool has_known_opcode() const noexcept;
};

enum class QueryFault : std::uint8_t {
    kNone,
    kShort,       // no header: nothing can be answered
    kIsResponse,  // QR is set: must not be answered
    kFormErr,
};

/// Takes a request apart: one question (RFC 9619), any records, at most one OPT, owned by the root
/// and in the additional section, a TSIG only as the last record, nothing behind. With kFormErr,
/// `query` holds what had been understood until then; an OPT is understood even if it is the fault.
/// What follows the header of an unknown opcode may have any form: it is never a fault, and `query`
/// holds of it what could be understood.
[[nodiscard]] QueryFault parse_query(base::Octets message, Query& query) noexcept;

}  // namespace understudy::wire
