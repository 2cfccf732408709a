#include "ops/captures.h"

#include <gtest/gtest.h>
#include <array>

#include "support/fake_clock.h"

namespace understudy::ops {
namespace {

using std::chrono::milliseconds;

class CapturesTest : public testing::Test {
  protected:
    /// What the worker of `ring` sees.
    void show(std::size_t ring, std::vector<std::uint8_t> octets, std::size_t times = 1) {
        port::Packet packet;
        packet.data = octets.data();
        packet.length_octets = static_cast<std::uint32_t>(octets.size());
        const worker::Capture& capture = *published_.newest();
        for (std::size_t i = 0; i < times; ++i) {
            capture.ring(ring).take({&packet, 1}, capture.filter(), 1, worker::Direction::kSent);
        }
    }

    std::string start() { return captures_.start("").value()["id"]; }

    rcu::Reclaimer reclaimer_;
    worker::PublishedCapture published_{reclaimer_};
    std::array<stats::WorkerCounters, 3> counters_;
    CounterSources sources_{.threads = {{.counters = &counters_[0],
                                         .core = 2,
                                         .polled = {{"af_xdp:eth0", 0}, {"tap:dns0", 0}}},
                                        {.counters = &counters_[1],
                                         .core = 3,
                                         .polled = {{"af_xdp:eth0", 1}, {"af_xdp:eth0", 2}}},
                                        {.counters = &counters_[2], .core = {}, .polled = {}}},
                            .others = {},
                            .captures = &published_};
    support::FakeClock clock_;
    Captures captures_{sources_, clock_};
};

TEST_F(CapturesTest, GivePacketsWithTheirPortAndQueue) {
    const auto started = captures_.start("");
    ASSERT_TRUE(started);
    EXPECT_EQ((*started)["ports"], Json::parse(R"(["af_xdp:eth0", "tap:dns0"])"));
    ASSERT_NE(published_.newest(), nullptr);
    EXPECT_EQ(published_.newest()->size(), 2U);  // the third thread polls nothing
    show(0, {0x01, 0xAB});
    show(1, {0xFF});
    Json document = captures_.read((*started)["id"]).value();
    for (Json& packet : document["packets"]) {
        EXPECT_GT(packet["time_ns"], 0);
        packet.erase("time_ns");
    }
    EXPECT_EQ(document, Json::parse(R"({"packets": [
        {"direction": "out", "port": 1, "queue": 0, "length": 2, "octets": "01ab"},
        {"direction": "out", "port": 0, "queue": 2, "length": 1, "octets": "ff"}],
        "skipped": 0})"));
    EXPECT_EQ(captures_.read((*started)["id"]).value()["packets"].size(), 0U);
}

TEST_F(CapturesTest, AreOneAtATime) {
    const std::string id = start();
    EXPECT_EQ(captures_.start("").error().message, "another capture is under way");
    EXPECT_FALSE(captures_.read("nonsense"));
    EXPECT_FALSE(captures_.stop("nonsense"));
    EXPECT_EQ(captures_.stop(id).value(), Json::parse(R"({"skipped": 0})"));
    EXPECT_EQ(published_.newest(), nullptr);
    EXPECT_FALSE(captures_.read(id));
    EXPECT_NE(start(), id);
}

TEST_F(CapturesTest, EndWithTheirClient) {
    const std::string id = start();
    for (int i = 0; i < 10; ++i) {
        clock_.advance(milliseconds(4000));
        captures_.expire();
        ASSERT_TRUE(captures_.read(id)) << i;
    }
    clock_.advance(milliseconds(5001));
    captures_.expire();
    EXPECT_EQ(published_.newest(), nullptr);
    EXPECT_FALSE(captures_.read(id));
}

TEST_F(CapturesTest, SayHowManyTheySkipped) {
    const std::string id = start();
    show(0, std::vector<std::uint8_t>(64), worker::CaptureRing::kSlots + 5);
    EXPECT_EQ(captures_.read(id).value()["skipped"], 5);
    EXPECT_EQ(captures_.stop(id).value()["skipped"], 5);
}

/// However long the packets are, an answer is not much longer than a part.
TEST_F(CapturesTest, AnswerInParts) {
    const std::string id = start();
    show(0, std::vector<std::uint8_t>(1500), worker::CaptureRing::kSlots);
    std::size_t packets = 0;
    for (int parts = 0; packets < worker::CaptureRing::kSlots; ++parts) {
        ASSERT_LT(parts, 100);
        const Json document = captures_.read(id).value();
        const std::size_t count = document["packets"].size();
        EXPECT_GT(count, 0U);
        EXPECT_LT(count * 1500, Captures::kPartOctets + 2 * 1500);
        packets += count;
    }
}

TEST_F(CapturesTest, RefuseWhatIsNoFilterAndWhereThereAreNoPorts) {
    EXPECT_FALSE(captures_.start("nonsense"));
    EXPECT_EQ(published_.newest(), nullptr);
    sources_.threads.erase(sources_.threads.begin(), sources_.threads.begin() + 2);
    EXPECT_FALSE(captures_.start(""));
}

}  // namespace
}  // namespace understudy::ops
