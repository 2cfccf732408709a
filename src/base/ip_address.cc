#include <understudy/base/ip_address.h>

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace understudy::base {
namespace {

/// A decimal number that is the whole text and at most `most`.
template <typename T>
std::optional<T> parse_number(std::string_view text, T most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > most) {
        return std::nullopt;
    }
    return static_cast<T>(value);
}

}  // namespace

IpAddress IpAddress::v4(std::span<const std::uint8_t, 4> octets) noexcept {
    IpAddress address;
    std::ranges::copy(octets, address.octets_.begin());
    return address;
}

IpAddress IpAddress::v6(std::span<const std::uint8_t, 16> octets) noexcept {
    IpAddress address;
    address.is_v6_ = true;
    std::ranges::copy(octets, address.octets_.begin());
    return address;
}

Expected<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string terminated(
        text);  // inet_pton wants a C string; an embedded NUL ends it early
    std::array<std::uint8_t, 16> octets{};
    if (terminated.find('\0') == std::string::npos) {
        if (inet_pton(AF_INET, terminated.c_str(), octets.data()) == 1) {
            return v4(std::span(octets).first<4>());
        }
        if (inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1) {
            return v6(octets);
        }
    }
    return fail("'" + terminated + "' is not an IPv4 or IPv6 address");
}

std::string IpAddress::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(is_v6_ ? AF_INET6 : AF_INET, octets_.data(), text.data(), text.size());
    return text.data();
}

Expected<IpPrefix> IpPrefix::parse(std::string_view text) {
    const auto slash = text.find('/');
    auto address = IpAddress::parse(text.substr(0, slash));
    if (!address) {
        return fail(address.error().message);
    }
    const std::uint8_t most = address->is_v6() ? 128 : 32;
    if (slash == std::string_view::npos) {
        return IpPrefix{*address, most};
    }
    const auto length = parse_number<std::uint8_t>(text.substr(slash + 1), most);
    if (!length) {
        return fail("'" + std::string(text) + "' has no prefix length from 0 to " +
                    std::to_string(most));
    }
    return IpPrefix{*address, *length};
}

bool IpPrefix::contains(const IpAddress& other) const noexcept {
    if (other.is_v6() != address.is_v6()) {
        return false;
    }
    const auto ours = address.octets();
    const auto theirs = other.octets();
    const std::size_t whole = length_bits / 8U;
    if (!std::equal(
            ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(whole), theirs.begin())) {
        return false;
    }
    const unsigned rest = length_bits % 8U;
    if (rest == 0) {
        return true;
    }
    const unsigned mask = 0xFFU << (8U - rest);
    return ((ours[whole] ^ theirs[whole]) & mask & 0xFFU) == 0;
}

std::string IpPrefix::to_string() const {
    return address.to_string() + "/" + std::to_string(length_bits);
}

Expected<Endpoint> Endpoint::parse(std::string_view text, std::uint16_t default_port) {
    const auto at = text.find('@');
    auto address = IpAddress::parse(text.substr(0, at));
    if (!address) {
        return fail(address.error().message);
    }
    if (at == std::string_view::npos) {
        return Endpoint{*address, default_port};
    }
    const auto port = parse_number<std::uint16_t>(text.substr(at + 1), 65535);
    if (!port || *port == 0) {
        return fail("'" + std::string(text) + "' has no port from 1 to 65535");
    }
    return Endpoint{*address, *port};
}

std::string Endpoint::to_string() const { return address.to_string() + "@" + std::to_string(port); }

}  // namespace understudy::base
