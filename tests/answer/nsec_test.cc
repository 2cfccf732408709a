#include <gtest/gtest.h>
#include <string>

#include "support/server.h"
#include "support/signed_zones.h"
#include "support/zones.h"

// What NSEC records prove (RFC 4035 §3.1.3): the zone and most questions are of its appendices.
namespace understudy::answer {
namespace {

using support::brief;
using support::Server;
namespace type = wire::type;

class Nsec : public testing::Test {
  protected:
    Nsec() { server_.serve(support::make_signed_zone("example.", support::kNsecZone)); }

    std::string ask(std::string_view name, wire::Type query_type) const {
        return brief(server_.ask_signed(name, query_type));
    }

    Server server_;
};

constexpr const char* kSoa = "authority example. SOA signed\n";

TEST_F(Nsec, ProvesThatANameAndItsWildcardDoNotExist) {  // appendix B.2
    EXPECT_EQ(ask("ml.example.", type::kA),
              std::string("NXDOMAIN aa\n") + kSoa +
                  "authority x.*.e.example. NSEC signed\n"
                  "authority example. NSEC signed\n");
    // One record covers both.
    EXPECT_EQ(ask("0.example.", type::kA),
              std::string("NXDOMAIN aa\n") + kSoa + "authority example. NSEC signed\n");
    EXPECT_EQ(ask("zz.xx.example.", type::kA),
              std::string("NXDOMAIN aa\n") + kSoa + "authority xx.example. NSEC signed\n");
}

TEST_F(Nsec, ProvesThatATypeDoesNotExist) {  // appendix B.3, B.8
    EXPECT_EQ(ask("NS1.example.", type::kMx),
              std::string("NOERROR aa\n") + kSoa + "authority ns1.example. NSEC signed\n");
    EXPECT_EQ(ask("example.", type::kDs),
              std::string("NOERROR aa\n") + kSoa + "authority example. NSEC signed\n");
}

TEST_F(Nsec, ProvesThatAnEmptyNonTerminalIsEmpty) {
    EXPECT_EQ(ask("y.w.example.", type::kA),
              std::string("NOERROR aa\n") + kSoa + "authority x.w.example. NSEC signed\n");
    EXPECT_EQ(ask("e.example.", type::kAny),
              std::string("NOERROR aa\n") + kSoa + "authority b.example. NSEC signed\n");
}

TEST_F(Nsec, ProvesThatADelegationIsInsecure) {  // appendix B.4, B.5
    EXPECT_EQ(ask("mc.a.example.", type::kMx),
              "NOERROR\n"
              "authority a.example. NS\n"
              "authority a.example. DS signed\n"
              "additional ns1.a.example. A\n"
              "additional ns2.a.example. A\n");
    EXPECT_EQ(ask("mc.b.example.", type::kMx),
              "NOERROR\n"
              "authority b.example. NS\n"
              "authority b.example. NSEC signed\n"
              "additional ns1.b.example. A\n"
              "additional ns2.b.example. A\n");
}

TEST_F(Nsec, ProvesThatACutHasNoDs) {
    EXPECT_EQ(ask("a.example.", type::kDs), "NOERROR aa\nanswer a.example. DS signed\n");
    EXPECT_EQ(ask("b.example.", type::kDs),
              std::string("NOERROR aa\n") + kSoa + "authority b.example. NSEC signed\n");
}

TEST_F(Nsec, ProvesThatNoNameIsCloserThanTheWildcard) {  // appendix B.6
    EXPECT_EQ(ask("a.z.w.example.", type::kMx),
              "NOERROR aa\n"
              "answer a.z.w.example. MX signed\n"
              "authority x.y.w.example. NSEC signed\n");
    EXPECT_EQ(ask("*.w.example.", type::kMx), "NOERROR aa\nanswer *.w.example. MX signed\n");
}

TEST_F(Nsec, ProvesThatTheWildcardLacksTheType) {  // appendix B.7
    EXPECT_EQ(ask("a.z.w.example.", type::kAaaa),
              std::string("NOERROR aa\n") + kSoa +
                  "authority x.y.w.example. NSEC signed\n"
                  "authority *.w.example. NSEC signed\n");
    EXPECT_EQ(ask("*.w.example.", type::kA),
              std::string("NOERROR aa\n") + kSoa + "authority *.w.example. NSEC signed\n");
    // The wildcard is an empty non-terminal, which one NSEC spans together with the name.
    EXPECT_EQ(ask("+.e.example.", type::kA),
              std::string("NOERROR aa\n") + kSoa +
                  "authority x.*.e.example. NSEC signed\n"
                  "authority b.example. NSEC signed\n");
    EXPECT_EQ(ask("!.e.example.", type::kA),
              std::string("NOERROR aa\n") + kSoa + "authority b.example. NSEC signed\n");
}

TEST_F(Nsec, IsAnsweredLikeAnyTypeWhereItIsAskedFor) {
    EXPECT_EQ(ask("ns1.example.", type::kNsec), "NOERROR aa\nanswer ns1.example. NSEC signed\n");
    EXPECT_EQ(brief(server_.ask("ns1.example.", type::kNsec)),
              "NOERROR aa\nanswer ns1.example. NSEC\n");
    EXPECT_EQ(ask("a.z.w.example.", type::kNsec),
              "NOERROR aa\n"
              "answer a.z.w.example. NSEC signed\n"
              "authority x.y.w.example. NSEC signed\n");
}

TEST_F(Nsec, ProvesNothingToWhomItDoesNotMatter) {
    EXPECT_EQ(brief(server_.ask("ml.example.", type::kA)), "NXDOMAIN aa\nauthority example. SOA\n");
    EXPECT_EQ(brief(server_.ask("mc.a.example.", type::kA)),
              "NOERROR\n"
              "authority a.example. NS\n"
              "additional ns1.a.example. A\n"
              "additional ns2.a.example. A\n");
    EXPECT_EQ(brief(server_.ask("a.z.w.example.", type::kMx)),
              "NOERROR aa\nanswer a.z.w.example. MX\n");
}

std::string ask_zone(std::string_view text, std::string_view name, wire::Type query_type) {
    Server server;
    server.serve(support::make_signed_zone("example.",
                                           std::string(support::kApexRecords) + std::string(text)));
    return brief(server.ask_signed(name, query_type));
}

TEST(NsecChain, ProvesEachStepOfAChainOfAliasesOnce) {
    const char* text =
        "@ NSEC *.v NS SOA\n*.v CNAME b.w\n*.v NSEC *.w CNAME\n"
        "*.w CNAME c.w\n*.w NSEC c.w CNAME\nc.w CNAME d.v\nc.w NSEC @ CNAME\n";
    EXPECT_EQ(ask_zone(text, "a.v.example.", type::kA),
              "NOERROR aa\n"
              "answer a.v.example. CNAME signed\n"
              "answer b.w.example. CNAME signed\n"
              "answer c.w.example. CNAME signed\n"
              "answer d.v.example. CNAME signed\n"
              "authority *.v.example. NSEC signed\n"
              "authority *.w.example. NSEC signed\n");
    EXPECT_EQ(
        ask_zone("@ NSEC *.v NS SOA\n*.v CNAME x\n*.v NSEC @ CNAME\n", "a.v.example.", type::kA),
        std::string("NXDOMAIN aa\n"
                    "answer a.v.example. CNAME signed\n") +
            kSoa +
            "authority *.v.example. NSEC signed\n"
            "authority example. NSEC signed\n");
    EXPECT_EQ(ask_zone("@ NSEC *.v NS SOA\n*.v CNAME x.s\n*.v NSEC s CNAME\ns NS ns.s\n"
                       "s NSEC @ NS\nns.s A 192.0.2.1\n",
                       "a.v.example.",
                       type::kA),
              "NOERROR aa\n"
              "answer a.v.example. CNAME signed\n"
              "authority s.example. NS\n"
              "authority *.v.example. NSEC signed\n"
              "authority s.example. NSEC signed\n"
              "additional ns.s.example. A\n");
}

TEST(NsecChain, DoesWithoutWhatIsMissing) {
    // Nothing in the chain but the apex, and not even that.
    const char* broken = "@ NSEC @ NS SOA\nx A 192.0.2.1\n*.w A 192.0.2.1\ns NS ns.other.\n";
    EXPECT_EQ(ask_zone(broken, "x.example.", type::kA), "NOERROR aa\nanswer x.example. A signed\n");
    EXPECT_EQ(ask_zone(broken, "x.example.", type::kTxt), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask_zone(broken, "s.example.", type::kTxt), "NOERROR\nauthority s.example. NS\n");
    const char* none = "a NSEC @ A\n*.w A 192.0.2.1\n";
    EXPECT_EQ(ask_zone(none, "x.example.", type::kA), std::string("NXDOMAIN aa\n") + kSoa);
    EXPECT_EQ(ask_zone(none, "x.w.example.", type::kA),
              "NOERROR aa\nanswer x.w.example. A signed\n");
    EXPECT_EQ(ask_zone(none, "x.w.example.", type::kTxt), std::string("NOERROR aa\n") + kSoa);
}

}  // namespace
}  // namespace understudy::answer
