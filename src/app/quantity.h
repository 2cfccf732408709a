#pragma once

#include <cstdint>
#include <string>

/// Quantities in the form that people read.
namespace understudy::app {

/// The two largest units: `42s`, `2m 5s`, `2h 13m`, `3d 4h`; a zero second one is left out. What is
/// below zero is as long ago: `-5s`.
[[nodiscard]] std::string duration_text(std::int64_t seconds);

/// `340 ms` below ten seconds, else as duration_text.
[[nodiscard]] std::string milliseconds_text(std::int64_t milliseconds);

/// `512 B`, `1.5 KiB`, `20 MiB`: by powers of 1024, with one decimal below ten.
[[nodiscard]] std::string octets_text(std::uint64_t octets);

/// `1,234,567`.
[[nodiscard]] std::string count_text(std::uint64_t count);

}  // namespace understudy::app
