#include <understudy/net/packet_filter.h>

#include <gtest/gtest.h>

#include "support/frames.h"

namespace understudy::net {
namespace {

PacketFilter filter(const std::string& expression) {
    return PacketFilter::compile(expression).value();
}

TEST(PacketFilter, SpeaksTheLanguageOfTcpdump) {
    const auto v4 = support::udp_frame_v4();
    const auto v6 = support::udp_frame_v6();
    support::FrameFields fields;
    fields.ethernet.tags = {{0x8100, 7}};
    const auto tagged = support::udp_frame_v4(fields);
    EXPECT_TRUE(filter("udp port 53").matches(v4));
    EXPECT_TRUE(filter("udp port 53").matches(v6));
    EXPECT_FALSE(filter("udp port 54").matches(v4));
    EXPECT_TRUE(filter("ip and src host 198.51.100.7").matches(v4));
    EXPECT_FALSE(filter("ip and src host 198.51.100.7").matches(v6));
    EXPECT_TRUE(filter("vlan 7 and dst port 53").matches(tagged));
    EXPECT_FALSE(filter("vlan 7 and dst port 53").matches(v4));
    EXPECT_TRUE(filter("arp").matches(support::arp_frame({})));
    EXPECT_TRUE(filter("").matches(v4));
    EXPECT_TRUE(PacketFilter().matches({}));
    EXPECT_FALSE(filter("udp").matches({}));
}

TEST(PacketFilter, RefusesWhatIsNoExpression) {
    for (const char* bad : {"udp port", "(udp", "vlan 99999", "ip proto"}) {
        const auto compiled = PacketFilter::compile(bad);
        ASSERT_FALSE(compiled) << bad;
        EXPECT_NE(compiled.error().message.find(bad), std::string::npos);
    }
    std::string endless = "port 1";
    for (int port = 2; port < 400; ++port) {
        endless += " or port " + std::to_string(2 * port);
    }
    EXPECT_FALSE(PacketFilter::compile(endless));
}

TEST(PacketFilter, TravelsAsText) {
    const auto frame = support::udp_frame_v6();
    for (const char* expression : {"", "udp port 53", "udp port 54", "ip6 host 2001:db8::53"}) {
        const PacketFilter before = filter(expression);
        const auto after = PacketFilter::from_text(before.to_text());
        ASSERT_TRUE(after) << expression;
        EXPECT_EQ(after->to_text(), before.to_text());
        EXPECT_EQ(after->matches(frame), before.matches(frame)) << expression;
    }
}

/// Nothing that a stranger may send runs forever or reads what is not there.
TEST(PacketFilter, ChecksAProgramFromAStranger) {
    const std::string pass = "0006000000000001";  // return 1
    EXPECT_TRUE(PacketFilter::from_text(pass));
    EXPECT_TRUE(PacketFilter::from_text("0020000000ffffff" + pass)->to_text().size() == 32);
    for (const std::string& bad :
         {std::string("0"),
          pass + "0",
          std::string("000600000000000g"),
          std::string("0005000000000005"),         // jumps out of the program
          std::string("0020000000000000"),         // ends without a return
          std::string("ffff000000000000") + pass,  // no such instruction
          std::string("0060000000000063") + pass,  // a memory cell that is not there
          [&pass] {
              std::string text;
              for (std::size_t i = 0; i <= PacketFilter::kMaxInstructions; ++i) {
                  text += pass;
              }
              return text;
          }()}) {
        EXPECT_FALSE(PacketFilter::from_text(bad)) << bad.substr(0, 40);
    }
    const auto beyond = PacketFilter::from_text("0020000000ffffff" + pass);  // a far word
    EXPECT_FALSE(beyond->matches(support::udp_frame_v4()));
}

}  // namespace
}  // namespace understudy::net
