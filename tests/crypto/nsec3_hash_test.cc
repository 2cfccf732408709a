#include <gtest/gtest.h>
#include <understudy/crypto/nsec3_hash.h>
#include <cstdint>
#include <string>
#include <vector>

namespace understudy::crypto {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// RFC 4648 §7, lower case, without padding.
std::string base32hex(base::Octets octets) {
    std::string text;
    unsigned bits = 0;
    unsigned count = 0;
    for (const std::uint8_t octet : octets) {
        bits = (bits << 8U) | octet;
        for (count += 8; count >= 5; count -= 5) {
            text += "0123456789abcdefghijklmnopqrstuv"[bits >> (count - 5) & 31U];
        }
    }
    return text;
}

/// A name of these labels below "example.", in wire format.
Bytes name(const std::vector<std::string>& labels) {
    Bytes octets;
    const auto add = [&octets](const std::string& label) {
        octets.push_back(static_cast<std::uint8_t>(label.size()));
        octets.insert(octets.end(), label.begin(), label.end());
    };
    for (const std::string& label : labels) {
        add(label);
    }
    add("example");
    octets.push_back(0);
    return octets;
}

TEST(Nsec3Hash, AgreesWithRfc5155AppendixA) {
    const Bytes salt{0xaa, 0xbb, 0xcc, 0xdd};
    const auto hash = [&salt](const std::vector<std::string>& labels) {
        return base32hex(nsec3_hash(name(labels), salt, 12));
    };
    EXPECT_EQ(hash({}), "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom");
    EXPECT_EQ(hash({"a"}), "35mthgpgcu1qg68fab165klnsnk3dpvl");
    EXPECT_EQ(hash({"ai"}), "gjeqe526plbf1g8mklp59enfd789njgi");
    EXPECT_EQ(hash({"ns1"}), "2t7b4g4vsa5smi47k61mv5bv1a22bojr");
    EXPECT_EQ(hash({"ns2"}), "q04jkcevqvmu85r014c7dkba38o0ji5r");
    EXPECT_EQ(hash({"w"}), "k8udemvp1j2f7eg6jebps17vp3n8i58h");
    EXPECT_EQ(hash({"*", "w"}), "r53bq7cc2uvmubfu5ocmm6pers9tk9en");
    EXPECT_EQ(hash({"x", "w"}), "b4um86eghhds6nea196smvmlo4ors995");
    EXPECT_EQ(hash({"y", "w"}), "ji6neoaepv8b5o6k4ev33abha8ht9fgc");
    EXPECT_EQ(hash({"x", "y", "w"}), "2vptu5timamqttgl4luu9kg21e0aor3s");
    EXPECT_EQ(hash({"xx"}), "t644ebqk9bibcna874givr6joj62mlhv");
    EXPECT_EQ(hash({"2t7b4g4vsa5smi47k61mv5bv1a22bojr"}), "kohar7mbb8dc2ce8a9qvl8hon4k53uhi");
}

TEST(Nsec3Hash, TakesNoSaltAndTheLongestOne) {
    // SHA-1 of "abc" (FIPS 180-2), and of it the SHA-1 once more.
    const Bytes abc{'a', 'b', 'c'};
    EXPECT_EQ(base32hex(nsec3_hash(abc, {}, 0)), "l6cjsdi70q0mlehu4longk62died1m4t");
    EXPECT_EQ(base32hex(nsec3_hash(abc, {}, 1)),
              base32hex(nsec3_hash(nsec3_hash(abc, {}, 0), {}, 0)));
    const Bytes salt(255, 's');
    Bytes both = abc;
    both.insert(both.end(), salt.begin(), salt.end());
    EXPECT_EQ(nsec3_hash(abc, salt, 0), nsec3_hash(both, {}, 0));
}

}  // namespace
}  // namespace understudy::crypto
