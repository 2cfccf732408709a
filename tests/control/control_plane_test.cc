#include <gtest/gtest.h>
#include <understudy/control/control_plane.h>
#include <understudy/rcu/published.h>
#include <understudy/rcu/reclaimer.h>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/messages.h"
#include "support/octets.h"
#include "support/scripted_primary.h"
#include "support/temporary_folder.h"
#include "support/zones.h"

namespace understudy::control {
namespace {

using namespace std::chrono_literals;
using support::Bytes;
using support::ScriptedPrimary;
using Lines = std::vector<std::string>;

std::string zone_text(std::uint32_t serial) {
    return "@ 300 SOA ns admin " + std::to_string(serial) +
           " 3600 3600 86400 60\n@ NS ns\nns A 192.0.2.1\n";
}

/// A control plane on a configuration in a folder of its own. Tests turn its loop themselves, but
/// for those of run().
class ControlPlaneTest : public testing::Test {
  protected:
    void write(const std::string& file, const std::string& text) {
        std::ofstream(folder_.path() / file) << text;
    }

    void configure(const std::string& text) {
        write("u.yaml", "listen: [127.0.0.1@5300]\n" + text);
    }

    /// REQUIRES: the configuration is without fault.
    ControlPlane& make() {
        ConfigResult read = load_config(folder_.path() / "u.yaml");
        for (const Fault& fault : read.faults) {
            ADD_FAILURE() << fault.to_string();
        }
        plane_ = std::make_unique<ControlPlane>(
            std::move(read.config), published_, support::kHashKey, context_);
        return *plane_;
    }

    ControlPlane& start() {
        make().load_zone_files();
        return *plane_;
    }

    bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit = 5s) {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (!done() && std::chrono::steady_clock::now() < end) {
            plane_->loop().restart();
            plane_->loop().run_one_for(20ms);
        }
        return done();
    }

    [[nodiscard]] const zone::ServedZone* served(const std::string& apex) const {
        return published_.newest()->find_exact({support::name(apex), support::kHashKey});
    }

    [[nodiscard]] std::uint32_t serial(const std::string& apex) const {
        const auto* zone = served(apex);
        return zone != nullptr && zone->zone ? zone->zone->serial() : 0;
    }

    /// The whole answer of the zone to a request over TCP from `source`.
    [[nodiscard]] std::string ask(const support::QueryFields& query,
                                  std::string_view source = "192.0.2.1") const {
        const Bytes request = support::make_query(query);
        auto response =
            plane_->requests().respond({.message = request,
                                        .source = base::IpAddress::parse(source).value(),
                                        .transport = answer::Transport::kStream},
                                       *published_.newest());
        if (response.source) {
            EXPECT_TRUE(response.source->next(response.message));
        }
        return support::message_text(response.message);
    }

    /// Reloads the configuration and waits for the report.
    ReloadReport reload() {
        std::optional<ReloadReport> report;
        plane_->reload([&report](ReloadReport made) { report = std::move(made); });
        EXPECT_TRUE(run_until([&report] { return report.has_value(); }));
        return report.value_or(ReloadReport{});
    }

    support::TemporaryFolder folder_;
    rcu::Reclaimer reclaimer_;
    rcu::Published<zone::Snapshot> published_{reclaimer_};
    answer::Context context_;
    std::unique_ptr<ControlPlane> plane_;
};

TEST_F(ControlPlaneTest, BeginsWithEveryZoneAndNoData) {
    configure(
        "remotes: [{name: p, addresses: [127.0.0.1@1]}]\n"
        "zones: [{name: a, file: a.zone}, {name: b, primaries: [p]}]\n");
    write("a.zone", zone_text(1));
    make();
    ASSERT_EQ(published_.newest()->size(), 2U);
    EXPECT_EQ(served("a.")->zone, nullptr);
    EXPECT_EQ(served("b.")->zone, nullptr);
    EXPECT_EQ(plane_->zone(support::name("a."))->state, ZoneState::kFailed);
    EXPECT_EQ(plane_->zone(support::name("b."))->state, ZoneState::kBootstrapping);
}

TEST_F(ControlPlaneTest, LoadsZoneFilesEachForItself) {
    configure(
        "zones: [{name: a, file: a.zone}, {name: b, file: b.zone}, {name: c, file: c.zone}]\n");
    write("a.zone", zone_text(1));
    write("b.zone", "nonsense\n");
    start();
    EXPECT_EQ(serial("a."), 1U);
    EXPECT_EQ(served("b.")->zone, nullptr);
    EXPECT_EQ(served("c.")->zone, nullptr);
    const auto zones = plane_->zones();
    ASSERT_EQ(zones.size(), 3U);
    EXPECT_EQ(zones[0].name, "a.");
    EXPECT_EQ(zones[1].state, ZoneState::kFailed);
    EXPECT_NE(zones[1].fault.find("b.zone:1"), std::string::npos);
    EXPECT_EQ(plane_->zone_data(support::name("A.")), served("a.")->zone);
    EXPECT_EQ(plane_->zone_data(support::name("d.")), nullptr);
    EXPECT_FALSE(plane_->zone(support::name("d.")));
}

TEST_F(ControlPlaneTest, ReloadAddsRemovesAndChangesZones) {
    configure(
        "zones: [{name: a, file: a.zone}, {name: b, file: b.zone}, {name: c, file: c.zone}]\n");
    for (const char* file : {"a.zone", "b.zone", "c.zone", "d.zone", "c2.zone"}) {
        write(file, zone_text(1));
    }
    start();
    configure(
        "zones: [{name: a, file: a.zone}, {name: c, file: c2.zone}, {name: d, file: d.zone}]\n");
    write("a.zone", zone_text(22));
    write("c2.zone", zone_text(3));
    const ReloadReport report = reload();
    EXPECT_TRUE(report.done);
    EXPECT_EQ(report.faults, Lines{});
    EXPECT_EQ(report.changes, (Lines{"zone b. removed", "zone d. added", "zone c. changed"}));
    EXPECT_EQ(report.needs_restart, Lines{});
    EXPECT_TRUE(run_until([&] {
        return serial("a.") == 22 && !served("b.") && serial("c.") == 3 && serial("d.") == 1;
    }));
}

TEST_F(ControlPlaneTest, AFaultyReloadChangesNothing) {
    const std::string good = "zones: [{name: a, file: a.zone}]\n";
    configure(good);
    write("a.zone", zone_text(1));
    start();
    write("a.zone", zone_text(22));
    for (const std::string bad : {"zones: [{name: b, file: b.zone}]\nnonsense: 1\n",
                                  "zones: [{name: b, primaries: [nobody]}]\n",
                                  "zones: [\n"}) {
        configure(bad);
        const ReloadReport report = reload();
        EXPECT_FALSE(report.done);
        EXPECT_FALSE(report.faults.empty());
        EXPECT_EQ(report.changes, Lines{});
        EXPECT_FALSE(run_until([&] { return serial("a.") != 1 || served("b."); }, 100ms));
        EXPECT_EQ(plane_->zones().size(), 1U);
    }
    configure(good);
    EXPECT_TRUE(reload().done);
    EXPECT_TRUE(run_until([&] { return serial("a.") == 22; }));
}

TEST_F(ControlPlaneTest, ReloadNamesWhatNeedsARestart) {
    configure("server: {identity: a}\n");
    start();
    configure("server: {identity: b}\n");
    const ReloadReport report = reload();
    EXPECT_TRUE(report.done);
    EXPECT_EQ(report.needs_restart, Lines{"server"});
}

TEST_F(ControlPlaneTest, ReloadAppliesAccessAtOnce) {
    const std::string zones = "zones: [{name: a, file: a.zone, acls: [x]}]\n";
    configure("acls: [{name: x, addresses: [192.0.2.1], allow: [query, transfer]}]\n" + zones);
    write("a.zone", zone_text(1));
    start();
    const support::QueryFields axfr{.name = "a.", .type = wire::type::kAxfr};
    EXPECT_EQ(ask(axfr).substr(0, 7), "NOERROR");
    EXPECT_EQ(ask(axfr, "192.0.2.2"), "REFUSED\n");
    configure("acls: [{name: x, addresses: [192.0.2.2], allow: [query, transfer]}]\n" + zones);
    EXPECT_EQ(reload().changes, Lines{"zone a. changed"});
    ASSERT_TRUE(run_until([&] { return ask({.name = "a."}) == "REFUSED\n"; }));
    EXPECT_EQ(ask(axfr), "REFUSED\n");
    EXPECT_EQ(ask(axfr, "192.0.2.2").substr(0, 7), "NOERROR");
}

/// A zone that has not changed refers to remotes and ACLs by indices that may have.
TEST_F(ControlPlaneTest, ReloadRenumbersWhatUnchangedZonesReferTo) {
    const std::string zones = "zones: [{name: a, file: a.zone, acls: [x], notify: [r]}]\n";
    const std::string more =
        "acls:\n  - {name: new, addresses: [203.0.113.1], allow: [query]}\n"
        "  - {name: x, addresses: [192.0.2.1], allow: [query]}\n";
    configure(
        "acls: [{name: x, addresses: [192.0.2.1], allow: [query]}]\n"
        "remotes: [{name: r, addresses: [127.0.0.1@1]}]\n" +
        zones);
    write("a.zone", zone_text(1));
    start();
    ScriptedPrimary right(plane_->loop());
    const ScriptedPrimary wrong(plane_->loop());
    const auto remotes = [](const std::string& first, const std::string& second) {
        return "remotes:\n  - " + first + "\n  - " + second + "\n";
    };
    const std::string r = "{name: r, addresses: [" + right.at() + "]}";
    const std::string other = "{name: other, addresses: [" + wrong.at() + "]}";
    configure(more + remotes(r, other) + zones);
    EXPECT_EQ(reload().changes, Lines{"zone a. changed"});
    configure(more + remotes(other, r) + zones);
    EXPECT_EQ(reload().changes, Lines{});
    EXPECT_TRUE(plane_->notify(support::name("a.")));
    EXPECT_TRUE(run_until([&] { return right.notifies > 0; }));
    EXPECT_EQ(wrong.notifies, 0U);
    write("a.zone", zone_text(22));
    configure("acls: [{name: x, addresses: [192.0.2.1], allow: [query]}]\n" + remotes(other, r) +
              zones);
    EXPECT_EQ(reload().changes, Lines{});
    ASSERT_TRUE(run_until([&] { return serial("a.") == 22; }));
    EXPECT_EQ(ask({.name = "a."}).substr(0, 7), "NOERROR");
    EXPECT_EQ(ask({.name = "a."}, "203.0.113.1"), "REFUSED\n");
}

TEST_F(ControlPlaneTest, ReloadTurnsAPrimaryZoneIntoASecondaryOne) {
    configure("zones: [{name: example, file: a.zone}]\n");
    write("a.zone", zone_text(1));
    start();
    ScriptedPrimary primary(plane_->loop());
    primary.zone = support::make_zone("example.", zone_text(7));
    configure("remotes: [{name: p, addresses: [" + primary.at() +
              "]}]\nzones: [{name: example, primaries: [p]}]\n");
    EXPECT_EQ(reload().changes, (Lines{"zone example. removed", "zone example. added"}));
    ASSERT_TRUE(run_until([&] { return serial("example.") == 7; }));
    EXPECT_EQ(plane_->zone(support::name("example."))->role, "secondary");
}

TEST_F(ControlPlaneTest, ANewZonesSecondariesAreToldOnceItIsRead) {
    configure("");
    start();
    ScriptedPrimary secondary(plane_->loop());
    write("a.zone", zone_text(1));
    secondary.zone = support::make_zone("a.", zone_text(1));
    configure("remotes: [{name: s, addresses: [" + secondary.at() +
              "]}]\nzones: [{name: a, file: a.zone, notify: [s]}]\n");
    EXPECT_TRUE(reload().done);
    EXPECT_TRUE(run_until([&] { return secondary.notifies == 1; }));
}

TEST_F(ControlPlaneTest, ANotifyMakesItsZoneAsk) {
    configure("");
    start();
    ScriptedPrimary primary(plane_->loop());
    primary.zone = support::make_zone("example.", zone_text(7));
    configure(
        "acls: [{name: x, addresses: [127.0.0.1], allow: [notify]}]\n"
        "remotes: [{name: p, addresses: [" +
        primary.at() + "]}]\nzones: [{name: example, primaries: [p], acls: [x]}]\n");
    EXPECT_TRUE(reload().done);
    ASSERT_TRUE(run_until([&] { return serial("example.") == 7; }));
    primary.zone = support::make_zone("example.", zone_text(8));
    EXPECT_EQ(ask({.name = "example.", .type = wire::type::kSoa, .flags = 0x2400}, "127.0.0.1"),
              "NOERROR opcode=4 aa\n");
    EXPECT_TRUE(run_until([&] { return serial("example.") == 8; }, 2s));
}

TEST_F(ControlPlaneTest, OperatorsActOnZones) {
    configure(
        "remotes: [{name: p, addresses: [127.0.0.1@1]}]\n"
        "zones: [{name: a, file: a.zone}, {name: b, primaries: [p], notify: [p]}]\n");
    write("a.zone", zone_text(1));
    start();
    const auto reason = [](const base::Expected<void>& outcome) {
        return outcome ? "" : outcome.error().message;
    };
    const wire::Name a = support::name("a.");
    const wire::Name b = support::name("b.");
    const wire::Name none = support::name("none.");
    EXPECT_EQ(reason(plane_->refresh(none, false)), "zone none. is not configured");
    EXPECT_EQ(reason(plane_->refresh(a, true)), "zone a. has no primaries: it is read from a file");
    EXPECT_EQ(reason(plane_->refresh(b, false)), "");
    EXPECT_EQ(reason(plane_->notify(none)), "zone none. is not configured");
    EXPECT_EQ(reason(plane_->notify(a)), "zone a. has no 'notify' remotes");
    EXPECT_EQ(reason(plane_->notify(b)), "zone b. has no data to tell of");
    const auto reload_zone = [&](const wire::Name& name) {
        std::optional<std::string> outcome;
        plane_->reload_zone(name,
                            [&](const base::Expected<void>& done) { outcome = reason(done); });
        EXPECT_TRUE(run_until([&] { return outcome.has_value(); }));
        return outcome.value_or("never");
    };
    EXPECT_EQ(reload_zone(none), "zone none. is not configured");
    EXPECT_EQ(reload_zone(b).substr(0, 32), "zone b. is transferred, not read");
    write("a.zone", zone_text(22));
    EXPECT_EQ(reload_zone(a), "");
    EXPECT_EQ(serial("a."), 22U);
    write("a.zone", "nonsense\n");
    EXPECT_NE(reload_zone(a).find("a.zone:1"), std::string::npos);
    EXPECT_EQ(serial("a."), 22U);
}

TEST_F(ControlPlaneTest, RunsUntilItIsStopped) {
    configure(
        "remotes: [{name: p, addresses: [127.0.0.1@1]}]\nzones: [{name: b, primaries: [p]}]\n");
    start();
    asio::steady_timer timer(plane_->loop(), 50ms);
    timer.async_wait([&](const asio::error_code&) { plane_->stop(); });
    const auto before = std::chrono::steady_clock::now();
    plane_->run();
    EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

}  // namespace
}  // namespace understudy::control
