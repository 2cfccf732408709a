#pragma once

#include <understudy/base/octets.h>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "zone/relative_name.h"

namespace understudy::zone {

/// An open hash table over a sequence of nodes, which have a `hash` and a relative `owner` each:
/// where a name's node stands.
template <typename Nodes>
class NameIndex {
  public:
    /// REQUIRES: `nodes` outlives it, and is only appended to until `clear`.
    explicit NameIndex(const Nodes& nodes) : nodes_(nodes) {}

    [[nodiscard]] std::optional<std::size_t> find(std::uint64_t hash, base::Octets owner) {
        take_new();
        const std::uint32_t found = slot(hash, owner);
        return found != 0 ? std::optional<std::size_t>(found - 1) : std::nullopt;
    }

    /// The nodes stand in another order from now on.
    void clear() noexcept {
        slots_.clear();
        count_ = 0;
    }

  private:
    void take_new() {
        if (slots_.size() < nodes_.size() * 2 + 2) {
            slots_.assign(std::bit_ceil(nodes_.size() * 2 + 2), 0);
            count_ = 0;
        }
        for (; count_ < nodes_.size(); ++count_) {
            slot(nodes_[count_].hash, nodes_[count_].owner) = count_ + 1;
        }
    }

    /// The place of a name, or the free one where it belongs.
    [[nodiscard]] std::uint32_t& slot(std::uint64_t hash, base::Octets owner) noexcept {
        const std::size_t mask = slots_.size() - 1;
        std::size_t i = hash & mask;
        while (slots_[i] != 0) {
            const auto& node = nodes_[slots_[i] - 1];
            if (node.hash == hash && same_relative(node.owner, owner)) {
                break;
            }
            i = (i + 1) & mask;
        }
        return slots_[i];
    }

    const Nodes& nodes_;
    std::vector<std::uint32_t> slots_;  // a node's place and one, or 0
    std::uint32_t count_ = 0;           // of the nodes that are in
};

}  // namespace understudy::zone
