#include <gtest/gtest.h>
#include <algorithm>
#include <string>

#include "support/server.h"
#include "support/zones.h"

// Sizes: what fits exactly, what happens one octet below (RFC 2181 §9, RFC 6891 §6.2.3, RFC 9471).
namespace understudy::answer {
namespace {

using support::Bytes;
using support::EdnsFields;
using support::QueryFields;
using support::Server;
namespace type = wire::type;

constexpr std::size_t kQuestionOctets = 12 + 11 + 4;  // header and "x.example."
constexpr std::size_t kOptOctets = 11;
constexpr std::size_t kRecordOctets = 12;  // with its owner compressed

/// A server where x.example. has `texts` TXT records that make the response to a plain query
/// `size_octets` long.
Server server_of(std::size_t size_octets, std::size_t texts) {
    Server server;
    std::size_t left = size_octets - kQuestionOctets - texts * kRecordOctets;
    std::string text;
    for (std::size_t i = 0; i < texts; ++i) {
        const std::size_t octets = i + 1 == texts ? left : left / texts;
        left -= octets;
        text += "x TYPE65280 \\# " + std::to_string(octets) + " " +
                std::string(2 * (octets - 1), '0') + "0" + std::to_string(i) + "\n";
    }
    server.serve("example.", text);
    return server;
}

std::size_t answers_in(const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = text.find("\nanswer "); at != std::string::npos;
         at = text.find("\nanswer ", at + 1)) {
        ++count;
    }
    return count;
}

/// The truncated response has nothing of the RRset; the whole one has all of it.
void expect_fit(const Server& server, const QueryFields& query, const Server::Way& way, bool fits) {
    const std::string text = server.ask(query, way);
    EXPECT_EQ(text.starts_with("NOERROR aa\n"), fits) << text;
    EXPECT_EQ(text.starts_with("NOERROR aa tc\n"), !fits) << text;
    EXPECT_EQ(answers_in(text), fits ? 3U : 0U);
}

constexpr wire::Type kType = 65280;

TEST(Truncation, WithoutEdnsAt512) {
    for (const std::size_t size : {511U, 512U, 513U}) {
        expect_fit(server_of(size, 3), {.name = "x.example.", .type = kType}, {}, size <= 512);
    }
}

TEST(Truncation, AtTheClientsSizeTheOptIncluded) {
    for (const std::uint16_t client : {std::uint16_t{0},
                                       std::uint16_t{511},
                                       std::uint16_t{512},
                                       std::uint16_t{700},
                                       std::uint16_t{1231}}) {
        const std::size_t limit = std::max<std::size_t>(client, 512);
        for (const std::size_t size : {limit, limit + 1}) {
            expect_fit(
                server_of(size - kOptOctets, 3),
                {.name = "x.example.", .type = kType, .edns = EdnsFields{.payload_octets = client}},
                {},
                size == limit);
        }
    }
}

TEST(Truncation, AtOurOwnSize) {
    for (const std::uint16_t own : {std::uint16_t{512}, std::uint16_t{1232}, std::uint16_t{1452}}) {
        for (const std::size_t size : {std::size_t{own}, std::size_t{own} + 1}) {
            Server server = server_of(size - kOptOctets, 3);
            server.context.max_udp_payload_octets = own;
            expect_fit(
                server,
                {.name = "x.example.", .type = kType, .edns = EdnsFields{.payload_octets = 65535}},
                {},
                size == own);
        }
    }
}

TEST(Truncation, AtTheBuffersEnd) {
    for (const std::size_t size : {600U, 601U}) {
        expect_fit(server_of(size - kOptOctets, 3),
                   {.name = "x.example.", .type = kType, .edns = EdnsFields{}},
                   {.buffer_octets = 600},
                   size == 600);
    }
}

TEST(Truncation, NotOverStreamsUnder64K) {
    for (const std::size_t size : {1453U, 65535U, 65536U}) {
        expect_fit(server_of(size, 3),
                   {.name = "x.example.", .type = kType},
                   {.transport = Transport::kStream, .buffer_octets = 70000},
                   size <= 65535);
    }
}

TEST(Truncation, KeepsRoomForTheNsid) {
    for (const std::size_t size : {512U, 513U}) {
        Server server = server_of(size - kOptOctets - 4 - 3, 3);
        server.context.nsid = {'a', 'b', 'c'};
        expect_fit(server,
                   {.name = "x.example.",
                    .type = kType,
                    .edns = EdnsFields{.payload_octets = 512, .options = support::edns_option(3)}},
                   {},
                   size == 512);
    }
}

TEST(Truncation, AnOwnSizeBelow512CountsAs512) {
    Server server = server_of(512 - kOptOctets, 3);
    server.context.max_udp_payload_octets = 100;
    const std::string text =
        server.ask({.name = "x.example.", .type = kType, .edns = EdnsFields{}});
    EXPECT_EQ(answers_in(text), 3U);
    EXPECT_TRUE(text.ends_with("edns 512\n")) << text;
}

TEST(Truncation, KeepsTheAliasesThatFit) {
    Server server;
    server.serve("example.", "a CNAME x\nx TYPE65280 \\# 480 " + std::string(960, '0') + "\n");
    EXPECT_EQ(server.ask("a.example.", kType),
              "NOERROR aa tc\nanswer a.example. 3600 IN CNAME x.example.\n");
}

TEST(Truncation, OfTheSoaOfANegativeAnswer) {
    const auto name = [](std::string_view letters) {  // of labels of 60 octets
        std::string text;
        for (const char letter : letters) {
            text += std::string(60, letter) + ".";
        }
        return text;
    };
    Server server;
    server.serve(support::make_zone(
        "example.", "@ SOA " + name("abc") + " " + name("def") + " 1 2 3 4 5\n@ NS ns\n"));
    EXPECT_EQ(server.ask(name("gh") + "example.", type::kA), "NXDOMAIN aa tc\n");
}

TEST(Truncation, OfAnyOverUdpIsOfOneRRset) {
    Server server;
    server.serve("example.", "x A 192.0.2.1\nx TYPE65280 \\# 600 " + std::string(1200, '0') + "\n");
    EXPECT_EQ(server.ask("x.example.", type::kAny),
              "NOERROR aa\nanswer x.example. 3600 IN A 192.0.2.1\n");
}

/// A delegation of `in_domain` name servers below the cut and `siblings` beside it, each with an
/// IPv4 and an IPv6 address.
std::string delegation(std::size_t in_domain, std::size_t siblings) {
    std::string text = "other NS ns.other\n";
    for (std::size_t i = 0; i < in_domain + siblings; ++i) {
        const std::string host = "n" + std::to_string(i) + (i < in_domain ? ".sub" : ".other");
        text += "sub NS " + host + "\n" + host + " A 192.0.2." + std::to_string(i) + "\n" + host +
                " AAAA ::" + std::to_string(i) + "\n";
    }
    return text;
}

TEST(Referral, IsTruncatedWhereInDomainGlueDoesNotFit) {
    // Header, question, each NS with a name of 3 + 2 octets, each address with a pointer.
    const auto size_octets = [](std::size_t servers) {
        return 12 + 17 + servers * (12 + 5) + servers * (16 + 28);
    };
    ASSERT_EQ(size_octets(7), 456U);
    ASSERT_EQ(size_octets(8), 517U);
    for (const std::size_t servers : {7U, 8U}) {
        Server server;
        server.serve("example.", delegation(servers, 0));
        const support::Reply reply = server.reply(support::make_query({.name = "sub.example."}));
        EXPECT_EQ(reply.text().starts_with("NOERROR tc\n"), servers == 8) << reply.text();
        EXPECT_EQ(reply.verdict,
                  servers == 8 ? stats::Verdict::kTruncated : stats::Verdict::kReferral);
        if (servers == 7) {
            EXPECT_EQ(reply.octets.size(), size_octets(7));
        }
    }
    Server server;
    server.serve("example.", delegation(8, 0));
    for (const std::uint16_t client : {std::uint16_t{517 + 10}, std::uint16_t{517 + 11}}) {
        const std::string text =
            server.ask({.name = "sub.example.", .edns = EdnsFields{.payload_octets = client}});
        EXPECT_EQ(text.starts_with("NOERROR tc\n"), client == 517 + 10);
    }
}

TEST(Referral, LeavesOutSiblingGlueThatDoesNotFit) {
    Server server;
    server.serve("example.", delegation(4, 6));
    const std::string text = server.ask("sub.example.", type::kA);
    EXPECT_TRUE(text.starts_with("NOERROR\n")) << text;
    for (int i = 0; i < 4; ++i) {
        const std::string host = "additional n" + std::to_string(i) + ".sub.example. ";
        EXPECT_NE(text.find(host + "3600 IN A "), std::string::npos) << text;
        EXPECT_NE(text.find(host + "3600 IN AAAA "), std::string::npos) << text;
    }
    EXPECT_LT(std::ranges::count(text, '\n'), 1 + 10 + 20);
}

TEST(Referral, IsTruncatedWhereItsNsRecordsDoNotFit) {
    Server server;
    std::string text;
    for (int i = 0; i < 10; ++i) {
        text += "sub NS " + std::string(50, static_cast<char>('a' + i)) + ".\n";
    }
    server.serve("example.", text);
    EXPECT_EQ(server.ask("sub.example.", type::kA), "NOERROR tc\n");
}

}  // namespace
}  // namespace understudy::answer
