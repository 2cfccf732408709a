#include <understudy/zone/node_search.h>
#include <algorithm>

namespace understudy::zone {

void NodeSearch::start(const Zone& zone, base::Octets labels) noexcept {
    zone_ = &zone;
    size_ = labels.size();
    std::ranges::transform(labels, labels_.begin(), wire::to_lower);
    has_probe_ = size_ != 0 && !zone.table_.is_empty();
    if (has_probe_) {
        probe_.start(zone.table_.root(), hash_below(zone.apex_hash_, labels, zone.key_));
    }
}

std::optional<Node> NodeSearch::node() const noexcept {
    if (size_ == 0) {
        return zone_->apex_node();
    }
    const auto stored = has_probe_ ? probe_.find(base::Octets(labels_).first(size_)) : std::nullopt;
    return stored ? std::optional(Node(*zone_, *stored)) : std::nullopt;
}

}  // namespace understudy::zone
