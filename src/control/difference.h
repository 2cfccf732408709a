#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/reader.h>
#include <understudy/zone/change.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace understudy::control {

/// What leads from one version of a zone to a newer one, as octets: kept in the database for a
/// start and in memory for IXFR out. The records are in the order of RFC 1995 §4: the old SOA, what
/// goes, the new SOA, what comes. Each is, in network order:
///
///     owner's length, 1 (0: the owner of the one before) · owner · type, 2 · TTL, 4 ·
///     rdata's length, 2 · rdata, uncompressed
///
/// The second SOA divides what goes from what comes.
struct Difference {
    std::uint32_t from = 0;  // serials
    std::uint32_t to = 0;
    std::vector<std::uint8_t> octets;
};

/// The difference between two versions, or null where `to` is not the newer one (RFC 1982) or it
/// would have more than `most_octets`.
[[nodiscard]] std::shared_ptr<const Difference> make_difference(const zone::Zone& from,
                                                                const zone::Zone& to,
                                                                std::size_t most_octets);

/// Walks the records of a difference, which may have come from a disk: every step is checked.
class DifferenceReader {
  public:
    /// REQUIRES: `octets` stay where they are.
    explicit DifferenceReader(base::Octets octets) noexcept : in_(octets) {}

    struct Record {
        bool removes;
        wire::NameView owner;
        wire::Type type;
        std::uint32_t ttl_s;
        base::Octets rdata;
    };

    /// The next record, or nothing behind the last one and where the octets are malformed.
    [[nodiscard]] std::optional<Record> next() noexcept;

    /// All was read.
    [[nodiscard]] bool is_at_end() const noexcept { return in_.remaining() == 0 && soas_ == 2; }

  private:
    wire::Reader in_;
    wire::NameBuffer owner_;
    unsigned soas_ = 0;
};

/// Puts a difference behind what `change` has. Fails where it is malformed.
[[nodiscard]] base::Expected<void> append(base::Octets difference, zone::Change& change);

}  // namespace understudy::control
