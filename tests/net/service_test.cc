#include <gtest/gtest.h>

#include <understudy/net/service.h>

#include <algorithm>
#include <array>
#include <string>

#include "support/frames.h"

namespace understudy::net {
namespace {

using support::ip;

Service::Settings settings_with(const std::vector<std::string>& addresses) {
    Service::Settings settings;
    settings.mac = support::kOurMac;
    for (const std::string& address : addresses) {
        settings.addresses.push_back({base::IpPrefix::parse(address).value()});
    }
    return settings;
}

bool serves(const Service& service, std::string_view text) {
    const base::IpAddress address = ip(text);
    return address.is_v6() ? service.serves_v6(address.octets().data())
                           : service.serves_v4(address.octets().data());
}

bool answers(const Service& service, std::string_view text) {
    const base::IpAddress address = ip(text);
    return address.is_v6() ? service.answers_v6(address.octets().data())
                           : service.answers_v4(address.octets().data());
}

bool refuses_source(const Service& service, std::string_view text) {
    const base::IpAddress address = ip(text);
    return address.is_v6() ? service.refuses_source_v6(address.octets().data())
                           : service.refuses_source_v4(address.octets().data());
}

Reach reach(const Service& service, const base::MacAddress& mac) {
    std::array<std::uint8_t, 8> octets{};
    octets.fill(0x99);
    std::ranges::copy(mac, octets.begin());
    return service.reach(octets.data());
}

TEST(Service, ServesTheAddressesAndNotTheirNetworks) {
    const Service service =
        Service::make(settings_with({"192.0.2.53/24", "2001:db8::53/64"})).value();
    EXPECT_TRUE(serves(service, "192.0.2.53"));
    EXPECT_TRUE(serves(service, "2001:db8::53"));
    for (const char* other : {"192.0.2.54",
                              "192.0.2.117",
                              "193.0.2.53",
                              "0.0.0.0",
                              "2001:db8::54",
                              "2001:db8:1::53",
                              "::"}) {
        EXPECT_FALSE(serves(service, other)) << other;
    }
}

TEST(Service, FindsEachOfAsManyAddressesAsItTakes) {
    std::vector<std::string> addresses;
    for (std::size_t i = 0; i < Service::kMaxServiceAddresses; ++i) {
        addresses.push_back((i % 2 == 0 ? "192.0.2." : "2001:db8::") + std::to_string(i + 1));
    }
    const Service service = Service::make(settings_with(addresses)).value();
    for (const std::string& address : addresses) {
        EXPECT_TRUE(serves(service, address)) << address;
        EXPECT_TRUE(refuses_source(service, address)) << address;
    }
    EXPECT_FALSE(serves(service, "192.0.2.66"));   // passes the filter
    EXPECT_FALSE(serves(service, "192.0.2.255"));  // does not
    addresses.emplace_back("203.0.113.1");
    EXPECT_FALSE(Service::make(settings_with(addresses)));
}

TEST(Service, TakesItsLimitInOneFamilyWithABroadcastForEach) {
    std::vector<std::string> addresses;
    for (std::size_t i = 0; i < Service::kMaxServiceAddresses; ++i) {
        addresses.push_back("10." + std::to_string(i) + ".0.1/16");
    }
    const Service service = Service::make(settings_with(addresses)).value();
    EXPECT_TRUE(refuses_source(service, "10.63.255.255"));
    EXPECT_TRUE(refuses_source(service, "10.63.0.1"));
    EXPECT_FALSE(refuses_source(service, "10.64.255.255"));
}

TEST(Service, AnswersOnlyForAddressesThatNoInterfaceHolds) {
    Service::Settings settings =
        settings_with({"192.0.2.53", "192.0.2.54", "2001:db8::53", "2001:db8::54"});
    settings.addresses[1].answered = false;
    settings.addresses[3].answered = false;
    const Service service = Service::make(settings).value();
    EXPECT_TRUE(answers(service, "192.0.2.53"));
    EXPECT_FALSE(answers(service, "192.0.2.54"));
    EXPECT_TRUE(serves(service, "192.0.2.54"));
    EXPECT_TRUE(answers(service, "2001:db8::53"));
    EXPECT_FALSE(answers(service, "2001:db8::54"));
    EXPECT_TRUE(serves(service, "2001:db8::54"));
    EXPECT_EQ(reach(service, {0x33, 0x33, 0xFF, 0, 0, 0x53}), Reach::kSolicitedNode);
    EXPECT_EQ(reach(service, {0x33, 0x33, 0xFF, 0, 0, 0x54}), Reach::kForeign);
}

TEST(Service, KnowsWhomAMacAddressReaches) {
    const Service service =
        Service::make(settings_with({"192.0.2.53", "2001:db8::1:2345"})).value();
    EXPECT_EQ(reach(service, support::kOurMac), Reach::kOurs);
    EXPECT_EQ(reach(service, support::kPeerMac), Reach::kForeign);
    EXPECT_EQ(reach(service, support::kBroadcastMac), Reach::kBroadcast);
    EXPECT_EQ(reach(service, {0x33, 0x33, 0xFF, 0x01, 0x23, 0x45}), Reach::kSolicitedNode);
    EXPECT_EQ(reach(service, {0x33, 0x33, 0x00, 0x01, 0x23, 0x45}), Reach::kForeign);
    EXPECT_EQ(reach(service, {0x33, 0x32, 0xFF, 0x01, 0x23, 0x45}), Reach::kForeign);
    EXPECT_EQ(reach(service, {0x33, 0x33, 0x00, 0x00, 0x00, 0x01}), Reach::kForeign);
}

TEST(Service, KnowsTheSolicitedNodeGroups) {
    const Service service = Service::make(settings_with({"2001:db8::12:3456"})).value();
    const auto is_group = [&service](std::string_view text) {
        return service.is_solicited_node_group(ip(text).octets().data());
    };
    EXPECT_TRUE(is_group("ff02::1:ff12:3456"));
    for (const char* other : {"ff02::1:ff12:3457",
                              "ff02::1:fe12:3456",
                              "ff05::1:ff12:3456",
                              "ff02::2:ff12:3456",
                              "ff02::1",
                              "2001:db8::12:3456"}) {
        EXPECT_FALSE(is_group(other)) << other;
    }
}

TEST(Service, RefusesSourcesThatNoHonestPacketHas) {
    const Service service =
        Service::make(settings_with({"192.0.2.53/24", "198.51.100.1/31", "2001:db8::53/64"}))
            .value();
    for (const char* bad : {"0.0.0.0",
                            "0.1.2.3",
                            "127.0.0.1",
                            "127.255.255.255",
                            "224.0.0.1",
                            "239.1.1.1",
                            "240.0.0.1",
                            "255.255.255.255",
                            "192.0.2.53",
                            "192.0.2.255",
                            "::",
                            "::1",
                            "::ffff:192.0.2.1",
                            "ff02::1",
                            "2001:db8::53"}) {
        EXPECT_TRUE(refuses_source(service, bad)) << bad;
    }
    for (const char* good : {"1.0.0.0",
                             "126.255.255.255",
                             "128.0.0.1",
                             "223.255.255.255",
                             "192.0.2.54",
                             "198.51.100.0",
                             "198.51.101.255",
                             "10.0.0.255",
                             "2001:db8::54",
                             "fe80::1",
                             "64:ff9b::c000:201",
                             "fd00::1"}) {
        EXPECT_FALSE(refuses_source(service, good)) << good;
    }
}

TEST(Service, FailsOnSettingsThatNoHostHas) {
    for (const char* address : {"0.0.0.0",
                                "127.0.0.1",
                                "224.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "::ffff:192.0.2.1",
                                "ff02::1"}) {
        EXPECT_FALSE(Service::make(settings_with({address}))) << address;
    }
    EXPECT_FALSE(Service::make(settings_with({"192.0.2.1/24", "192.0.2.1/25"})));
    Service::Settings settings = settings_with({"192.0.2.1"});
    EXPECT_TRUE(Service::make(settings));
    settings.vlan = Service::kMaxVlan;
    EXPECT_TRUE(Service::make(settings));
    settings.vlan = Service::kMaxVlan + 1;
    EXPECT_FALSE(Service::make(settings));
    settings.vlan = 7;
    settings.outer_vlan = Service::kMaxVlan;
    EXPECT_TRUE(Service::make(settings));
    settings.outer_vlan = Service::kMaxVlan + 1;
    EXPECT_FALSE(Service::make(settings));
    settings.outer_vlan = 7;
    settings.vlan = 0;
    EXPECT_FALSE(Service::make(settings));  // an outer tag around none
    settings.outer_vlan = 0;
    settings.udp_port = 0;
    EXPECT_FALSE(Service::make(settings));
    settings.udp_port = 5300;
    settings.mac[0] |= 1;
    EXPECT_FALSE(Service::make(settings));
}

}  // namespace
}  // namespace understudy::net
