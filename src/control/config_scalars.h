#pragma once

#include <understudy/base/expected.h>
#include <understudy/control/config.h>
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

/// The single values of the configuration. Each reader takes the text of one and says in its Error
/// what it expected and what it found.
namespace understudy::control {

/// Timers are SOA timers, which are 31 bits (RFC 1982, RFC 1035 §3.3.13).
inline constexpr std::int64_t kMaxDurationSeconds = 2147483647;

/// `expected WHAT, found 'TEXT'`
[[nodiscard]] tl::unexpected<base::Error> expected(std::string_view what, std::string_view found);

/// A decimal number without sign, from `least` to `most`.
[[nodiscard]] base::Expected<std::uint64_t> parse_number(std::string_view text,
                                                         std::uint64_t least,
                                                         std::uint64_t most);

template <typename T>
[[nodiscard]] auto number_parser(T least, T most) {
    return [least, most](std::string_view text) {
        return parse_number(text, least, most).map([](std::uint64_t number) {
            return static_cast<T>(number);
        });
    };
}

/// `30s 15m 12h 7d`: at least one second.
[[nodiscard]] base::Expected<Seconds> parse_duration(std::string_view text);

/// Octets: `512 64K 16M 4G`, by powers of 1024; at least `least`.
[[nodiscard]] base::Expected<std::uint64_t> parse_size(std::string_view text, std::uint64_t least);

/// `on off true false yes no`
[[nodiscard]] base::Expected<bool> parse_switch(std::string_view text);

/// Any text but an empty one.
[[nodiscard]] base::Expected<std::string> parse_text(std::string_view text);

/// A text that fits a character-string of the DNS; an empty one is one too.
[[nodiscard]] base::Expected<std::string> parse_identity(std::string_view text);

/// Such a text as octets, or `0x` and hexadecimal digits.
[[nodiscard]] base::Expected<std::vector<std::uint8_t>> parse_octets(std::string_view text);

/// One of a few words, each standing for a value.
template <typename T, std::size_t kCount>
class WordParser {
  public:
    struct Word {
        std::string_view text;
        T value;
    };

    explicit constexpr WordParser(const std::array<Word, kCount>& words) : words_(words) {}

    [[nodiscard]] base::Expected<T> operator()(std::string_view text) const {
        std::string all;
        for (std::size_t i = 0; i < kCount; ++i) {
            if (words_[i].text == text) {
                return words_[i].value;
            }
            all += separator(i);
            all += words_[i].text;
        }
        return expected(all, text);
    }

  private:
    /// What stands before word `index` where all are named.
    [[nodiscard]] static constexpr std::string_view separator(std::size_t index) noexcept {
        if (index == 0) {
            return "";
        }
        return index + 1 == kCount ? " or " : ", ";
    }

    std::array<Word, kCount> words_;
};

}  // namespace understudy::control
