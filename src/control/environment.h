#pragma once

#include <understudy/base/clock.h>
#include <understudy/control/config.h>
#include <understudy/control/state_store.h>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <functional>
#include <memory>

#include "control/difference_book.h"
#include "control/publisher.h"
#include "control/scheduler.h"
#include "control/timeouts.h"

namespace understudy::control {

/// What every zone on the control thread works with. Outlives the zones.
struct Environment {
    asio::io_context& loop;
    asio::thread_pool& builders;  // for what takes long
    Publisher& publisher;
    Scheduler& scheduler;
    const base::Clock& clock;
    std::shared_ptr<const Config> config;  // the newest; a reload replaces it
    std::function<void()> publish_soon;    // once for all changes of this turn of the loop
    Timeouts timeouts = {};
    StateStore* state = nullptr;  // null: nothing is kept over a restart
    std::shared_ptr<DifferenceBook> differences = std::make_shared<DifferenceBook>();
};

}  // namespace understudy::control
