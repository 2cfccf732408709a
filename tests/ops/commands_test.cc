#include "ops/commands.h"

#include <gtest/gtest.h>
#include <optional>

#include "support/fake_clock.h"
#include "support/fake_operations.h"
#include "support/zones.h"

namespace understudy::ops {
namespace {

using control::ZoneState;

control::ZoneStatus zone_status(const std::string& name,
                                ZoneState state,
                                std::optional<std::uint32_t> serial = {}) {
    control::ZoneStatus status;
    status.name = name;
    status.role = "secondary";
    status.state = state;
    status.serial = serial;
    return status;
}

class CommandsTest : public testing::Test {
  protected:
    CommandsTest() {
        operations_.statuses = {zone_status("b.example.", ZoneState::kCurrent, 7),
                                zone_status("a.example.", ZoneState::kExpired),
                                zone_status("z.a.example.", ZoneState::kBootstrapping)};
    }

    /// What a command answers, which must have come by the time that this returns.
    Reply execute(const std::vector<std::string>& words) {
        std::optional<Reply> reply;
        commands_.execute(words, [&](Reply answer) { reply = std::move(answer); });
        EXPECT_TRUE(reply);
        return reply ? std::move(*reply) : Reply();
    }

    Json document(const std::vector<std::string>& words) {
        const Reply reply = execute(words);
        EXPECT_TRUE(reply.outcome.done) << reply.outcome.error;
        return reply.outcome.result;
    }

    std::string error(const std::vector<std::string>& words) {
        const Reply reply = execute(words);
        EXPECT_FALSE(reply.outcome.done);
        return reply.outcome.error;
    }

    support::FakeOperations operations_;
    support::FakeClock clock_;
    stats::WorkerCounters polled_;
    stats::WorkerCounters socket_;
    stats::Counter tcp_accepted_;
    CounterSources sources_{
        .threads = {{.counters = &polled_, .core = 2, .polled = {{"af_xdp:eth0", 1}}},
                    {.counters = &socket_, .core = {}, .polled = {}}},
        .others = {{"tcp_accepted", &tcp_accepted_}}};
    Rates rates_{sources_, clock_};
    Commands commands_{operations_, sources_, rates_, clock_};
};

TEST_F(CommandsTest, StatusTellsStateUptimeZonesAndQps) {
    clock_.advance(std::chrono::milliseconds(2000));
    socket_.count(stats::Verdict::kPositive);
    polled_.count(stats::Verdict::kNxDomain);
    polled_.count(stats::Verdict::kShortFrame);
    rates_.sample();
    Json status = document({"status"});
    const Json memory = status["zone_memory"];
    EXPECT_TRUE(memory["live_octets"].is_number_unsigned());
    EXPECT_EQ(memory["retired_octets"], 0);
    EXPECT_GE(memory["reserved_octets"], memory["live_octets"]);
    status.erase("zone_memory");
    EXPECT_EQ(status, Json::parse(R"({"state": "serving", "uptime_s": 2,
                "zones": {"bootstrapping": 1, "current": 1, "refreshing": 0, "retrying": 0,
                          "expired": 1, "failed": 0},
                "qps": 1, "announced": true, "ports": []})"));
    operations_.daemon_state = DaemonState::kStarting;
    EXPECT_EQ(document({"status"})["state"], "starting");
    operations_.daemon_state = DaemonState::kDraining;
    EXPECT_EQ(document({"status"})["state"], "draining");
}

TEST_F(CommandsTest, ZonesAreRowsInCanonicalOrder) {
    operations_.statuses[0].next_event = "refresh";
    operations_.statuses[0].next_event_s = 42;
    EXPECT_EQ(document({"zones"}), Json::parse(R"([
        {"name": "a.example.", "role": "secondary", "serial": null, "state": "expired",
         "next_event": null, "next_event_s": null},
        {"name": "z.a.example.", "role": "secondary", "serial": null, "state": "bootstrapping",
         "next_event": null, "next_event_s": null},
        {"name": "b.example.", "role": "secondary", "serial": 7, "state": "current",
         "next_event": "refresh", "next_event_s": 42}])"));
    operations_.statuses.clear();
    EXPECT_EQ(document({"zones"}), Json::array());
}

TEST_F(CommandsTest, ZoneTellsAllOfIt) {
    control::ZoneStatus& status = operations_.statuses[0];
    status.primaries.push_back({"hidden", "192.0.2.1@53", "failed", "timed out"});
    status.primaries.push_back({"other", "192.0.2.2@53", "none", ""});
    status.refresh_s = 3600;
    status.retry_s = 600;
    status.expire_s = 86400;
    status.last_transfer = {
        .kind = "axfr", .octets = 1000, .messages = 2, .records = 30, .duration_ms = 15};
    status.key = "transfer.example.";
    status.records = 30;
    status.memory_octets = 4096;
    EXPECT_EQ(document({"zone", "b.example"}), Json::parse(R"({
        "name": "b.example.", "role": "secondary", "serial": 7, "state": "current",
        "next_event": null, "next_event_s": null,
        "primaries": [
          {"name": "hidden", "address": "192.0.2.1@53", "last_result": "failed",
           "last_reason": "timed out"},
          {"name": "other", "address": "192.0.2.2@53", "last_result": "none", "last_reason": null}],
        "timers": {"refresh_s": 3600, "retry_s": 600, "expire_s": 86400},
        "last_transfer": {"kind": "axfr", "octets": 1000, "duration_ms": 15, "messages": 2,
                          "records": 30},
        "key": "transfer.example.", "image_octets": 0, "journal_octets": 0, "file": null,
        "fault": null, "records": 30, "memory_octets": 4096})"));
}

TEST_F(CommandsTest, ZoneWithoutAnythingHasEveryKeyAllTheSame) {
    const Json zone = document({"zone", "a.example."});
    EXPECT_EQ(zone["primaries"], Json::array());
    EXPECT_EQ(zone["timers"],
              Json::parse(R"({"refresh_s": null, "retry_s": null, "expire_s": null})"));
    EXPECT_TRUE(zone.contains("last_transfer") && zone["last_transfer"].is_null());
    EXPECT_TRUE(zone.contains("key") && zone["key"].is_null());
}

TEST_F(CommandsTest, NamesAreReadAsInMasterFiles) {
    for (const char* name : {"b.example", "B.EXAMPLE.", "\\098.example", "b.exa\\mple."}) {
        EXPECT_EQ(document({"zone", name})["name"], "b.example.") << name;
    }
    EXPECT_EQ(error({"zone", "elsewhere.example"}), "elsewhere.example. is not configured here");
    EXPECT_EQ(error({"zone", "example"}), "example. is not configured here");
    EXPECT_NE(error({"zone", "a..b"}).find("a..b is no domain name"), std::string::npos);
}

TEST_F(CommandsTest, ActionsReachTheZone) {
    EXPECT_EQ(document({"zone", "b.example", "refresh"}),
              Json::parse(R"({"name": "b.example.", "action": "refresh"})"));
    EXPECT_EQ(document({"zone", "B.example", "retransfer"})["action"], "retransfer");
    EXPECT_EQ(document({"zone", "b.example", "notify"})["action"], "notify");
    EXPECT_EQ(operations_.calls,
              (std::vector<std::string>{
                  "refresh b.example.", "retransfer B.example.", "notify b.example."}));
}

TEST_F(CommandsTest, RefusedActionsSayWhy) {
    operations_.outcome = base::fail("b.example. is a primary zone");
    for (const char* action : {"refresh", "retransfer", "notify"}) {
        EXPECT_EQ(error({"zone", "b.example", action}), "b.example. is a primary zone");
    }
}

TEST_F(CommandsTest, ZoneReloadAnswersOnceThereIsAnOutcome) {
    std::vector<Reply> replies;
    const auto reload = [&] {
        commands_.execute(std::vector<std::string>{"zone", "b.example", "reload"},
                          [&](Reply reply) { replies.push_back(std::move(reply)); });
    };
    reload();
    EXPECT_TRUE(replies.empty());
    operations_.statuses[0].serial = 8;
    operations_.pending({});
    ASSERT_EQ(replies.size(), 1U);
    EXPECT_EQ(replies[0].outcome.result["serial"], 8);

    reload();
    operations_.pending(base::fail("b.zone:3: bad address"));
    ASSERT_EQ(replies.size(), 2U);
    EXPECT_FALSE(replies[1].outcome.done);
    EXPECT_EQ(replies[1].outcome.error, "b.zone:3: bad address");

    reload();
    operations_.statuses.clear();  // taken away by a reload of the configuration meanwhile
    operations_.pending({});
    ASSERT_EQ(replies.size(), 3U);
    EXPECT_EQ(replies[2].outcome.error, "b.example. is not configured here");
}

TEST_F(CommandsTest, DumpGoesBeforeItsOutcome) {
    operations_.data["b.example."] =
        support::make_zone("b.example", "@ SOA ns admin 7 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n");
    const Reply reply = execute({"zone", "b.example", "dump"});
    ASSERT_TRUE(reply.dump);
    EXPECT_TRUE(reply.dump->next().starts_with("b.example."));
    EXPECT_EQ(reply.outcome.result,
              Json::parse(R"({"name": "b.example.", "serial": 7, "records": 3})"));
    EXPECT_EQ(error({"zone", "a.example", "dump"}), "a.example. has no data to dump");
}

TEST_F(CommandsTest, WaitNamesWhatIsMissing) {
    EXPECT_EQ(document({"wait"}), Json::parse(R"({"missing": ["a.example.", "z.a.example."]})"));
    operations_.statuses = {zone_status("a.", ZoneState::kCurrent),
                            zone_status("b.", ZoneState::kRefreshing),
                            zone_status("c.", ZoneState::kRetrying)};
    EXPECT_EQ(document({"wait"}), Json::parse(R"({"missing": []})"));
    operations_.statuses = {zone_status("d.", ZoneState::kFailed)};
    EXPECT_EQ(document({"wait"}), Json::parse(R"({"missing": ["d."]})"));
}

TEST_F(CommandsTest, WorkersAreThoseThatPollPorts) {
    for (int i = 0; i < 4; ++i) {
        polled_.count(stats::Verdict::kPositive);
    }
    polled_.count(stats::Verdict::kForeignPort);
    polled_.busy_cycles.add(1000);
    polled_.total_cycles.add(3000);
    polled_.polls.add(8);
    polled_.empty_polls.add(6);
    polled_.packets.add(5);
    polled_.naps.add(3);
    clock_.advance(std::chrono::milliseconds(1000));
    rates_.sample();
    const Json rows = document({"workers"});
    ASSERT_EQ(rows.size(), 1U);
    Json row = rows[0];
    EXPECT_EQ(row["drops"]["foreign_port"], 1);
    EXPECT_EQ(row["drops"]["bad_udp_checksum"], 0);
    EXPECT_FALSE(row["drops"].contains("positive"));
    row.erase("drops");
    EXPECT_EQ(
        row,
        Json::parse(R"({"worker": 0, "core": 2, "port": "af_xdp:eth0", "queue": 1, "link": "up",
                                   "busy_percent": 33.3, "qps": 4, "cycles_per_query": 250,
                                   "empty_polls_percent": 75.0, "mean_burst": 2.5,
                                   "naps_per_s": 3})"));
}

TEST_F(CommandsTest, WorkerOfSeveralQueuesIsOneRow) {
    sources_.threads[0].polled = {{"af_xdp:eth0", 0}, {"af_xdp:eth0", 2}, {"tap:dns0", 0}};
    sources_.threads[0].core.reset();
    const Json rows = document({"workers"});
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0]["port"], "af_xdp:eth0,tap:dns0");
    EXPECT_EQ(rows[0]["queue"], "0,2,0");
    EXPECT_TRUE(rows[0]["core"].is_null());
    EXPECT_TRUE(rows[0]["cycles_per_query"].is_null());
    EXPECT_EQ(rows[0]["busy_percent"], 0.0);
    EXPECT_TRUE(rows[0]["mean_burst"].is_null());
}

TEST_F(CommandsTest, WithoutPortsThereAreNoWorkers) {
    sources_.threads[0].polled.clear();
    EXPECT_EQ(document({"workers"}), Json::array());
}

TEST_F(CommandsTest, StatsAreSummedOverAllThreads) {
    polled_.count(stats::Verdict::kPositive);
    socket_.count(stats::Verdict::kPositive);
    socket_.packets.add(5);
    tcp_accepted_.add(3);
    const Json stats = document({"stats"});
    EXPECT_EQ(stats["positive"], 2);
    EXPECT_EQ(stats["nxdomain"], 0);
    EXPECT_EQ(stats["packets"], 5);
    EXPECT_EQ(stats["tcp_accepted"], 3);
    EXPECT_EQ(stats.size(), stats::kVerdictCount + 8);
}

TEST_F(CommandsTest, PortsTellOfTheirLinksAndCounters) {
    const auto port = [this](const std::string& name, const std::string& twin, bool up) {
        sources_.ports.push_back({.port = name,
                                  .driver = "net_ixgbe",
                                  .twin = twin,
                                  .mac = {0x02, 0, 0, 0, 0, 0xFE},
                                  .queues = 4,
                                  .read = [up]() -> PortStatus {
                                      return {.link_up = up,
                                              .speed_mbps = up ? 25000U : 0U,
                                              .counters = {{"missed", 3}}};
                                  }});
    };
    port("0000:01:00.0", "dns0", true);
    port("0000:02:00.0", "", false);
    EXPECT_EQ(document({"status"})["ports"], Json::parse(R"([
        {"port": "0000:01:00.0", "driver": "net_ixgbe", "mac": "02:00:00:00:00:fe", "queues": 4,
         "link": "up", "speed_mbps": 25000, "twin": "dns0"},
        {"port": "0000:02:00.0", "driver": "net_ixgbe", "mac": "02:00:00:00:00:fe", "queues": 4,
         "link": "down", "speed_mbps": null, "twin": null}])"));
    EXPECT_EQ(document({"stats"})["port_missed"], 6);
    EXPECT_EQ(document({"workers"})[0]["link"], "up");
    sources_.threads[0].polled = {{"0000:01:00.0", 0}, {"0000:02:00.0", 1}};
    EXPECT_EQ(document({"workers"})[0]["link"], "down");
}

TEST_F(CommandsTest, StatsNamesGiveEachVerdictAMeaning) {
    const Json rows = document({"stats", "--names"});
    ASSERT_EQ(rows.size(), stats::kVerdictCount);
    EXPECT_EQ(rows[2], Json::parse(R"({"name": "nxdomain", "outcome": "answered",
                                       "meaning": "the name does not exist"})"));
    for (const Json& row : rows) {
        EXPECT_FALSE(row["outcome"].get<std::string>().empty()) << row;
    }
}

TEST_F(CommandsTest, ReloadTellsWhatChangedOrWhatIsWrong) {
    operations_.report = {
        .done = true, .faults = {}, .changes = {"zone c. added"}, .needs_restart = {"listen"}};
    EXPECT_EQ(document({"reload"}),
              Json::parse(R"({"changes": ["zone c. added"], "needs_restart": ["listen"]})"));
    operations_.report = {.done = false,
                          .faults = {"a.yaml:1:1: x", "a.yaml:2:1: y"},
                          .changes = {},
                          .needs_restart = {}};
    const Reply reply = execute({"reload"});
    EXPECT_FALSE(reply.outcome.done);
    EXPECT_EQ(reply.outcome.result,
              Json::parse(R"({"faults": ["a.yaml:1:1: x", "a.yaml:2:1: y"]})"));
}

TEST_F(CommandsTest, StopComesAfterTheAnswer) {
    const Reply reply = execute({"stop"});
    EXPECT_TRUE(reply.outcome.done);
    EXPECT_TRUE(operations_.calls.empty());
    reply.afterwards();
    EXPECT_EQ(operations_.calls, std::vector<std::string>{"stop"});
}

TEST_F(CommandsTest, WhatIsNoCommandIsRefused) {
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"drain"},
                                               {"undrain"},
                                               {"health"},
                                               {"capture"},
                                               {"nonsense"},
                                               {""},
                                               {"zone"},
                                               {"status", "more"},
                                               {"stats", "--nonsense"},
                                               {"zone", "b.example", "promote"},
                                               {"zone", "b.example", "demote"},
                                               {"zone", "b.example", "dump", "x"}}) {
        EXPECT_NE(error(words).find("not supported by this version"), std::string::npos);
    }
    EXPECT_TRUE(operations_.calls.empty());
}

}  // namespace
}  // namespace understudy::ops
