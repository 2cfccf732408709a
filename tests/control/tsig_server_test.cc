#include <gtest/gtest.h>

#include <understudy/control/tsig.h>
#include <string>
#include <vector>

#include "control/tsig_vectors.h"

namespace understudy::control {
namespace {

using namespace tsig_vectors;

std::vector<KeyConfig> keys() {
    KeyConfig other = key(KeyConfig::Algorithm::kSha256);
    other.name = wire::Name::from_text("other.example").value();
    return {other, key(KeyConfig::Algorithm::kSha256)};
}

/// The query's record as dnspython signs it with hmac-sha256.
Record query_record() { return {.mac = octets(kVectors[2].query_mac)}; }

TsigRequest verify(Message message, std::int64_t now_s = kTime) {
    return verify_request(message, keys(), now_s);
}

TEST(VerifyRequest, TakesTheReferencesQuery) {
    for (const Vector& vector : kVectors) {
        const std::vector<KeyConfig> one = {key(vector.algorithm)};
        Message message = with_record(
            octets(kQuery), {.algorithm = vector.algorithm_name, .mac = octets(vector.query_mac)});
        const TsigRequest request = verify_request(message, one, kTime);
        EXPECT_EQ(request.status, TsigStatus::kGood) << vector.algorithm_name;
        EXPECT_EQ(request.key, 0U);
        EXPECT_EQ(request.rcode(), wire::Rcode::kNoError);
        EXPECT_EQ(message, octets(kQuery));
    }
}

TEST(VerifyRequest, SaysWhichKeyItWas) {
    EXPECT_EQ(with_record(octets(kQuery), query_record()), octets(kSignedQuery));
    EXPECT_EQ(verify(octets(kSignedQuery)).key, 1U);
}

TEST(VerifyRequest, LeavesUnsignedOnesAlone) {
    Message message = octets(kQuery);
    const TsigRequest request = verify_request(message, keys(), kTime);
    EXPECT_EQ(request.status, TsigStatus::kUnsigned);
    EXPECT_FALSE(request.signer);
    EXPECT_FALSE(request.key);
    EXPECT_EQ(request.rcode(), wire::Rcode::kNoError);
    EXPECT_EQ(message, octets(kQuery));
}

TEST(VerifyRequest, DisregardsTheCaseOfNames) {
    Record record = query_record();
    record.owner = "085452414e53464552076578616d706c6500";  // TRANSFER.example.
    record.algorithm = "HMAC-Sha256.";
    EXPECT_EQ(verify(with_record(octets(kQuery), record)).status, TsigStatus::kGood);
}

TEST(VerifyRequest, CoversTheOriginalIdNotTheOneOnTheWay) {
    Message message = octets(kSignedQuery);
    message[0] ^= 0xFF;  // a forwarder gave it another
    EXPECT_EQ(verify(message).status, TsigStatus::kGood);
}

TEST(VerifyRequest, NoticesEveryChangedOctet) {
    const Message whole = octets(kSignedQuery);
    for (std::size_t at = 2; at < whole.size(); ++at) {
        Message message = whole;
        message[at] ^= 0x01;
        const TsigRequest request = verify_request(message, keys(), kTime);
        EXPECT_NE(request.status, TsigStatus::kGood) << at;
        EXPECT_FALSE(request.key) << at;
    }
}

TEST(VerifyRequest, RefusesEveryTruncation) {
    const Message whole = octets(kSignedQuery);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Message cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        Message message = cut;
        const TsigRequest request = verify_request(message, keys(), kTime);
        EXPECT_EQ(request.status, TsigStatus::kMalformed) << size;
        EXPECT_EQ(request.rcode(), wire::Rcode::kFormErr);
        EXPECT_FALSE(request.signer);
        EXPECT_EQ(message, cut);
    }
}

TEST(VerifyRequest, RefusesWrongPlaceClassAndTtl) {
    const Message behind = octets("00000100010000012c0004c0000201");
    Message not_last = octets(kSignedQuery);
    not_last.insert(not_last.end(), behind.begin(), behind.end());
    not_last[11] = 2;
    EXPECT_EQ(verify(not_last).status, TsigStatus::kMalformed);

    Message in_answer = octets(kSignedQuery);
    in_answer[7] = 1;
    in_answer[11] = 0;
    EXPECT_EQ(verify(in_answer).status, TsigStatus::kMalformed);

    Record record = query_record();
    record.klass = 1;
    EXPECT_EQ(verify(with_record(octets(kQuery), record)).status, TsigStatus::kMalformed);
    record = query_record();
    record.ttl_s = 1;
    EXPECT_EQ(verify(with_record(octets(kQuery), record)).status, TsigStatus::kMalformed);
    EXPECT_EQ(verify(with_record(octets(kSignedQuery), query_record())).status,
              TsigStatus::kMalformed);  // two of them
}

TEST(VerifyRequest, TakesCodesCutToHalfAtMost) {
    for (const Vector& vector : kVectors) {
        const std::vector<KeyConfig> one = {key(vector.algorithm)};
        const Message whole = octets(vector.query_mac);
        for (std::size_t size = 0; size <= whole.size() + 1; ++size) {
            Record record = {.algorithm = vector.algorithm_name, .mac = whole};
            record.mac.resize(size);
            Message message = with_record(octets(kQuery), record);
            const bool allowed = size <= whole.size() && size >= 10 && size * 2 >= whole.size();
            EXPECT_EQ(verify_request(message, one, kTime).status,
                      allowed ? TsigStatus::kGood : TsigStatus::kMalformed)
                << vector.algorithm_name << size;
        }
    }
}

TEST(VerifyRequest, RefusesTimesBeyondTheFudge) {
    for (const std::int64_t off : {-300, 0, 300}) {
        EXPECT_EQ(verify(octets(kSignedQuery), kTime + off).status, TsigStatus::kGood) << off;
    }
    for (const std::int64_t off : {-301, 301, 1'000'000}) {
        const TsigRequest request = verify(octets(kSignedQuery), kTime + off);
        EXPECT_EQ(request.status, TsigStatus::kBadTime) << off;
        EXPECT_EQ(request.rcode(), wire::Rcode::kNotAuth);
        EXPECT_FALSE(request.key);
    }
    EXPECT_EQ(verify(octets(kLateQuery), kLateTime).status, TsigStatus::kGood);
    EXPECT_EQ(verify(octets(kLateQuery), kTime).status, TsigStatus::kBadTime);
}

TEST(VerifyRequest, AnswersABadTimeAsTheReferenceDoes) {
    TsigRequest request = verify(octets(kSignedQuery), kTime + 1000);
    ASSERT_TRUE(request.signer);
    Message response = octets(kBadTimePlain);
    const std::size_t expected = response.size() + request.signer->record_octets();
    ASSERT_TRUE(request.signer->sign(response, kTime + 1000));
    EXPECT_EQ(response, octets(kBadTimeSigned));
    EXPECT_EQ(response.size(), expected);
}

TEST(VerifyRequest, AnswersAnUnknownKeyWithoutACode) {
    Record unknown_name = query_record();
    unknown_name.owner = "07556e6b6e6f776e00";  // Unknown.
    Record unknown_algorithm = query_record();
    unknown_algorithm.algorithm = "hmac-md5.sig-alg.reg.int.";
    Record others_algorithm = query_record();
    others_algorithm.algorithm = "hmac-sha512.";
    for (const Record& record : {unknown_name, unknown_algorithm, others_algorithm}) {
        Message message = with_record(octets(kQuery), record);
        TsigRequest request = verify_request(message, keys(), kTime);
        EXPECT_EQ(request.status, TsigStatus::kBadKey);
        EXPECT_EQ(request.rcode(), wire::Rcode::kNotAuth);
        EXPECT_EQ(message, octets(kQuery));
        ASSERT_TRUE(request.signer);
        Message response = octets(kBadTimePlain);
        ASSERT_TRUE(request.signer->sign(response, kTime + 7));
        EXPECT_EQ(response,
                  with_record(octets(kBadTimePlain),
                              {.owner = record.owner,
                               .algorithm = record.algorithm,
                               .time_s = kTime + 7,
                               .error = 17}));
    }
}

TEST(VerifyRequest, AnswersABadCodeWithoutOne) {
    Record record = query_record();
    record.mac.back() ^= 1;
    TsigRequest request = verify(with_record(octets(kQuery), record), kTime + 1000);
    EXPECT_EQ(request.status, TsigStatus::kBadSig);  // whatever its time is
    EXPECT_EQ(request.rcode(), wire::Rcode::kNotAuth);
    ASSERT_TRUE(request.signer);
    Message response = octets(kBadTimePlain);
    const std::size_t expected = response.size() + request.signer->record_octets();
    ASSERT_TRUE(request.signer->sign(response, kTime));
    EXPECT_EQ(response, with_record(octets(kBadTimePlain), {.error = 16}));
    EXPECT_EQ(response.size(), expected);
}

TEST(VerifyRequest, TakesAnotherSecretForABadCode) {
    std::vector<KeyConfig> one = {key(KeyConfig::Algorithm::kSha256)};
    one[0].secret.back() ^= 1;
    Message message = octets(kSignedQuery);
    EXPECT_EQ(verify_request(message, one, kTime).status, TsigStatus::kBadSig);
}

TEST(TsigSigner, SignsAStreamAsTheReferenceDoes) {
    for (const Vector& vector : kVectors) {
        const std::vector<KeyConfig> one = {key(vector.algorithm)};
        Message message = with_record(
            octets(kQuery), {.algorithm = vector.algorithm_name, .mac = octets(vector.query_mac)});
        TsigRequest request = verify_request(message, one, kTime);
        ASSERT_TRUE(request.signer);
        for (std::size_t i = 0; i < kAnswer.size(); ++i) {
            Message response = octets(kAnswer[i]);
            const std::size_t expected = response.size() + request.signer->record_octets();
            ASSERT_TRUE(request.signer->sign(response, kTime));
            EXPECT_EQ(response,
                      with_record(octets(kAnswer[i]),
                                  {.algorithm = vector.algorithm_name,
                                   .mac = octets(vector.answer_macs[i])}))
                << vector.algorithm_name << i;
            EXPECT_EQ(response.size(), expected);
        }
    }
}

TEST(TsigSigner, CoversATruncatedRequestCodeAsItCame) {
    Record record = query_record();
    record.mac.resize(16);
    TsigRequest request = verify(with_record(octets(kQuery), record));
    ASSERT_TRUE(request.signer);
    Message response = octets(kAnswer[0]);
    ASSERT_TRUE(request.signer->sign(response, kTime));
    EXPECT_EQ(response, octets(kAnswerToTruncated));
}

TEST(TsigSigner, LeavesAMessageWithoutRoomAlone) {
    TsigRequest request = verify(octets(kSignedQuery));
    ASSERT_TRUE(request.signer);
    Message full = octets(kAnswer[0]);
    full.resize(wire::kMaxMessageOctets - request.signer->record_octets() + 1);
    const Message before = full;
    EXPECT_FALSE(request.signer->sign(full, kTime));
    EXPECT_EQ(full, before);
    full.pop_back();
    EXPECT_TRUE(request.signer->sign(full, kTime));
    EXPECT_EQ(full.size(), wire::kMaxMessageOctets);

    // The one that was refused has left no trace in the stream.
    request = verify(octets(kSignedQuery));
    Message refused = before;
    EXPECT_FALSE(request.signer->sign(refused, kTime));
    Message response = octets(kAnswer[0]);
    ASSERT_TRUE(request.signer->sign(response, kTime));
    EXPECT_EQ(response,
              with_record(octets(kAnswer[0]), {.mac = octets(kVectors[2].answer_macs[0])}));
}

}  // namespace
}  // namespace understudy::control
