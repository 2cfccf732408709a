#include <gtest/gtest.h>
#include <algorithm>

#include "model/signer.h"
#include "model/text.h"
#include "support/octets.h"

// The zone of RFC 4035 appendix A, without its keys and signatures, and the responses of appendix
// B. Theirs have the zone's NS records in the authority section of positive answers and further
// addresses in the additional one, which a server may leave out as ours does.
namespace understudy::model {
namespace {

namespace type = wire::type;

constexpr const char* kRecords =
    "@ SOA ns1 bugs.x.w 1081539377 3600 300 3600000 3600\n"
    "@ NS ns1\n@ NS ns2\n@ MX 1 xx\n"
    "a NS ns1.a\na NS ns2.a\na DS 57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B\n"
    "ns1.a A 192.0.2.5\nns2.a A 192.0.2.6\n"
    "ai A 192.0.2.9\nai HINFO KLH-10 ITS\nai AAAA 2001:db8::f00:baa9\n"
    "b NS ns1.b\nb NS ns2.b\nns1.b A 192.0.2.7\nns2.b A 192.0.2.8\n"
    "ns1 A 192.0.2.1\nns2 A 192.0.2.2\n"
    "*.w MX 1 ai\nx.w MX 1 xx\nx.y.w MX 1 xx\n"
    "xx A 192.0.2.10\nxx HINFO KLH-10 TOPS-20\nxx AAAA 2001:db8::f00:baaa\n";

constexpr const char* kSoa =
    "authority example. 3600 IN SOA ns1.example. bugs.x.w.example. 1081539377 3600 300 3600000 "
    "3600 [1]\n";

Zone appendix_a() { return sign(zone_from_text("example.", kRecords), {}); }

std::string ask(std::string_view name, wire::Type type) {
    return to_text(answer(appendix_a(), support::name(name), type, true));
}

TEST(Rfc4035, AppendixAHasTheseNsecRecords) {
    Records chain;
    for (const Record& record : appendix_a().records) {
        if (record.type == type::kNsec) {
            chain.push_back(record);
        }
    }
    EXPECT_EQ(to_text(chain),
              "example. 3600 IN NSEC a.example. NS SOA MX RRSIG NSEC DNSKEY\n"
              "a.example. 3600 IN NSEC ai.example. NS DS RRSIG NSEC\n"
              "ai.example. 3600 IN NSEC b.example. A HINFO AAAA RRSIG NSEC\n"
              "b.example. 3600 IN NSEC ns1.example. NS RRSIG NSEC\n"
              "ns1.example. 3600 IN NSEC ns2.example. A RRSIG NSEC\n"
              "ns2.example. 3600 IN NSEC *.w.example. A RRSIG NSEC\n"
              "*.w.example. 3600 IN NSEC x.w.example. MX RRSIG NSEC\n"
              "x.w.example. 3600 IN NSEC x.y.w.example. MX RRSIG NSEC\n"
              "x.y.w.example. 3600 IN NSEC xx.example. MX RRSIG NSEC\n"
              "xx.example. 3600 IN NSEC example. A HINFO AAAA RRSIG NSEC\n");
}

TEST(Rfc4035, AppendixASignsWhatTheZoneAnswersFor) {
    std::string text;
    for (const Record& record : appendix_a().records) {
        if (record.type == type::kRrsig) {
            text += record.owner.to_text() + std::to_string(covered_type(record)) + "/" +
                    std::to_string(record.rdata[3]) + " ";
        }
    }
    EXPECT_EQ(text,
              "example.6/1 example.2/1 example.15/1 a.example.43/2 ai.example.1/2 ai.example.13/2 "
              "ai.example.28/2 ns1.example.1/2 ns2.example.1/2 *.w.example.15/2 x.w.example.15/3 "
              "x.y.w.example.15/4 xx.example.1/2 xx.example.13/2 xx.example.28/2 example.48/1 "
              "example.47/1 a.example.47/2 ai.example.47/2 b.example.47/2 ns1.example.47/2 "
              "ns2.example.47/2 *.w.example.47/2 x.w.example.47/3 x.y.w.example.47/4 "
              "xx.example.47/2 ");
}

TEST(Rfc4035, B1Answer) {
    EXPECT_EQ(ask("x.w.example.", type::kMx),
              "NOERROR aa\nanswer x.w.example. 3600 IN MX 1 xx.example. [3]\n");
}

TEST(Rfc4035, B2NameError) {
    EXPECT_EQ(ask("ml.example.", type::kA),
              std::string("NXDOMAIN aa\n"
                          "authority b.example. 3600 IN NSEC ns1.example. NS RRSIG NSEC [2]\n"
                          "authority example. 3600 IN NSEC a.example. NS SOA MX RRSIG NSEC DNSKEY "
                          "[1]\n") +
                  kSoa);
}

TEST(Rfc4035, B3NoData) {
    EXPECT_EQ(ask("ns1.example.", type::kMx),
              std::string("NOERROR aa\n") + kSoa +
                  "authority ns1.example. 3600 IN NSEC ns2.example. A RRSIG NSEC [2]\n");
}

TEST(Rfc4035, B4ReferralToSignedZone) {
    EXPECT_EQ(ask("mc.a.example.", type::kMx),
              "NOERROR\n"
              "authority a.example. 3600 IN DS 57855 5 1 B6DCD485719ADCA18E5F3D48A2331627FDD3636B "
              "[2]\n"
              "authority a.example. 3600 IN NS ns1.a.example.\n"
              "authority a.example. 3600 IN NS ns2.a.example.\n"
              "additional ns1.a.example. 3600 IN A 192.0.2.5\n"
              "additional ns2.a.example. 3600 IN A 192.0.2.6\n");
}

TEST(Rfc4035, B5ReferralToUnsignedZone) {
    EXPECT_EQ(ask("mc.b.example.", type::kMx),
              "NOERROR\n"
              "authority b.example. 3600 IN NS ns1.b.example.\n"
              "authority b.example. 3600 IN NS ns2.b.example.\n"
              "authority b.example. 3600 IN NSEC ns1.example. NS RRSIG NSEC [2]\n"
              "additional ns1.b.example. 3600 IN A 192.0.2.7\n"
              "additional ns2.b.example. 3600 IN A 192.0.2.8\n");
}

TEST(Rfc4035, B6WildcardExpansion) {
    EXPECT_EQ(ask("a.z.w.example.", type::kMx),
              "NOERROR aa\n"
              "answer a.z.w.example. 3600 IN MX 1 ai.example. [2]\n"
              "authority x.y.w.example. 3600 IN NSEC xx.example. MX RRSIG NSEC [4]\n");
}

TEST(Rfc4035, B7WildcardNoData) {
    EXPECT_EQ(ask("a.z.w.example.", type::kAaaa),
              std::string("NOERROR aa\n"
                          "authority *.w.example. 3600 IN NSEC x.w.example. MX RRSIG NSEC [2]\n") +
                  kSoa + "authority x.y.w.example. 3600 IN NSEC xx.example. MX RRSIG NSEC [4]\n");
}

TEST(Rfc4035, B8DsChildZoneNoData) {
    EXPECT_EQ(ask("example.", type::kDs),
              std::string("NOERROR aa\n"
                          "authority example. 3600 IN NSEC a.example. NS SOA MX RRSIG NSEC DNSKEY "
                          "[1]\n") +
                  kSoa);
}

TEST(Rfc4035, AnEmptyNonTerminalIsProvenByTheNsecBeforeIt) {
    EXPECT_EQ(ask("y.w.example.", type::kA),
              std::string("NOERROR aa\n") + kSoa +
                  "authority x.w.example. 3600 IN NSEC x.y.w.example. MX RRSIG NSEC [3]\n");
}

TEST(Rfc4035, WithoutDoRecordsOfDnssecAreLikeOthers) {
    const Zone zone = appendix_a();
    const auto asked = [&zone](const char* name, wire::Type type) {
        return to_text(answer(zone, support::name(name), type, false));
    };
    EXPECT_EQ(asked("x.w.example.", type::kMx),
              "NOERROR aa\nanswer x.w.example. 3600 IN MX 1 xx.example.\n");
    EXPECT_EQ(asked("x.w.example.", type::kNsec),
              "NOERROR aa\nanswer x.w.example. 3600 IN NSEC x.y.w.example. MX RRSIG NSEC\n");
    EXPECT_EQ(asked("mc.a.example.", type::kA),
              "NOERROR\n"
              "authority a.example. 3600 IN NS ns1.a.example.\n"
              "authority a.example. 3600 IN NS ns2.a.example.\n"
              "additional ns1.a.example. 3600 IN A 192.0.2.5\n"
              "additional ns2.a.example. 3600 IN A 192.0.2.6\n");
    EXPECT_EQ(asked("a.example.", type::kDs),
              "NOERROR aa\nanswer a.example. 3600 IN DS 57855 5 1 "
              "B6DCD485719ADCA18E5F3D48A2331627FDD3636B\n");
    EXPECT_EQ(answer(zone, support::name("xx.example."), type::kRrsig, false).answer.size(), 4U);
}

}  // namespace
}  // namespace understudy::model
