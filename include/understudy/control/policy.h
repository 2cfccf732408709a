#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/control/config.h>
#include <understudy/wire/name.h>
#include <understudy/zone/snapshot.h>
#include <memory>
#include <unordered_map>
#include <vector>

namespace understudy::control {

/// What the configuration allows whom. Immutable: a reload makes a new one.
class Policy {
  public:
    explicit Policy(const Config& config);

    struct Zone {
        bool is_primary = false;
        zone::QueryAccess notify;
        zone::QueryAccess transfer;
    };

    /// The configured zone of exactly this name, or null.
    [[nodiscard]] const Zone* zone(wire::NameView name) const;

    [[nodiscard]] const std::vector<KeyConfig>& keys() const noexcept { return keys_; }

    /// Who may query `zone`; null: everybody.
    [[nodiscard]] static std::shared_ptr<const zone::QueryAccess> query_access(
        const Config& config, const ZoneConfig& zone);

  private:
    std::vector<KeyConfig> keys_;
    std::unordered_map<wire::Name, Zone, wire::NameHash, std::equal_to<>> zones_;
};

}  // namespace understudy::control
