#include <gtest/gtest.h>
#include <understudy/crypto/nsec3_hash.h>
#include <understudy/zone/zone.h>
#include <algorithm>
#include <string>

#include "support/octets.h"
#include "support/signed_zones.h"
#include "support/zones.h"

namespace understudy::zone {
namespace {

using support::make_signed_zone;
using support::make_small_zone;

constexpr const char* kHash = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom";

/// The owner of the NSEC at or before a name.
std::string nsec_for(const Zone& zone, std::string_view name) {
    const auto node = zone.nsec_at_or_before(support::name(name));
    return node ? node->owner().view().to_text() : "none";
}

/// "matches" or "covers", and the first characters of the NSEC3 owner.
std::string nsec3_for(const Zone& zone, std::string_view name) {
    const Nsec3Parameters chain = zone.nsec3_parameters();
    const auto found = zone.nsec3_at_or_before(
        crypto::nsec3_hash(support::name(name).view().octets(), chain.salt, chain.iterations));
    return found ? (found->matches ? "matches " : "covers ") +
                       found->node.owner().view().to_text().substr(0, 4)
                 : "none";
}

TEST(Signatures, AreThoseThatCoverTheType) {
    const char* soon = " 8 2 60 20300101000000 20200101000000 1 example. AAAA\n";
    const auto zone = make_small_zone("example.",
                                      std::string("x A 192.0.2.1\nx TXT a\nx RRSIG TXT") + soon +
                                          "x RRSIG A" + soon + "x RRSIG A" +
                                          " 13 2 60 20300101000000 20200101000000 1 example. BBBB\n"
                                          "x RRSIG AAAA" +
                                          soon);
    const wire::Name x = support::name("x.example.");
    const auto node = zone->find(NameKey(x, support::kHashKey));
    const auto covered = [&node](wire::Type type) {
        const auto set = node->signatures(type);
        std::size_t count = 0;
        if (set) {
            EXPECT_EQ(set->type(), wire::type::kRrsig);
            for (const base::Octets rdata : *set) {
                EXPECT_EQ(base::load_be16(rdata.data()), type);
                ++count;
            }
            EXPECT_EQ(set->count(), count);
        }
        return count;
    };
    EXPECT_EQ(covered(wire::type::kA), 2U);
    EXPECT_EQ(covered(wire::type::kTxt), 1U);
    EXPECT_EQ(covered(wire::type::kAaaa), 1U);
    EXPECT_EQ(covered(wire::type::kNs), 0U);
    EXPECT_EQ(covered(wire::type::kRrsig), 0U);
    EXPECT_FALSE(zone->apex_node().signatures(wire::type::kSoa));
}

TEST(Denial, IsByNsec3IfAParamNamesAChainElseByNsec) {
    const auto denial = [](const std::string& text) {
        return make_small_zone("example.", text)->denial();
    };
    const std::string nsec = "@ NSEC @ A\n";
    EXPECT_EQ(denial(""), Denial::kNone);
    EXPECT_EQ(denial("a NSEC a A\n"), Denial::kNone);
    EXPECT_EQ(denial(nsec), Denial::kNsec);
    EXPECT_EQ(denial(nsec + "@ NSEC3PARAM 1 0 0 -\n"), Denial::kNsec3);
    EXPECT_EQ(denial("@ NSEC3PARAM 1 0 150 -\n"), Denial::kNsec3);
    // A chain in the making, another hash, more iterations than are worth it, no rdata at all.
    EXPECT_EQ(denial(nsec + "@ NSEC3PARAM 1 1 0 -\n"), Denial::kNsec);
    EXPECT_EQ(denial(nsec + "@ NSEC3PARAM 2 0 0 -\n"), Denial::kNsec);
    EXPECT_EQ(denial("@ NSEC3PARAM 1 0 151 -\n"), Denial::kNone);
    EXPECT_EQ(denial("@ TYPE51 \\# 4 01000000\n"), Denial::kNone);
    EXPECT_EQ(denial("@ NSEC3PARAM 1 0 200 -\n@ NSEC3PARAM 1 0 1 ab\n"), Denial::kNsec3);
}

TEST(Nsec, IsFoundAtOrBeforeANameAllTheWayAround) {
    const auto zone = make_signed_zone("example.", support::kNsecZone);
    EXPECT_EQ(nsec_for(*zone, "example."), "example.");
    EXPECT_EQ(nsec_for(*zone, "*.example."), "example.");
    EXPECT_EQ(nsec_for(*zone, "A.example."), "a.example.");
    EXPECT_EQ(nsec_for(*zone, "ns1.a.example."), "a.example.");
    EXPECT_EQ(nsec_for(*zone, "ml.example."), "x.*.e.example.");
    EXPECT_EQ(nsec_for(*zone, "e.example."), "b.example.");
    EXPECT_EQ(nsec_for(*zone, "a.z.w.example."), "x.y.w.example.");
    EXPECT_EQ(nsec_for(*zone, "zzz.example."), "xx.example.");
    EXPECT_EQ(nsec_for(*make_small_zone("example.", ""), "a.example."), "none");
}

TEST(Nsec, BelowACutOrADnameIsNoneOfTheChain) {
    const auto zone = make_small_zone(
        "example.", "@ NSEC s A\ns NS a.\ns NSEC @ NS\nx.s NSEC @ A\nd DNAME a.\ny.d NSEC @ A\n");
    EXPECT_EQ(nsec_for(*zone, "y.s.example."), "s.example.");
    EXPECT_EQ(nsec_for(*zone, "z.d.example."), "example.");
}

TEST(Nsec3, IsFoundAtOrBeforeAHashAllTheWayAround) {
    const auto zone = make_signed_zone("example.", support::kNsec3Zone);
    EXPECT_EQ(zone->denial(), Denial::kNsec3);
    EXPECT_EQ(zone->nsec3_parameters().iterations, 12);
    EXPECT_TRUE(std::ranges::equal(zone->nsec3_parameters().salt, support::from_hex("aabbccdd")));
    EXPECT_EQ(nsec3_for(*zone, "example."), "matches 0p9m");
    EXPECT_EQ(nsec3_for(*zone, "ns1.example."), "matches 2t7b");
    EXPECT_EQ(nsec3_for(*zone, "c.x.w.example."), "covers 0p9m");
    EXPECT_EQ(nsec3_for(*zone, "z.w.example."), "covers q04j");
    std::array<std::uint8_t, 20> hash{};
    EXPECT_EQ(zone->nsec3_at_or_before(hash)->node.owner().view().to_text().substr(0, 4), "t644");
    hash.fill(0xFF);
    EXPECT_EQ(zone->nsec3_at_or_before(hash)->node.owner().view().to_text().substr(0, 4), "t644");
}

TEST(Nsec3, OfOtherParametersOrAtAnotherPlaceIsNoneOfTheChain) {
    const std::string hash = kHash;
    const auto found = [](const std::string& records) {
        const auto zone = make_small_zone("example.", "@ NSEC3PARAM 1 0 2 aa\n" + records);
        return zone->nsec3_at_or_before({}).has_value();
    };
    EXPECT_FALSE(found(""));
    EXPECT_TRUE(found(hash + " NSEC3 1 1 2 aa " + hash + "\n"));
    EXPECT_TRUE(
        found(hash + " NSEC3 1 0 1 aa " + hash + "\n" + hash + " NSEC3 1 0 2 aa " + hash + "\n"));
    EXPECT_FALSE(found(hash + " NSEC3 1 0 1 aa " + hash + "\n"));
    EXPECT_FALSE(found(hash + " NSEC3 1 0 2 ab " + hash + "\n"));
    EXPECT_FALSE(found(hash + " NSEC3 2 0 2 aa " + hash + "\n"));
    EXPECT_FALSE(found(hash + ".a NSEC3 1 0 2 aa " + hash + "\n"));
    EXPECT_FALSE(found("x NSEC3 1 0 2 aa " + hash + "\n"));
    EXPECT_FALSE(found(hash + " TYPE50 \\# 3 010000\n"));
}

TEST(Denial, OrderIsCountedAndGoesWithTheZone) {
    constexpr std::size_t kNames = 300;
    const std::size_t before = BlockStore::process().usage().live_octets;
    std::string names;
    for (std::size_t i = 0; i < kNames; ++i) {
        const std::string label = std::to_string(100 + i) + std::string(29, 'a');
        names += label + " NSEC @ A\n" + label + " NSEC3 1 0 2 aa " + kHash + "\n";
    }
    const auto without = make_small_zone("example.", names);
    for (const char* apex : {"@ NSEC @ A\n", "@ NSEC3PARAM 1 0 2 aa\n"}) {
        const std::size_t others = BlockStore::process().usage().live_octets;
        auto with = make_small_zone("example.", names + apex);
        const std::size_t blocks = BlockStore::process().usage().live_octets - others;
        EXPECT_GE(blocks - (others - before), kNames);  // an octet a key at least
        EXPECT_GE(with->memory_octets(), blocks);
        with.reset();
        EXPECT_EQ(BlockStore::process().usage().live_octets, others);
    }
}

}  // namespace
}  // namespace understudy::zone
