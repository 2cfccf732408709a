#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <understudy/base/expected.h>

namespace understudy::base {

/// An IPv4 or IPv6 address, in network order. The default is 0.0.0.0.
class IpAddress {
  public:
    constexpr IpAddress() = default;

    [[nodiscard]] static IpAddress v4(std::span<const std::uint8_t, 4> octets) noexcept;
    [[nodiscard]] static IpAddress v6(std::span<const std::uint8_t, 16> octets) noexcept;

    /// `192.0.2.1` or `2001:db8::1`; no port, no prefix, no zone index.
    [[nodiscard]] static Expected<IpAddress> parse(std::string_view text);

    [[nodiscard]] bool is_v6() const noexcept { return is_v6_; }

    /// 4 or 16 octets in network order.
    [[nodiscard]] std::span<const std::uint8_t> octets() const noexcept {
        return {octets_.data(), is_v6_ ? std::size_t{16} : std::size_t{4}};
    }

    [[nodiscard]] std::string to_string() const;

    auto operator<=>(const IpAddress&) const = default;

  private:
    bool is_v6_ = false;
    std::array<std::uint8_t, 16>
        octets_{};  // an IPv4 address is in the first four, the rest is zero
};

/// An address with a prefix length: `192.0.2.0/24`. Without a length it is the address alone.
struct IpPrefix {
    IpAddress address;  // as written: host bits may be set (`192.0.2.53/24`)
    std::uint8_t length_bits = 0;

    [[nodiscard]] static Expected<IpPrefix> parse(std::string_view text);
    [[nodiscard]] bool contains(const IpAddress& other) const noexcept;
    [[nodiscard]] std::string to_string() const;

    auto operator<=>(const IpPrefix&) const = default;
};

/// An address and a UDP or TCP port, written `ADDR` or `ADDR@PORT`.
struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;

    /// `default_port` is taken where the text names none.
    [[nodiscard]] static Expected<Endpoint> parse(std::string_view text,
                                                  std::uint16_t default_port);
    [[nodiscard]] std::string to_string() const;

    auto operator<=>(const Endpoint&) const = default;
};

}  // namespace understudy::base
