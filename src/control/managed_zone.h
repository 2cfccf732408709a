#pragma once

#include <understudy/control/config.h>
#include <understudy/control/status.h>
#include <understudy/zone/snapshot.h>
#include <understudy/zone/zone.h>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "control/environment.h"

namespace understudy::control {

/// A configured zone: what it serves now, and telling its secondaries of changes. How it gets its
/// data is what its two kinds differ in. Control thread only; always held by a shared_ptr, which
/// running coroutines share.
class ManagedZone : public std::enable_shared_from_this<ManagedZone> {
  public:
    ManagedZone(Environment& environment, ZoneConfig config);
    ManagedZone(const ManagedZone&) = delete;
    ManagedZone& operator=(const ManagedZone&) = delete;
    virtual ~ManagedZone() = default;

    /// Begins to work on the loop.
    virtual void start() = 0;

    /// Ends all work; what is under way finishes without effect. The zone stays published until it
    /// is removed.
    virtual void stop();

    /// Takes a new configuration of the same name and role.
    virtual void reconfigure(ZoneConfig config);

    /// Takes the configuration of a reload that means the same for this zone: what it refers to may
    /// have other indices now.
    void renumber(ZoneConfig config) { config_ = std::move(config); }

    [[nodiscard]] virtual ZoneStatus status() const;

    [[nodiscard]] const ZoneConfig& config() const noexcept { return config_; }
    [[nodiscard]] const std::shared_ptr<const zone::Zone>& data() const noexcept { return data_; }

    /// Sends NOTIFY to every address of the zone's `notify` remotes until each has answered or was
    /// tried often enough.
    void tell_secondaries();

  protected:
    /// Serves `data` from the next publication on; null: SERVFAIL.
    void serve(std::shared_ptr<const zone::Zone> data, bool expired);

    [[nodiscard]] bool is_stopped() const noexcept { return stopped_; }
    [[nodiscard]] Environment& environment() const noexcept { return environment_; }

    /// `zone example.com.: `, before each line of its log.
    [[nodiscard]] const std::string& label() const noexcept { return label_; }

  private:
    Environment& environment_;
    ZoneConfig config_;
    std::string label_;
    std::shared_ptr<const zone::Zone> data_;
    bool expired_ = false;
    bool stopped_ = false;
    std::uint64_t telling_ = 0;  // grows with each round of NOTIFYs: an older round gives up
};

}  // namespace understudy::control
