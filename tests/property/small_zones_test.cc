#include <gtest/gtest.h>
#include <array>
#include <cstdio>

#include "property/random_zones.h"
#include "property/world.h"

// Every zone of a small grammar, in which each of a few names has one of a few contents, signed in
// every way: every question over the names that can make a difference must be answered as the model
// does.
namespace understudy::property {
namespace {

using model::Chain;
using support::Bytes;
using wire::Name;
namespace type = wire::type;

/// Where something may stand. With nothing at "a." and something below it, that is an empty
/// non-terminal.
constexpr std::array kOwners{"a.z.", "*.z.", "b.a.z.", "*.a.z."};

/// What may stand there.
enum class Content : std::uint8_t {
    kNothing,
    kAddress,
    kAlias,     // CNAME to a name that may exist in every way
    kRenaming,  // DNAME to the same
    kInsecure,  // a cut without DS
    kSecure,    // a cut with DS
    kCount,
};

constexpr auto kContents = static_cast<unsigned>(Content::kCount);

/// Where aliases lead from and to; deep enough for each content above it to matter.
constexpr const char* kTarget = "b.a.z.";
constexpr const char* kOtherTarget = "c.a.z.";

/// Names at, below and beside the owners. "c" is no label of the grammar.
constexpr std::array kAsked{
    "z.", "a.z.", "c.z.", "*.z.", "b.a.z.", "c.a.z.", "c.b.a.z.", "c.c.a.z."};

constexpr std::array kTypes{type::kA, type::kDs};

const std::array kSignings{
    model::Signing{.chain = Chain::kNone},
    model::Signing{.chain = Chain::kNsec},
    model::Signing{.chain = Chain::kNsec3},
    model::Signing{
        .chain = Chain::kNsec3, .opt_out = true, .parameters = {.iterations = 1, .salt = {0xAB}}},
};

void plant(model::Zone& zone, const char* owner, Content content) {
    const Name name = support::name(owner);
    const char* target = name == support::name(kTarget) ? kOtherTarget : kTarget;
    const auto put = [&](wire::Type type, const Bytes& rdata) {
        zone.records.push_back({name, type, 100, rdata});
    };
    const Bytes to = support::OctetBuilder().name(target).bytes();
    switch (content) {
        case Content::kNothing:
        case Content::kCount:
            break;
        case Content::kAddress:
            put(type::kA, {192, 0, 2, 1});
            break;
        case Content::kAlias:
            put(type::kCname, to);
            break;
        case Content::kRenaming:
            put(type::kDname, to);
            break;
        case Content::kSecure:
            put(type::kDs, {0, 1, 8, 2, 0});
            [[fallthrough]];
        case Content::kInsecure:
            put(type::kNs, to);
            break;
    }
}

/// Zone number `index`: its digits in base kContents are the contents of the owners.
model::Zone zone_of(unsigned index) {
    model::Zone zone = bare_zone(30, support::OctetBuilder().name("ns.out.").bytes());
    for (const char* owner : kOwners) {
        plant(zone, owner, static_cast<Content>(index % kContents));
        index /= kContents;
    }
    return zone;
}

constexpr unsigned zone_count() {
    unsigned count = 1;
    for (std::size_t i = 0; i < kOwners.size(); ++i) {
        count *= kContents;
    }
    return count;
}

class SmallZones : public testing::TestWithParam<std::size_t> {};

TEST_P(SmallZones, TheServerAnswersAsTheModelDoes) {
    const model::Signing& signing = kSignings[GetParam()];
    std::size_t proofs = 0;
    for (unsigned i = 0; i < zone_count(); ++i) {
        const model::Zone zone = model::sign(zone_of(i), signing);
        World world(zone);
        for (const char* name : kAsked) {
            for (const wire::Type type : kTypes) {
                const Question question{support::OctetBuilder().name(name).bytes(),
                                        type,
                                        signing.chain != Chain::kNone};
                ASSERT_TRUE(world.agrees(question, 512)) << "zone " << i;
            }
        }
        proofs += world.proofs_seen();
    }
    EXPECT_EQ(proofs > 0, signing.chain != Chain::kNone);
}

INSTANTIATE_TEST_SUITE_P(
    ,
    SmallZones,
    testing::Range<std::size_t>(0, kSignings.size()),
    [](const testing::TestParamInfo<std::size_t>& parameter) {
        return std::string(std::array{"Unsigned", "Nsec", "Nsec3", "OptOut"}[parameter.param]);
    });

}  // namespace
}  // namespace understudy::property
