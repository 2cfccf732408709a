#include "control/config_changes.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace understudy::control {
namespace {

using Lines = std::vector<std::string>;

const std::string kServer = "server: {identity: a}\n";
const std::string kListen = "listen: [127.0.0.1@5300]\n";
const std::string kKeys =
    "keys:\n"
    "  - {name: k1, algorithm: hmac-sha256, secret: AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=}\n"
    "  - {name: k2, algorithm: hmac-sha256, secret: "
    "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=}\n";
const std::string kRemotes =
    "remotes:\n"
    "  - {name: r1, addresses: [192.0.2.1], key: k1}\n"
    "  - {name: r2, addresses: [192.0.2.2]}\n"
    "  - {name: r3, addresses: [192.0.2.3]}\n";
const std::string kAcls =
    "acls:\n"
    "  - {name: a1, addresses: [192.0.2.0/24], allow: [notify]}\n"
    "  - {name: a2, keys: [k2], allow: [transfer]}\n";
const std::string kZones =
    "zones:\n"
    "  - {name: one, primaries: [r1], acls: [a1]}\n"
    "  - {name: two, primaries: [r2], notify: [r3]}\n"
    "  - {name: three, file: three.zone, acls: [a2]}\n";
const std::string kWhole = kServer + kListen + kKeys + kRemotes + kAcls + kZones;

Config read(const std::string& text) {
    ConfigResult result = parse_config(text, "/etc/understudy/u.yaml");
    for (const Fault& fault : result.faults) {
        ADD_FAILURE() << fault.to_string() << "\n" << text;
    }
    return std::move(result.config);
}

ConfigChanges changes(const std::string& from, const std::string& to) {
    std::string after = kWhole;
    const std::size_t at = after.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    after.replace(at, from.size(), to);
    return compare(read(kWhole), read(after));
}

Lines zone_changes(const std::string& from, const std::string& to) {
    const ConfigChanges found = changes(from, to);
    EXPECT_EQ(found.needs_restart, Lines{});
    return found.describe();
}

TEST(ConfigChanges, NothingChangesByItself) {
    EXPECT_EQ(zone_changes("listen", "listen"), Lines{});
}

TEST(ConfigChanges, NamesZonesThatComeAndGo) {
    EXPECT_EQ(zone_changes("  - {name: two, primaries: [r2], notify: [r3]}\n", ""),
              Lines{"zone two. removed"});
    EXPECT_EQ(zone_changes("zones:\n", "zones:\n  - {name: four, primaries: [r2]}\n"),
              Lines{"zone four. added"});
}

TEST(ConfigChanges, AChangeOfRoleIsAnotherZone) {
    EXPECT_EQ(zone_changes("{name: three, file: three.zone", "{name: three, primaries: [r2]"),
              (Lines{"zone three. removed", "zone three. added"}));
    EXPECT_EQ(zone_changes("{name: one, primaries: [r1]", "{name: one, file: one.zone"),
              (Lines{"zone one. removed", "zone one. added"}));
}

TEST(ConfigChanges, NamesZonesThatChangeInThemselves) {
    EXPECT_EQ(zone_changes("three.zone", "other.zone"), Lines{"zone three. changed"});
    EXPECT_EQ(zone_changes("primaries: [r2]", "primaries: [r2, r3]"), Lines{"zone two. changed"});
    EXPECT_EQ(zone_changes("notify: [r3]", "notify: [r2]"), Lines{"zone two. changed"});
    EXPECT_EQ(zone_changes("acls: [a1]", "acls: [a1, a2]"), Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes("{name: one,", "{name: one, refresh-min: 5s,"),
              Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes("{name: one,", "{name: one, refresh-max: 5h,"),
              Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes("{name: one,", "{name: one, retry-min: 5s,"),
              Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes("{name: one,", "{name: one, expire-max: 5d,"),
              Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes("{name: one,", "{name: one, zone-size-max: 1G,"),
              Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes("{name: one,", "{name: one, transfer-idle-max: 9s,"),
              Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes("{name: one,", "{name: one, answer-rotation: on,"),
              Lines{"zone one. changed"});
}

TEST(ConfigChanges, NamesZonesByWhatTheyUse) {
    EXPECT_EQ(zone_changes("addresses: [192.0.2.1]", "addresses: [192.0.2.9]"),
              Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes("addresses: [192.0.2.3]", "addresses: [192.0.2.3], source: 192.0.2.7"),
              Lines{"zone two. changed"});
    EXPECT_EQ(zone_changes(", key: k1", ", key: k2"), Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes(", key: k1", ""), Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes("k1, algorithm: hmac-sha256", "k1, algorithm: hmac-sha512"),
              Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes("k2, algorithm: hmac-sha256, secret: A",
                           "k2, algorithm: hmac-sha256, secret: B"),
              Lines{"zone three. changed"});
    EXPECT_EQ(zone_changes("192.0.2.0/24", "192.0.2.0/25"), Lines{"zone one. changed"});
    EXPECT_EQ(zone_changes("allow: [transfer]", "allow: [transfer, query]"),
              Lines{"zone three. changed"});
}

TEST(ConfigChanges, ADifferentOrderIsNoChange) {
    const std::string keys = kKeys.substr(6);
    const std::size_t line = keys.find('\n') + 1;
    EXPECT_EQ(zone_changes(keys, keys.substr(line) + keys.substr(0, line)), Lines{});
    EXPECT_EQ(zone_changes("remotes:\n", "remotes:\n  - {name: r0, addresses: [192.0.2.77]}\n"),
              Lines{});
    EXPECT_EQ(zone_changes("acls:\n", "acls:\n  - {name: a0, allow: [query]}\n"), Lines{});
    EXPECT_EQ(zone_changes("  - {name: two, primaries: [r2], notify: [r3]}\n"
                           "  - {name: three, file: three.zone, acls: [a2]}\n",
                           "  - {name: THREE., file: three.zone, acls: [a2]}\n"
                           "  - {name: two, primaries: [r2], notify: [r3]}\n"),
              Lines{});
}

TEST(ConfigChanges, TheOrderOfPrimariesIsAChange) {
    const Config before =
        read(kListen + kKeys + kRemotes + "zones: [{name: one, primaries: [r1, r2]}]\n");
    const Config after =
        read(kListen + kKeys + kRemotes + "zones: [{name: one, primaries: [r2, r1]}]\n");
    EXPECT_EQ(compare(before, after).describe(), Lines{"zone one. changed"});
}

TEST(ConfigChanges, NamesSectionsThatNeedARestart) {
    const auto restart = [](const std::string& from, const std::string& to) {
        const ConfigChanges found = changes(from, to);
        EXPECT_EQ(found.describe(), Lines{});
        return found.needs_restart;
    };
    EXPECT_EQ(restart("identity: a", "identity: b"), Lines{"server"});
    EXPECT_EQ(restart("identity: a", "identity: a, nsid: x"), Lines{"server"});
    EXPECT_EQ(restart("identity: a", "identity: a, version: x"), Lines{"server"});
    EXPECT_EQ(restart("identity: a", "identity: a, max-udp-payload: 1400"), Lines{"server"});
    EXPECT_EQ(restart("identity: a", "identity: a, log: debug"), Lines{});
    EXPECT_EQ(restart("127.0.0.1@5300", "127.0.0.1@5301"), Lines{"listen"});
    EXPECT_EQ(restart("listen", "workers: {idle: busy}\nlisten"), Lines{"workers"});
    EXPECT_EQ(restart("listen", "ports: [{device: 'tap:x', addresses: [192.0.2.53/24]}]\nlisten"),
              Lines{"ports"});
}

}  // namespace
}  // namespace understudy::control
