#include <understudy/load/sources.h>

#include <gtest/gtest.h>
#include <understudy/net/query_frame.h>
#include <set>

namespace understudy::load {
namespace {

base::Expected<Sources> make(std::string_view network, std::string_view server) {
    return Sources::make(base::IpPrefix::parse(network).value(),
                         base::IpAddress::parse(server).value());
}

/// The tails of many numbers.
std::set<std::uint64_t> tails(const Sources& sources) {
    std::set<std::uint64_t> all;
    for (std::uint32_t number = 0; number < 20'000; ++number) {
        all.insert(sources.tail(number));
    }
    return all;
}

std::uint64_t tail(std::string_view address) {
    return net::address_tail(base::IpAddress::parse(address).value());
}

TEST(Sources, AreAllHostsOfASmallNetworkButTheServer) {
    const auto all = tails(make("192.0.2.77/24", "192.0.2.53").value());
    EXPECT_EQ(all.size(), 253U);
    for (const char* never : {"192.0.2.0", "192.0.2.255", "192.0.2.53"}) {
        EXPECT_FALSE(all.contains(tail(never))) << never;
    }
    EXPECT_TRUE(all.contains(tail("192.0.2.1")));
    EXPECT_TRUE(all.contains(tail("192.0.2.254")));
}

TEST(Sources, AreManyOfALargeOne) {
    EXPECT_GT(tails(make("10.0.0.0/8", "192.0.2.53").value()).size(), 19'900U);
    EXPECT_GT(tails(make("2001:db8:1::/64", "2001:db8::53").value()).size(), 19'900U);
    EXPECT_EQ(tails(make("2001:db8::/126", "2001:db8::2").value()),
              (std::set<std::uint64_t>{1, 3}));
}

TEST(Sources, AnAddressStandsForItself) {
    EXPECT_EQ(tails(make("192.0.2.1/32", "192.0.2.53").value()),
              (std::set<std::uint64_t>{tail("192.0.2.1")}));
    EXPECT_EQ(tails(make("192.0.2.0/31", "192.0.2.53").value()).size(), 2U);
    EXPECT_EQ(tails(make("2001:db8::1/128", "2001:db8::53").value()), (std::set<std::uint64_t>{1}));
    EXPECT_EQ(make("10.1.2.3/32", "192.0.2.53")->example().to_string(), "10.1.2.3");
}

TEST(Sources, TheServersTailInAnotherNetworkIsNotAvoided) {
    EXPECT_TRUE(tails(make("2001:db8:1::/125", "2001:db8:2::3").value()).contains(3));
    EXPECT_FALSE(tails(make("2001:db8:2::/125", "2001:db8:2::3").value()).contains(3));
}

TEST(Sources, RefusesWhatNobodyCanBe) {
    for (const auto& [network, server] :
         std::vector<std::pair<const char*, const char*>>{{"192.0.2.53/32", "192.0.2.53"},
                                                          {"2001:db8::/64", "192.0.2.53"},
                                                          {"127.0.0.1/32", "192.0.2.53"},
                                                          {"224.0.0.0/8", "192.0.2.53"},
                                                          {"0.0.0.0/0", "192.0.2.53"},
                                                          {"ff02::/16", "2001:db8::53"}}) {
        EXPECT_FALSE(make(network, server)) << network;
    }
}

}  // namespace
}  // namespace understudy::load
