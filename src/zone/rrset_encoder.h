#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/message_writer.h>
#include <understudy/wire/name.h>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace understudy::zone {

/// A record of some node, its rdata uncompressed and kept by somebody else.
struct RecordRef {
    wire::Type type = 0;
    wire::Type covered = 0;  // by an RRSIG; of any other type its own
    std::uint32_t ttl_s = 0;
    base::Octets rdata;

    [[nodiscard]] static RecordRef of(wire::Type type,
                                      std::uint32_t ttl_s,
                                      base::Octets rdata) noexcept;

    [[nodiscard]] bool is_signature() const noexcept { return type == wire::type::kRrsig; }
};

/// RRsets by type, the RRSIGs behind what they cover, records in the order of their rdata (RFC 4034
/// §6.3).
[[nodiscard]] bool stored_before(const RecordRef& left, const RecordRef& right) noexcept;

/// Gives all records of each RRset its lowest TTL (RFC 2181 §5.2) and leaves one of several that
/// are equal. `records`: sorted.
void normalise(std::vector<RecordRef>& records);

/// The records of one type at one node, or none.
[[nodiscard]] std::span<const RecordRef> records_of(std::span<const RecordRef> sorted,
                                                    wire::Type type) noexcept;

/// Appends the A and the AAAA records of one node.
void append_addresses(std::span<const RecordRef> sorted, std::vector<RecordRef>& into);

/// Glue for one name server of a cut.
struct Glue {
    wire::NameView host;
    std::vector<RecordRef> records;  // A and AAAA, sorted and normalised
};

inline constexpr std::size_t kMaxTypesAtName = 255;

/// Writes the RRsets of nodes as they are stored (see StoredRRset): with the MessageWriter that
/// the answers are written with, so that a copy is what would be written.
class RRsetEncoder {
  public:
    RRsetEncoder();

    /// Appends the number of RRsets and them. `records`: sorted and normalised; of one owner, whose
    /// whole name `owner` is. Where the owner is a cut, `cut` says what its referral needs.
    struct Cut {
        std::vector<Glue> glue;  // of the hosts below it, in the order of the NS records
        bool may_have_siblings = false;
    };
    [[nodiscard]] base::Expected<void> encode(wire::NameView owner,
                                              std::span<const RecordRef> records,
                                              const Cut* cut,
                                              std::vector<std::uint8_t>& into);

    /// The SOA record and its RRSIGs for negative answers, with their TTL at most `ttl_s`, as a
    /// StoredRRset; behind it the fix-ups of both.
    void encode_negative(wire::NameView apex,
                         std::span<const RecordRef> soa,
                         std::uint32_t ttl_s,
                         std::vector<std::uint8_t>& into);

  private:
    [[nodiscard]] wire::MessageWriter writer_for(wire::NameView owner);
    [[nodiscard]] base::Expected<void> encode_rrset(wire::NameView owner,
                                                    std::span<const RecordRef> records,
                                                    std::vector<std::uint8_t>& into);
    [[nodiscard]] base::Octets write(wire::MessageWriter& writer,
                                     wire::NameView owner,
                                     std::span<const RecordRef> records,
                                     std::uint32_t ttl_s);
    [[nodiscard]] base::Expected<void> encode_referral(wire::NameView owner,
                                                       std::span<const RecordRef> ns,
                                                       const Cut& cut,
                                                       std::vector<std::uint8_t>& into);

    std::vector<std::uint8_t> buffer_;  // a message of the longest body
};

}  // namespace understudy::zone
