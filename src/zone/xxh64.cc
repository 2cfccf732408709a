#include "zone/xxh64.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace understudy::zone {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4F;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5;

// The octets count as numbers with the least significant first, as base/octets.h asserts of the
// machine.
template <typename Integer>
std::uint64_t load(const std::uint8_t* at) noexcept {
    Integer value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

std::uint64_t round(std::uint64_t lane, std::uint64_t input) noexcept {
    return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

}  // namespace

void Xxh64::take_stripe(const std::uint8_t* at) noexcept {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        lanes_[lane] = round(lanes_[lane], load<std::uint64_t>(at + lane * sizeof(std::uint64_t)));
    }
}

void Xxh64::update(base::Octets octets) noexcept {
    const std::size_t held = octets_ % kStripeOctets;
    octets_ += octets.size();
    if (held != 0) {
        const std::size_t taken = std::min(kStripeOctets - held, octets.size());
        std::copy_n(octets.data(), taken, &rest_[held]);
        octets = octets.subspan(taken);
        if (held + taken < kStripeOctets) {
            return;
        }
        take_stripe(rest_.data());
    }
    for (; octets.size() >= kStripeOctets; octets = octets.subspan(kStripeOctets)) {
        take_stripe(octets.data());
    }
    std::ranges::copy(octets, rest_.begin());
}

std::uint64_t Xxh64::digest() const noexcept {
    std::uint64_t sum = kPrime5;
    if (octets_ >= kStripeOctets) {
        sum = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) +
              std::rotl(lanes_[3], 18);
        for (const std::uint64_t lane : lanes_) {
            sum = (sum ^ round(0, lane)) * kPrime1 + kPrime4;
        }
    }
    sum += octets_;
    const std::uint8_t* at = rest_.data();
    std::size_t left = octets_ % kStripeOctets;
    for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t)) {
        sum = std::rotl(sum ^ round(0, load<std::uint64_t>(at)), 27) * kPrime1 + kPrime4;
        at += sizeof(std::uint64_t);
    }
    if (left >= sizeof(std::uint32_t)) {
        sum = std::rotl(sum ^ load<std::uint32_t>(at) * kPrime1, 23) * kPrime2 + kPrime3;
        at += sizeof(std::uint32_t);
        left -= sizeof(std::uint32_t);
    }
    for (; left > 0; --left) {
        sum = std::rotl(sum ^ *at++ * kPrime5, 11) * kPrime1;
    }
    sum = (sum ^ sum >> 33U) * kPrime2;
    sum = (sum ^ sum >> 29U) * kPrime3;
    return sum ^ sum >> 32U;
}

}  // namespace understudy::zone
