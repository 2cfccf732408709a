#pragma once

#include <understudy/base/clock.h>
#include <understudy/ops/counter_sources.h>
#include <understudy/ops/operations.h>
#include <understudy/ops/protocol.h>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "ops/captures.h"
#include "ops/rates.h"
#include "ops/zone_dump.h"

namespace understudy::ops {

/// What a command answers.
struct Reply {
    [[nodiscard]] static Reply done_with(Json result);
    [[nodiscard]] static Reply failed(std::string error, Json beside = {});

    std::unique_ptr<ZoneDump> dump;  // null but for `dump`: its text goes before the outcome
    Outcome outcome;
    std::function<void()> afterwards;  // to be called when the client has been told, or is gone
};

/// Carries out what operators ask for.
///
/// Control thread only.
class Commands {
  public:
    using Done = std::function<void(Reply)>;

    /// REQUIRES: all outlive this, and `operations` every command that is not done; `rates` is
    /// sampled by somebody.
    Commands(Operations& operations,
             const CounterSources& sources,
             const Rates& rates,
             const base::Clock& clock);

    /// Calls `done` once, during the call or later. Any words are a legal input. REQUIRES: at least
    /// one word.
    void execute(std::span<const std::string> words, Done done);

    /// Ends what clients began and left; to be called now and then.
    void expire() { captures_.expire(); }

  private:
    [[nodiscard]] Reply execute_at_once(std::span<const std::string> words);
    void execute_on_zone(std::span<const std::string> words, Done done);
    void reload_zone(const wire::Name& name, Done done);
    void reload(const Done& done);
    [[nodiscard]] Reply capture(std::span<const std::string> words);

    Operations& operations_;
    const CounterSources& sources_;
    const Rates& rates_;
    const base::Clock& clock_;
    base::Clock::TimePoint started_;
    Captures captures_;
};

}  // namespace understudy::ops
