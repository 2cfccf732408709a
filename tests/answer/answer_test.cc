#include <gtest/gtest.h>
#include <understudy/answer/answer.h>
#include <algorithm>
#include <string>
#include <vector>

#include "support/server.h"

// What is decided before a zone is looked at: form, opcode, class, EDNS, access.
namespace understudy::answer {
namespace {

using stats::Verdict;
using support::Bytes;
using support::EdnsFields;
using support::OctetBuilder;
using support::Server;
namespace type = wire::type;
namespace klass = wire::klass;

constexpr std::uint16_t opcode_flags(unsigned opcode) {
    return static_cast<std::uint16_t>(opcode << wire::flag::kOpcodeShift);
}

class Answering : public testing::Test {
  protected:
    Answering() {
        server_.serve("example.", "www A 192.0.2.1\n");
        server_.context = {"ams1.example", "understudy 1", {'a', 'm', 's'}, 1232};
    }

    /// "formerr FORMERR": the verdict and the response's text.
    std::string outcome(const Bytes& request) const {
        const support::Reply reply = server_.reply(request);
        return std::string(stats::info(reply.verdict).name) + " " + reply.text();
    }

    Server server_;
};

OctetBuilder& question(OctetBuilder& message) {
    return message.name("www.example.").u16(type::kA).u16(klass::kIn);
}

TEST_F(Answering, DropsWhatMustNotBeAnswered) {
    for (std::size_t size = 0; size < wire::kHeaderOctets; ++size) {
        EXPECT_EQ(server_.reply(Bytes(size)).verdict, Verdict::kShortMessage);
    }
    Bytes response = support::make_query({.name = "www.example."});
    response[2] |= 0x80U;
    EXPECT_EQ(server_.reply(response).verdict, Verdict::kIsResponse);
    EXPECT_EQ(server_.reply(Bytes(wire::kHeaderOctets, 0xFF)).verdict, Verdict::kIsResponse);
}

TEST_F(Answering, CopiesTheQuestionAndItsFlags) {
    // ask() holds the response to it.
    for (const unsigned flags : {0U, 0x0100U, 0x0010U, 0x0110U, 0x07FFU}) {
        const std::string text = server_.ask(
            {.name = "wWw.EXAMPLE.", .id = 0xFFFE, .flags = static_cast<std::uint16_t>(flags)});
        EXPECT_EQ(text,
                  std::string("NOERROR aa") + ((flags & 0x100U) != 0 ? " rd" : "") +
                      ((flags & 0x10U) != 0 ? " cd" : "") +
                      "\nanswer wWw.EXAMPLE. 3600 IN A 192.0.2.1\n");
    }
}

TEST_F(Answering, MalformedRequestsAreFormErr) {
    OctetBuilder trailing = support::make_header(0x0100, 1, 0, 0, 0);
    EXPECT_EQ(outcome(question(trailing).u8(0).bytes()), "formerr FORMERR rd\n");
    EXPECT_EQ(outcome(support::make_header(0, 0, 0, 0, 0).bytes()), "formerr FORMERR\n");
    EXPECT_EQ(outcome(support::make_header(0, 1, 0, 0, 0).bytes()), "formerr FORMERR\n");
    OctetBuilder two = support::make_header(0, 2, 0, 0, 1);
    support::add_opt(question(question(two)), {});
    EXPECT_EQ(outcome(two.bytes()), "formerr FORMERR\nedns 1232\n");
    EXPECT_EQ(server_.ask({.name = "www.example.", .type = type::kOpt}), "FORMERR\n");
    EXPECT_EQ(server_.ask({.name = "www.example.", .type = type::kTsig}), "FORMERR\n");
}

TEST_F(Answering, AFormErrEchoesTheQuestionIfThereIsOne) {
    OctetBuilder message = support::make_header(0, 1, 0, 0, 0);
    const Bytes octets = question(message).u8(0).bytes();
    const support::Reply reply = server_.reply(octets);
    EXPECT_EQ(reply.octets.size(), octets.size() - 1);
    EXPECT_TRUE(std::equal(reply.octets.begin() + 12, reply.octets.end(), octets.begin() + 12));
}

TEST_F(Answering, UnknownOpcodesAreNotImp) {
    for (unsigned opcode = 1; opcode < 16; ++opcode) {
        const support::QueryFields query{
            .name = "www.example.", .flags = opcode_flags(opcode), .edns = EdnsFields{}};
        const std::string text = "NOTIMP opcode=" + std::to_string(opcode) + "\n";
        if (opcode == 4) {
            continue;  // NOTIFY is the control plane's
        }
        EXPECT_EQ(server_.ask(query), text + "edns 1232\n");
        if (opcode != 5) {
            EXPECT_EQ(outcome(support::make_header(opcode_flags(opcode), 0, 0, 0, 0).bytes()),
                      "notimp " + text);
            OctetBuilder junk = support::make_header(opcode_flags(opcode), 9, 9, 9, 9);
            EXPECT_EQ(outcome(junk.raw(Bytes(40, 0xFF)).bytes()), "notimp " + text);
        }
    }
}

TEST_F(Answering, OtherClassesAreRefused) {
    for (const unsigned other : {0U, 2U, 4U, 254U, 255U, 65535U}) {
        EXPECT_EQ(server_.ask({.name = "www.example.", .klass = static_cast<wire::Class>(other)}),
                  "REFUSED\n");
    }
}

TEST_F(Answering, GivesToControlWhatIsItsOwn) {
    const auto verdict = [this](const support::QueryFields& query) {
        return server_.reply(support::make_query(query)).verdict;
    };
    const std::string apex = "example.";
    EXPECT_EQ(verdict({.name = apex, .type = type::kAxfr}), Verdict::kToControl);
    EXPECT_EQ(verdict({.name = apex, .type = type::kIxfr}), Verdict::kToControl);
    EXPECT_EQ(verdict({.name = apex, .type = type::kSoa, .flags = opcode_flags(4)}),
              Verdict::kToControl);
    // Transfers exist in class IN alone, and no version of EDNS but 0.
    EXPECT_EQ(verdict({.name = apex, .type = type::kAxfr, .klass = klass::kChaos}),
              Verdict::kRefused);
    EXPECT_EQ(verdict({.name = apex, .type = type::kAxfr, .klass = klass::kAny}),
              Verdict::kRefused);
    EXPECT_EQ(verdict({.name = apex, .type = type::kAxfr, .edns = EdnsFields{.version = 1}}),
              Verdict::kBadVers);
    EXPECT_EQ(verdict({.name = apex,
                       .type = type::kSoa,
                       .flags = opcode_flags(4),
                       .edns = EdnsFields{.version = 1}}),
              Verdict::kBadVers);
}

TEST_F(Answering, GivesSignedRequestsToControlUntilTheyAreVerified) {
    const auto signed_request = [](unsigned opcode) {
        OctetBuilder message = support::make_header(opcode_flags(opcode), 1, 0, 0, 1);
        question(message).name("key.").record_fields(type::kTsig, klass::kAny, 0, 0);
        return message.bytes();
    };
    EXPECT_EQ(server_.reply(signed_request(0)).verdict, Verdict::kToControl);
    EXPECT_EQ(server_.reply(signed_request(5)).verdict, Verdict::kToControl);
    EXPECT_EQ(server_.reply(signed_request(3)).verdict, Verdict::kNotImp);
    const wire::Name key = support::name("key.");
    EXPECT_EQ(server_.ask({.name = "www.example."}, {.key = &key}),
              "NOERROR aa\nanswer www.example. 3600 IN A 192.0.2.1\n");
}

TEST_F(Answering, AnOptIsAnsweredByAnOpt) {
    const auto ask = [this](const EdnsFields& edns) {
        return server_.ask({.name = "www.example.", .edns = edns});
    };
    const std::string answer = "NOERROR aa\nanswer www.example. 3600 IN A 192.0.2.1\n";
    EXPECT_EQ(ask({}), answer + "edns 1232\n");
    EXPECT_EQ(ask({.payload_octets = 0}), answer + "edns 1232\n");
    EXPECT_EQ(ask({.dnssec_ok = true}), answer + "edns 1232 do\n");
    // Unknown options and flags are ignored.
    EXPECT_EQ(ask({.options = support::edns_option(65001, Bytes(100))}), answer + "edns 1232\n");
    EXPECT_EQ(ask({.options = support::edns_option(10, Bytes(8))}), answer + "edns 1232\n");
}

TEST_F(Answering, AnOptIsAnsweredByAnOptInErrorsToo) {
    const EdnsFields edns{.dnssec_ok = true};
    EXPECT_EQ(server_.ask({.name = "other.", .edns = edns}), "REFUSED\nedns 1232 do ede=20\n");
    EXPECT_EQ(server_.ask({.name = "other.", .klass = klass::kAny, .edns = edns}),
              "REFUSED\nedns 1232 do\n");
    const auto malformed = [this](const char* options) {
        return server_.ask(
            {.name = "www.example.",
             .edns = EdnsFields{.dnssec_ok = true, .options = support::from_hex(options)}});
    };
    for (const char* options : {"00", "000a", "000a0001", "000a0000 0003"}) {
        EXPECT_EQ(malformed(options), "FORMERR\nedns 1232 do\n");
    }
}

TEST_F(Answering, LaterEdnsVersionsAreBadVers) {
    for (const unsigned version : {1U, 100U, 255U}) {
        EXPECT_EQ(server_.ask({.name = "www.example.",
                               .edns = EdnsFields{.version = static_cast<std::uint8_t>(version),
                                                  .dnssec_ok = true,
                                                  .options = support::from_hex("00")}}),
                  "BADVERS\nedns 1232 do\n");
    }
}

TEST_F(Answering, GivesItsNsidOnRequest) {
    const support::QueryFields query{.name = "other.",
                                     .edns = EdnsFields{.options = support::edns_option(3)}};
    EXPECT_EQ(server_.ask(query), "REFUSED\nedns 1232 ede=20 nsid=616D73\n");
    support::QueryFields good = query;
    good.name = "www.example.";
    EXPECT_EQ(server_.ask(good),
              "NOERROR aa\nanswer www.example. 3600 IN A 192.0.2.1\nedns 1232 nsid=616D73\n");
    server_.context.nsid.clear();
    EXPECT_EQ(server_.ask(query), "REFUSED\nedns 1232 ede=20\n");
}

TEST_F(Answering, DropsAnNsidThatDoesNotFitButNotTheError) {
    server_.context.nsid = Bytes(255, 'n');
    const std::string label(61, 'x');
    support::QueryFields query{
        .name = label + "." + label + "." + label + "." + label + ".",
        .edns = EdnsFields{.payload_octets = 512, .options = support::edns_option(3)}};
    EXPECT_EQ(server_.ask(query), "REFUSED\nedns 1232 ede=20\n");
    query.name = "other.";
    EXPECT_TRUE(server_.ask(query).starts_with("REFUSED\nedns 1232 ede=20 nsid=6E6E"));
}

TEST_F(Answering, TellsTheZonesVersionOnRequest) {
    server_.serve("a.b.", "").serve_nothing("old.", true);
    const auto ask = [this](const char* name, const Bytes& options) {
        const std::string text =
            server_.ask({.name = name, .edns = EdnsFields{.options = options}});
        return text.substr(text.find("\nedns ") + 1);
    };
    const Bytes wanted = support::edns_option(19);
    EXPECT_EQ(ask("www.example.", wanted), "edns 1232 option19=010000000001\n");
    EXPECT_EQ(ask("none.www.example.", wanted), "edns 1232 option19=010000000001\n");
    EXPECT_EQ(ask("x.a.b.", wanted), "edns 1232 option19=020000000001\n");
    // RFC 9660 §3.2: what a query's option holds is of no matter.
    EXPECT_EQ(ask("x.a.b.", support::edns_option(19, Bytes(3))),
              "edns 1232 option19=020000000001\n");
    EXPECT_EQ(ask("www.example.", {}), "edns 1232\n");
    EXPECT_EQ(ask("other.", wanted), "edns 1232 ede=20\n");
    EXPECT_EQ(ask("old.", wanted), "edns 1232 ede=24\n");
}

TEST_F(Answering, RotatesRRsetsByTheQueryIdIfToldTo) {
    server_.serve("r.", "x A 192.0.2.1\nx A 192.0.2.2\nx A 192.0.2.3\n");
    const auto order = [this](std::uint16_t id) {
        const std::string text = server_.ask({.name = "x.r.", .id = id});
        std::string found;
        for (std::size_t at = 0; (at = text.find("192.0.2.", at)) != std::string::npos; ++at) {
            found += text[at + 8];
        }
        return found;
    };
    EXPECT_EQ(order(1), "123");
    server_.rotate_answers();
    EXPECT_EQ(order(0), "123");
    EXPECT_EQ(order(1), "231");
    EXPECT_EQ(order(2), "312");
    EXPECT_EQ(order(65535), "123");
}

TEST_F(Answering, RotatesTheAnswersOfZonesThatAreToldToAlone) {
    server_.serve("r.", "x A 192.0.2.1\nx A 192.0.2.2\nc CNAME x\n");
    server_.rotate_answers();
    server_.serve("s.r.", "x A 192.0.2.1\nx A 192.0.2.2\n");
    const auto first = [this](const char* name) {
        const std::string text = server_.ask({.name = name, .id = 1});
        return text.substr(text.find("192.0.2."), 9);
    };
    EXPECT_EQ(first("x.r."), "192.0.2.2");
    EXPECT_EQ(first("c.r."), "192.0.2.2");
    EXPECT_EQ(first("x.s.r."), "192.0.2.1");
}

TEST_F(Answering, TellsWhoItIsInClassChaos) {
    const auto ask = [this](const char* name, wire::Type query_type = type::kTxt) {
        return server_.ask({.name = name, .type = query_type, .klass = klass::kChaos});
    };
    EXPECT_EQ(ask("ID.server."), "NOERROR aa\nanswer ID.server. 0 CH TXT \"ams1.example\"\n");
    EXPECT_EQ(ask("hostname.bind."),
              "NOERROR aa\nanswer hostname.bind. 0 CH TXT \"ams1.example\"\n");
    EXPECT_EQ(ask("version.server."),
              "NOERROR aa\nanswer version.server. 0 CH TXT \"understudy 1\"\n");
    EXPECT_EQ(ask("version.BIND.", type::kAny),
              "NOERROR aa\nanswer version.BIND. 0 CH TXT \"understudy 1\"\n");
    for (const char* other :
         {"id.bind.", "hostname.server.", "x.id.server.", "server.", ".", "www.example."}) {
        EXPECT_EQ(ask(other), "REFUSED\n") << other;
    }
    EXPECT_EQ(ask("id.server.", type::kA), "REFUSED\n");
    EXPECT_EQ(server_
                  .reply(support::make_query(
                      {.name = "id.server.", .type = type::kTxt, .klass = klass::kChaos}))
                  .verdict,
              Verdict::kServerInfo);
    server_.context.identity.clear();
    EXPECT_EQ(ask("id.server."), "REFUSED\n");
    EXPECT_EQ(ask("hostname.bind."), "REFUSED\n");
    server_.context.version.clear();
    EXPECT_EQ(ask("version.server."), "REFUSED\n");
    EXPECT_EQ(ask("version.bind."), "REFUSED\n");
}

TEST_F(Answering, ChaosTextIsOneString) {
    server_.context.identity = std::string(300, 'i');
    const std::string text =
        server_.ask({.name = "id.server.", .type = type::kTxt, .klass = klass::kChaos});
    EXPECT_EQ(text, "NOERROR aa\nanswer id.server. 0 CH TXT \"" + std::string(255, 'i') + "\"\n");
}

TEST_F(Answering, AZoneWithoutDataIsServFail) {
    server_.serve_nothing("new.", false).serve_nothing("old.", true);
    EXPECT_EQ(server_.ask("a.new.", type::kA), "SERVFAIL\n");
    EXPECT_EQ(server_.ask({.name = "a.new.", .edns = EdnsFields{}}),
              "SERVFAIL\nedns 1232 ede=14\n");
    EXPECT_EQ(server_.ask({.name = "old.", .edns = EdnsFields{}}), "SERVFAIL\nedns 1232 ede=24\n");
    EXPECT_EQ(server_.ask("www.example.", type::kA),
              "NOERROR aa\nanswer www.example. 3600 IN A 192.0.2.1\n");
    // A parent without data cannot tell whether it delegates.
    server_.serve("sub.old.", "");
    EXPECT_EQ(server_.ask("sub.old.", type::kDs), "SERVFAIL\n");
    EXPECT_EQ(server_.ask("sub.old.", type::kNs),
              "NOERROR aa\nanswer sub.old. 300 IN NS ns.sub.old.\n");
}

TEST_F(Answering, AZoneWithAnAccessListAnswersOnlyThose) {
    zone::QueryAccess access;
    access.grants.push_back({.addresses = {base::IpPrefix::parse("192.0.2.0/24").value(),
                                           base::IpPrefix::parse("2001:db8::/32").value()},
                             .keys = {}});
    access.grants.push_back({.addresses = {}, .keys = {support::name("good.")}});
    server_.serve("inner.", "", std::make_shared<const zone::QueryAccess>(access));
    const wire::Name good = support::name("Good.");
    const wire::Name bad = support::name("bad.");
    const support::QueryFields query{.name = "x.inner.", .edns = EdnsFields{}};
    const auto allowed = [&](const Server::Way& way) {
        const std::string text = server_.ask(query, way);
        EXPECT_TRUE(text.starts_with("NXDOMAIN aa\n") || text == "REFUSED\nedns 1232 ede=18\n")
            << text;
        return text.starts_with("NXDOMAIN");
    };
    const Bytes v6 = support::from_hex("20010db8000000000000000000000001");
    const Bytes other_v6 = support::from_hex("20010db9000000000000000000000001");
    EXPECT_TRUE(allowed({.source = {192, 0, 2, 1}}));
    EXPECT_TRUE(allowed({.source = v6}));
    EXPECT_FALSE(allowed({.source = {192, 0, 3, 1}}));
    EXPECT_FALSE(allowed({.source = other_v6}));
    EXPECT_TRUE(allowed({.source = {192, 0, 3, 1}, .key = &good}));
    EXPECT_FALSE(allowed({.source = {192, 0, 3, 1}, .key = &bad}));
}

TEST_F(Answering, ABatchIsAnsweredRequestByRequest) {
    const std::vector<Bytes> requests = {
        support::make_query({.name = "www.example."}),
        Bytes(5),
        support::make_query({.name = "none.example.", .edns = EdnsFields{}}),
        support::make_query({.name = "example.", .type = type::kAxfr}),
        support::make_query({.name = "other."}),
    };
    std::vector<Bytes> buffers;
    std::vector<Request> batch;
    const Bytes source{192, 0, 2, 1};
    for (const Bytes& request : requests) {
        buffers.emplace_back(request).resize(kMaxUdpPayloadOctets);
    }
    for (std::size_t i = 0; i < requests.size(); ++i) {
        batch.push_back({.buffer = buffers[i],
                         .length_octets = requests[i].size(),
                         .source = source,
                         .transport = Transport::kUdp,
                         .key = nullptr});
    }
    answer({}, server_.snapshot(), server_.context);
    answer(batch, server_.snapshot(), server_.context);
    std::vector<Verdict> verdicts;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        verdicts.push_back(batch[i].verdict);
        const support::Reply alone = server_.reply(requests[i]);
        EXPECT_EQ(support::head_of(buffers[i], batch[i].length_octets), alone.octets);
    }
    EXPECT_EQ(verdicts,
              (std::vector{Verdict::kPositive,
                           Verdict::kShortMessage,
                           Verdict::kNxDomain,
                           Verdict::kToControl,
                           Verdict::kRefused}));
}

}  // namespace
}  // namespace understudy::answer
