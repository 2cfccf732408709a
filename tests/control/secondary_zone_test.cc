#include "control/secondary_zone.h"

#include <gtest/gtest.h>
#include <understudy/control/tsig.h>
#include <understudy/wire/query.h>
#include <understudy/zone/image.h>
#include <algorithm>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "control/control_world.h"
#include "support/images.h"
#include "support/messages.h"
#include "support/scripted_primary.h"
#include "support/temporary_folder.h"
#include "support/transfers.h"
#include "support/zones.h"

namespace understudy::control {
namespace {

using namespace std::chrono_literals;
using support::Bytes;
using support::ScriptedPrimary;
using Reaction = ScriptedPrimary::Reaction;
using ZonePtr = std::shared_ptr<const zone::Zone>;

constexpr const char* kQuiet = "3600 3600 86400";  // refresh, retry, expire

ZonePtr version(std::uint32_t serial, const std::string& timers = kQuiet) {
    return support::make_zone("example.",
                              "@ 300 SOA ns admin " + std::to_string(serial) + " " + timers +
                                  " 60\n@ NS ns\nns A 192.0.2.1\n");
}

wire::Type type_of(const Bytes& request) {
    wire::Query query;
    return wire::parse_query(request, query) == wire::QueryFault::kNone ? query.type : wire::Type{};
}

bool is_transfer(const Bytes& request) {
    return type_of(request) == wire::type::kAxfr || type_of(request) == wire::type::kIxfr;
}

Reaction mute(const Bytes& /*request*/, bool /*is_stream*/) { return {}; }

class SecondaryZoneTest : public testing::Test {
  protected:
    /// A zone that follows one or two primaries in their order, `rest` being more of the zone's
    /// keys.
    void configure(std::initializer_list<const ScriptedPrimary*> primaries,
                   const std::string& rest = "",
                   const std::string& remote_rest = "") {
        std::string text = keys_ + "remotes:\n";
        std::string names;
        for (const ScriptedPrimary* primary : primaries) {
            const std::string name = names.empty() ? "p0" : "p1";
            text +=
                "  - {name: " + name + ", addresses: [" + primary->at() + "]" + remote_rest + "}\n";
            names += (names.empty() ? "" : ", ") + name;
        }
        text += remotes_;
        text += "templates: [{name: default, refresh-min: 1s, retry-min: 1s}]\n";
        text += "zones: [{name: example, primaries: [" + names + "]" + rest + "}]\n";
        world_.configure(text);
    }

    void follow(std::initializer_list<const ScriptedPrimary*> primaries,
                const std::string& rest = "",
                const std::string& remote_rest = "") {
        configure(primaries, rest, remote_rest);
        zone_ = std::make_shared<SecondaryZone>(world_.environment, world_.zone_config());
        zone_->start();
    }

    [[nodiscard]] bool has(std::uint32_t serial) const {
        return zone_->data() && zone_->data()->serial() == serial;
    }

    bool comes_to(std::uint32_t serial, std::chrono::milliseconds limit = 10s) {
        return world_.run_until([&] { return has(serial) && is_at_rest(); }, limit);
    }

    [[nodiscard]] bool is_at_rest() const {
        const ZoneState state = zone_->status().state;
        return state == ZoneState::kCurrent || state == ZoneState::kRetrying;
    }

    [[nodiscard]] PrimaryStatus primary_status(std::size_t index = 0) const {
        return zone_->status().primaries.at(index);
    }

    ControlWorld world_;
    std::string keys_;
    std::string remotes_;
    ScriptedPrimary first_{world_.loop};
    ScriptedPrimary second_{world_.loop, "127.0.0.2"};
    std::shared_ptr<SecondaryZone> zone_;
};

TEST_F(SecondaryZoneTest, BootstrapsFromItsPrimary) {
    first_.zone = version(7);
    follow({&first_});
    EXPECT_EQ(zone_->status().state, ZoneState::kBootstrapping);
    EXPECT_FALSE(zone_->status().serial);
    ASSERT_TRUE(comes_to(7));
    ASSERT_NE(world_.served("example."), nullptr);
    EXPECT_EQ(world_.served("example.")->zone, zone_->data());
    EXPECT_EQ(support::dump(*zone_->data()), support::dump(*first_.zone));
    const ZoneStatus status = zone_->status();
    EXPECT_EQ(status.state, ZoneState::kCurrent);
    EXPECT_EQ(status.role, "secondary");
    EXPECT_EQ(status.serial, 7U);
    EXPECT_EQ(status.next_event, "refresh");
    EXPECT_EQ(status.refresh_s, 3600U);
    EXPECT_EQ(status.primaries[0].last_result, "ok");
    EXPECT_EQ(status.primaries[0].last_reason, "");
    ASSERT_TRUE(status.last_transfer);
    EXPECT_EQ(status.last_transfer->kind, "axfr");
    EXPECT_EQ(status.last_transfer->records, 3U);
    EXPECT_EQ(status.last_transfer->messages, 1U);
    EXPECT_EQ(first_.soa_queries, 0U);  // there was nothing to compare with
}

TEST_F(SecondaryZoneTest, AsksAgainSoonWhereItNeverHadData) {
    int refusals = 0;
    first_.zone = version(1);
    first_.script = [&](const Bytes& request, bool) -> Reaction {
        return ++refusals == 1 ? Reaction{{ScriptedPrimary::refusal(request, 5)}}
                               : first_.honest(request);
    };
    follow({&first_});
    ASSERT_TRUE(world_.run_until([&] { return primary_status().last_result == "failed"; }));
    EXPECT_EQ(primary_status().last_reason, "AXFR: the primary answered REFUSED");
    EXPECT_EQ(zone_->status().state, ZoneState::kBootstrapping);
    EXPECT_EQ(zone_->status().next_event, "retry");
    EXPECT_TRUE(comes_to(1, 3s));
}

TEST_F(SecondaryZoneTest, RefreshesByTheTimersOfTheSoa) {
    first_.zone = version(1, "1 1 86400");
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    first_.zone = version(2);
    EXPECT_TRUE(comes_to(2, 3s));
    EXPECT_EQ(first_.soa_queries, 1U);
}

TEST_F(SecondaryZoneTest, HoldsTimersWithinTheBounds) {
    first_.zone = version(1, "1 1 1");
    follow({&first_}, ", refresh-min: 20s, retry-min: 10s, expire-max: 1d");
    ASSERT_TRUE(comes_to(1));
    EXPECT_EQ(zone_->status().refresh_s, 20U);
    EXPECT_EQ(zone_->status().retry_s, 10U);
    EXPECT_EQ(zone_->status().expire_s, 1U);
    zone_->stop();
    first_.zone = version(2, "4294967295 4294967295 4294967295");
    follow({&first_}, ", refresh-max: 100s, expire-max: 300s");
    ASSERT_TRUE(comes_to(2));
    EXPECT_EQ(zone_->status().refresh_s, 100U);
    EXPECT_EQ(zone_->status().retry_s, 100U);
    EXPECT_EQ(zone_->status().expire_s, 300U);
}

TEST_F(SecondaryZoneTest, RefreshesOnNotify) {
    first_.zone = version(1);
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    first_.zone = version(2);
    zone_->trigger(first_.endpoint().address, false);
    EXPECT_TRUE(comes_to(2, 2s));
}

TEST_F(SecondaryZoneTest, NotesThatAPrimaryHasNothingNew) {
    first_.zone = version(1);
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(world_.run_until([&] { return primary_status().last_result == "unchanged"; }));
    EXPECT_EQ(first_.transfers, 1U);
    EXPECT_EQ(zone_->status().state, ZoneState::kCurrent);
}

TEST_F(SecondaryZoneTest, MakesOneRefreshOfManyNotifies) {
    first_.zone = version(1);
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    bool in_the_middle = true;
    first_.script = [&](const Bytes& request, bool) {
        for (int i = 0; in_the_middle && i < 50; ++i) {
            zone_->trigger(first_.endpoint().address, false);
        }
        in_the_middle = false;
        return first_.honest(request);
    };
    for (int i = 0; i < 50; ++i) {
        zone_->trigger(first_.endpoint().address, false);
    }
    world_.run_for(300ms);
    // One for all before it, one for those that came while it was under way.
    EXPECT_EQ(first_.soa_queries, 2U);
}

TEST_F(SecondaryZoneTest, TurnsToTheSecondPrimary) {
    first_.script = [](const Bytes& request, bool) -> Reaction {
        return {{ScriptedPrimary::refusal(request, 5)}};
    };
    second_.zone = version(3);
    follow({&first_, &second_});
    ASSERT_TRUE(comes_to(3, 2s));
    EXPECT_EQ(primary_status(0).last_result, "failed");
    EXPECT_EQ(primary_status(1).last_result, "ok");
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(world_.run_until([&] { return primary_status(1).last_result == "unchanged"; }));
    EXPECT_EQ(primary_status(0).last_reason, "SOA query: answered REFUSED");
}

TEST_F(SecondaryZoneTest, AsksTheSenderOfTheNotifyFirst) {
    first_.zone = version(1);
    second_.zone = version(2);
    follow({&first_, &second_});
    ASSERT_TRUE(comes_to(1));
    zone_->trigger(second_.endpoint().address, false);
    ASSERT_TRUE(comes_to(2, 2s));
    EXPECT_EQ(first_.soa_queries, 0U);
    // The next one goes by the order of the configuration again.
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(world_.run_until([&] { return first_.soa_queries == 1; }));
}

TEST_F(SecondaryZoneTest, FlagsAPrimaryThatIsBehind) {
    first_.zone = version(5);
    follow({&first_, &second_});
    ASSERT_TRUE(comes_to(5));
    first_.zone = version(4);
    second_.zone = version(5);
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(world_.run_until([&] { return primary_status(1).last_result == "unchanged"; }));
    EXPECT_EQ(primary_status(0).last_result, "older");
    EXPECT_EQ(primary_status(0).last_reason, "serial 4 is not newer than 5");
    EXPECT_TRUE(has(5));
    EXPECT_EQ(first_.transfers, 1U);
    second_.zone = version(6);
    zone_->trigger(std::nullopt, false);
    EXPECT_TRUE(comes_to(6, 2s));
}

TEST_F(SecondaryZoneTest, ComparesSerialsInSerialSpace) {
    first_.zone = version(0xFFFFFFFF);
    follow({&first_});
    ASSERT_TRUE(comes_to(0xFFFFFFFF));
    first_.zone = version(0);
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(comes_to(0, 2s));
    first_.zone = version(0x80000000);  // undefined: not newer
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(world_.run_until([&] { return primary_status().last_result == "older"; }));
    EXPECT_TRUE(has(0));
}

/// Several servers may stand behind one address.
TEST_F(SecondaryZoneTest, GoesNotBackToAnOlderVersionThanItHas) {
    first_.zone = version(5);
    follow({&first_});
    ASSERT_TRUE(comes_to(5));
    const ZonePtr before = zone_->data();
    const auto comes_to_result =
        [this](std::uint32_t serial, std::uint32_t transferred, const std::string& result) {
            first_.script = [this, serial, transferred](const Bytes& request, bool) {
                first_.zone = version(is_transfer(request) ? transferred : serial);
                return first_.honest(request);
            };
            zone_->trigger(std::nullopt, false);
            return world_.run_until([&] { return primary_status().last_result == result; });
        };
    EXPECT_TRUE(comes_to_result(9, 3, "older"));
    EXPECT_TRUE(comes_to_result(9, 5, "unchanged"));
    EXPECT_EQ(first_.transfers, 3U);
    EXPECT_EQ(zone_->data(), before);
}

TEST_F(SecondaryZoneTest, TakesAnySerialWhenAskedToTransfer) {
    first_.zone = version(5);
    follow({&first_});
    ASSERT_TRUE(comes_to(5));
    first_.zone = version(4);
    zone_->trigger(std::nullopt, true);
    ASSERT_TRUE(comes_to(4, 2s));
    zone_->trigger(std::nullopt, true);
    EXPECT_TRUE(world_.run_until([&] { return first_.transfers == 3; }));
    EXPECT_EQ(first_.soa_queries, 0U);
}

TEST_F(SecondaryZoneTest, ExpiresAndComesBackWithAnySerial) {
    first_.zone = version(5, "1 1 2");
    follow({&first_});
    ASSERT_TRUE(comes_to(5));
    first_.script = mute;
    const auto cut_off = std::chrono::steady_clock::now();
    ASSERT_TRUE(world_.run_until([&] { return !zone_->data(); }, 5s));
    EXPECT_GE(std::chrono::steady_clock::now() - cut_off, 1500ms);
    EXPECT_EQ(zone_->status().state, ZoneState::kExpired);
    EXPECT_FALSE(zone_->status().serial);
    ASSERT_NE(world_.served("example."), nullptr);
    EXPECT_EQ(world_.served("example.")->zone, nullptr);
    EXPECT_TRUE(world_.served("example.")->expired);
    world_.run_for(300ms);
    EXPECT_EQ(zone_->status().state, ZoneState::kExpired);  // also after a failure more
    first_.script = nullptr;
    first_.zone = version(2);
    ASSERT_TRUE(comes_to(2, 12s));
    EXPECT_EQ(zone_->status().state, ZoneState::kCurrent);
    EXPECT_FALSE(world_.served("example.")->expired);
}

TEST_F(SecondaryZoneTest, ExpiresOnTimeWhateverItWaitsFor) {
    world_.environment.timeouts.datagram = 60s;
    first_.zone = version(5, "3600 3600 1");
    follow({&first_});
    ASSERT_TRUE(comes_to(5));
    first_.script = mute;
    zone_->trigger(std::nullopt, false);
    EXPECT_TRUE(world_.run_until([&] { return !zone_->data(); }, 3s));
    EXPECT_EQ(zone_->status().state, ZoneState::kExpired);
}

TEST_F(SecondaryZoneTest, AsksAtOnceWhenItExpires) {
    first_.zone = version(5, "3600 3600 1");
    follow({&first_});
    ASSERT_TRUE(comes_to(5));
    first_.zone = version(6);
    EXPECT_TRUE(comes_to(6, 3s));
}

TEST_F(SecondaryZoneTest, GivesUpAMutePrimary) {
    first_.script = mute;
    second_.zone = version(1);
    follow({&first_, &second_});
    ASSERT_TRUE(comes_to(1, 3s));
    EXPECT_EQ(primary_status(0).last_reason, "AXFR: the answer over TCP took too long");
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(world_.run_until([&] { return primary_status(1).last_result == "unchanged"; }, 3s));
    EXPECT_EQ(primary_status(0).last_reason, "SOA query: the answer over TCP took too long");
    EXPECT_EQ(first_.soa_queries, 3U);  // twice over UDP, once over TCP
}

TEST_F(SecondaryZoneTest, GivesUpATransferThatStalls) {
    first_.zone = version(1);
    first_.script = [&](const Bytes& request, bool) {
        Reaction reaction = first_.honest(request);
        reaction.messages = support::make_transfer(
            support::records_of(*first_.zone), 1, {.id = base::load_be16(request.data())});
        reaction.messages.resize(2);
        return reaction;
    };
    second_.zone = version(2);
    follow({&first_, &second_});
    ASSERT_TRUE(comes_to(2, 3s));
    EXPECT_EQ(primary_status(0).last_reason, "AXFR: the answer over TCP took too long");
}

TEST_F(SecondaryZoneTest, GivesUpATransferThatBreaksOff) {
    first_.zone = version(1);
    first_.script = [&](const Bytes& request, bool) {
        Reaction reaction = first_.honest(request);
        reaction.messages = support::make_transfer(
            support::records_of(*first_.zone), 1, {.id = base::load_be16(request.data())});
        reaction.messages.pop_back();
        reaction.close = true;
        return reaction;
    };
    follow({&first_});
    ASSERT_TRUE(world_.run_until([&] { return primary_status().last_result == "failed"; }));
    EXPECT_EQ(primary_status().last_reason,
              "AXFR: the answer over TCP failed: the connection was closed");
    EXPECT_FALSE(zone_->data());
}

TEST_F(SecondaryZoneTest, NotesAPrimaryThatIsNotThere) {
    {
        const ScriptedPrimary short_lived(world_.loop);
        configure({&short_lived});
    }
    zone_ = std::make_shared<SecondaryZone>(world_.environment, world_.zone_config());
    zone_->start();
    ASSERT_TRUE(world_.run_until([&] { return primary_status().last_result == "failed"; }));
    EXPECT_EQ(primary_status().last_reason, "AXFR: connecting over TCP failed: Connection refused");
}

TEST_F(SecondaryZoneTest, KeepsTheOldVersionWhereATransferIsRefused) {
    first_.zone = version(1, "3600 1 86400");
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    const ZonePtr before = zone_->data();
    first_.zone = version(2);
    first_.script = [&](const Bytes& request, bool) {
        Reaction reaction = first_.honest(request);
        if (is_transfer(request)) {
            auto records = support::records_of(*version(2));
            records.back() = support::records_of(*version(3)).back();
            reaction.messages = support::make_transfer(
                records, 100, {.id = base::load_be16(request.data()), .type = type_of(request)});
        }
        return reaction;
    };
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(world_.run_until([&] { return primary_status().last_result == "failed"; }));
    EXPECT_EQ(primary_status().last_reason, "IXFR: a closing SOA that differs from the first");
    EXPECT_EQ(zone_->data(), before);
    EXPECT_EQ(world_.served("example.")->zone, before);
    EXPECT_EQ(zone_->status().state, ZoneState::kRetrying);
    EXPECT_EQ(zone_->status().next_event, "retry");
    first_.script = nullptr;
    EXPECT_TRUE(comes_to(2, 3s));  // by the retry timer
}

TEST_F(SecondaryZoneTest, TakesDifferences) {
    first_.zone = version(1);
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    first_.earlier.push_back(first_.zone);
    first_.zone = support::make_zone("example.",
                                     "@ 300 SOA ns admin 2 3600 3600 86400 60\n@ NS ns\n"
                                     "ns A 192.0.2.2\nnew TXT x\n");
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(comes_to(2, 2s));
    EXPECT_EQ(support::dump(*zone_->data()), support::dump(*first_.zone));
    EXPECT_EQ(world_.served("example.")->zone, zone_->data());
    EXPECT_EQ(zone_->status().last_transfer->kind, "ixfr");
    EXPECT_EQ(zone_->status().last_transfer->records, 5U);
    EXPECT_EQ(first_.transfers, 2U);
    first_.zone = version(3);  // whose difference the primary does not have
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(comes_to(3, 2s));
    EXPECT_EQ(zone_->status().last_transfer->kind, "axfr");
    EXPECT_EQ(first_.transfers, 3U);
}

/// Each of these is followed by an AXFR from the same primary.
TEST_F(SecondaryZoneTest, AsksForTheWholeZoneWhereDifferencesAreOfNoUse) {
    first_.zone = version(1);
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    std::uint32_t serial = 1;
    const auto falls_back = [&](const std::function<Reaction(const Bytes& request)>& answer) {
        first_.zone = version(++serial);
        first_.script = [&](const Bytes& request, bool) {
            return type_of(request) == wire::type::kIxfr ? answer(request) : first_.honest(request);
        };
        const std::size_t before = first_.transfers;
        zone_->trigger(std::nullopt, false);
        EXPECT_TRUE(comes_to(serial, 2s)) << serial;
        EXPECT_EQ(first_.transfers, before + 2) << serial;
        EXPECT_EQ(zone_->status().last_transfer->kind, "axfr");
        EXPECT_EQ(primary_status().last_result, "ok");
    };
    for (const unsigned rcode : {1U, 2U, 4U, 5U}) {
        falls_back([rcode](const Bytes& request) -> Reaction {
            return {{ScriptedPrimary::refusal(request, rcode)}};
        });
    }
    const auto with = [&](std::vector<support::Record> records) {
        falls_back([records](const Bytes& request) -> Reaction {
            return {support::make_transfer(
                records, 100, {.id = base::load_be16(request.data()), .type = wire::type::kIxfr})};
        });
    };
    const auto soa = [](std::uint32_t of) { return support::records_of(*version(of)).front(); };
    const auto some = support::records_of("example.", "ns A 192.0.2.1\nx A 192.0.2.1\n@ NS ns\n");
    with({soa(serial + 1)});                                             // the SOA alone
    with({soa(serial + 1), soa(77), soa(serial + 1), soa(serial + 1)});  // does not begin at ours
    with({soa(serial + 1), soa(serial), some[1], soa(serial + 1), soa(serial + 1)});  // not there
    with({soa(serial + 1), soa(serial), soa(serial + 1), some[0], soa(serial + 1)});  // is there
    with({soa(serial + 1), soa(serial), some[2], soa(serial + 1), soa(serial + 1)});  // no NS left
}

TEST_F(SecondaryZoneTest, AsksForDifferencesOfThePrimaryAloneThatItHasTheVersionOf) {
    first_.zone = version(1);
    second_.zone = version(2);
    follow({&first_, &second_});
    ASSERT_TRUE(comes_to(1));
    zone_->trigger(second_.endpoint().address, false);
    ASSERT_TRUE(comes_to(2, 2s));
    EXPECT_EQ(second_.incremental_transfers, 0U);
    second_.earlier.push_back(second_.zone);
    second_.zone = version(3);
    zone_->trigger(second_.endpoint().address, false);
    ASSERT_TRUE(comes_to(3, 2s));
    EXPECT_EQ(second_.incremental_transfers, 1U);
}

TEST_F(SecondaryZoneTest, AsksNobodyElseForTheWholeZoneWhereTheAnswerIsBad) {
    first_.zone = version(1);
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    first_.zone = version(2);
    first_.script = [&](const Bytes& request, bool) -> Reaction {
        if (type_of(request) != wire::type::kIxfr) {
            return first_.honest(request);
        }
        Reaction reaction = first_.honest(request);
        reaction.messages[0][0] ^= 0xFF;
        return reaction;
    };
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(world_.run_until([&] { return primary_status().last_result == "failed"; }));
    EXPECT_EQ(primary_status().last_reason, "IXFR: a message with another id than the query's");
    EXPECT_EQ(first_.transfers, 2U);
    EXPECT_TRUE(has(1));
}

/// A restart: another zone object, with what the folder has.
TEST_F(SecondaryZoneTest, ComesBackFromTheStateFolderWithoutAPrimary) {
    const support::TemporaryFolder folder;
    auto store = StateStore::open(folder.path(), support::kHashKey).value();
    world_.environment.state = store.get();
    first_.zone = version(1);
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    first_.earlier.push_back(first_.zone);
    first_.zone = version(2);
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(comes_to(2, 2s));
    const auto before = support::dump(*zone_->data());
    zone_->stop();
    ASSERT_TRUE(store->flush());
    EXPECT_GT(zone_->status().image_octets, 0U);
    EXPECT_GT(zone_->status().journal_octets, 0U);

    first_.script = mute;
    first_.soa_queries = 0;
    first_.transfers = 0;
    configure({&first_});
    zone_ = std::make_shared<SecondaryZone>(world_.environment, world_.zone_config());
    auto saved = store->load(zone_->config().name);
    ASSERT_TRUE(saved);
    zone_->take_saved(*std::move(saved));
    EXPECT_TRUE(has(2));
    EXPECT_EQ(support::dump(*zone_->data()), before);
    EXPECT_EQ(zone_->status().state, ZoneState::kCurrent);
    EXPECT_EQ(world_.environment.differences->find(support::name("example."), 1, 2).size(), 1U);
    zone_->start();
    world_.run_for(200ms);
    EXPECT_EQ(first_.soa_queries + first_.transfers, 0U);  // nothing is due for an hour
    // Its history is known still.
    first_.script = nullptr;
    first_.earlier.push_back(version(2));
    first_.zone = version(3);
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(comes_to(3, 2s));
    EXPECT_EQ(zone_->status().last_transfer->kind, "ixfr");
    zone_->stop();
    world_.environment.state = nullptr;
}

TEST_F(SecondaryZoneTest, DoesAtOnceWhatBecameDueWhileItWasNotRunning) {
    const auto saved = [&](std::int64_t due_in_s, std::int64_t expires_in_s) {
        StateStore::Saved made;
        made.record = {.serial = 1,
                       .due_s = world_.clock.wall_s() + due_in_s,
                       .expires_s = world_.clock.wall_s() + expires_in_s,
                       .source = "p0"};
        auto built = support::make_zone(
            "example.", "@ 300 SOA ns admin 1 3600 3600 86400 60\n@ NS ns\nns A 192.0.2.1\n");
        const auto image = support::image_of(*built);
        made.zone = zone::read_image(built->apex(), support::kHashKey, image).value();
        return made;
    };
    first_.zone = version(1);
    configure({&first_});
    zone_ = std::make_shared<SecondaryZone>(world_.environment, world_.zone_config());
    zone_->take_saved(saved(-5, 1000));
    zone_->start();
    EXPECT_TRUE(world_.run_until([&] { return first_.soa_queries == 1; }, 1s));
    zone_->stop();
    zone_ = std::make_shared<SecondaryZone>(world_.environment, world_.zone_config());
    zone_->take_saved(saved(-5, -1));
    EXPECT_EQ(zone_->status().state, ZoneState::kExpired);
    EXPECT_FALSE(zone_->data());
    EXPECT_TRUE(world_.served("example.")->expired);
    zone_->start();
    EXPECT_TRUE(comes_to(1, 2s));  // any serial revives it
}

TEST_F(SecondaryZoneTest, AsksOverTcpWhereUdpIsOfNoUse) {
    first_.zone = version(1);
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    std::size_t by_stream = 0;
    first_.script = [&](const Bytes& request, bool is_stream) -> Reaction {
        by_stream += is_stream && !is_transfer(request) ? 1 : 0;
        if (!is_stream) {
            Bytes truncated = ScriptedPrimary::refusal(request, 0);
            truncated[2] |= 0x02;
            return {{truncated}};
        }
        return first_.honest(request);
    };
    first_.zone = version(2);
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(comes_to(2, 2s));
    EXPECT_EQ(by_stream, 1U);
    EXPECT_EQ(first_.soa_queries, 2U);
    first_.script = [&](const Bytes& request, bool is_stream) {
        return is_stream ? first_.honest(request) : Reaction{};
    };
    first_.zone = version(3);
    zone_->trigger(std::nullopt, false);
    EXPECT_TRUE(comes_to(3, 2s));
}

TEST_F(SecondaryZoneTest, IgnoresDatagramsThatAreNoAnswer) {
    first_.zone = version(1);
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    first_.zone = version(2);
    first_.script = [&](const Bytes& request, bool is_stream) {
        Reaction reaction = first_.honest(request);
        if (!is_stream) {
            Bytes other = ScriptedPrimary::refusal(request, 5);
            other[0] ^= 0xFF;
            reaction.messages.insert(reaction.messages.begin(),
                                     {other, request, Bytes(3, 0xFF), Bytes{}});
        }
        return reaction;
    };
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(comes_to(2, 2s));
    EXPECT_EQ(first_.soa_queries, 1U);
}

TEST_F(SecondaryZoneTest, FollowsANewConfigurationAtOnce) {
    world_.environment.timeouts.message = 60s;
    first_.script = mute;
    second_.zone = version(4);
    follow({&first_});
    ASSERT_TRUE(world_.run_until([&] { return first_.transfers == 1; }));
    configure({&second_});
    zone_->reconfigure(world_.zone_config());
    ASSERT_TRUE(comes_to(4, 2s));
    ASSERT_EQ(zone_->status().primaries.size(), 1U);
    EXPECT_EQ(primary_status().last_result, "ok");
    EXPECT_EQ(first_.transfers, 1U);
}

TEST_F(SecondaryZoneTest, DropsWhatAnOlderConfigurationLedTo) {
    // The new configuration comes when the old primary has sent all and nothing of it was read.
    first_.zone = version(9);
    second_.zone = version(1);
    first_.script = [&](const Bytes& request, bool) {
        configure({&second_});
        zone_->reconfigure(world_.zone_config());
        return first_.honest(request);
    };
    follow({&first_});
    ASSERT_TRUE(comes_to(1, 2s));
    world_.run_for(200ms);
    EXPECT_TRUE(has(1));
    EXPECT_EQ(primary_status().last_result, "ok");
    EXPECT_EQ(second_.transfers, 1U);
}

TEST_F(SecondaryZoneTest, ReconfiguredWhileItHasDataGoesOnServingThem) {
    first_.zone = version(1);
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    second_.script = mute;
    configure({&second_});
    zone_->reconfigure(world_.zone_config());
    ASSERT_TRUE(world_.run_until([&] { return primary_status().last_result == "failed"; }));
    EXPECT_TRUE(has(1));
    EXPECT_EQ(zone_->status().state, ZoneState::kRetrying);
}

TEST_F(SecondaryZoneTest, StopsInTheMiddleOfATransfer) {
    first_.zone = version(1);
    first_.script = [&](const Bytes& request, bool) {
        zone_->stop();
        return first_.honest(request);
    };
    follow({&first_});
    world_.run_for(500ms);
    EXPECT_EQ(first_.transfers, 1U);
    EXPECT_FALSE(zone_->data());
    EXPECT_EQ(zone_.use_count(), 1);  // its coroutine has ended
}

TEST_F(SecondaryZoneTest, StopsWhileItSleeps) {
    first_.zone = version(1);
    follow({&first_});
    ASSERT_TRUE(comes_to(1));
    zone_->stop();
    world_.run_for(100ms);
    EXPECT_EQ(zone_.use_count(), 1);
}

/// The loop ends under it: what the coroutine holds goes with the loop.
TEST_F(SecondaryZoneTest, MayBeAbandonedInTheMiddleOfATransfer) {
    first_.script = mute;
    follow({&first_});
    ASSERT_TRUE(world_.run_until([&] { return first_.transfers == 1; }));
    zone_.reset();
}

TEST_F(SecondaryZoneTest, TellsItsOwnSecondaries) {
    ScriptedPrimary downstream(world_.loop, "127.0.0.3");
    std::string notified;
    downstream.script = [&](const Bytes& request, bool) -> Reaction {
        notified = support::message_text(request);
        return {{ScriptedPrimary::refusal(request, 0)}};
    };
    remotes_ = "  - {name: down, addresses: [" + downstream.at() + "]}\n";
    first_.zone = version(8);
    follow({&first_}, ", notify: [down]");
    ASSERT_TRUE(world_.run_until([&] { return downstream.notifies == 1; }));
    EXPECT_NE(notified.find(" 8 3600 3600 86400 60\n"), std::string::npos);
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(world_.run_until([&] { return first_.soa_queries == 1; }));
    world_.run_for(250ms);
    EXPECT_EQ(downstream.notifies, 1U);  // nothing new, and the first one was answered
}

TEST_F(SecondaryZoneTest, SignsAndVerifiesWithTheRemotesKey) {
    keys_ =
        "keys: [{name: k, algorithm: hmac-sha256, secret: "
        "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=}]\n";
    first_.zone = version(1);
    bool sign = true;
    std::vector<TsigStatus> seen;
    first_.script = [&](Bytes request, bool) {
        TsigRequest tsig =
            verify_request(request, world_.environment.config->keys, world_.clock.wall_s());
        seen.push_back(tsig.status);
        Reaction reaction = first_.honest(request);
        for (Bytes& message : reaction.messages) {
            EXPECT_TRUE(!sign || tsig.signer->sign(message, world_.clock.wall_s()));
        }
        return reaction;
    };
    follow({&first_}, "", ", key: k");
    ASSERT_TRUE(comes_to(1, 2s));
    EXPECT_EQ(zone_->status().key, "k.");
    first_.zone = version(2);
    zone_->trigger(std::nullopt, false);
    ASSERT_TRUE(comes_to(2, 2s));
    EXPECT_EQ(seen, std::vector<TsigStatus>(3, TsigStatus::kGood));
    sign = false;
    first_.zone = version(3);
    zone_->trigger(std::nullopt, true);
    ASSERT_TRUE(world_.run_until([&] { return primary_status().last_result == "failed"; }));
    EXPECT_EQ(primary_status().last_reason.substr(0, 12), "AXFR: TSIG: ");
    EXPECT_TRUE(has(2));
}

TEST_F(SecondaryZoneTest, ManyFollowOnePrimaryAtOnce) {
    constexpr std::size_t kZones = 200;
    std::string text = "remotes: [{name: p, addresses: [" + first_.at() + "]}]\nzones:\n";
    for (std::size_t i = 0; i < kZones; ++i) {
        text += "  - {name: z" + std::to_string(i) + ".example, primaries: [p]}\n";
    }
    world_.configure(text);
    std::size_t asked = 0;
    first_.script = [&](const Bytes& request, bool) -> Reaction {
        wire::Query query;
        EXPECT_EQ(wire::parse_query(request, query), wire::QueryFault::kNone);
        const std::string apex = query.name.to_text();
        if (apex.starts_with("z7")) {  // mute for some: they hold up nobody else
            return {};
        }
        ++asked;
        return {support::make_transfer(
            support::records_of(*support::make_small_zone(apex, "www A 192.0.2.1\n")),
            2,
            {.id = query.header.id, .name = apex})};
    };
    std::vector<std::shared_ptr<SecondaryZone>> zones;
    for (const ZoneConfig& config : world_.environment.config->zones) {
        zones.push_back(std::make_shared<SecondaryZone>(world_.environment, config));
        zones.back()->start();
    }
    const auto with_data = [&] {
        return static_cast<std::size_t>(
            std::ranges::count_if(zones, [](const auto& zone) { return zone->data() != nullptr; }));
    };
    constexpr std::size_t kMute = 11;  // z7, z70 to z79
    EXPECT_TRUE(world_.run_until([&] { return with_data() == kZones - kMute; }, 10s));
    EXPECT_GE(asked, kZones - kMute);  // more where the machine is so loaded that some ask again
    EXPECT_EQ(world_.publisher.newest().size(), kZones - kMute);
    for (const auto& zone : zones) {
        zone->stop();
    }
}

}  // namespace
}  // namespace understudy::control
