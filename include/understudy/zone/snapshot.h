#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/wire/name.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace understudy::zone {

/// Who may query a zone: one of these grants must fit whole.
struct QueryAccess {
    struct Grant {
        std::vector<base::IpPrefix> addresses;  // empty: any
        std::vector<wire::Name> keys;           // empty: none needed
    };
    std::vector<Grant> grants;

    /// `key`: the name of the key that signed the query, or null.
    [[nodiscard]] bool allows(const base::IpAddress& source, const wire::Name* key) const noexcept;
};

/// A configured zone as the answering side sees it.
struct ServedZone {
    wire::Name apex;
    std::shared_ptr<const Zone> zone;  // null: no valid data (never transferred, expired, faulty)
    std::shared_ptr<const QueryAccess> access;  // null: open to all
    bool expired = false;                       // why there is no zone
};

/// All zones of one moment: immutable, found by the longest suffix of a name. One pointer to it is
/// all that the answering side and the control plane share of zone data.
class Snapshot {
  public:
    /// REQUIRES: no two zones with one apex; every zone's data of that apex and made with `key`.
    Snapshot(std::vector<ServedZone> zones, const HashKey& key);

    /// The zone with the longest apex that is `name` or above it, at most `most_labels` long, or
    /// null.
    [[nodiscard]] const ServedZone* find(const NameKey& name,
                                         std::size_t most_labels) const noexcept;

    /// For find_likely, some time before it.
    void prefetch(const NameKey& name) const noexcept;

    /// What find(name, all of it) gives but for collisions of hashes: the caller compares the apex,
    /// which has `apex_labels` labels. What it will read is on its way.
    [[nodiscard]] const ServedZone* find_likely(const NameKey& name,
                                                std::size_t& apex_labels) const noexcept;

    /// The zone whose apex is exactly `name`, or null.
    [[nodiscard]] const ServedZone* find_exact(const NameKey& name) const noexcept;

    [[nodiscard]] std::span<const ServedZone> zones() const noexcept { return zones_; }
    [[nodiscard]] const HashKey& hash_key() const noexcept { return key_; }

  private:
    [[nodiscard]] const ServedZone* probe(const NameKey& name, std::size_t labels) const noexcept;

    /// 0 is free, else the zone's index and one, beside the hash's upper half as a hint.
    struct Slot {
        std::uint32_t hint = 0;
        std::uint32_t zone = 0;
    };

    HashKey key_;
    std::vector<ServedZone> zones_;
    std::vector<Slot> slots_;         // a power of two
    std::size_t deepest_labels_ = 0;  // of any apex
};

}  // namespace understudy::zone
