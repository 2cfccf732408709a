#pragma once

#include <understudy/base/check.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace understudy::net {

/// Addresses as a register or two hold them: the octets of the wire loaded in the machine's order.
/// Good for comparing and nothing else.
struct AddressV4 {
    std::uint32_t octets = 0;

    bool operator==(const AddressV4&) const = default;
    [[nodiscard]] std::uint64_t last_octet() const noexcept { return octets >> 24; }
};

struct AddressV6 {
    std::uint64_t first_half = 0;
    std::uint64_t second_half = 0;

    bool operator==(const AddressV6&) const = default;
    [[nodiscard]] std::uint64_t last_octet() const noexcept { return second_half >> 56; }
};

[[nodiscard]] inline AddressV4 load_v4(const std::uint8_t* at) noexcept {
    AddressV4 address;
    std::memcpy(&address, at, sizeof address);
    return address;
}

[[nodiscard]] inline AddressV6 load_v6(const std::uint8_t* at) noexcept {
    AddressV6 address;
    std::memcpy(&address, at, sizeof address);
    return address;
}

/// A few addresses, most often one or two. Looking for one that is absent - the source of every
/// query is such - mostly ends at a filter of one word, a bit for each value that the low six bits
/// of the last octet can have; looking for one that is present scans a flat array.
template <typename Address, std::size_t kCapacity>
class AddressSet {
  public:
    [[nodiscard]] bool contains(const Address& address) const noexcept {
        if ((filter_ & filter_bit(address)) == 0) {
            return false;
        }
        for (std::size_t i = 0; i < count_; ++i) {
            if (addresses_[i] == address) {
                return true;
            }
        }
        return false;
    }

    /// REQUIRES: fewer than kCapacity addresses so far, unless this is one of them.
    void insert(const Address& address) {
        if (contains(address)) {
            return;
        }
        UNDERSTUDY_CHECK(count_ < kCapacity);
        addresses_[count_++] = address;
        filter_ |= filter_bit(address);
    }

  private:
    [[nodiscard]] static std::uint64_t filter_bit(const Address& address) noexcept {
        return std::uint64_t{1} << (address.last_octet() & 63U);
    }

    std::uint64_t filter_ = 0;
    std::size_t count_ = 0;
    std::array<Address, kCapacity> addresses_{};
};

}  // namespace understudy::net
