#pragma once

#include <understudy/base/octets.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

/// What of NSEC3 and NSEC3PARAM a server acts on (RFC 5155 §3, §4).
namespace understudy::wire {

/// The hash algorithm of NSEC3 (RFC 5155 §11) and its digest's size.
inline constexpr std::uint8_t kNsec3Sha1 = 1;
inline constexpr std::size_t kNsec3Sha1Octets = 20;

using Nsec3Digest = std::array<std::uint8_t, kNsec3Sha1Octets>;

/// How a chain's owner names are hashed, as both types' rdata begin with it.
struct Nsec3Head {
    std::uint8_t algorithm = 0;
    std::uint8_t flags = 0;
    std::uint16_t iterations = 0;
    base::Octets salt;

    /// Nothing where the rdata ends early.
    [[nodiscard]] static std::optional<Nsec3Head> from_rdata(base::Octets rdata) noexcept;
};

/// The hash that an NSEC3 owner's first label is the base32hex form of (RFC 4648 §7, no padding,
/// either letter case). Nothing where it is not of the form or not of SHA-1's length.
[[nodiscard]] std::optional<Nsec3Digest> nsec3_label_hash(base::Octets label) noexcept;

/// The digits of base32hex that stand for SHA-1's octets, five bits each.
inline constexpr std::size_t kNsec3LabelOctets = kNsec3Sha1Octets * 8 / 5;

/// The other way round: the first label of the NSEC3 owner for `hash`, in lower case, without its
/// length.
[[nodiscard]] std::array<std::uint8_t, kNsec3LabelOctets> nsec3_hash_label(
    const Nsec3Digest& hash) noexcept;

}  // namespace understudy::wire
