#include <gtest/gtest.h>

#include "model/signer.h"
#include "model/text.h"
#include "support/octets.h"

// What the RFCs' own examples do not show.
namespace understudy::model {
namespace {

namespace type = wire::type;

constexpr const char* kApex = "@ 30 SOA a b 1 2 3 4 60\n@ NS ns.out.\n";
constexpr const char* kSoa = "authority z. 30 IN SOA a.z. b.z. 1 2 3 4 60 [1]\n";

Zone zone_of(const std::string& records) { return zone_from_text("z.", kApex + records); }

Signing opt_out() { return {.chain = Chain::kNsec3, .opt_out = true}; }

std::string ask(const Zone& zone, std::string_view name, wire::Type type) {
    return to_text(answer(zone, support::name(name), type, true));
}

/// The NSEC3 record of a name in the chain, as a line of an authority section.
std::string nsec3_of(const Zone& zone, std::string_view name, const HashParameters& parameters) {
    const std::string label = to_base32hex(hash(support::name(name), parameters));
    const wire::Name owner = below(zone.apex, {label.begin(), label.end()});
    std::string line = "authority " + to_text(rrset(zone, owner, type::kNsec3));
    line.pop_back();
    return line + " [2]\n";
}

TEST(Answerer, ProvesTheEncloserOfWhatOptOutHides) {
    const Zone zone = sign(zone_of("b.a NS ns.out.\n"), opt_out());
    const std::string apex = nsec3_of(zone, "z.", {});  // alone in the chain: it covers the rest
    EXPECT_EQ(ask(zone, "a.z.", type::kA), "NOERROR aa\n" + apex + kSoa);
    EXPECT_EQ(ask(zone, "c.a.z.", type::kA), "NXDOMAIN aa\n" + apex + kSoa);
    EXPECT_EQ(ask(zone, "b.a.z.", type::kDs), "NOERROR aa\n" + apex + kSoa);
    EXPECT_EQ(ask(zone, "b.a.z.", type::kA),
              "NOERROR\nauthority b.a.z. 3600 IN NS ns.out.\n" + apex);
}

TEST(Answerer, UsesTheChainThatNsec3ParamNames) {
    const Zone plain = zone_of("a A 192.0.2.1\n");
    const HashParameters salted{.iterations = 2, .salt = {7}};
    const Zone zone = sign(plain, {.chain = Chain::kNsec3, .parameters = salted});
    const Zone both = with_spare_chain(plain, zone, {.chain = Chain::kNsec3});
    EXPECT_EQ(ask(both, "a.z.", type::kTxt), ask(zone, "a.z.", type::kTxt));
    const Zone nsec = sign(plain, {});
    EXPECT_EQ(ask(with_spare_chain(plain, nsec, {.chain = Chain::kNsec3}), "b.z.", type::kA),
              ask(nsec, "b.z.", type::kA));
}

TEST(Answerer, ADenialLastsAsLongAsTheSoa) {  // RFC 9077 §3
    const Zone zone = sign(zone_of("a A 192.0.2.1\n"), {.minimum_as_ttl = true});
    EXPECT_EQ(ask(zone, "a.z.", type::kNsec),
              "NOERROR aa\nanswer a.z. 60 IN NSEC z. A RRSIG NSEC [2]\n");
    EXPECT_EQ(ask(zone, "a.z.", type::kTxt),
              std::string("NOERROR aa\nauthority a.z. 30 IN NSEC z. A RRSIG NSEC [2]\n") + kSoa);
}

TEST(Answerer, SignaturesHaveTheTtlOfWhatTheyCover) {  // RFC 4034 §3
    const Zone zone = sign(zone_of("a 100 A 192.0.2.1\na 200 TXT x\n"), {.keys = 2});
    const Answer found = answer(zone, support::name("a.z."), type::kRrsig, true);
    std::string ttls;
    for (const Record& rrsig : found.answer) {
        ttls += std::to_string(covered_type(rrsig)) + ":" + std::to_string(rrsig.ttl_s) + " ";
    }
    EXPECT_EQ(ttls, "1:100 1:100 16:200 16:200 47:30 47:30 ");
}

TEST(Answerer, FollowsServicesInTheAdditionalSection) {  // RFC 9460 §4.1
    const Zone zone = zone_of(
        "@ SVCB 0 b\nb SVCB 1 .\nb SVCB 1 c\nb A 192.0.2.1\nc A 192.0.2.2\nd SVCB 0 .\n"
        "d A 192.0.2.3\ne SVCB 1 x.f\nf NS x.f\nx.f A 192.0.2.4\n");
    EXPECT_EQ(ask(zone, "z.", type::kSvcb),
              "NOERROR aa\nanswer z. 3600 IN SVCB 0 b.z.\n"
              "additional b.z. 3600 IN A 192.0.2.1\n"
              "additional b.z. 3600 IN SVCB 1 .\n"
              "additional b.z. 3600 IN SVCB 1 c.z.\n"
              "additional c.z. 3600 IN A 192.0.2.2\n");
    EXPECT_EQ(ask(zone, "d.z.", type::kSvcb), "NOERROR aa\nanswer d.z. 3600 IN SVCB 0 .\n");
    EXPECT_EQ(ask(zone, "e.z.", type::kSvcb), "NOERROR aa\nanswer e.z. 3600 IN SVCB 1 x.f.z.\n");
}

}  // namespace
}  // namespace understudy::model
