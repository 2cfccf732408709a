#include "zone/denial_links.h"

#include <understudy/zone/canonical_key.h>
#include <algorithm>

#include "zone/order_tree_edit.h"

namespace understudy::zone {
namespace {

bool lost_interruption(const TouchedNode& node) noexcept {
    return node.interrupted() && !interrupts(node.flags);
}

bool gained_interruption(const TouchedNode& node) noexcept {
    return interrupts(node.flags) && !node.interrupted();
}

/// Takes the keys of all names below this one away.
void erase_below(base::Octets owner, OrderTreeEdit& order) {
    constexpr std::uint8_t kGreatest = 0xFF;
    KeyBuffer above;
    to_canonical_key(owner, above);
    // What is below continues the key behind a separator, but for the apex' empty one.
    KeyBuffer bound;
    bound.assign(above.view());
    if (!owner.empty()) {
        bound.push_back(0);
    }
    const std::size_t prefix = bound.size();
    while (bound.size() < kMaxKeyOctets) {
        bound.push_back(kGreatest);
    }
    KeyBuffer found;
    while (order.tree().at_or_before(bound.view(), found) && found.size() > prefix &&
           std::ranges::equal(found.view().first(prefix), bound.view().first(prefix))) {
        order.erase(found.view());
    }
}

}  // namespace

void DenialLinks::count_touched_children() {
    for (const TouchedNode& node : touched_) {
        if (node.owner.empty() || !node.exists()) {
            continue;
        }
        if (TouchedNode* parent = touched_.find(parent_of(node.owner)); parent != nullptr) {
            ++parent->touched_children;
        }
    }
}

bool DenialLinks::may_reveal_others() {
    if (next_.denial() != Denial::kNsec || std::ranges::none_of(touched_, lost_interruption)) {
        return false;
    }
    count_touched_children();
    const auto is_below_lost = [this](base::Octets owner) {
        while (true) {
            const TouchedNode* node = touched_.find(owner);
            if (node != nullptr && lost_interruption(*node)) {
                return true;
            }
            if (owner.empty()) {
                return false;
            }
            owner = parent_of(owner);
        }
    };
    return std::ranges::any_of(touched_, [&](const TouchedNode& node) {
        return node.exists() && node.children != node.touched_children && is_below_lost(node.owner);
    });
}

/// The key that a name has or would have in the chain. False where it cannot have one.
bool DenialLinks::key_of(const TouchedNode& node, KeyBuffer& key) const noexcept {
    if (next_.denial() == Denial::kNsec) {
        to_canonical_key(node.owner, key);
        return true;
    }
    return Zone::nsec3_key(node.owner, key);
}

OrderTree DenialLinks::changed(OrderTree order, Version draft, std::vector<Retired>& retired) {
    OrderTreeEdit edit(order, draft, retired);
    if (next_.denial() == Denial::kNone) {
        return edit.tree();
    }
    for (const TouchedNode& node : touched_) {
        if (next_.denial() == Denial::kNsec && gained_interruption(node)) {
            erase_below(node.owner, edit);
        }
    }
    KeyBuffer key;
    for (const TouchedNode& node : touched_) {
        if (!key_of(node, key)) {
            continue;
        }
        const auto now = next_.find_relative(LoweredName(node.owner).view());
        KeyBuffer in_chain;
        if (now && next_.chain_key(*now, in_chain)) {
            edit.insert(key.view());
        } else {
            edit.erase(key.view());
        }
    }
    return edit.tree();
}

}  // namespace understudy::zone
