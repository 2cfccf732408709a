#include "zone/touched_nodes.h"

namespace understudy::zone {
namespace {

TouchedNode as_it_was(base::Octets owner, std::uint64_t hash, const std::optional<Node>& node) {
    TouchedNode touched{.hash = hash, .owner = owner};
    if (node) {
        const StoredNode& stored = node->stored();
        touched.before = stored.data();
        touched.has_records = !node->is_empty();
        touched.flags = static_cast<std::uint8_t>(stored.flags() & kNameFlags);
        touched.children = stored.children();
    }
    return touched;
}

}  // namespace

TouchedNodes::TouchedNodes(const Zone& base, std::uint64_t apex_hash)
    : base_(base), apex_hash_(apex_hash) {
    nodes_.push_back(as_it_was({}, apex_hash, base.apex_node()));
}

TouchedNode* TouchedNodes::find(base::Octets owner, std::uint64_t hash) {
    if (owner.empty()) {
        return &apex();
    }
    const auto found = index_.find(hash, owner);
    return found ? &nodes_[*found] : nullptr;
}

TouchedNode& TouchedNodes::touch(base::Octets owner, std::uint64_t hash) {
    if (TouchedNode* found = find(owner, hash); found != nullptr) {
        return *found;
    }
    return nodes_.emplace_back(
        as_it_was(owner, hash, base_.find_relative(LoweredName(owner).view(), hash)));
}

}  // namespace understudy::zone
