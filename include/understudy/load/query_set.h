#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/fault.h>
#include <understudy/base/octets.h>
#include <understudy/net/checksum.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::load {

/// What every query carries beside its question.
struct QueryOptions {
    std::uint16_t edns_octets = 0;  // the payload size that an OPT record announces; 0: no OPT
    bool dnssec_ok = false;         // an OPT record with DO, of edns_octets or else kDefaultEdns
    static constexpr std::uint16_t kDefaultEdnsOctets = 1232;
};

/// The queries of a file, as messages ready to be sent but for their id. Immutable, read by every
/// core; one stands behind the other in the order in which they are sent, so that memory is read
/// forward.
class QuerySet {
  public:
    static constexpr std::size_t kMaxQueries = std::size_t{1} << 30;
    static constexpr std::size_t kMaxFileOctets = std::size_t{8} << 30;
    static constexpr std::size_t kMaxFaults = 20;  // named before reading is given up

    /// A message and what is known of it.
    struct Query {
        base::Octets message;   // with an id of 0
        base::Octets question;  // inside `message`: name, type and class
        net::InternetSum sum;   // of `message`
    };

    /// A query a line, `NAME TYPE`, as dnsperf reads it: blanks between them, the type in any
    /// letter case or as TYPE123, names absolute with or without the final dot, empty lines and
    /// lines that begin with `;` skipped. `file`: for the faults, which name every line that is
    /// none, up to kMaxFaults.
    [[nodiscard]] static tl::expected<QuerySet, std::vector<base::Fault>> parse(
        std::string_view text, const std::string& file, const QueryOptions& options);

    /// The same of a file.
    [[nodiscard]] static tl::expected<QuerySet, std::vector<base::Fault>> read(
        const std::string& file, const QueryOptions& options);

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

    /// REQUIRES: index < size().
    [[nodiscard]] Query operator[](std::size_t index) const noexcept {
        const Entry& entry = entries_[index];
        const base::Octets message(octets_.data() + entry.offset, entry.message_octets);
        return {message, message.subspan(kQuestionOffset, entry.question_octets), entry.sum};
    }

  private:
    static constexpr std::size_t kQuestionOffset = 12;

    struct Entry {
        std::size_t offset;
        std::uint16_t message_octets;
        std::uint16_t question_octets;
        net::InternetSum sum;
    };

    QuerySet() = default;

    [[nodiscard]] base::Expected<void> add(std::string_view line, const QueryOptions& options);

    std::vector<std::uint8_t> octets_;
    std::vector<Entry> entries_;
};

}  // namespace understudy::load
