#include <gtest/gtest.h>
#include <string>

#include "support/server.h"
#include "support/signed_zones.h"
#include "support/zones.h"

// What goes with an SVCB or HTTPS answer (RFC 9460 §4.1), and that nothing goes with others.
namespace understudy::answer {
namespace {

using support::brief;
using support::Server;
namespace type = wire::type;

std::string ask(std::string_view text, std::string_view name, wire::Type query_type) {
    Server server;
    server.serve("example.", text);
    return brief(
        server.ask({.name = std::string(name), .type = query_type, .edns = support::EdnsFields{}}));
}

TEST(Service, BringsTheAddressesOfItsTargets) {
    EXPECT_EQ(ask("x HTTPS 1 a alpn=h3\nx HTTPS 2 b\nx HTTPS 3 c.other.\nx HTTPS 4 none\n"
                  "a A 192.0.2.1\na AAAA ::1\nb AAAA ::2\n",
                  "x.example.",
                  type::kHttps),
              "NOERROR aa\n"
              "answer x.example. HTTPS\n"
              "additional a.example. A\n"
              "additional a.example. AAAA\n"
              "additional b.example. AAAA\n");
    EXPECT_EQ(ask("x SVCB 1 a port=53\nx SVCB 2 a port=54\na A 192.0.2.1\na HTTPS 1 x\n",
                  "x.example.",
                  type::kSvcb),
              "NOERROR aa\n"
              "answer x.example. SVCB\n"
              "additional a.example. A\n");
}

TEST(Service, AtItsOwnNameBringsTheOwnersAddresses) {
    EXPECT_EQ(ask("x HTTPS 1 . alpn=h3\nx A 192.0.2.1\n", "x.example.", type::kHttps),
              "NOERROR aa\n"
              "answer x.example. HTTPS\n"
              "additional x.example. A\n");
    EXPECT_EQ(ask("*.w HTTPS 1 .\n*.w A 192.0.2.1\na CNAME x.w\n", "a.example.", type::kHttps),
              "NOERROR aa\n"
              "answer a.example. CNAME\n"
              "answer x.w.example. HTTPS\n"
              "additional x.w.example. A\n");
    // An alias to the root: the service is not there.
    EXPECT_EQ(ask("x HTTPS 0 .\nx A 192.0.2.1\n", "x.example.", type::kHttps),
              "NOERROR aa\nanswer x.example. HTTPS\n");
}

TEST(Service, AliasesAreFollowed) {
    EXPECT_EQ(
        ask("@ HTTPS 0 a\na HTTPS 0 b\nb HTTPS 1 .\nb HTTPS 2 c\na A 192.0.2.1\nb A 192.0.2.2\n"
            "c AAAA ::1\n",
            "example.",
            type::kHttps),
        "NOERROR aa\n"
        "answer example. HTTPS\n"
        "additional a.example. HTTPS\n"
        "additional b.example. HTTPS\n"
        "additional c.example. AAAA\n"
        "additional b.example. A\n"
        "additional a.example. A\n");
    EXPECT_EQ(ask("a SVCB 0 b\nb SVCB 0 c\nc SVCB 0 b\n", "a.example.", type::kSvcb),
              "NOERROR aa\n"
              "answer a.example. SVCB\n"
              "additional b.example. SVCB\n"
              "additional c.example. SVCB\n");
    std::string chain;
    for (int i = 0; i < 40; ++i) {
        chain += "a" + std::to_string(i) + " SVCB 0 a" + std::to_string(i + 1) + "\n";
    }
    const std::string text = ask(chain, "a0.example.", type::kSvcb);
    EXPECT_TRUE(text.ends_with("additional a16.example. SVCB\n")) << text;
}

TEST(Service, BringsNothingFromElsewhere) {
    const char* text =
        "x HTTPS 1 a.s\nx HTTPS 2 b.d\nx HTTPS 3 c.w\nx HTTPS 4 a.other.\n"
        "s NS a.s\na.s A 192.0.2.1\nd DNAME s\nb.d A 192.0.2.1\n*.w A 192.0.2.1\n";
    EXPECT_EQ(ask(text, "x.example.", type::kHttps), "NOERROR aa\nanswer x.example. HTTPS\n");
}

TEST(Service, OfRdataThatIsNoneBringsNothing) {
    EXPECT_EQ(ask("x TYPE64 \\# 1 00\nx TYPE64 \\# 2 0001\nx TYPE64 \\# 4 00010561\n",
                  "x.example.",
                  type::kSvcb),
              "NOERROR aa\nanswer x.example. SVCB\n");
}

TEST(Service, TargetsAreSigned) {
    Server server;
    server.serve(
        support::make_signed_zone("example.",
                                  std::string(support::kApexRecords) +
                                      "@ HTTPS 0 a\na HTTPS 1 .\na A 192.0.2.1\na AAAA ::1\n"));
    EXPECT_EQ(brief(server.ask_signed("example.", type::kHttps)),
              "NOERROR aa\n"
              "answer example. HTTPS signed\n"
              "additional a.example. HTTPS signed\n"
              "additional a.example. A signed\n"
              "additional a.example. AAAA signed\n");
}

TEST(Service, TargetsThatDoNotFitAreLeftOut) {
    std::string text;
    for (char host = 'a'; host < 'z'; ++host) {
        text +=
            std::string("x SVCB 1 ") + host + "\n" + host + " A 192.0.2.1\n" + host + " AAAA ::1\n";
    }
    Server server;
    server.serve("example.", text);
    const std::string small = brief(
        server.ask({.name = "x.example.", .type = type::kSvcb, .edns = support::EdnsFields{900}}));
    EXPECT_TRUE(small.starts_with("NOERROR aa\nanswer x.example. SVCB\nadditional a.example. A\n"))
        << small;
    EXPECT_EQ(small.find("additional y."), std::string::npos);
}

TEST(Minimal, NoOtherTypeBringsAddresses) {
    const char* text = "x MX 1 a\nx SRV 1 1 1 a\n@ NS a\na A 192.0.2.1\n";
    for (const wire::Type query_type : {type::kMx, type::kSrv}) {
        EXPECT_EQ(ask(text, "x.example.", query_type).find("additional"), std::string::npos);
    }
    EXPECT_EQ(ask(text, "example.", type::kNs), "NOERROR aa\nanswer example. NS\n");
}

}  // namespace
}  // namespace understudy::answer
