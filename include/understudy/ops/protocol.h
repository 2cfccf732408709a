#pragma once

#include <understudy/base/expected.h>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What understudyctl and the daemon say to each other over the control socket. Every line is one
/// JSON document. The client sends one request and reads to the end:
///
///     {"command": ["zone", "example.com", "dump"]}
///
///     {"text": "example.com. 3600 IN SOA …\n…"}        any number of parts, for `dump`
///     {"exit": 0, "result": {…}}                       exactly one, the last
///     {"exit": 1, "error": "…", "result": {…}}         … or this one
///
/// A response without its last line is cut short. Clients and daemons of neighbouring versions may
/// meet: unknown keys are passed over.
namespace understudy::ops {

/// Keeps keys in the order in which they were written, for the sake of people who read documents.
using Json = nlohmann::ordered_json;

inline constexpr std::string_view kDefaultSocket = "/run/understudy/control.sock";

/// A request line at the most. The longest sensible one has a name in escapes (4 octets each, and
/// the backslash doubled by JSON): some 1.3 KiB.
inline constexpr std::size_t kMaxRequestOctets = 8192;

/// How a command ended.
struct Outcome {
    bool done = true;   // else refused or failed
    Json result;        // the command's document; of a failure, what is known beside the error
    std::string error;  // of a failure, in words
};

/// Part of a text that is too long for one document.
struct TextPart {
    std::string text;
};

// All encoders end the line; octets that are no UTF-8 become U+FFFD. Decoders take the line with or
// without its end.

[[nodiscard]] std::string encode_request(std::span<const std::string> words);
[[nodiscard]] base::Expected<std::vector<std::string>> decode_request(std::string_view line);

[[nodiscard]] std::string encode(const TextPart& part);
[[nodiscard]] std::string encode(const Outcome& outcome);
[[nodiscard]] base::Expected<std::variant<TextPart, Outcome>> decode_response(
    std::string_view line);

}  // namespace understudy::ops
