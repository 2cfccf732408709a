#include <gtest/gtest.h>
#include <algorithm>

#include "model/signer.h"
#include "model/text.h"
#include "support/octets.h"

// The zone of RFC 5155 appendix A, without its keys and signatures, and the responses of appendix
// B.
namespace understudy::model {
namespace {

namespace type = wire::type;

constexpr const char* kRecords =
    "@ SOA ns1 bugs.x.w 1 3600 300 3600000 3600\n"
    "@ NS ns1\n@ NS ns2\n@ MX 1 xx\n"
    "2t7b4g4vsa5smi47k61mv5bv1a22bojr A 192.0.2.127\n"
    "a NS ns1.a\na NS ns2.a\na DS 58470 5 1 3079F1593EBAD6DC121E202A8B766A6A4837206C\n"
    "ns1.a A 192.0.2.5\nns2.a A 192.0.2.6\n"
    "ai A 192.0.2.9\nai HINFO KLH-10 ITS\nai AAAA 2001:db8::f00:baa9\n"
    "c NS ns1.c\nc NS ns2.c\nns1.c A 192.0.2.7\nns2.c A 192.0.2.8\n"
    "ns1 A 192.0.2.1\nns2 A 192.0.2.2\n"
    "*.w MX 1 ai\nx.w MX 1 xx\nx.y.w MX 1 xx\n"
    "xx A 192.0.2.10\nxx HINFO KLH-10 TOPS-20\nxx AAAA 2001:db8::f00:baaa\n";

constexpr const char* kSoa =
    "authority example. 3600 IN SOA ns1.example. bugs.x.w.example. 1 3600 300 3600000 3600 [1]\n";

Zone appendix_a() {
    return sign(zone_from_text("example.", kRecords),
                {.chain = Chain::kNsec3,
                 .opt_out = true,
                 .parameters = {.iterations = 12, .salt = support::from_hex("aabbccdd")}});
}

std::string ask(std::string_view name, wire::Type type) {
    return to_text(answer(appendix_a(), support::name(name), type, true));
}

/// The one NSEC3 record whose owner begins so, as a line of an authority section.
std::string nsec3(std::string_view front) {
    const Records records = appendix_a().records;
    const auto found = std::ranges::find_if(records, [front](const Record& record) {
        return record.type == type::kNsec3 && record.owner.to_text().starts_with(front);
    });
    std::string line = "authority " + to_text(Records{*found});
    line.pop_back();
    return line + " [2]\n";
}

TEST(Rfc5155, AppendixAHasTheseNsec3Records) {
    Records chain;
    for (const Record& record : appendix_a().records) {
        if (record.type == type::kNsec3) {
            chain.push_back(record);
        }
    }
    // Behind an empty bitmap libknot leaves its blank.
    const std::string common = ".example. 3600 IN NSEC3 1 1 12 AABBCCDD ";
    EXPECT_EQ(to_text(chain),
              "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom" + common +
                  "2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM\n"
                  "2t7b4g4vsa5smi47k61mv5bv1a22bojr" +
                  common +
                  "2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG\n"
                  "2vptu5timamqttgl4luu9kg21e0aor3s" +
                  common +
                  "35mthgpgcu1qg68fab165klnsnk3dpvl MX RRSIG\n"
                  "35mthgpgcu1qg68fab165klnsnk3dpvl" +
                  common +
                  "b4um86eghhds6nea196smvmlo4ors995 NS DS RRSIG\n"
                  "b4um86eghhds6nea196smvmlo4ors995" +
                  common +
                  "gjeqe526plbf1g8mklp59enfd789njgi MX RRSIG\n"
                  "gjeqe526plbf1g8mklp59enfd789njgi" +
                  common +
                  "ji6neoaepv8b5o6k4ev33abha8ht9fgc A HINFO AAAA RRSIG\n"
                  "ji6neoaepv8b5o6k4ev33abha8ht9fgc" +
                  common +
                  "k8udemvp1j2f7eg6jebps17vp3n8i58h \n"
                  "k8udemvp1j2f7eg6jebps17vp3n8i58h" +
                  common +
                  "kohar7mbb8dc2ce8a9qvl8hon4k53uhi \n"
                  "kohar7mbb8dc2ce8a9qvl8hon4k53uhi" +
                  common +
                  "q04jkcevqvmu85r014c7dkba38o0ji5r A RRSIG\n"
                  "q04jkcevqvmu85r014c7dkba38o0ji5r" +
                  common +
                  "r53bq7cc2uvmubfu5ocmm6pers9tk9en A RRSIG\n"
                  "r53bq7cc2uvmubfu5ocmm6pers9tk9en" +
                  common +
                  "t644ebqk9bibcna874givr6joj62mlhv MX RRSIG\n"
                  "t644ebqk9bibcna874givr6joj62mlhv" +
                  common + "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A HINFO AAAA RRSIG\n");
}

TEST(Rfc5155, B1NameError) {
    EXPECT_EQ(ask("a.c.x.w.example.", type::kA),
              "NXDOMAIN aa\n" + nsec3("0p9m") + nsec3("35mt") + nsec3("b4um") + kSoa);
}

TEST(Rfc5155, B2NoData) {
    EXPECT_EQ(ask("ns1.example.", type::kMx), "NOERROR aa\n" + nsec3("2t7b") + kSoa);
}

TEST(Rfc5155, B21NoDataAtAnEmptyNonTerminal) {
    EXPECT_EQ(ask("y.w.example.", type::kA), std::string("NOERROR aa\n") + kSoa + nsec3("ji6n"));
}

TEST(Rfc5155, B3ReferralToAnOptOutUnsignedZone) {
    EXPECT_EQ(ask("mc.c.example.", type::kMx),
              "NOERROR\n" + nsec3("0p9m") + nsec3("35mt") +
                  "authority c.example. 3600 IN NS ns1.c.example.\n"
                  "authority c.example. 3600 IN NS ns2.c.example.\n"
                  "additional ns1.c.example. 3600 IN A 192.0.2.7\n"
                  "additional ns2.c.example. 3600 IN A 192.0.2.8\n");
}

TEST(Rfc5155, B4WildcardExpansion) {
    EXPECT_EQ(ask("a.z.w.example.", type::kMx),
              "NOERROR aa\nanswer a.z.w.example. 3600 IN MX 1 ai.example. [2]\n" + nsec3("q04j"));
}

TEST(Rfc5155, B5WildcardNoData) {
    EXPECT_EQ(ask("a.z.w.example.", type::kAaaa),
              std::string("NOERROR aa\n") + kSoa + nsec3("k8ud") + nsec3("q04j") + nsec3("r53b"));
}

TEST(Rfc5155, B6DsChildZoneNoData) {
    EXPECT_EQ(ask("example.", type::kDs), "NOERROR aa\n" + nsec3("0p9m") + kSoa);
}

TEST(Rfc5155, NoDsAtAnOptOutDelegation) {  // §7.2.4
    EXPECT_EQ(ask("c.example.", type::kDs), "NOERROR aa\n" + nsec3("0p9m") + nsec3("35mt") + kSoa);
}

TEST(Rfc5155, OwnersOfNsec3RecordsDoNotExist) {  // §7.2.8
    const std::string owner = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.";
    for (const wire::Type type : {type::kNsec3, type::kRrsig, type::kAny, type::kA}) {
        EXPECT_TRUE(ask(owner, type).starts_with("NXDOMAIN aa\n"));
    }
    // This one is also the name of an A record.
    EXPECT_EQ(ask("2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.", type::kA),
              "NOERROR aa\nanswer 2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. 3600 IN A 192.0.2.127 "
              "[2]\n");
    EXPECT_EQ(ask("2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.", type::kMx),
              std::string("NOERROR aa\n") + kSoa + nsec3("koha"));
}

}  // namespace
}  // namespace understudy::model
