#include <gtest/gtest.h>

#include <understudy/base/ip_address.h>

namespace understudy::base {
namespace {

TEST(IpAddress, PrintsWhatItParsed) {
    for (const char* text : {"0.0.0.0", "192.0.2.1", "::", "2001:db8::53", "fe80::1"}) {
        const auto address = IpAddress::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->to_string(), text);
    }
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
    using namespace std::string_view_literals;
    for (const auto text : {""sv,
                            "192.0.2"sv,
                            "192.0.2.256"sv,
                            "2001:db8:::1"sv,
                            "fe80::1%eth0"sv,
                            "192.0.2.1\0"sv}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
}

TEST(IpPrefix, ContainsTheAddressesOfItsNetworkOnly) {
    const auto prefix = IpPrefix::parse("192.0.2.53/25").value();
    EXPECT_TRUE(prefix.contains(IpAddress::parse("192.0.2.0").value()));
    EXPECT_TRUE(prefix.contains(IpAddress::parse("192.0.2.127").value()));
    EXPECT_FALSE(prefix.contains(IpAddress::parse("192.0.2.128").value()));
    EXPECT_FALSE(prefix.contains(IpAddress::parse("::c000:200").value()));
    EXPECT_TRUE(IpPrefix::parse("::/0").value().contains(IpAddress::parse("2001:db8::1").value()));
    EXPECT_FALSE(IpPrefix::parse("::/0").value().contains(IpAddress::parse("192.0.2.1").value()));
}

TEST(IpPrefix, WithoutALengthIsTheAddressAlone) {
    EXPECT_EQ(IpPrefix::parse("192.0.2.1").value().length_bits, 32);
    EXPECT_EQ(IpPrefix::parse("2001:db8::1").value().length_bits, 128);
}

TEST(IpPrefix, RefusesLengthsBeyondTheFamily) {
    for (const char* text :
         {"192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "2001:db8::/129", "192.0.2.0/8x"}) {
        EXPECT_FALSE(IpPrefix::parse(text)) << text;
    }
}

TEST(Endpoint, TakesThePortOrTheDefault) {
    EXPECT_EQ(Endpoint::parse("192.0.2.1", 53).value().to_string(), "192.0.2.1@53");
    EXPECT_EQ(Endpoint::parse("2001:db8::1@853", 53).value().to_string(), "2001:db8::1@853");
    for (const char* text :
         {"192.0.2.1@", "192.0.2.1@0", "192.0.2.1@65536", "@53", "192.0.2.1@53@53"}) {
        EXPECT_FALSE(Endpoint::parse(text, 53)) << text;
    }
}

}  // namespace
}  // namespace understudy::base
