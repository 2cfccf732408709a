#include "zone/order_node.h"

#include <array>

namespace understudy::zone {

void OrderLeaf::last_at_most(const KeyBuffer& key,
                             std::size_t groups,
                             KeyBuffer& found) const noexcept {
    found.assign(prefix());
    const std::uint8_t* at = step(group(groups - 1), found);
    // Where `found` and `key` part. What shares more with `found` lies on the same side of `key`;
    // what shares less is greater than both.
    const std::uint8_t* const octets = key.view().data();
    std::size_t parting =
        common_octets(octets, found.view().data(), std::min(key.size(), found.size()));
    std::size_t left =
        std::min<std::size_t>(header().count - (groups - 1) * kGroupKeys, kGroupKeys);
    while (--left > 0) {
        const OrderEntry entry = OrderEntry::load(at);
        const std::size_t shared = header().prefix_octets + entry.shared;
        if (shared < parting) {
            break;
        }
        if (shared == parting) {
            const std::size_t limit = std::min(key.size() - shared, entry.rest.size());
            const std::size_t more = common_octets(octets + shared, entry.rest.data(), limit);
            if (more < entry.rest.size() &&
                (shared + more == key.size() || entry.rest[more] > octets[shared + more])) {
                break;
            }
            parting += more;
        }
        found.splice_chunk(shared, entry.rest);
        at = entry.end();
    }
}

void OrderLeaf::first(KeyBuffer& found) const noexcept {
    found.assign(prefix());
    step(group(0), found);
}

void OrderLeaf::last(KeyBuffer& found) const noexcept {
    const std::size_t last_group = groups(header().count) - 1;
    found.assign(prefix());
    const std::uint8_t* at = group(last_group);
    for (std::size_t left = header().count - last_group * kGroupKeys; left > 0; --left) {
        at = step(at, found);
    }
}

base::Octets OrderInner::tail(std::size_t index) const noexcept {
    const std::uint16_t* const mark = marks();
    const auto* tails = reinterpret_cast<const std::uint8_t*>(mark + header().heads);
    const std::size_t begin = index > 0 ? mark[index - 1] >> kMarkHeadBits : 0;
    const std::size_t end = mark[index] >> kMarkHeadBits;
    return {tails + begin, end - begin};
}

/// REQUIRES: the heads are equal, so the shorter of two that end in them begins the longer.
bool OrderInner::separator_at_most(std::size_t index, base::Octets rest) const noexcept {
    const std::size_t in_head = head_octets(index);
    if (in_head < kHeadOctets || rest.size() < kHeadOctets) {
        return in_head <= rest.size();
    }
    return compare_keys(tail(index), rest.subspan(kHeadOctets)) <= 0;
}

void OrderInner::separator(std::size_t index, KeyBuffer& into) const noexcept {
    const std::uint32_t swapped = __builtin_bswap32(heads()[index]);
    std::array<std::uint8_t, kHeadOctets> head;
    std::memcpy(head.data(), &swapped, kHeadOctets);
    into.assign(prefix());
    into.splice(into.size(), base::Octets(head).first(head_octets(index)));
    into.splice(into.size(), tail(index));
}

}  // namespace understudy::zone
