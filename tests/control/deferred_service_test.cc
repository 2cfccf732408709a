#include "control/deferred_service.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <asio/post.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "control/control_world.h"
#include "support/fake_clock.h"
#include "support/messages.h"
#include "support/server.h"

namespace understudy::control {
namespace {

using namespace std::chrono_literals;
using support::Bytes;

constexpr std::size_t kHeaders = 42;  // of a frame, before the message

/// A worker as the service sees it: two rings and a bell.
struct Worker {
    port::DeferredRings rings;
    int woken = 0;

    bool ask(const Bytes& message, std::uint8_t mark = 0xAB) {
        port::Deferred* slot = rings.to_control.reserve();
        if (slot == nullptr) {
            return false;
        }
        std::fill_n(slot->octets.begin(), kHeaders, mark);
        std::ranges::copy(message, slot->octets.begin() + kHeaders);
        slot->length_octets = static_cast<std::uint16_t>(kHeaders + message.size());
        slot->payload_offset = kHeaders;
        slot->port_index = 3;
        slot->path.peer = base::Endpoint::parse("192.0.2.1@4000", 53).value();
        rings.to_control.commit();
        return true;
    }

    /// The replies that wait, as text, taken out.
    std::vector<std::string> replies() {
        std::vector<std::string> all;
        while (const port::Deferred* slot = rings.to_worker.front()) {
            EXPECT_EQ(slot->octets[kHeaders - 1], slot->octets[0]);
            EXPECT_EQ(slot->port_index, 3);
            EXPECT_EQ(slot->path.peer.port, 4000);
            all.push_back(support::message_text(slot->message()));
            rings.to_worker.release();
        }
        return all;
    }
};

class DeferredServiceTest : public testing::Test {
  protected:
    DeferredServiceTest() {
        const auto config = parse_config(
            "listen: [127.0.0.1@5300]\n"
            "acls: [{name: x, addresses: [192.0.2.1], allow: [notify, transfer]}]\n"
            "remotes: [{name: p, addresses: [192.0.2.1]}]\n"
            "zones: [{name: example, primaries: [p], acls: [x]}]\n",
            "/u.yaml");
        EXPECT_TRUE(config.faults.empty());
        handler_.set_policy(std::make_shared<const Policy>(config.config));
        world_.publisher.set({.apex = support::name("example."),
                              .zone = support::make_small_zone("example.", ""),
                              .access = nullptr});
        world_.publisher.publish();
    }

    void attach(Worker& worker) {
        service_.attach(worker.rings, [&worker] { ++worker.woken; });
    }

    static Bytes notify() {
        return support::make_query({.name = "example.", .type = wire::type::kSoa, .flags = 0x2400});
    }

    ControlWorld world_;
    answer::Context context_;
    std::size_t notifies_ = 0;
    RequestHandler handler_{context_, world_.clock, [this](const NotifyEvent&) { ++notifies_; }};
    DeferredService service_{world_.loop, handler_, world_.publisher};
};

const std::string kNotifyAnswer = "NOERROR opcode=4 aa\n";

TEST_F(DeferredServiceTest, AnswersWhatAWorkerDeferred) {
    Worker worker;
    attach(worker);
    service_.start();
    ASSERT_TRUE(worker.ask(notify()));
    ASSERT_TRUE(worker.ask(support::make_query({.name = "example.", .type = wire::type::kIxfr})));
    service_.wake_up().wake();
    ASSERT_TRUE(world_.run_until([&] { return worker.woken == 2; }));
    const auto replies = worker.replies();
    ASSERT_EQ(replies.size(), 2U);
    EXPECT_EQ(replies[0], kNotifyAnswer);
    EXPECT_EQ(replies[1].substr(0, 40), "NOERROR aa\nanswer example. 300 IN SOA ns");
    EXPECT_EQ(worker.rings.to_control.front(), nullptr);
}

TEST_F(DeferredServiceTest, LooksAtRingsThatWereFilledBeforeItStarted) {
    Worker worker;
    attach(worker);
    ASSERT_TRUE(worker.ask(notify()));
    service_.wake_up().wake();
    service_.start();
    EXPECT_TRUE(world_.run_until([&] { return worker.woken == 1; }));
}

TEST_F(DeferredServiceTest, HandsRepliesToTheWorkerThatAsked) {
    std::array<Worker, 3> workers;
    for (Worker& worker : workers) {
        attach(worker);
    }
    service_.start();
    ASSERT_TRUE(workers[1].ask(notify()));
    ASSERT_TRUE(workers[2].ask(notify()));
    ASSERT_TRUE(workers[2].ask(notify()));
    service_.wake_up().wake();
    ASSERT_TRUE(world_.run_until([&] { return workers[2].woken == 2; }));
    EXPECT_EQ(workers[0].replies().size(), 0U);
    EXPECT_EQ(workers[1].replies().size(), 1U);
    EXPECT_EQ(workers[2].replies().size(), 2U);
}

TEST_F(DeferredServiceTest, SaysNothingWhereThereIsNothingToSay) {
    Worker worker;
    attach(worker);
    service_.start();
    Bytes response = notify();
    response[2] |= 0x80;
    ASSERT_TRUE(worker.ask(response));
    ASSERT_TRUE(worker.ask({}));
    ASSERT_TRUE(worker.ask(notify()));
    service_.wake_up().wake();
    ASSERT_TRUE(world_.run_until([&] { return worker.woken == 1; }));
    EXPECT_EQ(worker.replies().size(), 1U);
}

TEST_F(DeferredServiceTest, DropsRepliesThatAWorkerDoesNotTake) {
    Worker worker;
    attach(worker);
    service_.start();
    for (std::size_t round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < port::DeferredRings::kSlots; ++i) {
            ASSERT_TRUE(worker.ask(notify()));
        }
        EXPECT_FALSE(worker.ask(notify()));
        service_.wake_up().wake();
        ASSERT_TRUE(world_.run_until([&] { return worker.rings.to_control.front() == nullptr; }));
    }
    EXPECT_EQ(notifies_, 2 * port::DeferredRings::kSlots);
    EXPECT_EQ(worker.replies().size(), port::DeferredRings::kSlots);
    // Then it goes on as before.
    ASSERT_TRUE(worker.ask(notify()));
    service_.wake_up().wake();
    ASSERT_TRUE(world_.run_until([&] { return worker.rings.to_worker.front() != nullptr; }));
    EXPECT_EQ(worker.replies(), std::vector{kNotifyAnswer});
}

/// A flood keeps a ring filled for ever; whatever else the loop has to do gets its turn.
TEST_F(DeferredServiceTest, AFloodLeavesTheLoopItsOtherWork) {
    Worker worker;
    std::size_t asked = 0;
    constexpr std::size_t kFlood = 100'000;
    service_.attach(worker.rings, [&] {
        worker.rings.to_worker.release();
        if (++asked < kFlood) {
            ASSERT_TRUE(worker.ask(notify()));
        }
    });
    service_.start();
    ASSERT_TRUE(worker.ask(notify()));
    service_.wake_up().wake();
    ASSERT_TRUE(world_.run_until([&] { return asked > 0; }));
    std::size_t asked_until_then = 0;
    asio::post(world_.loop, [&] { asked_until_then = asked; });
    ASSERT_TRUE(world_.run_until([&] { return asked_until_then > 0; }));
    EXPECT_LT(asked_until_then, 1000U);
}

TEST_F(DeferredServiceTest, WakesForEveryRoundOfRequests) {
    Worker worker;
    attach(worker);
    service_.start();
    for (int round = 1; round <= 200; ++round) {
        ASSERT_TRUE(worker.ask(notify()));
        service_.wake_up().wake();
        service_.wake_up().wake();
        ASSERT_TRUE(world_.run_until([&] { return worker.woken == round; }, 2s)) << round;
        EXPECT_EQ(worker.replies().size(), 1U);
    }
}

}  // namespace
}  // namespace understudy::control
