#pragma once

#include <understudy/rcu/published.h>
#include <understudy/wire/name.h>
#include <understudy/zone/snapshot.h>
#include <map>
#include <optional>

namespace understudy::control {

/// The one place from which snapshots are published: gathers what became of zones and puts all of
/// it into the next version of the snapshot at once, at a cost that depends on the changes alone.
/// Control thread only.
class Publisher {
  public:
    Publisher(rcu::Published<zone::Snapshot>& published, const zone::HashKey& key)
        : published_(published), key_(key) {}

    /// Adds or replaces a zone; it is seen with the next publish().
    void set(zone::ServedZone zone);
    void remove(const wire::Name& apex);

    /// Puts a new snapshot in place if anything changed since the last one.
    void publish();

    [[nodiscard]] const zone::HashKey& hash_key() const noexcept { return key_; }

    /// The newest snapshot; valid until the next publish().
    [[nodiscard]] const zone::Snapshot& newest() const noexcept { return *published_.newest(); }

  private:
    rcu::Published<zone::Snapshot>& published_;
    zone::HashKey key_;
    std::map<wire::Name, std::optional<zone::ServedZone>>
        changes_;  // since the newest snapshot; nothing: removed
};

}  // namespace understudy::control
