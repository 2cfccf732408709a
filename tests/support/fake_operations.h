#pragma once

#include <understudy/ops/operations.h>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace understudy::support {

/// A daemon without anything behind it: answers what the test has put in, remembers what it was
/// asked to do.
class FakeOperations final : public ops::Operations {
  public:
    ops::DaemonState daemon_state = ops::DaemonState::kServing;
    std::vector<control::ZoneStatus> statuses;
    std::map<std::string, std::shared_ptr<const zone::Zone>> data;  // by name with its final dot
    control::ReloadReport report;
    base::Expected<void> outcome;                       // of every action
    std::function<void(base::Expected<void>)> pending;  // of a zone's reload
    std::vector<std::string> calls;

    [[nodiscard]] ops::DaemonState state() const override { return daemon_state; }
    [[nodiscard]] std::vector<control::ZoneStatus> zones() const override { return statuses; }

    [[nodiscard]] std::optional<control::ZoneStatus> zone(const wire::Name& name) const override {
        for (const control::ZoneStatus& status : statuses) {
            if (wire::Name::from_text(status.name) == name) {
                return status;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::shared_ptr<const zone::Zone> zone_data(
        const wire::Name& name) const override {
        const auto found = data.find(name.to_text());
        return found == data.end() ? nullptr : found->second;
    }

    void reload(std::function<void(control::ReloadReport)> done) override {
        calls.emplace_back("reload");
        done(report);
    }

    [[nodiscard]] base::Expected<void> refresh(const wire::Name& name, bool transfer) override {
        calls.push_back((transfer ? "retransfer " : "refresh ") + name.to_text());
        return outcome;
    }

    [[nodiscard]] base::Expected<void> notify(const wire::Name& name) override {
        calls.push_back("notify " + name.to_text());
        return outcome;
    }

    void reload_zone(const wire::Name& name,
                     std::function<void(base::Expected<void>)> done) override {
        calls.push_back("reload " + name.to_text());
        pending = std::move(done);
    }

    void stop() override { calls.emplace_back("stop"); }
};

}  // namespace understudy::support
