#include <gtest/gtest.h>
#include <cstdio>

#include "property/random_zones.h"
#include "property/world.h"

// Random small zones: each question over a small universe of names is answered by the server and by
// the model, and the answers must be equal.
namespace understudy::property {
namespace {

using support::Bytes;
namespace type = wire::type;

constexpr std::uint32_t kZones = 900;
constexpr std::uint32_t kBrokenZones = 150;
constexpr std::size_t kAskedOneIn = 8;  // of a zone's questions, for the sake of more zones
constexpr wire::Type kTypes[] = {type::kA,
                                 type::kNs,
                                 type::kCname,
                                 type::kDs,
                                 type::kTxt,
                                 type::kAny,
                                 type::kDname,
                                 type::kSoa,
                                 type::kRrsig,
                                 type::kNsec,
                                 type::kNsec3,
                                 type::kSvcb,
                                 model::kDnskey};

/// Every name of up to three labels, with one label that no zone has, and some deeper ones.
std::vector<Bytes> make_universe() {
    std::vector<std::string> names{"z."};
    std::size_t start = 0;
    for (int depth = 0; depth < 3; ++depth) {
        const std::size_t end = names.size();
        for (; start < end; ++start) {
            for (const char* label : {"a.", "b.", "*.", "c."}) {
                if (names[start][0] != 'c') {
                    names.push_back(label + names[start]);
                }
            }
        }
    }
    for (const char* deep :
         {"a.a.a.a.z.", "a.b.a.b.z.", "c.a.b.*.z.", "b.*.a.*.z.", "a.b.c.d.e.z."}) {
        names.emplace_back(deep);
    }
    std::vector<Bytes> universe;
    for (const std::string& name : names) {
        universe.push_back(support::OctetBuilder().name(name).bytes());
    }
    return universe;
}

/// The first NSEC3 record's owner and a name below it: names of hashes do not exist (RFC 5155
/// §7.2.8).
std::vector<Bytes> hashed_names(const model::Zone& zone) {
    std::vector<Bytes> names;
    for (const model::Record& record : zone.records) {
        if (record.type == type::kNsec3 && names.empty()) {
            const base::Octets owner = record.owner.view().octets();
            names.emplace_back(owner.begin(), owner.end());
            names.push_back(support::OctetBuilder().label("a").raw(owner).bytes());
        }
    }
    return names;
}

TEST(AnswerProperty, TheServerAnswersAsTheModelDoes) {
    const std::uint32_t seed = first_seed();
    std::printf("seed %u, set UNDERSTUDY_SEED for others\n", seed);
    RecordProperty("seed", static_cast<int>(seed));
    const std::vector<Bytes> universe = make_universe();
    for (std::uint32_t i = 0; i < kZones; ++i) {
        Grammar grammar(seed * kZones + i);
        const model::Zone zone = grammar.zone();
        World world(zone);
        std::vector<Bytes> names = hashed_names(zone);
        names.insert(names.end(), universe.begin(), universe.end());
        for (const Bytes& name : names) {
            for (const wire::Type type : kTypes) {
                if (grammar.pick(kAskedOneIn) != 0) {
                    continue;
                }
                const Question question{grammar.in_any_case(name), type, grammar.pick(3) != 0};
                const auto payload_octets = static_cast<std::uint16_t>(300 + grammar.pick(1000));
                ASSERT_TRUE(world.agrees(question, payload_octets)) << "zone " << i;
            }
        }
    }
}

TEST(AnswerProperty, ABrokenChainCostsItsProofsAlone) {
    const std::vector<Bytes> universe = make_universe();
    for (std::uint32_t i = 0; i < kBrokenZones; ++i) {
        Grammar grammar(first_seed() * kBrokenZones + i);
        const model::Zone zone = grammar.broken_zone();
        World world(zone);
        for (const Bytes& name : universe) {
            const wire::Type type = kTypes[grammar.pick(std::size(kTypes))];
            ASSERT_TRUE(world.agrees_but_for_proofs({name, type, true})) << "zone " << i;
        }
    }
}

}  // namespace
}  // namespace understudy::property
