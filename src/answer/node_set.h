#pragma once

#include <understudy/zone/zone.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

namespace understudy::answer {

/// A few nodes of one zone, each once, in the order in which they came. What is unused of it is
/// never touched.
template <std::size_t kCapacity>
class NodeSet {
  public:
    /// False where the node is in it already or there is no room.
    bool insert(const zone::Node& node) noexcept {
        if (contains(node) || count_ == kCapacity) {
            return false;
        }
        std::construct_at(&slots_[count_++].node, node);
        return true;
    }

    [[nodiscard]] bool contains(const zone::Node& node) const noexcept {
        return std::ranges::any_of(std::span(slots_).first(count_),
                                   [&node](const Slot& slot) { return slot.node == node; });
    }

    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] const zone::Node& operator[](std::size_t index) const noexcept {
        return slots_[index].node;
    }

  private:
    static_assert(std::is_trivially_destructible_v<zone::Node>);

    union Slot {
        Slot() noexcept {}  // NOLINT(modernize-use-equals-default): would be deleted
        zone::Node node;
    };

    std::array<Slot, kCapacity> slots_;
    std::size_t count_ = 0;
};

}  // namespace understudy::answer
