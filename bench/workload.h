#pragma once

#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/snapshot.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "records.h"
#include "signer.h"

namespace understudy::bench {

inline constexpr std::uint32_t kTtl = 300;
inline constexpr std::uint32_t kNegativeTtl = 60;

/// Zones whose names have numbers, from 0 on. A number gives back its name, its records and what is
/// to be asked for it, so nothing of them is kept; from `names()` on numbers give names that do not
/// exist. The same zones for the same arguments.
class Workload {
  public:
    virtual ~Workload() = default;
    Workload(const Workload&) = delete;
    Workload& operator=(const Workload&) = delete;

    [[nodiscard]] std::size_t names() const noexcept { return names_; }
    [[nodiscard]] std::size_t zones() const noexcept { return zones_; }
    [[nodiscard]] Chain chain() const noexcept { return chain_; }

    [[nodiscard]] std::size_t zone_of(std::size_t number) const noexcept {
        return number % names_ / (names_ / zones_);
    }
    [[nodiscard]] virtual wire::Name apex(std::size_t zone) const = 0;

    /// The records of a name, those below it that belong to it included; signed where the zone is.
    void write_name(std::size_t number, RecordSink& into) const;

    /// All records of a zone, its apex's first.
    void write_zone(std::size_t zone, RecordSink& into) const;

    /// What a question for that number asks.
    [[nodiscard]] virtual wire::Name question(std::size_t number) const = 0;
    [[nodiscard]] virtual wire::Type question_type(std::size_t number) const = 0;

    /// A name that exists gives a referral; else its records are the answer.
    [[nodiscard]] virtual bool refers() const noexcept { return false; }

  protected:
    /// REQUIRES: names is a multiple of zones.
    Workload(std::size_t names, std::size_t zones, Chain chain);

    virtual void write_plain_name(std::size_t number, RecordSink& into) const = 0;

  private:
    std::size_t names_;
    std::size_t zones_;
    Chain chain_;
};

/// The SOA of every zone.
[[nodiscard]] base::Octets soa_rdata();

/// A workload by its name, `scale` times as large (at least a hundred names), or null:
///
///     root                1,500 delegations with four servers inside each and their addresses
///     tld, com            1 and 150 million: two servers, one in ten inside with A, one in ten DS
///     hosts, hosts10m     1 and 10 million names with an A or an AAAA record
///     one_a, one_a10m, one_a100m  1, 10 and 100 million names with an A record
///     many                100,000 zones of ten such names
///     ip6                 500,000 PTR at 34 labels below a /32, in a thousand /64
///     nsec, nsec3         one_a signed
[[nodiscard]] std::unique_ptr<const Workload> make_workload(std::string_view name, double scale);

/// A zone made of its records.
[[nodiscard]] std::unique_ptr<const zone::Zone> build_zone(const Workload& workload,
                                                           std::size_t zone);

/// All its zones.
[[nodiscard]] zone::Snapshot build(const Workload& workload);

/// What the zones of a snapshot say they hold.
[[nodiscard]] std::size_t memory_octets(const zone::Snapshot& snapshot);

}  // namespace understudy::bench
