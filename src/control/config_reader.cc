#include "control/config_reader.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include "control/config_scalars.h"

namespace understudy::control {
namespace {

constexpr std::size_t kMaxQuotedOctets = 60;

std::vector<base::Fault> in_order(std::vector<base::Fault> faults) {
    // Not stable_sort: clang takes libstdc++'s for deprecated.
    std::ranges::sort(faults, {}, [](const base::Fault& fault) {
        return std::tie(fault.line, fault.column, fault.message);
    });
    return faults;
}

/// How many letters must be inserted, removed or replaced to make one text the other.
std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::vector<base::Fault> FaultLog::take_faults() { return in_order(std::move(faults_)); }
std::vector<base::Fault> FaultLog::take_warnings() { return in_order(std::move(warnings_)); }

std::string in_quotes(std::string_view text) {
    std::string quote(text.substr(0, kMaxQuotedOctets));
    const auto is_control = [](char octet) { return (octet >= 0 && octet < ' ') || octet == 0x7F; };
    std::ranges::replace_if(quote, is_control, '?');
    return "'" + quote + (text.size() > kMaxQuotedOctets ? "...'" : "'");
}

std::string found(const YamlNode& node) {
    switch (node.kind) {
        case YamlNode::Kind::kText:
            return in_quotes(node.text);
        case YamlNode::Kind::kList:
            return "a list";
        case YamlNode::Kind::kMap:
            return "a map";
        case YamlNode::Kind::kNothing:
            break;
    }
    return "nothing";
}

std::string suggestion(std::string_view text, std::span<const std::string_view> known) {
    // A third of the letters may be wrong: more is another word.
    std::size_t best = std::min(text.size(), kMaxQuotedOctets) / 3 + 1;
    std::string_view nearest;
    for (const std::string_view candidate : known) {
        const std::size_t distance = edit_distance(text.substr(0, kMaxQuotedOctets), candidate);
        if (distance < best) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest.empty() ? "" : ", did you mean " + in_quotes(nearest) + "?";
}

Section::Section(const YamlNode& node, std::span<const std::string_view> keys, FaultLog& log)
    : node_(node), log_(log) {
    if (node.kind == YamlNode::Kind::kNothing) {
        return;
    }
    if (node.kind != YamlNode::Kind::kMap) {
        log.fault(node, "expected a map, found " + found(node));
        return;
    }
    for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
        const YamlNode& key = node.items[i];
        if (std::ranges::find(keys, key.text) == keys.end() || key.kind != YamlNode::Kind::kText) {
            log.fault(key, "unknown key " + found(key) + suggestion(key.text, keys));
        } else if (!values_.emplace(key.text, &node.items[i + 1]).second) {
            log.fault(key, "key " + found(key) + " stands twice");
        }
    }
}

const YamlNode* Section::find(std::string_view key) const {
    const auto value = values_.find(key);
    return value == values_.end() ? nullptr : value->second;
}

void for_each_item(const YamlNode& list,
                   FaultLog& log,
                   const std::function<void(const YamlNode&)>& each) {
    if (list.kind == YamlNode::Kind::kList) {
        std::ranges::for_each(list.items, each);
    } else if (list.kind != YamlNode::Kind::kNothing) {
        log.fault(list, "expected a list, found " + found(list));
    }
}

void for_each_map(const YamlNode& list,
                  FaultLog& log,
                  const std::function<void(const YamlNode&)>& each) {
    for_each_item(list, log, [&](const YamlNode& item) {
        if (item.kind == YamlNode::Kind::kMap) {
            each(item);
        } else {
            log.fault(item, "expected a map, found " + found(item));
        }
    });
}

void refuse_unsupported(const Section& section, std::string_view key) {
    const YamlNode* const node = section.find(key);
    if (node == nullptr || node->is_empty()) {
        return;
    }
    const auto is_on = parse_switch(node->text);
    if (node->kind != YamlNode::Kind::kText || !is_on || *is_on) {
        section.log().fault(*node, in_quotes(key) + " is not supported by this version");
    }
}

void refuse_switched_on(const Section& section, std::string_view key) {
    bool is_on = false;
    const YamlNode* const node = read_key(section, key, is_on, parse_switch);
    if (is_on) {
        section.log().fault(*node, in_quotes(key) + " is not supported by this version");
    }
}

void Definitions::add(const std::string& name,
                      std::size_t index,
                      const YamlNode& at,
                      FaultLog& log) {
    const auto [known, is_new] = definitions_.emplace(name, Definition{index, at.place.line});
    if (!is_new) {
        log.fault(at,
                  what_ + " " + in_quotes(name) + " is defined already in line " +
                      std::to_string(known->second.line));
    }
}

base::Expected<std::size_t> Definitions::find(const std::string& name) const {
    const auto known = definitions_.find(name);
    if (known != definitions_.end()) {
        return known->second.index;
    }
    std::vector<std::string_view> names;
    names.reserve(definitions_.size());
    for (const auto& [other, definition] : definitions_) {
        names.push_back(other);
    }
    return base::fail("unknown " + what_ + " " + in_quotes(name) + suggestion(name, names));
}

std::string read_name(const Section& section, Definitions& definitions, std::size_t index) {
    std::string name;
    const YamlNode* const node = read_key(section, "name", name, parse_text);
    if (node == nullptr) {
        section.log().fault(section.node(), "expected a 'name'");
    } else if (!name.empty()) {
        definitions.add(name, index, *node, section.log());
    }
    return name;
}

}  // namespace understudy::control
