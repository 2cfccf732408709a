#include <gtest/gtest.h>
#include <understudy/control/config.h>
#include <understudy/control/policy.h>
#include <string>

#include "support/octets.h"

namespace understudy::control {
namespace {

const std::string kConfig = R"(listen: [127.0.0.1@5300]
keys:
  - {name: one, algorithm: hmac-sha256, secret: AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=}
  - {name: two, algorithm: hmac-sha256, secret: AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=}
remotes:
  - {name: p, addresses: [192.0.2.1]}
acls:
  - {name: net, addresses: [192.0.2.0/24, "2001:db8::/32"], allow: [notify]}
  - {name: signed, keys: [one, two], allow: [notify, transfer]}
  - {name: query, addresses: [198.51.100.0/24], allow: [query]}
  - {name: any, allow: [transfer]}
zones:
  - {name: Secondary.example, primaries: [p], acls: [net, signed]}
  - {name: primary.example, file: f, acls: [query, any]}
  - {name: bare.example, primaries: [p]}
)";

class PolicyTest : public testing::Test {
  protected:
    [[nodiscard]] static bool allows(const zone::QueryAccess& access,
                                     std::string_view address,
                                     const char* key = nullptr) {
        const wire::Name name = support::name(key == nullptr ? "." : key);
        return access.allows(base::IpAddress::parse(address).value(),
                             key == nullptr ? nullptr : &name);
    }

    Config config_ = parse_config(kConfig, "/u.yaml").config;
    Policy policy_{config_};
};

TEST_F(PolicyTest, FindsZonesByTheirExactName) {
    ASSERT_NE(policy_.zone(support::name("secondary.EXAMPLE.")), nullptr);
    EXPECT_FALSE(policy_.zone(support::name("secondary.example."))->is_primary);
    EXPECT_TRUE(policy_.zone(support::name("primary.example."))->is_primary);
    EXPECT_EQ(policy_.zone(support::name("example.")), nullptr);
    EXPECT_EQ(policy_.zone(support::name("x.primary.example.")), nullptr);
    EXPECT_EQ(policy_.zone(support::name(".")), nullptr);
}

TEST_F(PolicyTest, AddsUpTheAclsOfAZone) {
    const auto& notify = policy_.zone(support::name("secondary.example."))->notify;
    EXPECT_TRUE(allows(notify, "192.0.2.255"));
    EXPECT_TRUE(allows(notify, "2001:db8:ffff::1"));
    EXPECT_FALSE(allows(notify, "198.51.100.1"));
    EXPECT_TRUE(allows(notify, "198.51.100.1", "one."));
    EXPECT_TRUE(allows(notify, "198.51.100.1", "TWO."));
    EXPECT_FALSE(allows(notify, "198.51.100.1", "three."));
}

TEST_F(PolicyTest, GrantsOnlyWhatAnAclAllows) {
    const auto& transfer = policy_.zone(support::name("secondary.example."))->transfer;
    EXPECT_FALSE(allows(transfer, "192.0.2.1"));
    EXPECT_TRUE(allows(transfer, "192.0.2.1", "one."));
    EXPECT_FALSE(allows(policy_.zone(support::name("primary.example."))->notify, "192.0.2.1"));
}

TEST_F(PolicyTest, AnAclWithoutAddressesAndKeysIsForAll) {
    const auto& transfer = policy_.zone(support::name("primary.example."))->transfer;
    EXPECT_TRUE(allows(transfer, "203.0.113.9"));
    EXPECT_TRUE(allows(transfer, "::1"));
}

TEST_F(PolicyTest, AZoneWithoutAclsGrantsNothing) {
    const auto* zone = policy_.zone(support::name("bare.example."));
    EXPECT_FALSE(allows(zone->notify, "192.0.2.1"));
    EXPECT_FALSE(allows(zone->transfer, "192.0.2.1", "one."));
}

TEST_F(PolicyTest, QueriesAreOpenUnlessSomebodyIsNamed) {
    EXPECT_EQ(Policy::query_access(config_, config_.zones[0]), nullptr);
    const auto access = Policy::query_access(config_, config_.zones[1]);
    ASSERT_NE(access, nullptr);
    EXPECT_TRUE(allows(*access, "198.51.100.7"));
    EXPECT_FALSE(allows(*access, "203.0.113.9"));
}

TEST_F(PolicyTest, KnowsTheKeys) {
    ASSERT_EQ(policy_.keys().size(), 2U);
    EXPECT_EQ(policy_.keys()[1].name, support::name("two."));
}

}  // namespace
}  // namespace understudy::control
