#include <gtest/gtest.h>
#include <algorithm>
#include <string>
#include <vector>

#include "support/server.h"
#include "support/zones.h"

// What a question finds in the zones (RFC 1034 §4.3.2): which records, which rcode, AA or not.
namespace understudy::answer {
namespace {

using support::Server;
namespace type = wire::type;

constexpr const char* kSoa =
    "authority example. 60 IN SOA ns.example. admin.example. 1 7200 3600 1209600 60\n";

/// Asks a server that has the zone "example." of `text` alone.
std::string ask(std::string_view text, std::string_view name, wire::Type query_type) {
    Server server;
    server.serve("example.", text);
    return server.ask(name, query_type);
}

TEST(Positive, IsTheWholeRRsetUnderTheNameAsAsked) {
    const char* text = "www 100 A 192.0.2.2\nwww A 192.0.2.1\nwww AAAA ::1\n";
    EXPECT_EQ(ask(text, "WwW.eXample.", type::kA),
              "NOERROR aa\n"
              "answer WwW.eXample. 100 IN A 192.0.2.1\n"
              "answer WwW.eXample. 100 IN A 192.0.2.2\n");
    EXPECT_EQ(ask(text, "example.", type::kNs),
              "NOERROR aa\nanswer example. 300 IN NS ns.example.\n");
}

TEST(Positive, ServesUnknownTypes) {
    const char* text = "x TYPE65280 \\# 3 0102ff\nx NSEC a.example. A\n";
    EXPECT_EQ(ask(text, "x.example.", 65280),
              "NOERROR aa\nanswer x.example. 3600 IN TYPE65280 \\# 3 0102FF\n");
}

TEST(Negative, TellsNoDataFromNxDomain) {
    const char* text = "www A 192.0.2.1\na.b.ent TXT x\n";
    EXPECT_EQ(ask(text, "www.example.", type::kTxt), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask(text, "example.", type::kDs), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask(text, "none.example.", type::kA), std::string("NXDOMAIN aa\n") + kSoa);
    EXPECT_EQ(ask(text, "x.www.example.", type::kA), std::string("NXDOMAIN aa\n") + kSoa);
    // RFC 8020: an empty non-terminal exists.
    EXPECT_EQ(ask(text, "ent.example.", type::kA), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask(text, "b.ent.example.", type::kAny), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask(text, "c.ent.example.", type::kA), std::string("NXDOMAIN aa\n") + kSoa);
}

TEST(Negative, TheSoaHasTheLowerOfItsTtlAndMinimum) {
    Server server;
    server.serve(support::make_zone("a.", "@ 300 SOA x y 1 2 3 4 900\n@ NS x\n"));
    EXPECT_EQ(server.ask("b.a.", type::kA),
              "NXDOMAIN aa\nauthority a. 300 IN SOA x.a. y.a. 1 2 3 4 900\n");
    EXPECT_EQ(server.ask("a.", type::kSoa),
              "NOERROR aa\nanswer a. 300 IN SOA x.a. y.a. 1 2 3 4 900\n");
}

TEST(Cname, IsFollowedInsideTheZone) {
    const char* text = "a CNAME b\nb CNAME www\nwww A 192.0.2.1\n";
    EXPECT_EQ(ask(text, "a.example.", type::kA),
              "NOERROR aa\n"
              "answer a.example. 3600 IN CNAME b.example.\n"
              "answer b.example. 3600 IN CNAME www.example.\n"
              "answer www.example. 3600 IN A 192.0.2.1\n");
    EXPECT_EQ(ask(text, "a.example.", type::kCname),
              "NOERROR aa\nanswer a.example. 3600 IN CNAME b.example.\n");
}

TEST(Cname, TheRcodeIsTheLastNames) {
    const char* text = "a CNAME none\nb CNAME www\nwww A 192.0.2.1\n";
    EXPECT_EQ(ask(text, "a.example.", type::kA),
              std::string("NXDOMAIN aa\nanswer a.example. 3600 IN CNAME none.example.\n") + kSoa);
    EXPECT_EQ(ask(text, "b.example.", type::kTxt),
              std::string("NOERROR aa\nanswer b.example. 3600 IN CNAME www.example.\n") + kSoa);
}

TEST(Cname, IsNotFollowedIntoAnotherZone) {
    Server server;
    server.serve("example.", "a CNAME www.other.\n").serve("other.", "www A 192.0.2.1\n");
    EXPECT_EQ(server.ask("a.example.", type::kA),
              "NOERROR aa\nanswer a.example. 3600 IN CNAME www.other.\n");
}

TEST(Cname, IsFollowedToACut) {
    EXPECT_EQ(ask("a CNAME x.sub\nsub NS ns.sub\nns.sub A 192.0.2.5\n", "a.example.", type::kA),
              "NOERROR aa\n"
              "answer a.example. 3600 IN CNAME x.sub.example.\n"
              "authority sub.example. 3600 IN NS ns.sub.example.\n"
              "additional ns.sub.example. 3600 IN A 192.0.2.5\n");
}

TEST(Cname, LoopsEnd) {
    EXPECT_EQ(ask("a CNAME a\n", "a.example.", type::kA),
              "NOERROR aa\nanswer a.example. 3600 IN CNAME a.example.\n");
    const char* text = "x CNAME a\na CNAME b\nb CNAME c\nc CNAME a\n";
    EXPECT_EQ(ask(text, "x.example.", type::kA),
              "NOERROR aa\n"
              "answer x.example. 3600 IN CNAME a.example.\n"
              "answer a.example. 3600 IN CNAME b.example.\n"
              "answer b.example. 3600 IN CNAME c.example.\n"
              "answer c.example. 3600 IN CNAME a.example.\n");
    EXPECT_EQ(ask("*.w CNAME x.w\n", "A.w.example.", type::kA),
              "NOERROR aa\n"
              "answer A.w.example. 3600 IN CNAME x.w.example.\n"
              "answer x.w.example. 3600 IN CNAME x.w.example.\n");
}

TEST(Cname, LongChainsAreCapped) {
    std::string text;
    for (int i = 0; i < 40; ++i) {
        text += "h" + std::to_string(i) + " CNAME h" + std::to_string(i + 1) + "\n";
    }
    text += "h40 A 192.0.2.1\n";
    const std::string capped = ask(text, "h0.example.", type::kA);
    EXPECT_EQ(std::ranges::count(capped, '\n'), 1 + 17);
    EXPECT_TRUE(capped.starts_with("NOERROR aa\nanswer h0.example."));
    const std::string whole = ask(text, "h24.example.", type::kA);
    EXPECT_EQ(std::ranges::count(whole, '\n'), 1 + 17);
    EXPECT_TRUE(whole.ends_with("answer h40.example. 3600 IN A 192.0.2.1\n"));
}

TEST(Wildcard, SynthesisesWhatDoesNotExist) {
    const char* text = "*.w 100 A 192.0.2.1\n*.w TXT x\n";
    EXPECT_EQ(ask(text, "A.b.w.example.", type::kA),
              "NOERROR aa\nanswer A.b.w.example. 100 IN A 192.0.2.1\n");
    EXPECT_EQ(ask(text, "a.w.example.", type::kAaaa), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask(text, "w.example.", type::kA), std::string("NOERROR aa\n") + kSoa);
}

TEST(Wildcard, IsAnOrdinaryNameWhenAskedLiterally) {
    const char* text = "*.w A 192.0.2.1\n";
    EXPECT_EQ(ask(text, "*.w.example.", type::kA),
              "NOERROR aa\nanswer *.w.example. 3600 IN A 192.0.2.1\n");
    EXPECT_EQ(ask(text, "*.w.example.", type::kTxt), std::string("NOERROR aa\n") + kSoa);
    // Below it is no wildcard.
    EXPECT_EQ(ask(text, "a.*.w.example.", type::kA), std::string("NXDOMAIN aa\n") + kSoa);
    EXPECT_EQ(ask(text, "*.none.example.", type::kA), std::string("NXDOMAIN aa\n") + kSoa);
}

TEST(Wildcard, NeverCrossesAnExistingName) {
    const char* text = "* A 192.0.2.1\nwww TXT x\na.ent TXT x\nsub NS ns.other.\n";
    EXPECT_EQ(ask(text, "www.example.", type::kA), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask(text, "x.www.example.", type::kA), std::string("NXDOMAIN aa\n") + kSoa);
    EXPECT_EQ(ask(text, "ent.example.", type::kA), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask(text, "b.ent.example.", type::kA), std::string("NXDOMAIN aa\n") + kSoa);
    EXPECT_EQ(ask(text, "x.sub.example.", type::kA),
              "NOERROR\nauthority sub.example. 3600 IN NS ns.other.\n");
    EXPECT_EQ(ask(text, "x.y.example.", type::kA),
              "NOERROR aa\nanswer x.y.example. 3600 IN A 192.0.2.1\n");
}

TEST(Wildcard, MayBeAnEmptyNonTerminalOrACname) {
    EXPECT_EQ(ask("a.*.w TXT x\n", "b.w.example.", type::kTxt), std::string("NOERROR aa\n") + kSoa);
    const char* text = "*.w CNAME www\nwww A 192.0.2.1\n";
    EXPECT_EQ(ask(text, "x.w.example.", type::kA),
              "NOERROR aa\n"
              "answer x.w.example. 3600 IN CNAME www.example.\n"
              "answer www.example. 3600 IN A 192.0.2.1\n");
    EXPECT_EQ(ask(text, "x.w.example.", type::kCname),
              "NOERROR aa\nanswer x.w.example. 3600 IN CNAME www.example.\n");
}

TEST(Wildcard, TheExampleOfRfc4592) {
    const char* text =
        "* 3600 TXT \"this is a wildcard\"\n"
        "* 3600 MX 10 host1.example.\n"
        "sub.* 3600 TXT \"this is not a wildcard\"\n"
        "host1 3600 A 192.0.2.1\n"
        "_ssh._tcp.host1 3600 SRV 0 0 22 host1\n"
        "subdel 3600 NS ns.example.com.\n";
    EXPECT_EQ(ask(text, "host3.example.", type::kMx),
              "NOERROR aa\nanswer host3.example. 3600 IN MX 10 host1.example.\n");
    EXPECT_EQ(ask(text, "host3.example.", type::kA), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask(text, "foo.bar.example.", type::kTxt),
              "NOERROR aa\nanswer foo.bar.example. 3600 IN TXT \"this is a wildcard\"\n");
    EXPECT_EQ(ask(text, "host1.example.", type::kMx), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask(text, "sub.*.example.", type::kMx), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask(text, "_telnet._tcp.host1.example.", type::kSrv),
              std::string("NXDOMAIN aa\n") + kSoa);
    EXPECT_EQ(ask(text, "host.subdel.example.", type::kA),
              "NOERROR\nauthority subdel.example. 3600 IN NS ns.example.com.\n");
    EXPECT_EQ(ask(text, "ghost.*.example.", type::kMx), std::string("NXDOMAIN aa\n") + kSoa);
}

TEST(Referral, HasInDomainAndSiblingGlue) {
    const char* text =
        "sub NS ns.sub\nsub NS ns.sibling\nsub NS ns.other.\nsub NS here\nsub NS none\n"
        "ns.sub A 192.0.2.5\nns.sub AAAA ::5\n"
        "sibling NS ns.sibling\nns.sibling A 192.0.2.6\nhere A 192.0.2.7\n";
    const char* expected =
        "NOERROR\n"
        "authority sub.example. 3600 IN NS ns.sub.example.\n"
        "authority sub.example. 3600 IN NS here.example.\n"
        "authority sub.example. 3600 IN NS none.example.\n"
        "authority sub.example. 3600 IN NS ns.other.\n"
        "authority sub.example. 3600 IN NS ns.sibling.example.\n"
        "additional ns.sub.example. 3600 IN A 192.0.2.5\n"
        "additional ns.sub.example. 3600 IN AAAA ::5\n"
        "additional here.example. 3600 IN A 192.0.2.7\n"
        "additional ns.sibling.example. 3600 IN A 192.0.2.6\n";
    const auto sorted = [](const std::string& lines) {
        std::vector<std::string> parts;
        std::size_t start = 0;
        while (start < lines.size()) {
            const std::size_t end = lines.find('\n', start) + 1;
            parts.push_back(lines.substr(start, end - start));
            start = end;
        }
        std::ranges::sort(parts);
        return parts;
    };
    for (const wire::Type type : {type::kA, type::kNs, type::kAny, type::kSoa}) {
        EXPECT_EQ(sorted(ask(text, "sub.example.", type)), sorted(expected));
    }
    EXPECT_EQ(sorted(ask(text, "x.y.sub.example.", type::kDs)), sorted(expected));
    EXPECT_EQ(sorted(ask(text, "ns.sub.example.", type::kA)), sorted(expected));
}

TEST(Referral, NamesMoreHostsThanAMessageCanPointAt) {
    constexpr int kHosts = 300;
    std::string text;
    for (int i = 0; i < kHosts; ++i) {
        const std::string host = "ns" + std::to_string(i) + ".sub";
        text += "sub NS " + host + "\n" + host + " A 192.0.2.1\n";
    }
    Server server;
    server.serve("example.", text);
    const std::string answer = server.ask({.name = "a.b.c.sub.example.", .type = type::kA},
                                          {.transport = Transport::kStream});
    for (int i = 0; i < kHosts; ++i) {
        const std::string host = "ns" + std::to_string(i) + ".sub.example.";
        EXPECT_NE(answer.find("authority sub.example. 3600 IN NS " + host), std::string::npos) << i;
        EXPECT_NE(answer.find("additional " + host + " 3600 IN A 192.0.2.1"), std::string::npos)
            << i;
    }
}

TEST(Referral, IsTheHighestCuts) {
    const char* text = "sub NS ns.other.\ndeep.sub NS ns2.other.\ndeep.sub TXT x\n";
    EXPECT_EQ(ask(text, "deep.sub.example.", type::kTxt),
              "NOERROR\nauthority sub.example. 3600 IN NS ns.other.\n");
}

TEST(Ds, IsAnsweredByTheParentAtACut) {
    const char* text =
        "sub NS ns.other.\nsub DS 1 8 2 "
        "0000000000000000000000000000000000000000000000000000000000000000\n"
        "bare NS ns.other.\n";
    EXPECT_EQ(ask(text, "sub.example.", type::kDs),
              "NOERROR aa\nanswer sub.example. 3600 IN DS 1 8 2 "
              "0000000000000000000000000000000000000000000000000000000000000000\n");
    EXPECT_EQ(ask(text, "bare.example.", type::kDs), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(ask(text, "x.bare.example.", type::kDs),
              "NOERROR\nauthority bare.example. 3600 IN NS ns.other.\n");
    EXPECT_EQ(ask(text, "none.example.", type::kDs), std::string("NXDOMAIN aa\n") + kSoa);
}

TEST(Ds, AtAnApexIsTheParentsIfThatIsServed) {
    const std::string from_child =
        "NOERROR aa\n"
        "authority sub.example. 60 IN SOA ns.sub.example. admin.sub.example. 1 7200 3600 1209600 "
        "60\n";
    const char* child = "www A 192.0.2.1\n";
    Server alone;
    alone.serve("sub.example.", child);
    EXPECT_EQ(alone.ask("sub.example.", type::kDs), from_child);
    Server both;
    both.serve("sub.example.", child).serve("example.", "sub NS ns.sub\n");
    EXPECT_EQ(both.ask("SUB.example.", type::kDs), std::string("NOERROR aa\n") + kSoa);
    EXPECT_EQ(both.ask("sub.example.", type::kNs),
              "NOERROR aa\nanswer sub.example. 300 IN NS ns.sub.example.\n");
    EXPECT_EQ(both.ask("www.sub.example.", type::kDs), from_child);
    // The parent holds no delegation: its word counts all the same.
    Server undelegated;
    undelegated.serve("sub.example.", child).serve("example.", "");
    EXPECT_EQ(undelegated.ask("sub.example.", type::kDs), std::string("NXDOMAIN aa\n") + kSoa);
}

TEST(Ds, AtAnApexIsNotTheGrandparents) {
    Server server;
    server.serve("a.sub.example.", "").serve("example.", "sub NS ns.other.\n");
    EXPECT_EQ(server.ask("a.sub.example.", type::kDs),
              "NOERROR aa\nauthority a.sub.example. 60 IN SOA ns.a.sub.example. "
              "admin.a.sub.example. 1 7200 3600 1209600 60\n");
}

TEST(Ds, OfTheRootIsTheRootsOwn) {
    Server server;
    server.serve(".", "");
    EXPECT_EQ(server.ask(".", type::kDs),
              "NOERROR aa\nauthority . 60 IN SOA ns. admin. 1 7200 3600 1209600 60\n");
}

TEST(Dname, SynthesisesACname) {
    const char* text = "d 100 DNAME e\nd TXT x\na.e A 192.0.2.1\n";
    EXPECT_EQ(ask(text, "A.d.example.", type::kA),
              "NOERROR aa\n"
              "answer d.example. 100 IN DNAME e.example.\n"
              "answer A.d.example. 100 IN CNAME A.e.example.\n"
              "answer A.e.example. 3600 IN A 192.0.2.1\n");
    EXPECT_EQ(ask(text, "b.d.example.", type::kA),
              std::string("NXDOMAIN aa\n"
                          "answer d.example. 100 IN DNAME e.example.\n"
                          "answer b.d.example. 100 IN CNAME b.e.example.\n") +
                  kSoa);
    EXPECT_EQ(ask(text, "b.d.example.", type::kCname),
              "NOERROR aa\n"
              "answer d.example. 100 IN DNAME e.example.\n"
              "answer b.d.example. 100 IN CNAME b.e.example.\n");
}

TEST(Dname, DoesNotRenameItsOwner) {
    const char* text = "d DNAME e\nd TXT x\n";
    EXPECT_EQ(ask(text, "d.example.", type::kTxt),
              "NOERROR aa\nanswer d.example. 3600 IN TXT \"x\"\n");
    EXPECT_EQ(ask(text, "d.example.", type::kDname),
              "NOERROR aa\nanswer d.example. 3600 IN DNAME e.example.\n");
    EXPECT_EQ(ask(text, "d.example.", type::kA), std::string("NOERROR aa\n") + kSoa);
}

TEST(Dname, LeadsOutOfTheZoneAndToTheRoot) {
    EXPECT_EQ(ask("d DNAME other.\n", "a.b.d.example.", type::kA),
              "NOERROR aa\n"
              "answer d.example. 3600 IN DNAME other.\n"
              "answer a.b.d.example. 3600 IN CNAME a.b.other.\n");
    EXPECT_EQ(ask("d DNAME .\n", "a.d.example.", type::kA),
              "NOERROR aa\n"
              "answer d.example. 3600 IN DNAME .\n"
              "answer a.d.example. 3600 IN CNAME a.\n");
    EXPECT_EQ(ask("@ DNAME other.\n", "www.example.", type::kA),
              "NOERROR aa\n"
              "answer example. 3600 IN DNAME other.\n"
              "answer www.example. 3600 IN CNAME www.other.\n");
}

TEST(Dname, StandsInAnAnswerOnce) {
    const char* text = "d DNAME e\nx.e CNAME y.d\ny.e A 192.0.2.1\nz.e CNAME d\n";
    EXPECT_EQ(ask(text, "x.d.example.", type::kA),
              "NOERROR aa\n"
              "answer d.example. 3600 IN DNAME e.example.\n"
              "answer x.d.example. 3600 IN CNAME x.e.example.\n"
              "answer x.e.example. 3600 IN CNAME y.d.example.\n"
              "answer y.d.example. 3600 IN CNAME y.e.example.\n"
              "answer y.e.example. 3600 IN A 192.0.2.1\n");
    EXPECT_EQ(ask(text, "z.d.example.", type::kDname),
              "NOERROR aa\n"
              "answer d.example. 3600 IN DNAME e.example.\n"
              "answer z.d.example. 3600 IN CNAME z.e.example.\n"
              "answer z.e.example. 3600 IN CNAME d.example.\n");
}

TEST(Dname, ThatGrowsANameBeyond255OctetsIsYxDomain) {
    const std::string label(63, 'x');
    const std::string text = "d DNAME " + label + "." + label + "." + label + "\n";
    // The target has 3 * 64 + 9 octets, so there is room for 54 more.
    const std::string dname =
        "answer d.example. 3600 IN DNAME " + label + "." + label + "." + label + ".example.\n";
    Server server;
    server.serve("example.", text);
    const auto ask_label = [&server](std::size_t octets) {
        return server.ask(
            {.name = std::string(octets, 'y') + ".d.example.", .edns = support::EdnsFields{}});
    };
    EXPECT_TRUE(ask_label(53).starts_with("NXDOMAIN aa\n" + dname + "answer "));
    EXPECT_EQ(ask_label(54), "YXDOMAIN aa\n" + dname + "edns 1232\n");
}

TEST(Dname, ThatLeadsBelowItselfEnds) {
    const std::string text = ask("d DNAME d.d\n", "a.d.example.", type::kA);
    EXPECT_TRUE(text.starts_with("NOERROR aa\nanswer d.example. 3600 IN DNAME d.d.example.\n"));
    EXPECT_EQ(std::ranges::count(text, '\n'), 1 + 1 + 17);
}

TEST(Any, IsOneRRsetOverUdpAndAllOverTcp) {
    Server server;
    server.serve("example.",
                 "x A 192.0.2.1\nx A 192.0.2.2\nx TXT y\n*.w MX 1 a\n*.w TXT y\na CNAME x\n");
    const Server::Way stream{.transport = Transport::kStream};
    const auto all = [&](const char* name) {
        return server.ask({.name = name, .type = type::kAny}, stream);
    };
    const std::string addresses =
        "NOERROR aa\n"
        "answer x.example. 3600 IN A 192.0.2.1\n"
        "answer x.example. 3600 IN A 192.0.2.2\n";
    EXPECT_EQ(server.ask("x.example.", type::kAny), addresses);
    EXPECT_EQ(all("x.example."), addresses + "answer x.example. 3600 IN TXT \"y\"\n");
    EXPECT_EQ(all("a.w.example."),
              "NOERROR aa\n"
              "answer a.w.example. 3600 IN MX 1 a.example.\n"
              "answer a.w.example. 3600 IN TXT \"y\"\n");
    EXPECT_EQ(all("a.example."), "NOERROR aa\nanswer a.example. 3600 IN CNAME x.example.\n");
    EXPECT_EQ(all("none.example."), std::string("NXDOMAIN aa\n") + kSoa);
}

TEST(Zones, TheLongestMatchAnswers) {
    Server server;
    server.serve(".", "x A 192.0.2.1\nexample NS ns.other.\n")
        .serve("example.", "a.sub A 192.0.2.2\n")
        .serve("Sub.example.", "a A 192.0.2.3\n");
    EXPECT_EQ(server.ask("x.", type::kA), "NOERROR aa\nanswer x. 3600 IN A 192.0.2.1\n");
    EXPECT_EQ(server.ask("a.sub.example.", type::kA),
              "NOERROR aa\nanswer a.sub.example. 3600 IN A 192.0.2.3\n");
    EXPECT_EQ(server.ask("none.example.", type::kA), std::string("NXDOMAIN aa\n") + kSoa);
    EXPECT_EQ(server.ask("none.", type::kA),
              "NXDOMAIN aa\nauthority . 60 IN SOA ns. admin. 1 7200 3600 1209600 60\n");
}

TEST(Zones, AnUnknownZoneIsRefused) {
    EXPECT_EQ(ask("", "www.example.net.", type::kA), "REFUSED\n");
    EXPECT_EQ(ask("", ".", type::kNs), "REFUSED\n");
    EXPECT_EQ(ask("", "xexample.", type::kA), "REFUSED\n");
}

}  // namespace
}  // namespace understudy::answer
