#include "app/pcapng.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace understudy::app {
namespace {

/// The 32-bit word at `offset`, in the machine's order.
std::uint32_t word(const std::string& text, std::size_t offset) {
    std::uint32_t value = 0;
    std::memcpy(&value, text.data() + offset, sizeof value);
    return value;
}

/// The types of the blocks, each of whose two lengths must agree and be whole words.
std::vector<std::uint32_t> types(const std::string& text) {
    std::vector<std::uint32_t> found;
    for (std::size_t at = 0; at < text.size();) {
        const std::uint32_t length = word(text, at + 4);
        EXPECT_EQ(length % 4, 0U);
        if (length < 12 || at + length > text.size()) {
            ADD_FAILURE() << "a block of " << length << " octets";
            break;
        }
        EXPECT_EQ(word(text, at + length - 4), length);
        found.push_back(word(text, at));
        at += length;
    }
    return found;
}

TEST(Pcapng, BeginsWithTheSectionAndItsInterfaces) {
    const std::string header = pcapng_header(std::array<std::string, 2>{"af_xdp:eth0", "tap:dns0"});
    EXPECT_EQ(types(header), (std::vector<std::uint32_t>{0x0A0D0D0A, 1, 1}));
    EXPECT_EQ(word(header, 8), 0x1A2B3C4DU);
    EXPECT_NE(header.find("af_xdp:eth0"), std::string::npos);
}

TEST(Pcapng, PadsPacketsOfAnyLength) {
    for (std::size_t octets = 0; octets < 9; ++octets) {
        const std::string block = pcapng_packet({.interface = 1,
                                                 .queue = 2,
                                                 .is_sent = true,
                                                 .time_ns = 0x0102030405060708,
                                                 .length_octets = 77,
                                                 .octets = std::string(octets, 'x')});
        EXPECT_EQ(types(block), std::vector<std::uint32_t>{6});
        EXPECT_EQ(word(block, 8), 1U);
        EXPECT_EQ(word(block, 12), 0x01020304U);
        EXPECT_EQ(word(block, 16), 0x05060708U);
        EXPECT_EQ(word(block, 20), octets);
        EXPECT_EQ(word(block, 24), 77U);
    }
}

TEST(Pcapng, EndsWithARemark) {
    const std::string block = pcapng_remark(7, "three");
    EXPECT_EQ(types(block), std::vector<std::uint32_t>{5});
    EXPECT_NE(block.find("three"), std::string::npos);
}

}  // namespace
}  // namespace understudy::app
