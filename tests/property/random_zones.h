#pragma once

#include <random>
#include <string>
#include <vector>

#include "model/signer.h"
#include "model/zone.h"
#include "support/octets.h"

namespace understudy::property {

/// UNDERSTUDY_SEED, for runs with other zones; without it they are the same each time.
[[nodiscard]] std::uint32_t first_seed();

/// The zone "z." before anything is planted in it: an SOA with MINIMUM 60 and the NS record `ns`.
[[nodiscard]] model::Zone bare_zone(std::uint32_t soa_ttl_s, const support::Bytes& ns);

/// Random small zones of few labels, so that names collide in every way.
class Grammar {
  public:
    explicit Grammar(std::uint32_t seed) : random_(seed) {}

    /// Three of four are signed, in every way.
    [[nodiscard]] model::Zone zone();

    /// A signed one that lacks some of its NSEC and NSEC3 records, or all signatures of a type, or
    /// whose hashes have more iterations than a server has to take (RFC 9276 §3.2).
    [[nodiscard]] model::Zone broken_zone();

    /// The name with its letters in a case of its own.
    [[nodiscard]] support::Bytes in_any_case(const support::Bytes& name);

    [[nodiscard]] std::size_t pick(std::size_t below) { return random_() % below; }

  private:
    [[nodiscard]] std::string owner(std::size_t most_labels);
    [[nodiscard]] support::Bytes target();
    [[nodiscard]] model::Zone unsigned_zone();
    void plant(model::Zone& zone);
    [[nodiscard]] model::Signing signing();

    std::mt19937 random_;
};

}  // namespace understudy::property
