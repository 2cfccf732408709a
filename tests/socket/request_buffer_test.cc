#include "socket/request_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace understudy::socket {
namespace {

using Message = std::vector<std::uint8_t>;

Message framed(std::size_t length, std::uint8_t fill) {
    Message octets(2 + length, fill);
    base::store_be16(octets.data(), static_cast<std::uint16_t>(length));
    return octets;
}

/// Puts the stream in, at most `step` octets at a time, and takes whole requests out.
std::vector<Message> cut(const Message& stream, std::size_t step) {
    RequestBuffer buffer;
    std::vector<Message> requests;
    for (std::size_t at = 0; at < stream.size();) {
        const auto room = buffer.room();
        EXPECT_FALSE(room.empty());
        const std::size_t count = std::min({step, room.size(), stream.size() - at});
        std::copy_n(stream.begin() + static_cast<long>(at), count, room.begin());
        buffer.filled(count);
        at += count;
        while (const auto request = buffer.front()) {
            requests.emplace_back(request->begin(), request->end());
            buffer.pop();
        }
    }
    return requests;
}

TEST(RequestBuffer, CutsTheSameHoweverTheOctetsArrive) {
    Message stream;
    std::vector<std::size_t> lengths{12, 0, 1, 4094, 4095, 4096, 65535, 40, 65534, 13};
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        const Message one = framed(lengths[i], static_cast<std::uint8_t>(i + 1));
        stream.insert(stream.end(), one.begin(), one.end());
    }
    for (const std::size_t step : {1UL, 2UL, 3UL, 1000UL, 4096UL, 4097UL, 100000UL}) {
        const auto requests = cut(stream, step);
        ASSERT_EQ(requests.size(), lengths.size()) << step;
        for (std::size_t i = 0; i < lengths.size(); ++i) {
            EXPECT_EQ(requests[i], Message(lengths[i], static_cast<std::uint8_t>(i + 1))) << step;
        }
    }
}

TEST(RequestBuffer, TakesNoMemoryForALengthThatIsOnlyAnnounced) {
    RequestBuffer buffer;
    const auto room = buffer.room();
    base::store_be16(room.data(), 0xFFFF);
    buffer.filled(2);
    EXPECT_FALSE(buffer.front());
    EXPECT_LE(buffer.room().size(), RequestBuffer::kReadOctets);
}

TEST(RequestBuffer, ShrinksOnceALargeRequestIsDone) {
    RequestBuffer buffer;
    const Message large = framed(0xFFFF, 1);
    for (std::size_t at = 0; at < large.size();) {
        const auto room = buffer.room();
        const std::size_t count = std::min(room.size(), large.size() - at);
        std::copy_n(large.begin() + static_cast<long>(at), count, room.begin());
        buffer.filled(count);
        at += count;
    }
    ASSERT_TRUE(buffer.front());
    buffer.pop();
    EXPECT_EQ(buffer.room().size(), RequestBuffer::kReadOctets);
}

}  // namespace
}  // namespace understudy::socket
