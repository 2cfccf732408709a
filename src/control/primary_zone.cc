#include "control/primary_zone.h"

#include <understudy/control/log.h>
#include <asio/post.hpp>
#include <memory>
#include <utility>

namespace understudy::control {

void PrimaryZone::start() {
    started_ = true;
    tell_secondaries();
}

ZoneStatus PrimaryZone::status() const {
    ZoneStatus status = ManagedZone::status();
    status.state = data() ? ZoneState::kCurrent : ZoneState::kFailed;
    status.file = config().file;
    status.fault = fault_;
    return status;
}

bool PrimaryZone::file_has_changed() const {
    return config().file != file_ || !(mark_file(file_) == mark_);
}

void PrimaryZone::take(LoadedZone loaded) {
    mark_ = loaded.mark;
    file_ = config().file;
    if (!loaded.zone) {
        fault_ = loaded.faults.front().to_string();
        for (const base::Fault& fault : loaded.faults) {
            log_error(label() + fault.to_string());
        }
        log_warning(label() + (data() ? "the old version goes on"
                                      : "answered SERVFAIL until the file is mended"));
        serve(data(), false);
        return;
    }
    fault_.clear();
    const auto before = data();
    const std::uint32_t serial = loaded.zone->serial();
    if (before && !wire::serial_is_newer(serial, before->serial())) {
        log_warning(label() + "serial " + std::to_string(serial) + " is not newer than " +
                    std::to_string(before->serial()) + ": secondaries will not notice the change");
    }
    log_info(label() + "serial " + std::to_string(serial) + " with " +
             std::to_string(loaded.zone->record_count()) + " records read from " + config().file);
    serve(std::move(loaded.zone), false);
    if (started_) {
        tell_secondaries();  // else start() will
    }
}

void PrimaryZone::reload(std::function<void(base::Expected<void>)> done) {
    auto self = std::static_pointer_cast<PrimaryZone>(shared_from_this());
    auto read =
        [file = config().file, name = config().name, key = environment().publisher.hash_key()] {
            return load_zone_file(file, name, key);
        };
    const std::uint64_t number = ++reads_begun_;
    asio::post(environment().builders, [self, read, number, done = std::move(done)] {
        auto loaded = std::make_shared<LoadedZone>(read());
        asio::post(self->environment().loop, [self, loaded, number, done] {
            if (self->is_stopped()) {
                done(base::fail("the zone was removed"));
                return;
            }
            if (number > self->read_taken_) {  // else a read that began later has come before
                self->read_taken_ = number;
                self->take(std::move(*loaded));
            }
            auto outcome = self->fault_.empty() ? base::Expected<void>() : base::fail(self->fault_);
            // Behind the publication that serve() asked for.
            asio::post(self->environment().loop, [done, outcome] { done(outcome); });
        });
    });
}

}  // namespace understudy::control
