#pragma once

#include <understudy/wire/constants.h>
#include <cstdint>
#include <optional>
#include <string>

#include "support/octets.h"

namespace understudy::support {

struct EdnsFields {
    std::uint16_t payload_octets = 1232;
    std::uint8_t version = 0;
    bool dnssec_ok = false;
    Bytes options = {};
};

struct QueryFields {
    std::string name;  // in master-file form
    wire::Type type = wire::type::kA;
    wire::Class klass = wire::klass::kIn;
    std::uint16_t id = 0x1234;
    std::uint16_t flags = 0;  // opcode, RD, CD
    std::optional<EdnsFields> edns = std::nullopt;
};

/// A query with one question.
[[nodiscard]] Bytes make_query(const QueryFields& fields);

/// A header alone, for what goes wrong behind it.
[[nodiscard]] OctetBuilder make_header(std::uint16_t flags,
                                       unsigned questions,
                                       unsigned answers,
                                       unsigned authorities,
                                       unsigned additionals);

/// Appends an OPT to the message in the making.
OctetBuilder& add_opt(OctetBuilder& message, const EdnsFields& edns);

/// One EDNS option.
[[nodiscard]] Bytes edns_option(unsigned code, const Bytes& value = {});

/// What a response says, for comparison; the question is left out:
///
///     NXDOMAIN aa rd
///     answer www.example. 300 IN CNAME x.example.
///     authority example. 60 IN SOA …
///     edns 1232 do ede=20 nsid=616D73
///
/// Flags are those of aa tc rd ra ad cd that are set, and "query" where QR is not; opcodes above 0
/// stand there as `opcode=4`. `malformed` is all that it says of a message that is.
[[nodiscard]] std::string message_text(base::Octets message);

}  // namespace understudy::support
