#include <gtest/gtest.h>

#include <understudy/crypto/hmac.h>
#include <string>
#include <utility>
#include <vector>

namespace understudy::crypto {
namespace {

base::Octets octets(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string hex(base::Octets octets) {
    std::string text;
    for (const std::uint8_t octet : octets) {
        constexpr char kDigits[] = "0123456789abcdef";
        text += kDigits[octet >> 4];
        text += kDigits[octet & 15];
    }
    return text;
}

/// The octets 1, 2, 3, …
std::string counting(std::size_t count) {
    std::string text;
    for (std::size_t i = 1; i <= count; ++i) {
        text += static_cast<char>(i);
    }
    return text;
}

struct Vector {
    std::string key;
    std::string message;
    std::vector<std::string> codes;  // one for each digest tried
};

/// RFC 2202 §3, SHA-1.
std::vector<Vector> rfc_2202() {
    return {
        {std::string(20, '\x0b'), "Hi There", {"b617318655057264e28bc0b6fb378c8ef146be00"}},
        {"Jefe", "what do ya want for nothing?", {"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"}},
        {std::string(20, '\xaa'),
         std::string(50, '\xdd'),
         {"125d7342b9ac11cd91a39af48aa17b4f63f175d3"}},
        {counting(25), std::string(50, '\xcd'), {"4c9007f4026250c6bc8414f9bf50c86c2d7235da"}},
        {std::string(20, '\x0c'),
         "Test With Truncation",
         {"4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"}},
        {std::string(80, '\xaa'),
         "Test Using Larger Than Block-Size Key - Hash Key First",
         {"aa4ae5e15272d00e95705637ce8a3b55ed402112"}},
        {std::string(80, '\xaa'),
         "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
         {"e8e99d0f45237d786d6bbaa7965c7808bbff1a91"}},
    };
}

/// RFC 4231 §4: SHA-224, SHA-256, SHA-384, SHA-512. The fifth case stands there cut to 128 bits;
/// here it is whole.
std::vector<Vector> rfc_4231() {
    return {
        {std::string(20, '\x0b'),
         "Hi There",
         {"896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
          "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8"
          "b2fa9cb6",
          "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274e"
          "aea3f4e4be9d914eeb61f1702e696c203a126854"}},
        {"Jefe",
         "what do ya want for nothing?",
         {"a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
          "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ec"
          "fab21649",
          "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65"
          "f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"}},
        {std::string(20, '\xaa'),
         std::string(50, '\xdd'),
         {"7fb3cb3588c6c1f6ffa9694d7d6ad2649365b0c1f65d69d1ec8333ea",
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
          "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e1"
          "01a34f27",
          "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a4"
          "7e67c807b946a337bee8942674278859e13292fb"}},
        {counting(25),
         std::string(50, '\xcd'),
         {"6c11506874013cac6a2abc1bb382627cec6a90d86efc012de7afec5a",
          "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
          "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386"
          "c674cffb",
          "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275c"
          "c5788063a5f19741120c4f2de2adebeb10a298dd"}},
        {std::string(20, '\x0c'),
         "Test With Truncation",
         {"0e2aea68a90c8d37c988bcdb9fca6fa8099cd857c7ec4a1815cac54c",
          "a3b6167473100ee06e0c796c2955552bfa6f7c0a6a8aef8b93f860aab0cd20c5",
          "3abf34c3503b2a23a46efc619baef897f4c8e42c934ce55ccbae9740fcbc1af4ca62269e2a37cd88ba926341"
          "efe4aeea",
          "415fad6271580a531d4179bc891d87a650188707922a4fbb36663a1eb16da008711c5b50ddd0fc235084eb9d"
          "3364a1454fb2ef67cd1d29fe6773068ea266e96b"}},
        {std::string(131, '\xaa'),
         "Test Using Larger Than Block-Size Key - Hash Key First",
         {"95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e",
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
          "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df1"
          "63f44952",
          "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd221"
          "5d6a1e5295e64f73f63f0aec8b915a985d786598"}},
        {std::string(131, '\xaa'),
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before being used by the HMAC algorithm.",
         {"3a854166ac5d9f023f54d517d0b39dbd946770db9c2b95c9f6f565d1",
          "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
          "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e611"
          "0c46523e",
          "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55"
          "c3e4de15134676fb6de0446065c97440fa8c6a58"}},
    };
}

void expect_codes(const std::vector<Vector>& vectors, const std::vector<Digest>& digests) {
    for (const Vector& vector : vectors) {
        for (std::size_t i = 0; i < digests.size(); ++i) {
            Hmac hmac = Hmac::make(digests[i], octets(vector.key)).value();
            hmac.update(octets(vector.message));
            const base::Octets code = hmac.finish();
            EXPECT_EQ(code.size(), digest_octets(digests[i]));
            EXPECT_EQ(hex(code), vector.codes[i]) << vector.message;
        }
    }
}

TEST(Hmac, AgreesWithRfc2202) { expect_codes(rfc_2202(), {Digest::kSha1}); }

TEST(Hmac, AgreesWithRfc4231) {
    expect_codes(rfc_4231(), {Digest::kSha224, Digest::kSha256, Digest::kSha384, Digest::kSha512});
}

TEST(Hmac, TakesAMessageInAnyPiecesAndOneAfterTheOther) {
    const Vector vector = rfc_4231().back();
    Hmac hmac = Hmac::make(Digest::kSha256, octets(vector.key)).value();
    for (std::size_t step = 1; step <= vector.message.size(); ++step) {
        for (std::size_t at = 0; at < vector.message.size(); at += step) {
            hmac.update(octets(vector.message.substr(at, step)));
            hmac.update({});
        }
        EXPECT_EQ(hex(hmac.finish()), vector.codes[1]) << step;
    }
}

TEST(Hmac, ForgetsOnReset) {
    const Vector vector = rfc_4231().front();
    Hmac hmac = Hmac::make(Digest::kSha512, octets(vector.key)).value();
    hmac.update(octets("something else"));
    hmac.reset();
    hmac.update(octets(vector.message));
    EXPECT_EQ(hex(hmac.finish()), vector.codes[3]);
}

TEST(Hmac, MovesWithItsMessage) {
    const Vector vector = rfc_4231().front();
    Hmac first = Hmac::make(Digest::kSha224, octets(vector.key)).value();
    first.update(octets(vector.message.substr(0, 3)));
    Hmac second = std::move(first);
    second.update(octets(vector.message.substr(3)));
    EXPECT_EQ(hex(second.finish()), vector.codes[0]);
}

TEST(Hmac, TakesAnEmptyKeyAndAnEmptyMessage) {
    Hmac hmac = Hmac::make(Digest::kSha256, {}).value();
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(hex(hmac.finish()),
                  "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    }
}

TEST(ConstantTimeEqual, ComparesLengthAndContent) {
    EXPECT_TRUE(constant_time_equal({}, {}));
    EXPECT_TRUE(constant_time_equal(octets("abc"), octets("abc")));
    EXPECT_FALSE(constant_time_equal(octets("abc"), octets("abd")));
    EXPECT_FALSE(constant_time_equal(octets("abc"), octets("xbc")));
    EXPECT_FALSE(constant_time_equal(octets("abc"), octets("ab")));
    EXPECT_FALSE(constant_time_equal(octets("abc"), {}));
}

}  // namespace
}  // namespace understudy::crypto
