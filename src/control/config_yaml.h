#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// YAML as plain values. Behind this header stands yaml-cpp, whose exceptions and compile time go
/// no further.
namespace understudy::control {

/// Where a node begins, from 1.
struct YamlPlace {
    std::size_t line = 0;
    std::size_t column = 0;
};

struct YamlNode {
    enum class Kind : std::uint8_t { kNothing, kText, kList, kMap };

    Kind kind = Kind::kNothing;
    YamlPlace place;
    std::string text;             // of kText, quotes and escapes resolved
    std::vector<YamlNode> items;  // of kList; of kMap: key, value, key, value, ...

    /// Nothing, or a text, list or map without anything in it.
    [[nodiscard]] bool is_empty() const noexcept { return text.empty() && items.empty(); }
};

struct YamlFault {
    YamlPlace place;
    std::string message;
};

/// Reads one document. Anchors, aliases and tags are refused: templates do their work here, and
/// aliases let a short text stand for an endless one.
[[nodiscard]] std::variant<YamlNode, YamlFault> parse_yaml(const std::string& text);

}  // namespace understudy::control
