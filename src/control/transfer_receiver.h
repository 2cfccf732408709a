#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/control/config.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/wire/reader.h>
#include <understudy/zone/builder.h>
#include <understudy/zone/change.h>
#include <understudy/zone/replacement.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace understudy::control {

/// Takes the messages that answer an AXFR (RFC 5936 §2.2, §3) or an IXFR (RFC 1995 §4), one by one,
/// and makes a zone of them. Knows nothing of sockets, time or keys.
///
/// With a version that is held, a whole zone becomes the difference to it while it streams in, and
/// the differences of an IXFR are one change of it, so neither needs a second copy of the zone.
class TransferReceiver {
  public:
    /// An AXFR of a zone of which nothing is held.
    TransferReceiver(wire::NameView apex,
                     std::uint16_t id,
                     const zone::HashKey& key,
                     const TransferLimits& limits = {});

    /// `type`: kAxfr, or kIxfr that told the serial of `base`.
    TransferReceiver(std::shared_ptr<const zone::Zone> base,
                     std::uint16_t id,
                     wire::Type type,
                     const TransferLimits& limits = {});

    enum class Progress : std::uint8_t { kMore, kDone };

    /// Takes the next message. kDone: the transfer is whole. REQUIRES: nothing was refused before,
    /// and it was not whole yet.
    [[nodiscard]] base::Expected<Progress> feed(base::Octets message);

    /// Of a refusal, by feed() or build(): it lies in the differences, or the primary does not do
    /// IXFR, so an AXFR from it may succeed.
    [[nodiscard]] bool wants_axfr() const noexcept { return wants_axfr_; }

    /// The primary had but its SOA to tell of, which is not newer than ours.
    /// REQUIRES: feed() returned kDone.
    [[nodiscard]] bool has_no_news() const noexcept { return state_ == State::kNoNews; }

    /// Of the primary's version. REQUIRES: feed() returned kDone.
    [[nodiscard]] std::uint32_t serial() const noexcept;

    /// The zone, within the limits. Takes long for a large one; any thread. REQUIRES: feed()
    /// returned kDone, there is news, and the base is the newest living version of its lineage.
    [[nodiscard]] base::Expected<std::unique_ptr<const zone::Zone>> build();

    /// It came as differences.
    [[nodiscard]] bool is_incremental() const noexcept {
        return std::holds_alternative<zone::Change>(target_);
    }
    [[nodiscard]] const std::shared_ptr<const zone::Zone>& base() const noexcept { return base_; }
    [[nodiscard]] wire::NameView apex() const noexcept { return apex_; }
    [[nodiscard]] wire::Type type() const noexcept { return type_; }
    [[nodiscard]] const TransferLimits& limits() const noexcept { return limits_; }
    [[nodiscard]] std::uint16_t id() const noexcept { return id_; }
    [[nodiscard]] std::uint64_t octets() const noexcept { return octets_; }
    [[nodiscard]] std::uint64_t messages() const noexcept { return messages_; }

    /// That came, the closing SOA aside.
    [[nodiscard]] std::uint64_t records() const noexcept { return records_; }

  private:
    /// What the next record is, where it is no SOA.
    enum class State : std::uint8_t {
        kBegin,   // not allowed: the stream begins with the SOA
        kSecond,  // decides whether an IXFR is answered with differences
        kWhole,   // of the whole zone
        kGone,    // what a version has and the next one lacks
        kCome,    // what it gains
        kDone,
        kNoNews,
    };

    [[nodiscard]] base::Expected<void> check_header(base::Octets message);
    [[nodiscard]] base::Expected<void> take_record(base::Octets message,
                                                   const wire::RecordHead& record);
    [[nodiscard]] base::Expected<void> take_soa(const wire::RecordHead& record);
    [[nodiscard]] base::Expected<void> close();
    [[nodiscard]] base::Expected<void> begin_difference(const wire::RecordHead& record);
    [[nodiscard]] base::Expected<void> end_difference(const wire::RecordHead& record);
    [[nodiscard]] base::Expected<void> put(const wire::RecordHead& record);
    [[nodiscard]] base::Expected<void> put_step(zone::Change& change,
                                                const wire::RecordHead& record);
    [[nodiscard]] base::Expected<void> settle_lone_soa();
    [[nodiscard]] base::Expected<std::unique_ptr<const zone::Zone>> apply(
        const zone::Change& change, zone::Strictness strictness);

    /// For what an AXFR mends.
    [[nodiscard]] tl::unexpected<base::Error> fall_back(std::string message);

    wire::Name apex_;
    std::uint16_t id_;
    wire::Type type_;
    TransferLimits limits_;
    std::shared_ptr<const zone::Zone> base_;  // null: none is held
    std::variant<std::unique_ptr<zone::Builder>, zone::Replacement, zone::Change> target_;
    State state_ = State::kBegin;
    bool wants_axfr_ = false;
    std::uint32_t reached_ = 0;            // serial that the differences so far lead to
    std::vector<std::uint8_t> rdata_;      // of the record at hand
    std::vector<std::uint8_t> first_soa_;  // rdata of the SOA that began it; empty before
    std::uint64_t step_octets_ = 0;        // of names and rdata of differences
    std::uint64_t octets_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t records_ = 0;
};

}  // namespace understudy::control
