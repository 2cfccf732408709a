#include "app/quantity.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace understudy::app {
namespace {

struct Unit {
    std::uint64_t seconds;
    char letter;
};
constexpr auto kUnits = std::to_array<Unit>({{86'400, 'd'}, {3'600, 'h'}, {60, 'm'}, {1, 's'}});

constexpr std::int64_t kFirstInSecondsMs = 10'000;

std::string positive_duration(std::uint64_t seconds) {
    std::size_t unit = 0;
    while (unit + 1 < kUnits.size() && seconds < kUnits[unit].seconds) {
        ++unit;
    }
    std::string text = fmt::format("{}{}", seconds / kUnits[unit].seconds, kUnits[unit].letter);
    if (unit + 1 < kUnits.size()) {
        const Unit& next = kUnits[unit + 1];
        const std::uint64_t rest = seconds % kUnits[unit].seconds / next.seconds;
        if (rest > 0) {
            text += fmt::format(" {}{}", rest, next.letter);
        }
    }
    return text;
}

}  // namespace

std::string duration_text(std::int64_t seconds) {
    if (seconds < 0) {
        return "-" + positive_duration(std::uint64_t{0} - static_cast<std::uint64_t>(seconds));
    }
    return positive_duration(static_cast<std::uint64_t>(seconds));
}

std::string milliseconds_text(std::int64_t milliseconds) {
    return milliseconds < kFirstInSecondsMs ? fmt::format("{} ms", milliseconds)
                                            : duration_text(milliseconds / 1000);
}

std::string octets_text(std::uint64_t octets) {
    constexpr auto kPrefixes =
        std::to_array<std::string_view>({"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"});
    if (octets < 1024) {
        return fmt::format("{} B", octets);
    }
    auto value = static_cast<double>(octets) / 1024;
    std::size_t prefix = 0;
    // 1023.95 would be printed as 1024.
    while (value >= 1023.5 && prefix + 1 < kPrefixes.size()) {
        value /= 1024;
        ++prefix;
    }
    return fmt::format("{:.{}f} {}B", value, value < 9.95 ? 1 : 0, kPrefixes[prefix]);
}

std::string count_text(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (std::ptrdiff_t at = std::ssize(text) - 3; at > 0; at -= 3) {
        text.insert(static_cast<std::size_t>(at), 1, ',');
    }
    return text;
}

}  // namespace understudy::app
