#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

#include "support/server.h"
#include "support/signed_zones.h"
#include "support/zones.h"

// Signatures: which RRsets carry them, where they must fit, and types that are asked for oddly.
// What the chains prove stands in nsec_test.cc and nsec3_test.cc.
namespace understudy::answer {
namespace {

using support::brief;
using support::EdnsFields;
using support::Server;
namespace type = wire::type;

constexpr const char* kSoa = "authority example. SOA signed\n";

Server serve(std::string_view text) {
    Server server;
    server.serve(support::make_signed_zone("example.",
                                           std::string(support::kApexRecords) + std::string(text)));
    return server;
}

std::string ask(std::string_view text, std::string_view name, wire::Type query_type) {
    return brief(serve(text).ask_signed(name, query_type));
}

TEST(Signed, IsEachRRsetOfAnAnswer) {
    const char* text = "www A 192.0.2.1\nwww A 192.0.2.2\nwww TXT x\na CNAME www\n";
    EXPECT_EQ(ask(text, "www.example.", type::kA), "NOERROR aa\nanswer www.example. A signed\n");
    EXPECT_EQ(ask(text, "a.example.", type::kA),
              "NOERROR aa\n"
              "answer a.example. CNAME signed\n"
              "answer www.example. A signed\n");
    EXPECT_EQ(brief(serve(text).ask("a.example.", type::kA)),
              "NOERROR aa\n"
              "answer a.example. CNAME\n"
              "answer www.example. A\n");
    EXPECT_EQ(ask(text, "a.example.", type::kCname),
              "NOERROR aa\nanswer a.example. CNAME signed\n");
}

TEST(Signed, IsADnameButNotTheCnameMadeFromIt) {
    const char* text = "d DNAME e\nx.e A 192.0.2.1\n";
    EXPECT_EQ(ask(text, "x.d.example.", type::kA),
              "NOERROR aa\n"
              "answer d.example. DNAME signed\n"
              "answer x.d.example. CNAME\n"
              "answer x.e.example. A signed\n");
    EXPECT_EQ(ask(text, "y.d.example.", type::kA),
              std::string("NXDOMAIN aa\n"
                          "answer d.example. DNAME signed\n"
                          "answer y.d.example. CNAME\n") +
                  kSoa);
}

TEST(Signed, TheDoBitIsCopied) {
    const Server server = serve("");
    for (const bool dnssec_ok : {false, true}) {
        const std::string text = server.ask(
            {.name = "example.", .type = type::kNs, .edns = EdnsFields{.dnssec_ok = dnssec_ok}});
        EXPECT_EQ(text.ends_with("edns 1232 do\n"), dnssec_ok) << text;
        EXPECT_EQ(text.find("RRSIG") != std::string::npos, dnssec_ok) << text;
    }
}

/// The TTLs of a response's records, in their order.
std::string ttls(const std::string& text) {
    std::istringstream words(text);
    std::string found;
    for (std::string line; std::getline(words, line);) {
        std::istringstream fields(line);
        std::string section;
        std::string owner;
        std::string ttl;
        fields >> section >> owner >> ttl;
        if (section == "answer" || section == "authority") {
            found += ttl + " ";
        }
    }
    return found;
}

TEST(Signed, SignaturesHaveTheTtlOfWhatTheyCover) {
    const Server server =
        serve("x 100 A 192.0.2.1\nx 50 TXT y\nx 900 NSEC @ A TXT\n@ 900 NSEC x NS\n");
    EXPECT_EQ(ttls(server.ask_signed("x.example.", type::kA)), "100 100 ");
    EXPECT_EQ(ttls(server.ask_signed("x.example.", type::kTxt)), "50 50 ");
    EXPECT_EQ(ttls(server.ask_signed("x.example.", type::kNsec)), "900 900 ");
    // RFC 2308 §3 and RFC 9077 §3: in denial all is held to the SOA's TTL and MINIMUM.
    EXPECT_EQ(ttls(server.ask_signed("x.example.", type::kMx)), "60 60 60 60 ");
    EXPECT_EQ(ttls(server.ask_signed("y.example.", type::kA)), "60 60 60 60 60 60 ");
}

TEST(Signed, GlueIsNeverButAuthoritativeAddressesAre) {
    EXPECT_EQ(ask("s NS ns.s\ns NS ns.t\ns NS ns\ns NS ns.other.\nns.s A 192.0.2.1\n"
                  "t NS ns.t\nns.t A 192.0.2.2\nns A 192.0.2.3\nns AAAA ::1\n",
                  "x.s.example.",
                  type::kA),
              "NOERROR\n"
              "authority s.example. NS\n"
              "additional ns.s.example. A\n"
              "additional ns.t.example. A\n"
              "additional ns.example. A signed\n"
              "additional ns.example. AAAA signed\n");
    // Not even if somebody signed it.
    EXPECT_EQ(ask("s NS ns.s\nns.s A 192.0.2.1\n"
                  "ns.s RRSIG A 8 3 60 20300101000000 20200101000000 1 example. AAAA\n",
                  "x.s.example.",
                  type::kA),
              "NOERROR\n"
              "authority s.example. NS\n"
              "additional ns.s.example. A\n");
}

TEST(SignedAny, IsOneSignedRRsetOverUdpAndAllOverTcp) {
    const Server server =
        serve("x A 192.0.2.1\nx TXT y\n@ NSEC *.w A\n*.w A 192.0.2.1\n*.w NSEC @ A\n");
    EXPECT_EQ(brief(server.ask_signed("x.example.", type::kAny)),
              "NOERROR aa\nanswer x.example. A signed\n");
    EXPECT_EQ(brief(server.ask_signed("x.w.example.", type::kAny)),
              "NOERROR aa\n"
              "answer x.w.example. A signed\n"
              "authority *.w.example. NSEC signed\n");
    const Server::Way stream{.transport = Transport::kStream};
    for (const bool dnssec_ok : {false, true}) {
        const std::string text = server.ask(
            {.name = "x.example.", .type = type::kAny, .edns = EdnsFields{.dnssec_ok = dnssec_ok}},
            stream);
        EXPECT_EQ(brief(text),
                  "NOERROR aa\n"
                  "answer x.example. A\n"
                  "answer x.example. TXT\n"
                  "answer x.example. RRSIG(A)\n"
                  "answer x.example. RRSIG(TXT)\n");
    }
}

TEST(SignedAny, OfSignaturesAloneHasThose) {
    const std::string signature = " 8 2 60 20300101000000 20200101000000 1 example. AAAA\n";
    const Server server = serve("x RRSIG A" + signature);
    EXPECT_EQ(brief(server.ask_signed("x.example.", type::kAny)),
              "NOERROR aa\nanswer x.example. RRSIG(A)\n");
}

TEST(Rrsig, IsAnsweredWithAllThatTheNameHas) {
    const Server server = serve("x A 192.0.2.1\nx TXT y\ny CNAME x\n");
    const std::string all =
        "NOERROR aa\n"
        "answer x.example. RRSIG(A)\n"
        "answer x.example. RRSIG(TXT)\n";
    EXPECT_EQ(brief(server.ask("x.example.", type::kRrsig)), all);
    EXPECT_EQ(brief(server.ask_signed("x.example.", type::kRrsig)), all);
    EXPECT_EQ(brief(server.ask_signed("y.example.", type::kRrsig)),
              "NOERROR aa\nanswer y.example. RRSIG(CNAME)\n");
    Server plain;
    plain.serve("example.", "x A 192.0.2.1\n");
    EXPECT_EQ(brief(plain.ask("x.example.", type::kRrsig)), "NOERROR aa\nauthority example. SOA\n");
}

/// How an answer looks at each size of a client's buffer; a change of looks stands once.
std::vector<std::string> looks(const Server& server, std::string_view name, wire::Type query_type) {
    std::vector<std::string> seen;
    for (std::uint16_t size = 512; size <= 1232; ++size) {
        const std::string text =
            brief(server.ask({.name = std::string(name),
                              .type = query_type,
                              .edns = EdnsFields{.payload_octets = size, .dnssec_ok = true}}));
        if (seen.empty() || seen.back() != text) {
            seen.push_back(text);
        }
    }
    return seen;
}

TEST(SignedTruncation, TakesAnRRsetAndItsSignaturesTogether) {
    const Server server = serve("x TYPE65280 \\# 430 " + std::string(860, '0') + "\n");
    EXPECT_EQ(looks(server, "x.example.", 65280),
              (std::vector<std::string>{"NOERROR aa tc\n",
                                        "NOERROR aa\nanswer x.example. TYPE65280 signed\n"}));
}

TEST(SignedTruncation, IsToldWhereAProofDoesNotFit) {
    const std::string far(63, 'n');
    const std::string next = far + "." + far + "." + far + ".example.";
    const Server server =
        serve("@ NSEC " + next + " A\n" + next + " NSEC @ A\n" + "b NSEC " + next +
              " A\n*.w A 192.0.2.1\n*.w NSEC " + next + " A\ns NS ns.s\ns NSEC " + next +
              " NS\nns.s A 192.0.2.1\n" + "ns.s AAAA ::1\n");
    const std::vector<std::string> negative = looks(server, "c.example.", type::kA);
    EXPECT_EQ(negative.back(),
              std::string("NXDOMAIN aa\n") + kSoa +
                  "authority b.example. NSEC signed\n"
                  "authority example. NSEC signed\n");
    EXPECT_EQ(negative.front().substr(0, 15), "NXDOMAIN aa tc\n");
    for (const std::string& text : negative) {
        EXPECT_EQ(text.find(" tc\n") == std::string::npos, text == negative.back()) << text;
    }
}

TEST(SignedTruncation, IsNotToldForAuthoritativeAddressesOfAReferral) {
    std::string text;
    for (char host = 'a'; host < 'm'; ++host) {
        text += std::string("s NS ") + host + "\n" + host + " A 192.0.2.1\n" + host + " AAAA ::1\n";
    }
    const Server server = serve(text);
    const std::vector<std::string> seen = looks(server, "s.example.", type::kA);
    EXPECT_GT(seen.size(), 3U);
    for (const std::string& look : seen) {
        EXPECT_TRUE(look.starts_with("NOERROR\nauthority s.example. NS\n")) << look;
        // Each additional RRset has its signature.
        std::istringstream lines(look);
        for (std::string line; std::getline(lines, line);) {
            EXPECT_TRUE(!line.starts_with("additional") || line.ends_with(" signed")) << line;
        }
    }
}

}  // namespace
}  // namespace understudy::answer
