#include <gtest/gtest.h>
#include <understudy/text/record_text.h>
#include <understudy/text/zone_file.h>
#include <string>
#include <vector>

namespace understudy::text {
namespace {

using Rdata = std::vector<std::uint8_t>;

wire::Name name(std::string_view text) { return wire::Name::from_text(text).value(); }

std::string text_of(wire::Type type, const Rdata& rdata) {
    return record_text(name("a.example"), type, wire::klass::kIn, 300, rdata);
}

TEST(RecordText, WritesOwnerTtlClassTypeRdata) {
    EXPECT_EQ(text_of(wire::type::kA, {192, 0, 2, 1}), "a.example. 300 IN A 192.0.2.1");
    EXPECT_EQ(text_of(wire::type::kMx, {0, 10, 1, 'm', 0}), "a.example. 300 IN MX 10 m.");
    EXPECT_EQ(text_of(wire::type::kTxt, {3, 'a', '"', ' ', 0}),
              R"(a.example. 300 IN TXT "a\" " "")");
    EXPECT_EQ(record_text(name("."), wire::type::kNs, wire::klass::kChaos, 0, Rdata{0}),
              ". 0 CH NS .");
}

TEST(RecordText, WritesUnknownAndMisfittingRdataInGenericForm) {
    EXPECT_EQ(text_of(65280, {1, 2, 255}), "a.example. 300 IN TYPE65280 \\# 3 0102FF");
    EXPECT_EQ(text_of(65280, {}), "a.example. 300 IN TYPE65280 \\# 0");
    EXPECT_EQ(text_of(wire::type::kA, {192, 0, 2}), "a.example. 300 IN A \\# 3 C00002");
    EXPECT_EQ(text_of(wire::type::kA, {}), "a.example. 300 IN A \\# 0");
}

TEST(RecordText, HasRoomForTheLargestRdata) {
    const Rdata octets(65535, 0xAB);
    EXPECT_EQ(text_of(65280, octets).size(),
              std::string("a.example. 300 IN TYPE65280 \\# 65535 ").size() + 2 * octets.size());

    // A full bitmap of NSEC: every octet is eight types.
    Rdata nsec{0};
    for (unsigned window = 0; window < 256; ++window) {
        nsec.push_back(static_cast<std::uint8_t>(window));
        nsec.push_back(32);
        nsec.insert(nsec.end(), 32, 0xFF);
    }
    EXPECT_TRUE(text_of(wire::type::kNsec, nsec).ends_with(" TYPE65534 TYPE65535"));
}

TEST(RecordText, ReadsBackToTheSameRecord) {
    const wire::Name owner = name(R"(odd\.\000\200!"$@;\ name.Example)");
    const Rdata rdata{255, 0, 128, '"', '\\', ';', '(', ')', '@', '$', ' ', '\n', 1, 2, 3, 4};
    Rdata txt{16};
    txt.insert(txt.end(), rdata.begin(), rdata.end());
    std::size_t count = 0;
    for (const wire::Type type : {wire::type::kTxt, wire::Type{65280}}) {
        const std::string line = record_text(owner, type, wire::klass::kIn, 4294967295U, txt);
        const auto faults =
            parse_zone_text(line, "t", wire::NameView(), 1, [&](const ZoneRecord& record) {
                ++count;
                EXPECT_TRUE(std::ranges::equal(record.owner.octets(), owner.view().octets()));
                EXPECT_EQ(record.type, type);
                EXPECT_EQ(record.ttl_s, 4294967295U);
                EXPECT_TRUE(std::ranges::equal(record.rdata, txt));
                return base::Expected<void>();
            });
        EXPECT_TRUE(faults.empty()) << line << "\n" << faults.front().to_string();
    }
    EXPECT_EQ(count, 2U);
}

TEST(TypeText, NamesTypesBothWays) {
    EXPECT_EQ(type_text(1), "A");
    EXPECT_EQ(type_text(255), "ANY");
    EXPECT_EQ(type_text(65280), "TYPE65280");
    EXPECT_EQ(type_from_text("aaaa").value(), wire::type::kAaaa);
    EXPECT_EQ(type_from_text("TYPE65280").value(), 65280);
    EXPECT_EQ(type_from_text("type1").value(), wire::type::kA);
    for (unsigned type = 0; type <= 65535; ++type) {
        ASSERT_EQ(type_from_text(type_text(static_cast<wire::Type>(type))).value(), type);
    }
}

TEST(TypeText, RefusesWhatIsNoType) {
    using namespace std::string_view_literals;
    for (const auto text :
         {""sv, "TYPE"sv, "TYPE65536"sv, "TYPE-1"sv, "NOSUCH"sv, "A\0B"sv, "A "sv}) {
        EXPECT_FALSE(type_from_text(text)) << text;
    }
    EXPECT_EQ(type_from_text("NOSUCH").error().message, "'NOSUCH' is not a record type");
}

}  // namespace
}  // namespace understudy::text
