#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/fault.h>
#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include "control/config_yaml.h"

/// How the sections of the configuration are read: every fault is noted and reading goes on with
/// what there is, so that one pass finds them all.
namespace understudy::control {

/// Collects the complaints about one file.
class FaultLog {
  public:
    explicit FaultLog(std::string file) : file_(std::move(file)) {}

    void fault(const YamlNode& at, std::string message) { fault(at.place, std::move(message)); }
    void fault(YamlPlace at, std::string message) {
        faults_.push_back({file_, at.line, at.column, std::move(message)});
    }
    void warning(const YamlNode& at, std::string message) {
        warnings_.push_back({file_, at.place.line, at.place.column, std::move(message)});
    }

    /// In the order of the file.
    [[nodiscard]] std::vector<base::Fault> take_faults();
    [[nodiscard]] std::vector<base::Fault> take_warnings();

  private:
    std::string file_;
    std::vector<base::Fault> faults_;
    std::vector<base::Fault> warnings_;
};

/// The value as a fault quotes it: `'x'`, `a list`, `nothing`.
[[nodiscard]] std::string found(const YamlNode& node);
[[nodiscard]] std::string in_quotes(std::string_view text);

/// `, did you mean 'refresh-min'?` if one of `known` is near to `text`, else empty.
[[nodiscard]] std::string suggestion(std::string_view text,
                                     std::span<const std::string_view> known);

/// A map with a fixed set of keys. REQUIRES: node and log outlive it.
class Section {
  public:
    /// Notes unknown keys and keys that stand twice. Nothing is an empty map; what else is no map
    /// is noted and then taken for an empty one.
    Section(const YamlNode& node, std::span<const std::string_view> keys, FaultLog& log);

    /// The value of a key, or null where the section has no such key.
    [[nodiscard]] const YamlNode* find(std::string_view key) const;

    [[nodiscard]] const YamlNode& node() const noexcept { return node_; }
    [[nodiscard]] FaultLog& log() const noexcept { return log_; }

  private:
    const YamlNode& node_;
    FaultLog& log_;
    std::map<std::string_view, const YamlNode*> values_;
};

/// Reads one value: notes a node that is no text, and what `parse` complains about.
template <typename Parse>
auto read_value(const YamlNode& node, FaultLog& log, Parse&& parse)
    -> std::optional<typename decltype(parse(std::string_view()))::value_type> {
    if (node.kind != YamlNode::Kind::kText) {
        log.fault(node, "expected a single value, found " + found(node));
        return std::nullopt;
    }
    auto value = parse(std::string_view(node.text));
    if (!value) {
        log.fault(node, std::move(value.error().message));
        return std::nullopt;
    }
    return *std::move(value);
}

/// Puts the value of a key into `target`, which keeps its default where there is none or a faulty
/// one. Returns the node if there is one.
template <typename T, typename Parse>
const YamlNode* read_key(const Section& section, std::string_view key, T& target, Parse&& parse) {
    const YamlNode* const node = section.find(key);
    if (node != nullptr) {
        if (auto value = read_value(*node, section.log(), std::forward<Parse>(parse))) {
            // NOLINTNEXTLINE(bugprone-optional-value-conversion): `target` may be optional itself
            target = *std::move(value);
        }
    }
    return node;
}

/// Calls `each` for every item of a list. Nothing is an empty list.
void for_each_item(const YamlNode& list,
                   FaultLog& log,
                   const std::function<void(const YamlNode&)>& each);

/// The same for a list of maps; notes the items that are none.
void for_each_map(const YamlNode& list,
                  FaultLog& log,
                  const std::function<void(const YamlNode&)>& each);

/// Reads a list of values and notes the ones that stand twice.
template <typename T, typename Parse>
void read_list(const YamlNode& list, FaultLog& log, std::vector<T>& target, Parse&& parse) {
    for_each_item(list, log, [&](const YamlNode& item) {
        auto value = read_value(item, log, parse);
        if (!value) {
            return;
        }
        if (std::find(target.begin(), target.end(), *value) != target.end()) {
            log.fault(item, in_quotes(item.text) + " stands twice in the list");
            return;
        }
        target.push_back(*std::move(value));
    });
}

/// Notes a key that this version does not do, unless its value merely switches it off: nothing,
/// something empty, `off`.
void refuse_unsupported(const Section& section, std::string_view key);

/// The same for a key that is `on` or `off`.
void refuse_switched_on(const Section& section, std::string_view key);

/// The names that one section defines, for others to refer to.
class Definitions {
  public:
    /// `what`: what is defined, for faults: `remote`.
    explicit Definitions(std::string what) : what_(std::move(what)) {}

    /// Notes a name that is defined already.
    void add(const std::string& name, std::size_t index, const YamlNode& at, FaultLog& log);

    /// The index that `name` was added with, or what to say to who asked for it.
    [[nodiscard]] base::Expected<std::size_t> find(const std::string& name) const;

  private:
    struct Definition {
        std::size_t index;
        std::size_t line;
    };

    std::string what_;
    std::map<std::string, Definition, std::less<>> definitions_;
};

/// Reads the `name` of what a section defines and notes one that is missing. It is defined even if
/// the rest of the section is faulty: who refers to it is not at fault.
[[nodiscard]] std::string read_name(const Section& section,
                                    Definitions& definitions,
                                    std::size_t index);

}  // namespace understudy::control
