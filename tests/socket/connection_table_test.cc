#include "socket/connection_table.h"

#include <gtest/gtest.h>

#include <deque>

namespace understudy::socket {
namespace {

using std::chrono::milliseconds;

class FakeConnection final : public TableEntry {
  public:
    using TableEntry::TableEntry;
    void close() noexcept override { ++closed; }
    int closed = 0;
};

class ConnectionTableTest : public testing::Test {
  protected:
    FakeConnection& add(const char* client) {
        connections.emplace_back(*base::IpAddress::parse(client));
        table.add(connections.back(), now);
        return connections.back();
    }

    ConnectionTable::TimePoint now;
    StreamCounters counters;
    ConnectionTable table{{.connections = 4,
                           .connections_per_client = 2,
                           .idle = milliseconds(100),
                           .stall = milliseconds(30)},
                          counters};
    std::deque<FakeConnection> connections;
};

TEST_F(ConnectionTableTest, ClosesTheLongestIdleOfAClientAtItsLimit) {
    auto& first = add("192.0.2.1");
    auto& second = add("192.0.2.1");
    auto& other = add("192.0.2.2");
    table.idle(first, now);  // has just been answered
    add("192.0.2.1");
    EXPECT_EQ(second.closed, 1);
    EXPECT_EQ(first.closed + other.closed, 0);
    EXPECT_EQ(counters.read(CloseCause::kClientLimit), 1U);
}

TEST_F(ConnectionTableTest, ClosesTheLongestIdleOfAllAtTheTotalLimit) {
    auto& first = add("192.0.2.1");
    auto& second = add("192.0.2.2");
    add("192.0.2.3");
    add("192.0.2.4");
    table.sending(first, now);
    add("192.0.2.5");
    EXPECT_EQ(second.closed, 1);
    EXPECT_EQ(first.closed, 0);
    EXPECT_EQ(counters.read(CloseCause::kTotalLimit), 1U);
    EXPECT_EQ(counters.open(), 4U);
}

TEST_F(ConnectionTableTest, TakesThoseThatSendWhereNoneIsIdle) {
    for (const char* client : {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}) {
        table.sending(add(client), now);
    }
    add("192.0.2.4");
    EXPECT_EQ(connections[0].closed, 1);
    for (auto& connection : connections) {
        table.sending(connection, now);  // no effect on the closed one
    }
    add("192.0.2.4");  // at the client's limit, which comes first and makes room for both
    EXPECT_EQ(connections[3].closed, 1);
    EXPECT_EQ(counters.read(CloseCause::kClientLimit), 1U);
    EXPECT_EQ(counters.read(CloseCause::kTotalLimit), 1U);
}

TEST_F(ConnectionTableTest, ExpiresByPhase) {
    auto& idle = add("192.0.2.1");
    auto& sending = add("192.0.2.2");
    table.sending(sending, now);
    EXPECT_EQ(table.next_deadline(now), now + milliseconds(30));
    table.close_expired(now + milliseconds(29));
    EXPECT_EQ(idle.closed + sending.closed, 0);
    table.close_expired(now + milliseconds(30));
    EXPECT_EQ(sending.closed, 1);
    EXPECT_EQ(table.next_deadline(now + milliseconds(90)), now + milliseconds(100));
    table.close_expired(now + milliseconds(100));
    EXPECT_EQ(idle.closed, 1);
    EXPECT_EQ(counters.read(CloseCause::kIdle), 1U);
    EXPECT_EQ(counters.read(CloseCause::kStalled), 1U);
}

TEST_F(ConnectionTableTest, CountsEachEndOnce) {
    auto& ours = add("192.0.2.1");
    auto& theirs = add("192.0.2.1");
    table.close_expired(now + milliseconds(100));
    EXPECT_FALSE(table.empty());
    table.remove(ours, CloseCause::kReset);
    table.remove(theirs, CloseCause::kReset);
    EXPECT_TRUE(table.empty());
    EXPECT_EQ(counters.read(CloseCause::kIdle), 2U);
    EXPECT_EQ(counters.read(CloseCause::kReset), 0U);
    table.remove(add("192.0.2.1"), CloseCause::kClient);
    EXPECT_EQ(counters.read(CloseCause::kClient), 1U);
    EXPECT_EQ(counters.open(), 0U);
}

}  // namespace
}  // namespace understudy::socket
