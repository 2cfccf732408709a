#include <gtest/gtest.h>
#include <string>

#include "support/server.h"
#include "support/signed_zones.h"
#include "support/zones.h"

// What NSEC3 records prove (RFC 5155 §7.2): the zone and most questions are of its appendices.
namespace understudy::answer {
namespace {

using support::brief;
using support::Server;
namespace type = wire::type;

constexpr const char* kSoa = "authority example. SOA signed\n";

std::string ask_zone(std::string_view text, std::string_view name, wire::Type query_type) {
    Server server;
    server.serve(support::make_signed_zone("example.", text));
    return brief(server.ask_signed(name, query_type));
}

std::string ask(std::string_view name, wire::Type query_type) {
    return ask_zone(support::kNsec3Zone, name, query_type);
}

std::string with(std::string_view records) {
    return std::string(support::kNsec3Zone) + std::string(records);
}

TEST(Nsec3, ProvesThatANameAndItsWildcardDoNotExist) {  // appendix B.1
    EXPECT_EQ(ask("a.c.x.w.example.", type::kA),
              std::string("NXDOMAIN aa\n") + kSoa +
                  "authority b4um.example. NSEC3 signed\n"
                  "authority 0p9m.example. NSEC3 signed\n"
                  "authority 35mt.example. NSEC3 signed\n");
    EXPECT_EQ(ask("A.C.X.W.EXAMPLE.", type::kA), ask("a.c.x.w.example.", type::kA));
}

TEST(Nsec3, ProvesThatATypeDoesNotExist) {  // appendix B.2, B.2.1, B.6
    EXPECT_EQ(ask("Ns1.example.", type::kMx),
              std::string("NOERROR aa\n") + kSoa + "authority 2t7b.example. NSEC3 signed\n");
    EXPECT_EQ(ask("y.w.example.", type::kA),
              std::string("NOERROR aa\n") + kSoa + "authority ji6n.example. NSEC3 signed\n");
    EXPECT_EQ(ask("example.", type::kDs),
              std::string("NOERROR aa\n") + kSoa + "authority 0p9m.example. NSEC3 signed\n");
}

TEST(Nsec3, ProvesThatADelegationIsInsecure) {  // appendix B.3
    EXPECT_EQ(ask("mc.c.example.", type::kMx),
              "NOERROR\n"
              "authority c.example. NS\n"
              "authority 0p9m.example. NSEC3 signed\n"
              "authority 35mt.example. NSEC3 signed\n"
              "additional ns1.c.example. A\n"
              "additional ns2.c.example. A\n");
    EXPECT_EQ(ask("mc.a.example.", type::kMx),
              "NOERROR\n"
              "authority a.example. NS\n"
              "authority a.example. DS signed\n"
              "additional ns1.a.example. A\n"
              "additional ns2.a.example. A\n");
}

TEST(Nsec3, ProvesThatACutHasNoDs) {  // §7.2.4
    EXPECT_EQ(ask("a.example.", type::kDs), "NOERROR aa\nanswer a.example. DS signed\n");
    EXPECT_EQ(ask("c.example.", type::kDs),
              std::string("NOERROR aa\n") + kSoa +
                  "authority 0p9m.example. NSEC3 signed\n"
                  "authority 35mt.example. NSEC3 signed\n");
    // Without opt-out a cut has an NSEC3 of its own: gjeq… is the hash of ai.
    const std::string matched =
        std::string(support::kApexRecords) +
        "@ NSEC3PARAM 1 0 12 aabbccdd\nai NS ns.other.\n"
        "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 12 aabbccdd gjeqe526plbf1g8mklp59enfd789njgi\n"
        "gjeqe526plbf1g8mklp59enfd789njgi NSEC3 1 0 12 aabbccdd 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom "
        "NS\n";
    EXPECT_EQ(ask_zone(matched, "ai.example.", type::kDs),
              std::string("NOERROR aa\n") + kSoa + "authority gjeq.example. NSEC3 signed\n");
    EXPECT_EQ(ask_zone(matched, "x.ai.example.", type::kDs),
              "NOERROR\n"
              "authority ai.example. NS\n"
              "authority gjeq.example. NSEC3 signed\n");
}

TEST(Nsec3, ProvesThatNoNameIsCloserThanTheWildcard) {  // appendix B.4
    EXPECT_EQ(ask("a.z.w.example.", type::kMx),
              "NOERROR aa\n"
              "answer a.z.w.example. MX signed\n"
              "authority q04j.example. NSEC3 signed\n");
    EXPECT_EQ(ask("*.w.example.", type::kMx), "NOERROR aa\nanswer *.w.example. MX signed\n");
}

TEST(Nsec3, ProvesThatTheWildcardLacksTheType) {  // appendix B.5
    EXPECT_EQ(ask("a.z.w.example.", type::kAaaa),
              std::string("NOERROR aa\n") + kSoa +
                  "authority k8ud.example. NSEC3 signed\n"
                  "authority q04j.example. NSEC3 signed\n"
                  "authority r53b.example. NSEC3 signed\n");
}

TEST(Nsec3, ProvesNamesThatHangOnInsecureDelegationsAlone) {
    // RFC 5155 §7.1: ent.example. needs no NSEC3.
    const std::string text = with("x.ent NS ns.other.\n");
    const std::string covered = ask_zone(text, "ent.example.", type::kA);
    EXPECT_TRUE(covered.starts_with(std::string("NOERROR aa\n") + kSoa +
                                    "authority 0p9m.example. NSEC3 signed\n"))
        << covered;
    const std::string below = ask_zone(text, "y.ent.example.", type::kA);
    EXPECT_TRUE(below.starts_with(std::string("NXDOMAIN aa\n") + kSoa +
                                  "authority 0p9m.example. NSEC3 signed\n"))
        << below;
    const std::string referral = ask_zone(text, "z.x.ent.example.", type::kA);
    EXPECT_TRUE(
        referral.starts_with("NOERROR\n"
                             "authority x.ent.example. NS\n"
                             "authority 0p9m.example. NSEC3 signed\n"))
        << referral;
}

TEST(Nsec3Owner, DoesNotExistForItself) {  // §7.2.8
    const char* hash = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.";
    for (const wire::Type query_type : {type::kNsec3, type::kA, type::kRrsig, type::kAny}) {
        const std::string text = ask(hash, query_type);
        EXPECT_TRUE(text.starts_with(std::string("NXDOMAIN aa\n") + kSoa +
                                     "authority 0p9m.example. NSEC3 signed\n"))
            << text;
    }
    const std::string below = ask("x.0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM.example.", type::kA);
    EXPECT_TRUE(below.starts_with("NXDOMAIN aa\n")) << below;
}

TEST(Nsec3Owner, ThatOwnsMoreIsANameLikeOthers) {
    // koha… is its hash.
    const char* hash = "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.";
    EXPECT_EQ(ask(hash, type::kA), "NOERROR aa\nanswer 2t7b.example. A signed\n");
    EXPECT_EQ(ask(hash, type::kTxt),
              std::string("NOERROR aa\n") + kSoa + "authority koha.example. NSEC3 signed\n");
}

TEST(Nsec3Owner, WithNamesBelowIsAnEmptyNonTerminal) {
    const std::string text =
        std::string(support::kApexRecords) +
        "@ NSEC3PARAM 1 0 12 aabbccdd\n"
        "x.2t7b4g4vsa5smi47k61mv5bv1a22bojr A 192.0.2.1\n"
        "2t7b4g4vsa5smi47k61mv5bv1a22bojr NSEC3 1 0 12 aabbccdd kohar7mbb8dc2ce8a9qvl8hon4k53uhi\n"
        "kohar7mbb8dc2ce8a9qvl8hon4k53uhi NSEC3 1 0 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr\n";
    EXPECT_TRUE(ask_zone(text, "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.", type::kA)
                    .starts_with(std::string("NOERROR aa\n") + kSoa +
                                 "authority koha.example. NSEC3 signed\n"));
    EXPECT_TRUE(ask_zone(text, "kohar7mbb8dc2ce8a9qvl8hon4k53uhi.example.", type::kA)
                    .starts_with("NXDOMAIN aa\n"));
}

TEST(Nsec3Owner, IsSpannedByAWildcardAtTheApex) {
    const std::string text = with("* TXT x\n");
    const std::string answer =
        ask_zone(text, "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.", type::kTxt);
    EXPECT_TRUE(
        answer.starts_with("NOERROR aa\n"
                           "answer 0p9m.example. TXT signed\n"
                           "authority "))
        << answer;
}

TEST(Nsec3Chain, DoesWithoutWhatIsMissing) {
    const std::string none =
        std::string(support::kApexRecords) +
        "@ NSEC3PARAM 1 0 0 -\nx A 192.0.2.1\n*.w A 192.0.2.1\ns NS ns.other.\n";
    EXPECT_EQ(ask_zone(none, "x.example.", type::kA), "NOERROR aa\nanswer x.example. A signed\n");
    EXPECT_EQ(ask_zone(none, "y.example.", type::kA), std::string("NXDOMAIN aa\n") + kSoa);
    EXPECT_EQ(ask_zone(none, "x.example.", type::kTxt), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask_zone(none, "example.", type::kTxt), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask_zone(none, "x.w.example.", type::kA),
              "NOERROR aa\nanswer x.w.example. A signed\n");
    EXPECT_EQ(ask_zone(none, "x.w.example.", type::kTxt), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask_zone(none, "s.example.", type::kTxt), "NOERROR\nauthority s.example. NS\n");
}

TEST(Nsec3Chain, IsTheOneThatTheParamNames) {
    // Another chain's record stands where the active one has none.
    const std::string text =
        with("0000000000000000000000000000000a NSEC3 1 0 1 - 0000000000000000000000000000000b\n");
    EXPECT_EQ(ask_zone(text, "a.c.x.w.example.", type::kA), ask("a.c.x.w.example.", type::kA));
}

}  // namespace
}  // namespace understudy::answer
