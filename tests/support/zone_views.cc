#include "support/zone_views.h"

#include <string_view>

namespace understudy::support {
namespace {

std::string hex(base::Octets octets) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t octet : octets) {
        text += kDigits[octet >> 4U];
        text += kDigits[octet & 15U];
    }
    return text;
}

std::string owner_of(const zone::Node& node) {
    return node.is_empty() ? "-" : node.owner().view().to_text();
}

std::string node_view(const zone::Node& node) {
    constexpr unsigned kStorage = zone::StoredNode::kExternal;
    const zone::StoredNode& stored = node.stored();
    return owner_of(node) + " flags " + std::to_string(stored.flags() & ~kStorage) + " children " +
           std::to_string(stored.children()) + " rrsets " + hex(stored.stored_rrsets());
}

std::string nsec_view(const zone::Zone& zone, const wire::Name& name) {
    const auto node = zone.nsec_at_or_before(name);
    return node ? owner_of(*node) : "none";
}

}  // namespace

std::string view_of(const zone::Zone& zone, const wire::Name& name) {
    const zone::NameKey key(name, zone.hash_key());
    const zone::Match match = zone.lookup(key);
    const auto node = zone.find(key);
    const auto wildcard = zone.find_wildcard(key, key.label_count());
    return name.to_text() + ": kind " + std::to_string(static_cast<int>(match.kind)) + " labels " +
           std::to_string(match.labels) + " at " + owner_of(match.node) + "\n  node " +
           (node ? node_view(*node) : "none") + "\n  wildcard " +
           (wildcard ? node_view(*wildcard) : "none") + "\n  nsec " + nsec_view(zone, name) + "\n";
}

std::string view_of(const zone::Zone& zone) {
    const zone::NegativeBody body = zone.negative_body();
    std::string text =
        "nodes " + std::to_string(zone.node_count()) + " records " +
        std::to_string(zone.record_count()) + " serial " + std::to_string(zone.serial()) +
        " negative " + std::to_string(zone.negative_ttl_s()) + " " + hex(body.soa.records) + " " +
        hex(body.soa.signatures) + " " + hex(body.records_fixups) + " " +
        hex(body.signatures_fixups) + " chain " + std::to_string(static_cast<int>(zone.denial()));
    if (zone.denial() == zone::Denial::kNsec3) {
        text += " " + std::to_string(zone.nsec3_parameters().iterations) + " " +
                hex(zone.nsec3_parameters().salt);
    }
    return text;
}

std::string nsec3_view_of(const zone::Zone& zone, const std::array<std::uint8_t, 20>& hash) {
    const auto found = zone.nsec3_at_or_before(hash);
    return found ? owner_of(found->node) + (found->matches ? " matches" : " covers") : "none";
}

}  // namespace understudy::support
