#include <gtest/gtest.h>

#include <understudy/wire/tsig.h>
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::wire {
namespace {

using Message = std::vector<std::uint8_t>;

Message octets(std::string_view hex) {
    Message octets;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
        octets.push_back(
            static_cast<std::uint8_t>(std::stoul(std::string(hex.substr(at, 2)), nullptr, 16)));
    }
    return octets;
}

/// A question, and counts of the other sections.
std::string query(std::string_view counts) {
    return "12340100" + std::string(counts) + "076578616d706c6503636f6d0000fc0001";
}

// The parts of a record with a MAC of 4 octets and other data of 2: "Key." and "Alg.",
// 0x010203040506 s, fudge 300.
constexpr std::string_view kOwner = "034b657900";
const std::string kRdata = "03416c6700010203040506012c0004a1a2a3a4567800120002b1b2";
const std::string kRecord = std::string(kOwner) + "00fa00ff00000000001b" + kRdata;
const std::string kOther = "00000100010000012c0004c0000201";  // a record of the root, type A

TsigPresence find(const std::string& hex) {
    const Message message = octets(hex);
    Tsig tsig;
    return find_tsig(message, tsig);
}

TEST(FindTsig, TakesTheRecordApart) {
    const Message message = octets(query("0001000000000001") + kRecord);
    Tsig tsig;
    ASSERT_EQ(find_tsig(message, tsig), TsigPresence::kPresent);
    EXPECT_EQ(tsig.key.view().to_text(), "Key.");
    EXPECT_EQ(tsig.algorithm.to_text(), "Alg.");
    EXPECT_EQ(tsig.time_signed_s, 0x010203040506U);
    EXPECT_EQ(tsig.fudge_s, 300);
    EXPECT_TRUE(std::ranges::equal(tsig.mac, octets("a1a2a3a4")));
    EXPECT_EQ(tsig.original_id, 0x5678);
    EXPECT_EQ(tsig.error, TsigError::kBadTime);
    EXPECT_TRUE(std::ranges::equal(tsig.other, octets("b1b2")));
    EXPECT_EQ(tsig.offset, 29U);
}

TEST(FindTsig, KnowsMessagesWithoutOne) {
    EXPECT_EQ(find(query("0001000000000000")), TsigPresence::kAbsent);
    EXPECT_EQ(find(query("0001000100000000") + kOther), TsigPresence::kAbsent);
    EXPECT_EQ(find(query("0001000100010001") + kOther + kOther + kOther), TsigPresence::kAbsent);
    EXPECT_EQ(find("123401000000000000000000"), TsigPresence::kAbsent);
}

TEST(FindTsig, WantsItLastAndInTheAdditionalSection) {
    EXPECT_EQ(find(query("0001000100010002") + kOther + kOther + kOther + kRecord),
              TsigPresence::kPresent);
    EXPECT_EQ(find(query("0001000100000000") + kRecord), TsigPresence::kMalformed);
    EXPECT_EQ(find(query("0001000000010000") + kRecord), TsigPresence::kMalformed);
    EXPECT_EQ(find(query("0001000100000001") + kRecord + kOther), TsigPresence::kMalformed);
    EXPECT_EQ(find(query("0001000000000002") + kRecord + kOther), TsigPresence::kMalformed);
    EXPECT_EQ(find(query("0001000000000002") + kRecord + kRecord), TsigPresence::kMalformed);
    EXPECT_EQ(find(query("0001000000000001") + kRecord + "00"), TsigPresence::kMalformed);
}

TEST(FindTsig, RefusesWhatIsNotTheRulesRecord) {
    const std::string start = query("0001000000000001") + std::string(kOwner);
    EXPECT_EQ(find(start + "00fa00ff00000000001b" + kRdata), TsigPresence::kPresent);
    EXPECT_EQ(find(start + "00fa000100000000001b" + kRdata), TsigPresence::kMalformed);  // class
    EXPECT_EQ(find(start + "00fa00ff00000001001b" + kRdata), TsigPresence::kMalformed);  // TTL
    EXPECT_EQ(find(start + "00fa00ff00000000001c" + kRdata + "00"), TsigPresence::kMalformed);
    EXPECT_EQ(find(start + "00fa00ff00000000001a" + kRdata.substr(0, kRdata.size() - 2)),
              TsigPresence::kMalformed);
    // The algorithm as a compression pointer to the question's name.
    EXPECT_EQ(find(start + "00fa00ff000000000018" + "c00c" + kRdata.substr(10)),
              TsigPresence::kMalformed);
    // The owner may be one.
    EXPECT_EQ(find(query("0001000000000001") + "c00c00fa00ff00000000001b" + kRdata),
              TsigPresence::kPresent);
}

TEST(FindTsig, RefusesEveryTruncation) {
    const Message whole = octets(query("0001000000000002") + kOther + kRecord);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Message cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        Tsig tsig;
        EXPECT_EQ(find_tsig(cut, tsig), TsigPresence::kMalformed) << size;
    }
}

TEST(AppendTsig, WritesWhatIsFoundAndStripsToWhatWas) {
    const Message plain = octets(query("0001000000000001") + kOther);
    const Message mac = octets("a1a2a3a4");
    const Message other = octets("b1b2");
    Tsig tsig;
    tsig.key.assign(Name::from_text("Key").value());
    const Name algorithm = Name::from_text("Alg").value();
    tsig.algorithm = algorithm;
    tsig.time_signed_s = 0x010203040506;
    tsig.fudge_s = 300;
    tsig.mac = mac;
    tsig.original_id = 0x5678;
    tsig.error = TsigError::kBadTime;
    tsig.other = other;

    Message message = plain;
    ASSERT_TRUE(tsig_fits(message, tsig_record_octets(tsig.key.view(), algorithm, 4, 2)));
    append_tsig(message, tsig);
    EXPECT_EQ(message, octets(query("0001000000000002") + kOther + kRecord));

    Tsig found;
    ASSERT_EQ(find_tsig(message, found), TsigPresence::kPresent);
    strip_tsig(message, found);
    EXPECT_EQ(message, plain);
}

TEST(AppendTsig, StaysWithinAMessage) {
    Message message(kMaxMessageOctets - 100);
    EXPECT_TRUE(tsig_fits(message, 100));
    EXPECT_FALSE(tsig_fits(message, 101));
    message[10] = message[11] = 0xFF;
    EXPECT_FALSE(tsig_fits(message, 100));
}

TEST(TsigCoverage, IsTheMessageBeforeItWasSigned) {
    const Message message = octets(query("0001000000000002") + kOther + kRecord);
    Tsig tsig;
    ASSERT_EQ(find_tsig(message, tsig), TsigPresence::kPresent);
    const TsigCoverage covered = tsig_coverage(message, tsig);
    Message joined(covered.header.begin(), covered.header.end());
    joined.insert(joined.end(), covered.rest.begin(), covered.rest.end());
    Message expected = octets(query("0001000000000001") + kOther);
    expected[0] = 0x56;  // the original id
    expected[1] = 0x78;
    EXPECT_EQ(joined, expected);
}

TEST(TsigVariables, AreInDigestForm) {
    const Message message = octets(query("0001000000000001") + kRecord);
    Tsig tsig;
    ASSERT_EQ(find_tsig(message, tsig), TsigPresence::kPresent);
    EXPECT_EQ(tsig_variables(tsig),
              octets("036b657900"
                     "00ff00000000"
                     "03616c6700"
                     "010203040506012c00120002b1b2"));
    EXPECT_TRUE(std::ranges::equal(tsig_timers(tsig), octets("010203040506012c")));
}

}  // namespace
}  // namespace understudy::wire
