#include <gtest/gtest.h>
#include <understudy/control/tsig.h>
#include <understudy/wire/query.h>
#include <algorithm>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/control_world.h"
#include "control/secondary_zone.h"
#include "support/octets.h"
#include "support/scripted_primary.h"
#include "support/transfers.h"
#include "support/zones.h"

// Primaries that are broken or hostile. Whatever they send, the zone that is served stays what it
// was, the reason is told, and they are not asked again and again.
namespace understudy::control {
namespace {

using namespace std::chrono_literals;
using support::Bytes;
using support::make_transfer;
using support::OctetBuilder;
using support::Record;
using support::records_of;
using support::ScriptedPrimary;
using support::TransferMessage;
using Reaction = ScriptedPrimary::Reaction;
using Records = std::vector<Record>;

constexpr std::size_t kMany = 100;  // records in a message

const std::string kKeys =
    "keys: [{name: k, algorithm: hmac-sha256, secret: "
    "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=}]\n";

std::shared_ptr<const zone::Zone> version(std::uint32_t serial) {
    return support::make_zone("example.",
                              "@ 300 SOA ns admin " + std::to_string(serial) +
                                  " 3600 3600 86400 60\n@ NS ns\nns A 192.0.2.1\n");
}

wire::Type type_of(const Bytes& request) {
    wire::Query query;
    return wire::parse_query(request, query) == wire::QueryFault::kNone ? query.type : wire::Type{};
}

bool is_transfer(const Bytes& request) {
    return type_of(request) == wire::type::kAxfr || type_of(request) == wire::type::kIxfr;
}

/// What a message of an answer to `request` has, before a test spoils it.
TransferMessage answer_to(const Bytes& request) {
    return {.id = base::load_be16(request.data()), .type = type_of(request)};
}

class BadPrimaryTest : public testing::Test {
  protected:
    void follow(const std::string& keys = "",
                const std::string& remote_rest = "",
                const std::string& zone_rest = "") {
        world_.configure(keys + "remotes: [{name: p, addresses: [" + primary_.at() + "]" +
                         remote_rest + "}]\nzones: [{name: example, primaries: [p], retry-min: 1s" +
                         zone_rest + "}]\n");
        zone_ = std::make_shared<SecondaryZone>(world_.environment, world_.zone_config());
        zone_->start();
        ASSERT_TRUE(world_.run_until([&] { return zone_->data() != nullptr; }));
        ASSERT_TRUE(world_.run_until([&] { return zone_->status().state == ZoneState::kCurrent; }));
    }

    /// Why the primary's answers to transfers are refused; all that must be so in any case is
    /// looked at beside it.
    std::string refusal_of(std::function<Reaction(const Bytes& request)> answer) {
        const auto before = zone_->data();
        const std::size_t transfers = primary_.transfers;
        primary_.zone = version(2);
        primary_.script = [this, answer = std::move(answer)](const Bytes& request, bool) {
            return is_transfer(request) ? answer(request) : primary_.honest(request);
        };
        zone_->trigger(std::nullopt, false);
        EXPECT_TRUE(world_.run_until(
            [&] {
                return primary_.transfers > transfers &&
                       zone_->status().state == ZoneState::kRetrying;
            },
            5s));
        world_.run_for(150ms);
        EXPECT_LE(primary_.transfers, transfers + 2);  // IXFR and AXFR, then a pause
        EXPECT_EQ(zone_->data(), before);
        EXPECT_EQ(world_.served("example.")->zone, before);
        const ZoneStatus status = zone_->status();
        EXPECT_EQ(status.primaries[0].last_result, "failed");
        EXPECT_EQ(status.next_event, "retry");
        return status.primaries[0].last_reason;
    }

    /// The same of messages with these records.
    std::string refusal_of(const Records& records) {
        return refusal_of([records](const Bytes& request) -> Reaction {
            return {make_transfer(records, kMany, answer_to(request)), true};
        });
    }

    /// The same of one message with `spoil` done to it.
    std::string refusal_of_message(const std::function<void(TransferMessage&)>& spoil) {
        return refusal_of([spoil](const Bytes& request) -> Reaction {
            TransferMessage message = answer_to(request);
            message.answers = records_of(*version(2));
            spoil(message);
            return {{support::make_transfer_message(message)}, true};
        });
    }

    /// A whole zone of version 2 with something in the middle.
    static Records with(const Records& middle) {
        Records records = records_of(*version(2));
        records.insert(records.end() - 1, middle.begin(), middle.end());
        return records;
    }

    ControlWorld world_;
    ScriptedPrimary primary_{world_.loop};
    std::shared_ptr<SecondaryZone> zone_;
};

TEST_F(BadPrimaryTest, AnswersSomethingElse) {
    primary_.zone = version(1);
    follow();
    EXPECT_EQ(refusal_of_message([](auto& message) { message.id ^= 1U; }),
              "IXFR: a message with another id than the query's");
    EXPECT_EQ(refusal_of_message([](auto& message) { message.name = "example.net."; }),
              "IXFR: an answer to another question");
    EXPECT_EQ(refusal_of_message([](auto& message) { message.klass = 3; }),
              "IXFR: an answer to another question");
    EXPECT_EQ(refusal_of_message([](auto& message) { message.answers[1].klass = 3; }),
              "IXFR: a record of class 3 at example.");
    EXPECT_EQ(refusal_of_message([](auto& message) { message.answers.clear(); }),
              "IXFR: a message without a record");
}

TEST_F(BadPrimaryTest, BreaksOff) {
    primary_.zone = version(1);
    follow();
    Records records = records_of(*version(2));
    records.pop_back();
    EXPECT_EQ(refusal_of(records), "IXFR: the answer over TCP failed: the connection was closed");
    EXPECT_EQ(refusal_of([](const Bytes& request) -> Reaction {
                  auto messages = make_transfer(records_of(*version(2)), kMany, answer_to(request));
                  messages[0] = support::head_of(messages[0], messages[0].size() - 3);
                  return {messages, true};
              }),
              "IXFR: a message that ends inside a record");
}

TEST_F(BadPrimaryTest, SendsWhatDoesNotBelongThere) {
    primary_.zone = version(1);
    follow();
    EXPECT_EQ(refusal_of(with(records_of("example.net.", "a A 192.0.2.1\n"))),
              "IXFR: a.example.net. is not in the zone");
    Record inner = records_of(*version(2)).front();
    inner.owner = support::name("sub.example.");
    EXPECT_EQ(refusal_of(with({inner})), "IXFR: an SOA at sub.example.");
    Records other = records_of(*version(2));
    other.back().rdata.back() ^= 1U;
    EXPECT_EQ(refusal_of(other), "IXFR: a closing SOA that differs from the first");
    EXPECT_NE(
        refusal_of(with(
            {{.owner = support::name("a.example."), .type = wire::type::kA, .rdata = Bytes(5)}})),
        "");
}

TEST_F(BadPrimaryTest, SendsTooMuch) {
    primary_.zone = version(1);
    follow();
    Records types;
    for (wire::Type type = 1000; type < 1300; ++type) {
        types.push_back({.owner = support::name("a.example."), .type = type, .rdata = Bytes(1)});
    }
    EXPECT_NE(refusal_of(with(types)).find("a.example."), std::string::npos);
    Records set;
    for (int i = 0; i < 10; ++i) {
        Bytes rdata(10000);
        rdata[0] = static_cast<std::uint8_t>(i);
        set.push_back({.owner = support::name("a.example."), .type = 65280, .rdata = rdata});
    }
    const std::string refusal = refusal_of([&set](const Bytes& request) -> Reaction {
        return {make_transfer(with(set), 4, answer_to(request)), true};
    });
    EXPECT_NE(refusal.find("a.example."), std::string::npos) << refusal;
}

TEST_F(BadPrimaryTest, SendsMoreThanItsZoneMayHave) {
    primary_.zone = version(1);
    follow("", "", ", rrset-records-max: 2, name-types-max: 2, zone-records-max: 8");
    const std::string names = "a A 192.0.2.1\na A 192.0.2.2\n";
    const auto more = [](const std::string& text) { return with(records_of("example.", text)); };
    EXPECT_EQ(refusal_of(more(names + "a A 192.0.2.3\n")),
              "IXFR: 3 records of one type at a.example., more than rrset-records-max (2)");
    EXPECT_EQ(refusal_of(more(names + "a TXT x\na AAAA 2001:db8::1\n")),
              "IXFR: 3 types at a.example., more than name-types-max (2)");
    EXPECT_EQ(refusal_of(more(names + "b A 192.0.2.3\nc A 192.0.2.3\nd A 192.0.2.3\n"
                                      "e A 192.0.2.3\n")),
              "IXFR: more than 8 records");
}

/// The owner of the second record is written by hand.
TEST_F(BadPrimaryTest, SendsBadNames) {
    primary_.zone = version(1);
    follow();
    const auto with_owner = [this](const Bytes& owner) {
        return refusal_of([owner](const Bytes& request) -> Reaction {
            TransferMessage message = answer_to(request);
            message.answers = {records_of(*version(2)).front()};
            Bytes octets = support::make_transfer_message(message);
            octets[7] = 2;  // ANCOUNT
            octets.insert(octets.end(), owner.begin(), owner.end());
            const Bytes rest = OctetBuilder().record_fields(wire::type::kA, 1, 1, 4).u32(1).bytes();
            octets.insert(octets.end(), rest.begin(), rest.end());
            return {{octets}, true};
        });
    };
    const std::string inside = "IXFR: a message that ends inside a record";
    EXPECT_EQ(with_owner({0xC0, 0xFF}), inside);  // ahead
    Bytes chain;                                  // to itself
    chain.push_back(0xC0);
    chain.push_back(12 + 13 + 9 + 10 + 47);  // behind header, question and SOA
    EXPECT_EQ(with_owner(chain), inside);
    Bytes longest;
    for (int i = 0; i < 4; ++i) {  // 256 octets
        longest.push_back(i == 3 ? 62 : 63);
        longest.insert(longest.end(), i == 3 ? 62 : 63, 'a');
    }
    longest.push_back(0);
    ASSERT_EQ(longest.size(), 256U);
    EXPECT_EQ(with_owner(longest), inside);
    EXPECT_EQ(with_owner({0x80}), inside);
}

/// Differences that do not fit are followed by a whole zone, which is bad as well.
TEST_F(BadPrimaryTest, SendsDifferencesThatDoNotFit) {
    primary_.zone = version(1);
    follow();
    const auto soa = [](std::uint32_t serial) { return records_of(*version(serial)).front(); };
    const auto missing = records_of("example.", "x A 192.0.2.1\n");
    for (const Records& differences : {Records{soa(2), soa(7), soa(2), soa(2)},
                                       Records{soa(2), soa(1), missing[0], soa(2), soa(2)}}) {
        EXPECT_EQ(refusal_of([&differences](const Bytes& request) -> Reaction {
                      return type_of(request) == wire::type::kIxfr
                                 ? Reaction{make_transfer(differences, kMany, answer_to(request))}
                                 : Reaction{{ScriptedPrimary::refusal(request, 5)}};
                  }),
                  "AXFR: the primary answered REFUSED");
    }
}

TEST_F(BadPrimaryTest, SpoilsSignatures) {
    primary_.zone = version(1);
    std::optional<Bytes> first_signed;
    // Signs every message, `spoil` being told which it is.
    const auto answer = [&](Bytes request,
                            const std::function<bool(std::size_t)>& signs,
                            std::int64_t ahead_s) -> Reaction {
        TsigRequest tsig =
            verify_request(request, world_.environment.config->keys, world_.clock.wall_s());
        Reaction reaction = primary_.honest(request);
        if (is_transfer(request)) {
            reaction.messages = make_transfer(records_of(*primary_.zone), 2, answer_to(request));
        }
        for (std::size_t i = 0; i < reaction.messages.size(); ++i) {
            if (signs(i)) {
                EXPECT_TRUE(
                    tsig.signer->sign(reaction.messages[i], world_.clock.wall_s() + ahead_s));
            }
        }
        return reaction;
    };
    const auto all = [](std::size_t) { return true; };
    primary_.script = [&](const Bytes& request, bool) { return answer(request, all, 0); };
    follow(kKeys, ", key: k");
    const auto refusal_with = [&](const std::function<Reaction(const Bytes&)>& transfer) {
        const auto before = zone_->data();
        const std::size_t transfers = primary_.transfers;
        primary_.zone = version(2);
        primary_.script = [&, transfer](const Bytes& request, bool) {
            return is_transfer(request) ? transfer(request) : answer(request, all, 0);
        };
        zone_->trigger(std::nullopt, false);
        EXPECT_TRUE(world_.run_until(
            [&] {
                return primary_.transfers > transfers &&
                       zone_->status().state == ZoneState::kRetrying;
            },
            5s));
        EXPECT_EQ(zone_->data(), before);
        return zone_->status().primaries[0].last_reason;
    };
    const auto starts = [](const std::string& text) { return text.substr(0, 12); };
    // Stripped from the first message, from the last, from all.
    for (const std::size_t stripped : {0U, 1U}) {
        EXPECT_EQ(starts(refusal_with([&, stripped](const Bytes& request) {
                      return answer(
                          request, [stripped](std::size_t i) { return i != stripped; }, 0);
                  })),
                  "IXFR: TSIG: ")
            << stripped;
    }
    EXPECT_EQ(starts(refusal_with([&](const Bytes& request) {
                  return answer(
                      request, [](std::size_t) { return false; }, 0);
              })),
              "IXFR: TSIG: ");
    EXPECT_EQ(
        starts(refusal_with([&](const Bytes& request) { return answer(request, all, 1000); })),
        "IXFR: TSIG: ");
    // An answer to another request, with this one's id.
    std::optional<Reaction> replayed;
    EXPECT_EQ(starts(refusal_with([&](const Bytes& request) {
                  if (!replayed) {
                      replayed = answer(
                          request, [](std::size_t i) { return i != 0; }, 0);
                      return *replayed;
                  }
                  Reaction again = *replayed;
                  for (Bytes& message : again.messages) {
                      std::copy_n(request.begin(), 2, message.begin());
                  }
                  return again;
              })),
              "IXFR: TSIG: ");
    EXPECT_EQ(starts(refusal_with([&](const Bytes& request) {
                  Reaction again = replayed.value_or(Reaction{});
                  for (Bytes& message : again.messages) {
                      std::copy_n(request.begin(), 2, message.begin());
                  }
                  return again;
              })),
              "IXFR: TSIG: ");
}

/// What a zone without data tells of a primary that sends, while `next` gives something for the
/// request, each 20 ms of that.
class SlowPrimaryTest : public testing::Test {
  protected:
    std::string refusal(const std::string& options,
                        std::function<Bytes(const Bytes& request)> next) {
        asio::ip::tcp::acceptor acceptor(world_.loop, {asio::ip::make_address("127.0.0.1"), 0});
        const std::string at = "127.0.0.1@" + std::to_string(acceptor.local_endpoint().port());
        asio::co_spawn(
            world_.loop,
            [&acceptor, &next] { return SlowPrimaryTest::drip(acceptor, next); },
            asio::detached);
        world_.configure("remotes: [{name: p, addresses: [" + at +
                         "]}]\nzones: [{name: example, primaries: [p]" + options + "}]\n");
        const auto zone = std::make_shared<SecondaryZone>(world_.environment, world_.zone_config());
        zone->start();
        EXPECT_TRUE(world_.run_until(
            [&] { return zone->status().primaries[0].last_result == "failed"; }, 5s));
        zone->stop();
        world_.run_for(100ms);  // the other side sees the end of the connection
        return zone->status().primaries[0].last_reason;
    }

    ControlWorld world_;

  private:
    static asio::awaitable<void> drip(asio::ip::tcp::acceptor& acceptor,
                                      std::function<Bytes(const Bytes& request)>& next) {
        asio::error_code error;
        const auto result = [&error] { return asio::redirect_error(asio::use_awaitable, error); };
        auto socket = co_await acceptor.async_accept(result());
        Bytes request(2);
        co_await asio::async_read(socket, asio::buffer(request), result());
        request.resize(base::load_be16(request.data()));
        co_await asio::async_read(socket, asio::buffer(request), result());
        asio::steady_timer pause(socket.get_executor());
        while (!error) {
            const Bytes octets = next(request);
            co_await asio::async_write(socket, asio::buffer(octets), result());
            pause.expires_after(20ms);
            co_await pause.async_wait(asio::use_awaitable);
        }
    }
};

Bytes one_octet(const Bytes& /*request*/) { return {0x40}; }

/// Whole messages of one record each, without end.
std::function<Bytes(const Bytes& request)> endless_zone() {
    return [sent = std::size_t{0}](const Bytes& request) mutable {
        TransferMessage message = answer_to(request);
        message.answers = {records_of(*version(2)).front()};
        if (sent > 0) {
            message.answers = records_of("example.", "n" + std::to_string(sent) + " A 192.0.2.1\n");
        }
        ++sent;
        Bytes octets = support::make_transfer_message(message);
        Bytes framed(2);
        base::store_be16(framed.data(), static_cast<std::uint16_t>(octets.size()));
        framed.insert(framed.end(), octets.begin(), octets.end());
        return framed;
    };
}

/// Each octet comes in time, the message does not.
TEST_F(SlowPrimaryTest, SendsOneOctetAtATime) {
    EXPECT_EQ(refusal("", one_octet), "AXFR: the answer over TCP took too long");
}

TEST_F(SlowPrimaryTest, IsWaitedForAsLongAsConfigured) {
    const auto started = std::chrono::steady_clock::now();
    EXPECT_EQ(refusal(", transfer-idle-max: 1s", one_octet),
              "AXFR: the answer over TCP took too long");
    EXPECT_GE(std::chrono::steady_clock::now() - started, 1s);
}

TEST_F(SlowPrimaryTest, NeverEndsAMessage) {
    EXPECT_EQ(refusal(", transfer-idle-max: 1h, transfer-time-max: 1s", one_octet),
              "AXFR: not whole after transfer-time-max (1 s)");
}

TEST_F(SlowPrimaryTest, NeverEndsItsZone) {
    EXPECT_EQ(refusal(", transfer-time-max: 1s, transfer-rate-min: 0", endless_zone()),
              "AXFR: not whole after transfer-time-max (1 s)");
    EXPECT_EQ(refusal(", zone-records-max: 10", endless_zone()), "AXFR: more than 10 records");
}

TEST_F(SlowPrimaryTest, IsSlowerThanAllowed) {
    const std::string refused = refusal(", transfer-rate-min: 1G", endless_zone());
    EXPECT_EQ(refused.find("AXFR: slower than transfer-rate-min (1073741824 octets a second): "),
              0U)
        << refused;
}

}  // namespace
}  // namespace understudy::control
