#pragma once

#include <understudy/base/expected.h>
#include <understudy/ops/protocol.h>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace understudy::app {

/// Why there is no outcome of a command.
struct ClientFailure {
    enum class Kind : std::uint8_t {
        kUnreachable,  // the daemon cannot be asked, or does not answer
        kHere,         // what it sent could not be taken
    } kind = Kind::kUnreachable;
    std::string message;
};

/// For the next word of the daemon. Loading a large zone file may take it minutes.
inline constexpr std::chrono::minutes kAnswerTimeout{10};

/// Takes the parts of a text in order; an error ends the conversation.
using TextSink = std::function<base::Expected<void>(std::string_view)>;

/// Asks the daemon that listens at `socket` one command, and waits for how it ended.
[[nodiscard]] tl::expected<ops::Outcome, ClientFailure> ask_daemon(
    const std::string& socket, std::span<const std::string> words, const TextSink& take_text);

}  // namespace understudy::app
