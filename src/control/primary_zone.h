#pragma once

#include <understudy/base/expected.h>
#include <cstdint>
#include <functional>
#include <string>

#include "control/managed_zone.h"
#include "control/zone_loader.h"

namespace understudy::control {

/// A zone whose file we own.
class PrimaryZone final : public ManagedZone {
  public:
    using ManagedZone::ManagedZone;

    void start() override;
    [[nodiscard]] ZoneStatus status() const override;

    /// Takes what came of reading the file: serves it, or logs the faults and keeps what there was.
    void take(LoadedZone loaded);

    /// Reads the file again beside the loop; `done` is called on the loop with the outcome
    /// once it is published or refused.
    void reload(std::function<void(base::Expected<void>)> done);

    /// The file is another than the one read last, by its path, time, size or inode.
    [[nodiscard]] bool file_has_changed() const;

  private:
    std::string file_;  // read last
    FileMark mark_;     // of that file
    std::uint64_t reads_begun_ = 0;
    std::uint64_t read_taken_ = 0;  // number of the one whose outcome is the newest taken
    bool started_ = false;
    std::string fault_;  // of the file read last; empty: none
};

}  // namespace understudy::control
