#include <gtest/gtest.h>

#include <understudy/control/tsig.h>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "control/tsig_vectors.h"

namespace understudy::control {
namespace {

using namespace tsig_vectors;

const Vector& sha256() { return kVectors[2]; }

/// A client that has sent the reference's query.
TsigClient asked(const Vector& vector = sha256()) {
    TsigClient client = TsigClient::make(key(vector.algorithm)).value();
    Message query = octets(kQuery);
    EXPECT_TRUE(client.sign(query, kTime));
    return client;
}

/// One message of the reference's answer, signed as part of the wholly signed stream.
Message signed_answer(std::size_t index, const Vector& vector = sha256()) {
    return with_record(
        octets(kAnswer[index]),
        {.algorithm = vector.algorithm_name, .mac = octets(vector.answer_macs[index])});
}

TsigStatus verify(TsigClient& client, Message message, std::int64_t now_s = kTime) {
    return client.verify(message, now_s);
}

TEST(TsigClient, SignsAsTheReferenceDoes) {
    for (const Vector& vector : kVectors) {
        TsigClient client = TsigClient::make(key(vector.algorithm)).value();
        Message query = octets(kQuery);
        ASSERT_TRUE(client.sign(query, kTime));
        EXPECT_EQ(
            query,
            with_record(octets(kQuery),
                        {.algorithm = vector.algorithm_name, .mac = octets(vector.query_mac)}));
    }
    TsigClient client = TsigClient::make(key(KeyConfig::Algorithm::kSha256)).value();
    Message query = octets(kQuery);
    ASSERT_TRUE(client.sign(query, kLateTime));
    EXPECT_EQ(query, octets(kLateQuery));
}

TEST(TsigClient, SignsNothingBeyondAMessagesSize) {
    TsigClient client = TsigClient::make(key(KeyConfig::Algorithm::kSha256)).value();
    Message query(wire::kMaxMessageOctets);
    EXPECT_FALSE(client.sign(query, kTime));
    query = octets(kQuery);
    EXPECT_TRUE(client.sign(query, kTime));
    EXPECT_EQ(query, octets(kSignedQuery));
}

TEST(TsigClient, VerifiesTheReferencesStream) {
    for (const Vector& vector : kVectors) {
        TsigClient client = asked(vector);
        for (std::size_t i = 0; i < kAnswer.size(); ++i) {
            Message message = signed_answer(i, vector);
            EXPECT_EQ(client.verify(message, kTime), TsigStatus::kGood)
                << vector.algorithm_name << i;
            EXPECT_EQ(message, octets(kAnswer[i]));
            EXPECT_EQ(client.finish(), TsigStatus::kGood);
        }
    }
}

TEST(TsigClient, VerifiesTheReferencesStreamWithAGap) {
    for (const Vector& vector : kVectors) {
        TsigClient client = asked(vector);
        EXPECT_EQ(verify(client, signed_answer(0, vector)), TsigStatus::kGood);
        EXPECT_EQ(verify(client, octets(kAnswer[1])), TsigStatus::kPending);
        EXPECT_EQ(verify(client, octets(kAnswer[2])), TsigStatus::kPending);
        EXPECT_EQ(client.finish(), TsigStatus::kUnsigned);
        EXPECT_EQ(verify(client,
                         with_record(
                             octets(kAnswer[3]),
                             {.algorithm = vector.algorithm_name, .mac = octets(vector.gap_mac)})),
                  TsigStatus::kGood);
        EXPECT_EQ(client.finish(), TsigStatus::kGood);
    }
}

TEST(TsigClient, RefusesAnUnsignedFirstMessage) {
    TsigClient client = asked();
    EXPECT_EQ(client.finish(), TsigStatus::kUnsigned);  // nothing came
    EXPECT_EQ(verify(client, octets(kAnswer[0])), TsigStatus::kUnsigned);
    EXPECT_EQ(verify(client, signed_answer(0)), TsigStatus::kUnsigned);  // too late
    EXPECT_EQ(client.finish(), TsigStatus::kUnsigned);
}

TEST(TsigClient, RefusesAStreamThatEndsUnsigned) {
    TsigClient client = asked();
    EXPECT_EQ(verify(client, signed_answer(0)), TsigStatus::kGood);
    EXPECT_EQ(verify(client, octets(kAnswer[1])), TsigStatus::kPending);
    EXPECT_EQ(client.finish(), TsigStatus::kUnsigned);
}

TEST(TsigClient, NoticesARecordTakenOffInMidStream) {
    TsigClient client = asked();
    EXPECT_EQ(verify(client, signed_answer(0)), TsigStatus::kGood);
    EXPECT_EQ(verify(client, octets(kAnswer[1])), TsigStatus::kPending);  // was signed
    EXPECT_EQ(verify(client, signed_answer(2)), TsigStatus::kBadSig);
    EXPECT_EQ(client.finish(), TsigStatus::kBadSig);
}

TEST(TsigClient, NoticesMissingAndSwappedMessages) {
    TsigClient missing = asked();
    EXPECT_EQ(verify(missing, signed_answer(0)), TsigStatus::kGood);
    EXPECT_EQ(verify(missing, signed_answer(2)), TsigStatus::kBadSig);

    TsigClient swapped = asked();
    EXPECT_EQ(verify(swapped, signed_answer(1)), TsigStatus::kBadSig);

    TsigClient in_the_gap = asked();
    EXPECT_EQ(verify(in_the_gap, signed_answer(0)), TsigStatus::kGood);
    EXPECT_EQ(verify(in_the_gap, octets(kAnswer[2])), TsigStatus::kPending);
    EXPECT_EQ(verify(in_the_gap, octets(kAnswer[1])), TsigStatus::kPending);
    EXPECT_EQ(
        verify(in_the_gap, with_record(octets(kAnswer[3]), {.mac = octets(sha256().gap_mac)})),
        TsigStatus::kBadSig);
}

TEST(TsigClient, NoticesAReplayToAnotherQuery) {
    TsigClient client = TsigClient::make(key(KeyConfig::Algorithm::kSha256)).value();
    Message query = octets(kQuery);
    ASSERT_TRUE(client.sign(query, kTime + 1));  // so its code is another one
    EXPECT_EQ(verify(client, signed_answer(0)), TsigStatus::kBadSig);
}

TEST(TsigClient, NoticesEveryChangedOctetOfAMessage) {
    const Message whole = signed_answer(0);
    for (std::size_t at = 2; at < whole.size(); ++at) {
        TsigClient client = asked();
        Message message = whole;
        message[at] ^= 0x01;
        EXPECT_NE(client.verify(message, kTime), TsigStatus::kGood) << at;
        EXPECT_NE(client.finish(), TsigStatus::kGood) << at;
    }
}

TEST(TsigClient, RefusesEveryTruncation) {
    const Message whole = signed_answer(0);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        TsigClient client = asked();
        EXPECT_EQ(
            verify(client, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}),
            TsigStatus::kMalformed)
            << size;
    }
}

TEST(TsigClient, TakesNinetyNineUnsignedMessagesInARowAndNoMore) {
    const auto after_gap = [](unsigned gap) {
        // What a server would do that signs every so many messages: our own chain, driven by hand.
        TsigChain chain = TsigChain::make(key(KeyConfig::Algorithm::kSha256)).value();
        chain.follow(octets(sha256().answer_macs[0]));
        for (unsigned i = 0; i < gap; ++i) {
            chain.add(octets(kAnswer[1]));
        }
        const wire::Name algorithm = tsig_algorithm_name(KeyConfig::Algorithm::kSha256);
        wire::Tsig tsig = begin_tsig(
            key(KeyConfig::Algorithm::kSha256).name, algorithm, octets(kAnswer[3]), kTime);
        Message last = octets(kAnswer[3]);
        chain.add(last);
        tsig.mac = chain.finish(tsig, TsigChain::Covering::kTimers);
        wire::append_tsig(last, tsig);

        TsigClient client = asked();
        EXPECT_EQ(verify(client, signed_answer(0)), TsigStatus::kGood);
        TsigStatus status = TsigStatus::kPending;
        for (unsigned i = 0; i < gap; ++i) {
            status = verify(client, octets(kAnswer[1]));
        }
        return std::pair(status, verify(client, last));
    };
    EXPECT_EQ(after_gap(99), std::pair(TsigStatus::kPending, TsigStatus::kGood));
    EXPECT_EQ(after_gap(100),
              std::pair(TsigStatus::kTooManyUnsigned, TsigStatus::kTooManyUnsigned));
}

TEST(TsigClient, RefusesAnotherKey) {
    Record record = {.mac = octets(sha256().answer_macs[0])};
    record.owner = "056f7468657200";
    TsigClient other_name = asked();
    EXPECT_EQ(verify(other_name, with_record(octets(kAnswer[0]), record)), TsigStatus::kBadKey);

    record = {.algorithm = "hmac-sha512.", .mac = octets(kVectors[4].answer_macs[0])};
    TsigClient other_algorithm = asked();
    EXPECT_EQ(verify(other_algorithm, with_record(octets(kAnswer[0]), record)),
              TsigStatus::kBadKey);
}

TEST(TsigClient, RefusesTimesBeyondTheFudge) {
    for (const std::int64_t off : {-301, 301}) {
        TsigClient client = asked();
        EXPECT_EQ(verify(client, signed_answer(0), kTime + off), TsigStatus::kBadTime) << off;
    }
    for (const std::int64_t off : {-300, 300}) {
        TsigClient client = asked();
        EXPECT_EQ(verify(client, signed_answer(0), kTime + off), TsigStatus::kGood) << off;
    }
}

TEST(TsigClient, TakesCodesCutToHalfAtMost) {
    for (const std::size_t size : {15U, 16U, 31U, 32U, 33U}) {
        Record record = {.mac = octets(sha256().answer_macs[0])};
        record.mac.resize(size);
        TsigClient client = asked();
        EXPECT_EQ(verify(client, with_record(octets(kAnswer[0]), record)),
                  size >= 16 && size <= 32 ? TsigStatus::kGood : TsigStatus::kMalformed)
            << size;
    }
}

TEST(TsigClient, SaysWhatTheServerDidNotLike) {
    // BADTIME is signed, the others cannot be.
    TsigClient bad_time = asked();
    EXPECT_EQ(verify(bad_time, octets(kBadTimeSigned)), TsigStatus::kRefusedBadTime);

    Message forged = octets(kBadTimeSigned);
    forged.back() ^= 1;
    TsigClient forged_bad_time = asked();
    EXPECT_EQ(verify(forged_bad_time, forged), TsigStatus::kBadSig);

    const auto unsigned_refusal = [](std::uint16_t error) {
        TsigClient client = asked();
        return verify(client, with_record(octets(kBadTimePlain), {.error = error}));
    };
    EXPECT_EQ(unsigned_refusal(16), TsigStatus::kRefusedBadSig);
    EXPECT_EQ(unsigned_refusal(17), TsigStatus::kRefusedBadKey);
    EXPECT_EQ(unsigned_refusal(18), TsigStatus::kRefusedBadTime);
    EXPECT_EQ(unsigned_refusal(22), TsigStatus::kRefused);
    EXPECT_EQ(unsigned_refusal(0), TsigStatus::kMalformed);  // no code, and no excuse
}

TEST(TsigClient, UnderstandsOurServer) {
    const std::array keys = {key(KeyConfig::Algorithm::kSha384)};
    TsigClient client = TsigClient::make(keys[0]).value();
    Message query = octets(kQuery);
    ASSERT_TRUE(client.sign(query, kTime));
    TsigRequest request = verify_request(query, keys, kTime + 5);
    ASSERT_EQ(request.status, TsigStatus::kGood);
    for (int i = 0; i < 200; ++i) {
        const Message plain = octets(kAnswer[static_cast<std::size_t>(i) % kAnswer.size()]);
        Message message = plain;
        ASSERT_TRUE(request.signer->sign(message, kTime + i));
        EXPECT_EQ(client.verify(message, kTime + i), TsigStatus::kGood);
        EXPECT_EQ(message, plain);
    }
    EXPECT_EQ(client.finish(), TsigStatus::kGood);
}

TEST(TsigStatus, HasATextForEach) {
    std::set<std::string_view> texts;
    for (int status = 0; status <= static_cast<int>(TsigStatus::kRefused); ++status) {
        const std::string_view text = to_text(static_cast<TsigStatus>(status));
        EXPECT_FALSE(text.empty());
        EXPECT_TRUE(texts.insert(text).second) << text;
    }
}

}  // namespace
}  // namespace understudy::control
