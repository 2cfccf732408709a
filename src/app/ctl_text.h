#pragma once

#include <understudy/ops/protocol.h>
#include <span>
#include <string>

namespace understudy::app {

/// A command's document as people read it. The document may come from a daemon of another version:
/// what is missing in it is shown as `-`, what is unknown not at all.
[[nodiscard]] std::string document_text(std::span<const std::string> words,
                                        const ops::Json& document);

}  // namespace understudy::app
