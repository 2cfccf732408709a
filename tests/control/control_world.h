#pragma once

#include <gtest/gtest.h>
#include <understudy/base/clock.h>
#include <understudy/control/config.h>
#include <understudy/control/policy.h>
#include <understudy/rcu/published.h>
#include <understudy/rcu/reclaimer.h>
#include <understudy/zone/snapshot.h>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "control/environment.h"
#include "support/octets.h"
#include "support/zones.h"

namespace understudy::control {

/// What zones live in, with real time and a real loop, but less patience than the daemon.
class ControlWorld {
  public:
    ControlWorld() = default;
    ControlWorld(const ControlWorld&) = delete;
    ControlWorld& operator=(const ControlWorld&) = delete;
    ~ControlWorld() { builders.join(); }

    /// Makes the configuration the newest one; its zones are up to the test.
    void configure(const std::string& text, const std::string& path = "/etc/understudy/u.yaml") {
        ConfigResult result = parse_config("listen: [127.0.0.1@5300]\n" + text, path);
        for (const Fault& fault : result.faults) {
            ADD_FAILURE() << fault.to_string() << "\n" << text;
        }
        environment.config = std::make_shared<const Config>(std::move(result.config));
    }

    [[nodiscard]] const ZoneConfig& zone_config(std::size_t index = 0) const {
        return environment.config->zones.at(index);
    }

    /// Turns the loop until `done`; false if it did not come to that in time.
    bool run_until(const std::function<bool()>& done,
                   std::chrono::milliseconds limit = std::chrono::seconds(10)) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (!done()) {
            if (std::chrono::steady_clock::now() >= end) {
                return false;
            }
            loop.restart();
            loop.run_one_for(std::chrono::milliseconds(20));
        }
        return true;
    }

    void run_for(std::chrono::milliseconds time) {
        static_cast<void>(run_until([] { return false; }, time));
    }

    /// The zone as it is published, or null.
    [[nodiscard]] const zone::ServedZone* served(const std::string& apex) const {
        return publisher.newest().find_exact({support::name(apex), support::kHashKey});
    }

    asio::io_context loop{1};
    asio::thread_pool builders{2};
    rcu::Reclaimer reclaimer;
    rcu::Published<zone::Snapshot> published{reclaimer};
    Publisher publisher{published, support::kHashKey};
    Scheduler scheduler{loop};
    base::SystemClock clock;
    Environment environment{.loop = loop,
                            .builders = builders,
                            .publisher = publisher,
                            .scheduler = scheduler,
                            .clock = clock,
                            .config = std::make_shared<const Config>(),
                            .publish_soon = [this] { publisher.publish(); },
                            .timeouts = {.datagram = std::chrono::milliseconds(100),
                                         .connect = std::chrono::milliseconds(300),
                                         .send = std::chrono::milliseconds(300),
                                         .answer = std::chrono::milliseconds(300),
                                         .message = std::chrono::milliseconds(300),
                                         .pace = std::chrono::milliseconds(200),
                                         .notify = std::chrono::milliseconds(100)}};
};

}  // namespace understudy::control
