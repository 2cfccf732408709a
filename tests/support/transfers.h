#pragma once

#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/zone.h>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/octets.h"

/// Zone transfers as a primary writes them, right or wrong. Names are not compressed unless a test
/// does it by hand; written without a look at the code under test.
namespace understudy::support {

struct Record {
    wire::Name owner;
    wire::Type type = wire::type::kA;
    std::uint32_t ttl_s = 0;
    Bytes rdata;
    wire::Class klass = wire::klass::kIn;

    bool operator==(const Record&) const = default;
};

/// The records of a master file's text, in its order.
[[nodiscard]] std::vector<Record> records_of(std::string_view apex, std::string_view text);

/// The records of a zone as an AXFR has them: the SOA first and last.
[[nodiscard]] std::vector<Record> records_of(const zone::Zone& zone);

/// What an IXFR from one version to the next has, in one difference: the SOAs of both between what
/// goes and what comes.
[[nodiscard]] std::vector<Record> difference_of(const zone::Zone& from, const zone::Zone& to);

struct TransferMessage {
    std::uint16_t id = 0x1234;
    std::uint16_t flags = wire::flag::kQr | wire::flag::kAa;
    bool has_question = true;
    std::string name = "example.";  // of the question
    wire::Type type = wire::type::kAxfr;
    wire::Class klass = wire::klass::kIn;
    std::vector<Record> answers = {};
};

[[nodiscard]] Bytes make_transfer_message(const TransferMessage& fields);

/// A whole transfer, `per_message` records in each message, the question in the first one alone.
[[nodiscard]] std::vector<Bytes> make_transfer(const std::vector<Record>& records,
                                               std::size_t per_message,
                                               const TransferMessage& fields = {});

/// All records of a zone, a line each, sorted: equal exactly if the zones are, letter case
/// included.
[[nodiscard]] std::vector<std::string> dump(const zone::Zone& zone);

}  // namespace understudy::support
