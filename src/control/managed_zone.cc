#include "control/managed_zone.h"

#include <understudy/control/policy.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <utility>

#include "control/notify_sender.h"

namespace understudy::control {

ManagedZone::ManagedZone(Environment& environment, ZoneConfig config)
    : environment_(environment),
      config_(std::move(config)),
      label_("zone " + config_.name.to_text() + ": ") {}

void ManagedZone::stop() {
    stopped_ = true;
    ++telling_;
}

void ManagedZone::reconfigure(ZoneConfig config) {
    config_ = std::move(config);
    serve(data_, expired_);  // who may query, and how it is answered, may have changed
}

ZoneStatus ManagedZone::status() const {
    ZoneStatus status;
    status.name = config_.name.to_text();
    status.role = config_.is_primary() ? "primary" : "secondary";
    if (data_) {
        status.serial = data_->serial();
        status.records = data_->record_count();
        status.memory_octets = data_->memory_octets();
    }
    return status;
}

void ManagedZone::serve(std::shared_ptr<const zone::Zone> data, bool expired) {
    data_ = std::move(data);
    expired_ = expired;
    environment_.publisher.set({.apex = config_.name,
                                .zone = data_,
                                .access = Policy::query_access(*environment_.config, config_),
                                .expired = expired,
                                .rotates_answers = config_.answer_rotation});
    environment_.publish_soon();
}

void ManagedZone::tell_secondaries() {
    const std::uint64_t round = ++telling_;
    if (!data_) {
        return;
    }
    const Config& config = *environment_.config;
    for (const std::size_t index : config_.notify) {
        const RemoteConfig& remote = config.remotes[index];
        std::optional<KeyConfig> key;
        if (remote.key) {
            key = config.keys[*remote.key];
        }
        for (const base::Endpoint& address : remote.addresses) {
            auto is_outdated = [zone = shared_from_this(), round] {
                return zone->telling_ != round;
            };
            // Behind the publication, which serve() has posted: co_spawn alone would send at once,
            // and a secondary that is quick to ask would find the old serial and be content.
            asio::post(environment_.loop,
                       [zone = shared_from_this(),
                        data = data_,
                        route = Route{address, remote.source},
                        key,
                        is_outdated] {
                           asio::co_spawn(zone->environment_.loop,
                                          send_notify(data,
                                                      route,
                                                      key,
                                                      zone->environment_.clock,
                                                      zone->environment_.timeouts.notify,
                                                      is_outdated),
                                          asio::detached);
                       });
        }
    }
}

}  // namespace understudy::control
