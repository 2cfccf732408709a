#include "ops/zone_dump.h"

#include <gtest/gtest.h>
#include <algorithm>
#include <set>
#include <sstream>

#include "support/zones.h"

namespace understudy::ops {
namespace {

constexpr const char* kZone =
    "@ 300 SOA ns1 admin 7 3600 600 86400 60\n"
    "@ 300 NS ns1\n"
    "ns1 300 A 192.0.2.1\n"
    "ns1 300 A 192.0.2.2\n"
    "a.b 60 TXT \"one \\\"two\\\"\" \"\\255\"\n";

std::multiset<std::string> lines_of(const std::string& text) {
    std::multiset<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.insert(line);
    }
    return lines;
}

std::string whole(ZoneDump& dump) {
    std::string text;
    for (std::string part = dump.next(); !part.empty(); part = dump.next()) {
        text += part;
    }
    return text;
}

TEST(ZoneDump, BeginsWithTheSoaAndHoldsEveryRecordOnce) {
    ZoneDump dump(support::make_zone("Example.com", kZone));
    const std::string text = whole(dump);
    EXPECT_TRUE(text.starts_with("Example.com."));
    EXPECT_NE(text.substr(0, text.find('\n')).find("SOA"), std::string::npos);
    EXPECT_EQ(lines_of(text).size(), 5U);
    EXPECT_EQ(dump.record_count(), 5U);
    EXPECT_EQ(dump.zone().record_count(), 5U);
    EXPECT_EQ(dump.next(), "");  // and stays at the end
}

TEST(ZoneDump, ReadAgainItIsTheSameZone) {
    ZoneDump dump(support::make_zone("example.com", kZone));
    const std::string text = whole(dump);
    ZoneDump again(support::make_zone("example.com", text));
    EXPECT_EQ(lines_of(whole(again)), lines_of(text));
}

TEST(ZoneDump, ComesInPartsOfWholeLines) {
    constexpr int kHosts = 5000;
    std::string text = kZone;
    for (int i = 0; i < kHosts; ++i) {
        text += "host" + std::to_string(i) + " 300 A 192.0.2.3\n";
    }
    ZoneDump dump(support::make_zone("example.com", text));
    int parts = 0;
    std::ptrdiff_t lines = 0;
    for (std::string part = dump.next(); !part.empty(); part = dump.next()) {
        EXPECT_EQ(part.back(), '\n');
        EXPECT_LT(part.size(), ZoneDump::kPartOctets + 200);
        lines += std::ranges::count(part, '\n');
        ++parts;
    }
    EXPECT_GT(parts, 2);
    EXPECT_EQ(lines, kHosts + 5);
}

}  // namespace
}  // namespace understudy::ops
