#include "control/config_scalars.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include "control/config_reader.h"

namespace understudy::control {
namespace {

template <typename T>
std::optional<T> whole_number(std::string_view text, int radix) noexcept {
    T number = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [stopped, error] = std::from_chars(begin, end, number, radix);
    if (error != std::errc() || stopped != end || text.starts_with('-')) {
        return std::nullopt;
    }
    return number;
}

std::optional<std::int64_t> unit_seconds(char unit) noexcept {
    switch (unit) {
        case 's':
            return 1;
        case 'm':
            return 60;
        case 'h':
            return 3600;
        case 'd':
            return 86400;
        default:
            return std::nullopt;
    }
}

/// By how many bits a size of that unit is shifted; 0: it is none.
unsigned unit_shift(char unit) noexcept {
    switch (unit) {
        case 'K':
            return 10;
        case 'M':
            return 20;
        case 'G':
            return 30;
        default:
            return 0;
    }
}

}  // namespace

tl::unexpected<base::Error> expected(std::string_view what, std::string_view found) {
    return base::fail("expected " + std::string(what) + ", found " + in_quotes(found));
}

base::Expected<std::uint64_t> parse_number(std::string_view text,
                                           std::uint64_t least,
                                           std::uint64_t most) {
    const auto number = whole_number<std::uint64_t>(text, 10);
    if (!number || *number < least || *number > most) {
        return expected("a number from " + std::to_string(least) + " to " + std::to_string(most),
                        text);
    }
    return *number;
}

base::Expected<Seconds> parse_duration(std::string_view text) {
    const auto unit = text.empty() ? std::nullopt : unit_seconds(text.back());
    const auto count =
        unit ? whole_number<std::int64_t>(text.substr(0, text.size() - 1), 10) : std::nullopt;
    if (!count) {
        return expected("a duration such as 30s, 15m, 12h or 7d", text);
    }
    if (*count < 1 || *count > kMaxDurationSeconds / *unit) {
        return expected("a duration from 1s to " + std::to_string(kMaxDurationSeconds) + "s", text);
    }
    return Seconds(*count * *unit);
}

base::Expected<std::uint64_t> parse_size(std::string_view text, std::uint64_t least) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 50U;
    const unsigned shift = text.empty() ? 0 : unit_shift(text.back());
    const auto count =
        whole_number<std::uint64_t>(text.substr(0, text.size() - (shift == 0 ? 0 : 1)), 10);
    if (!count) {
        return expected("a size such as 64K, 16M or 4G", text);
    }
    if (*count > kMost >> shift || *count << shift < least) {
        return expected("a size from " + std::to_string(least) + " to " + std::to_string(kMost),
                        text);
    }
    return *count << shift;
}

base::Expected<bool> parse_switch(std::string_view text) {
    if (text == "on" || text == "true" || text == "yes") {
        return true;
    }
    if (text == "off" || text == "false" || text == "no") {
        return false;
    }
    return expected("on or off", text);
}

base::Expected<std::string> parse_text(std::string_view text) {
    if (text.empty()) {
        return expected("a text that is not empty", text);
    }
    return std::string(text);
}

base::Expected<std::string> parse_identity(std::string_view text) {
    if (text.size() > kMaxIdentityOctets) {
        return expected("a text of at most " + std::to_string(kMaxIdentityOctets) + " octets",
                        text);
    }
    return std::string(text);
}

base::Expected<std::vector<std::uint8_t>> parse_octets(std::string_view text) {
    std::vector<std::uint8_t> octets;
    if (!text.starts_with("0x")) {
        octets.assign(text.begin(), text.end());
    } else {
        for (std::size_t at = 2; at < text.size(); at += 2) {
            const auto octet = whole_number<std::uint8_t>(text.substr(at, 2), 16);
            if (!octet || text.size() % 2 != 0) {
                return expected("0x and two hexadecimal digits for each octet", text);
            }
            octets.push_back(*octet);
        }
    }
    if (octets.size() > kMaxIdentityOctets) {
        return expected("at most " + std::to_string(kMaxIdentityOctets) + " octets", text);
    }
    return octets;
}

}  // namespace understudy::control
