#include <gtest/gtest.h>
#include <understudy/control/config.h>
#include <understudy/control/request_handler.h>
#include <understudy/control/tsig.h>
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/difference_book.h"
#include "control/transfer_receiver.h"
#include "control/tsig_vectors.h"
#include "support/fake_clock.h"
#include "support/messages.h"
#include "support/server.h"
#include "support/transfers.h"
#include "support/zones.h"

namespace understudy::control {
namespace {

using answer::Transport;
using support::Bytes;
using support::OctetBuilder;

const std::string kConfig = R"(listen: [127.0.0.1@5300]
keys:
  - {name: transfer.example, algorithm: hmac-sha256, secret: AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=}
  - {name: other.example, algorithm: hmac-sha256, secret: AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=}
remotes:
  - {name: p, addresses: [192.0.2.1]}
acls:
  - {name: by-address, addresses: [192.0.2.0/24], allow: [notify, transfer]}
  - {name: by-key, keys: [transfer.example], allow: [notify, transfer]}
  - {name: by-both, addresses: [192.0.2.0/24], keys: [transfer.example], allow: [notify, transfer]}
  - {name: query-by-key, keys: [transfer.example], allow: [query]}
zones:
  - {name: either.example, primaries: [p], acls: [by-address, by-key]}
  - {name: both.example, primaries: [p], acls: [by-both]}
  - {name: closed.example, primaries: [p]}
  - {name: empty.example, primaries: [p], acls: [by-address]}
  - {name: private.example, primaries: [p], acls: [query-by-key]}
  - {name: ours.example, file: ours.zone, acls: [by-address]}
)";

base::IpAddress address(std::string_view text) { return base::IpAddress::parse(text).value(); }

KeyConfig transfer_key() { return tsig_vectors::key(KeyConfig::Algorithm::kSha256); }

/// How a request comes in; by default unsigned, over TCP, from an address that may do everything.
struct Way {
    std::string source = "192.0.2.1";
    Transport transport = Transport::kStream;
    std::optional<KeyConfig> key = std::nullopt;
};

class RequestHandlerTest : public testing::Test {
  protected:
    RequestHandlerTest() {
        const ConfigResult config = parse_config(kConfig, "/etc/understudy/u.yaml");
        for (const Fault& fault : config.faults) {
            ADD_FAILURE() << fault.to_string();
        }
        handler_.set_policy(std::make_shared<const Policy>(config.config));
        for (const char* apex : {"either.example.", "both.example.", "closed.example."}) {
            zones_.serve(apex, "ns A 192.0.2.1\nlong TXT " + long_text() + "\n");
        }
        zones_.serve("private.example.",
                     "ns A 192.0.2.1\n",
                     Policy::query_access(config.config, config.config.zones[4]));
        zones_.serve("ours.example.", "ns A 192.0.2.1\n");
        zones_.serve_nothing("empty.example.", false);
    }

    static std::string long_text() {
        std::string text;
        for (int i = 0; i < 8; ++i) {
            text += " " + std::string(100, static_cast<char>('a' + i));
        }
        return text;
    }

    /// All messages that answer `request`, verified and freed of their TSIG if it was signed.
    std::vector<Bytes> messages(Bytes request, const Way& way) {
        std::optional<TsigClient> client;
        if (way.key) {
            client = TsigClient::make(*way.key).value();
            EXPECT_TRUE(client->sign(request, clock_.wall_s()));
        }
        std::vector<Bytes> all = raw(request, way);
        for (Bytes& message : all) {
            if (client) {
                last_tsig_ = client->verify(message, clock_.wall_s());
            }
        }
        return all;
    }

    std::vector<Bytes> raw(const Bytes& request, const Way& way) {
        const zone::Snapshot snapshot = zones_.snapshot();
        RequestHandler::Response response = handler_.respond(
            {.message = request, .source = address(way.source), .transport = way.transport},
            snapshot);
        std::vector<Bytes> all;
        if (!response.message.empty()) {
            all.push_back(response.message);
        }
        for (Bytes message; response.source && response.source->next(message); message.clear()) {
            all.push_back(message);
        }
        return all;
    }

    /// The text of the one message that answers.
    std::string ask(const Bytes& request, const Way& way = {}) {
        const auto all = messages(request, way);
        EXPECT_EQ(all.size(), 1U);
        return all.size() == 1 ? support::message_text(all[0]) : "";
    }

    std::string notify(const std::string& zone, const Way& way = {}, unsigned flags = 0x2400) {
        return ask(support::make_query({.name = zone,
                                        .type = wire::type::kSoa,
                                        .flags = static_cast<std::uint16_t>(flags)}),
                   way);
    }

    std::string axfr(const std::string& zone, const Way& way = {}) {
        return ask(support::make_query({.name = zone, .type = wire::type::kAxfr}), way);
    }

    /// An IXFR of a client that has `serial`.
    static Bytes ixfr(const std::string& zone, std::uint32_t serial) {
        OctetBuilder message = support::make_header(0, 1, 0, 1, 0);
        message.name(zone).u16(wire::type::kIxfr).u16(1);
        message.name(zone).record_fields(wire::type::kSoa, 1, 0, 22).u8(0).u8(0);
        message.u32(serial).u32(1).u32(1).u32(1).u32(1);
        return message.bytes();
    }

    support::FakeClock clock_;
    support::Server zones_;
    std::vector<NotifyEvent> events_;
    RequestHandler handler_{
        zones_.context, clock_, [this](NotifyEvent event) { events_.push_back(std::move(event)); }};
    TsigStatus last_tsig_ = TsigStatus::kUnsigned;
};

const std::string kNotAuth = "rcode=9";

TEST_F(RequestHandlerTest, TakesANotifyFromWhoMaySendIt) {
    EXPECT_EQ(notify("either.example."), "NOERROR opcode=4 aa\n");
    EXPECT_EQ(notify("EITHER.example.", {.transport = Transport::kUdp}), "NOERROR opcode=4 aa\n");
    EXPECT_EQ(notify("either.example.", {.source = "198.51.100.1", .key = transfer_key()}),
              "NOERROR opcode=4 aa\n");
    EXPECT_EQ(last_tsig_, TsigStatus::kGood);
    EXPECT_EQ(notify("both.example.", {.key = transfer_key()}), "NOERROR opcode=4 aa\n");
    EXPECT_EQ(notify("empty.example."), "NOERROR opcode=4 aa\n");
    ASSERT_EQ(events_.size(), 5U);
    EXPECT_EQ(events_[0].zone, support::name("either.example."));
    EXPECT_EQ(events_[0].from, address("192.0.2.1"));
    EXPECT_FALSE(events_[0].serial);
    EXPECT_EQ(events_[2].from, address("198.51.100.1"));
}

TEST_F(RequestHandlerTest, RefusesANotifyFromOthers) {
    const std::string refused = "REFUSED opcode=4\n";
    EXPECT_EQ(notify("either.example.", {.source = "198.51.100.1"}), refused);
    EXPECT_EQ(notify("either.example.", {.source = "2001:db8::1"}), refused);
    EXPECT_EQ(notify("both.example."), refused);
    EXPECT_EQ(notify("both.example.", {.source = "198.51.100.1", .key = transfer_key()}), refused);
    EXPECT_EQ(last_tsig_, TsigStatus::kGood);
    EXPECT_EQ(notify("closed.example."), refused);
    KeyConfig other = transfer_key();
    other.name = support::name("other.example.");
    EXPECT_EQ(notify("both.example.", {.key = other}), refused);
    EXPECT_TRUE(events_.empty());
}

TEST_F(RequestHandlerTest, KnowsWhichZonesItIsASecondaryOf) {
    EXPECT_EQ(notify("ours.example."), kNotAuth + " opcode=4\n");
    EXPECT_EQ(notify("unknown.example."), kNotAuth + " opcode=4\n");
    EXPECT_EQ(notify("sub.either.example."), kNotAuth + " opcode=4\n");
    EXPECT_EQ(
        ask(support::make_query(
            {.name = "either.example.", .type = wire::type::kSoa, .klass = 3, .flags = 0x2000})),
        kNotAuth + " opcode=4\n");
    EXPECT_EQ(ask(support::make_query({.name = "either.example.", .type = 1, .flags = 0x2000})),
              "FORMERR opcode=4\n");
    EXPECT_TRUE(events_.empty());
}

TEST_F(RequestHandlerTest, HandsOnTheSerialThatANotifyCarries) {
    const auto with_answer = [](const std::string& owner, unsigned type) {
        OctetBuilder message = support::make_header(0x2400, 1, 1, 0, 0);
        message.name("either.example.").u16(wire::type::kSoa).u16(1);
        message.name(owner).record_fields(type, 1, 0, 22).u8(0).u8(0);
        return message.u32(4711).u32(1).u32(1).u32(1).u32(1).bytes();
    };
    EXPECT_EQ(ask(with_answer("either.example.", wire::type::kSoa)), "NOERROR opcode=4 aa\n");
    EXPECT_EQ(ask(with_answer("other.example.", wire::type::kSoa)), "NOERROR opcode=4 aa\n");
    EXPECT_EQ(ask(with_answer("either.example.", 65280)), "NOERROR opcode=4 aa\n");
    ASSERT_EQ(events_.size(), 3U);
    EXPECT_EQ(events_[0].serial, 4711U);
    EXPECT_FALSE(events_[1].serial);
    EXPECT_FALSE(events_[2].serial);
}

TEST_F(RequestHandlerTest, IgnoresASerialThatIsNone) {
    OctetBuilder message = support::make_header(0x2400, 1, 1, 0, 0);
    message.name("either.example.").u16(wire::type::kSoa).u16(1);
    message.name("either.example.").record_fields(wire::type::kSoa, 1, 0, 3).u8(0).u8(0).u8(9);
    EXPECT_EQ(ask(message.bytes()), "NOERROR opcode=4 aa\n");
    ASSERT_EQ(events_.size(), 1U);
    EXPECT_FALSE(events_[0].serial);
}

TEST_F(RequestHandlerTest, AnswersAnOptWithAnOpt) {
    const auto with_edns = [](wire::Type type, unsigned flags, unsigned version) {
        return support::make_query(
            {.name = "either.example.",
             .type = type,
             .flags = static_cast<std::uint16_t>(flags),
             .edns = support::EdnsFields{.version = static_cast<std::uint8_t>(version),
                                         .dnssec_ok = true}});
    };
    EXPECT_EQ(ask(with_edns(wire::type::kSoa, 0x2110, 0)),
              "NOERROR opcode=4 aa rd cd\nedns 1232 do\n");
    EXPECT_EQ(ask(with_edns(wire::type::kAxfr, 0, 0), {.source = "198.51.100.1"}),
              "REFUSED\nedns 1232 do\n");
    EXPECT_NE(ask(with_edns(wire::type::kAxfr, 0, 0)).find("\nedns 1232 do\n"), std::string::npos);
    EXPECT_NE(ask(with_edns(wire::type::kIxfr, 0, 0), {.transport = Transport::kUdp})
                  .find("\nedns 1232 do\n"),
              std::string::npos);
    const Way signed_way{.key = transfer_key()};
    EXPECT_EQ(ask(with_edns(wire::type::kAxfr, 0, 1), signed_way), "BADVERS\nedns 1232 do\n");
    EXPECT_EQ(ask(with_edns(wire::type::kSoa, 0x2000, 1), signed_way),
              "BADVERS opcode=4\nedns 1232 do\n");
    EXPECT_EQ(ask(with_edns(wire::type::kSoa, 0, 1), signed_way), "BADVERS\nedns 1232 do\n");
}

TEST_F(RequestHandlerTest, TransfersToWhoMayHaveTheZone) {
    const std::string whole = axfr("either.example.");
    EXPECT_NE(whole.find("answer long.either.example. 3600 IN TXT"), std::string::npos);
    EXPECT_EQ(axfr("either.example.", {.source = "198.51.100.1", .key = transfer_key()}), whole);
    EXPECT_EQ(last_tsig_, TsigStatus::kGood);
    EXPECT_EQ(axfr("both.example.", {.key = transfer_key()}).find("NOERROR aa\n"), 0U);
    EXPECT_EQ(axfr("ours.example.").find("NOERROR aa\n"), 0U);
}

TEST_F(RequestHandlerTest, RefusesTransfersByName) {
    EXPECT_EQ(axfr("either.example.", {.source = "198.51.100.1"}), "REFUSED\n");
    EXPECT_EQ(axfr("both.example."), "REFUSED\n");
    EXPECT_EQ(axfr("closed.example.", {.key = transfer_key()}), "REFUSED\n");
    EXPECT_EQ(last_tsig_, TsigStatus::kGood);
    EXPECT_EQ(axfr("unknown.example."), kNotAuth + "\n");
    EXPECT_EQ(axfr("long.either.example."), kNotAuth + "\n");
    EXPECT_EQ(axfr("empty.example."), "SERVFAIL\n");
    EXPECT_EQ(axfr("either.example.", {.transport = Transport::kUdp}), "FORMERR\n");
    EXPECT_EQ(axfr("either.example.", {.transport = Transport::kUdp, .key = transfer_key()}),
              "FORMERR\n");
    EXPECT_EQ(last_tsig_, TsigStatus::kGood);
}

TEST_F(RequestHandlerTest, AnswersAnIxfrWithTheSoaOrTheWholeZone) {
    const std::string soa =
        "NOERROR aa\nanswer either.example. 300 IN SOA ns.either.example. admin.either.example. "
        "1 7200 3600 1209600 60\n";
    EXPECT_EQ(ask(ixfr("either.example.", 1)), soa);
    EXPECT_EQ(ask(ixfr("either.example.", 2)), soa);  // newer than ours
    const Way by_datagram{.transport = Transport::kUdp};
    EXPECT_EQ(ask(ixfr("either.example.", 0), by_datagram), soa);
    EXPECT_EQ(ask(ixfr("either.example.", 1), by_datagram), soa);
    EXPECT_EQ(ask(ixfr("either.example.", 1), {.key = transfer_key()}), soa);
    EXPECT_EQ(last_tsig_, TsigStatus::kGood);
    const std::string whole = axfr("either.example.");
    EXPECT_EQ(ask(ixfr("either.example.", 0)), whole);
    EXPECT_EQ(ask(ixfr("either.example.", 0x80000002)), whole);  // 1 is newer in serial space
    EXPECT_EQ(ask(ixfr("either.example.", 0), {.source = "198.51.100.1"}), "REFUSED\n");
    EXPECT_EQ(ask(ixfr("empty.example.", 0)), "SERVFAIL\n");
    EXPECT_EQ(ask(ixfr("unknown.example.", 0)), kNotAuth + "\n");
}

TEST_F(RequestHandlerTest, AnswersAnIxfrWithTheDifferencesThatAreKept) {
    const auto old = support::make_zone("either.example.",
                                        "@ 300 SOA ns admin 4294967290 7200 3600 1209600 60\n"
                                        "@ 300 NS ns\nold A 192.0.2.9\nlong TXT" +
                                            long_text() + "\n");
    const auto ours = support::make_small_zone("either.example.",
                                               "ns A 192.0.2.1\nlong TXT " + long_text() + "\n");
    const auto book = std::make_shared<DifferenceBook>();
    book->add(support::name("either.example."), make_difference(*old, *ours, 65536), 65536);
    handler_.set_differences(book);
    const auto soa = [](const std::string& serial) {
        return "answer either.example. 300 IN SOA ns.either.example. admin.either.example. " +
               serial + " 7200 3600 1209600 60\n";
    };
    EXPECT_EQ(ask(ixfr("either.example.", 4294967290)),
              "NOERROR aa\n" + soa("1") + soa("4294967290") +
                  "answer old.either.example. 3600 IN A 192.0.2.9\n" + soa("1") +
                  "answer ns.either.example. 3600 IN A 192.0.2.1\n" + soa("1"));
    // From what the book does not have, the whole zone.
    EXPECT_EQ(ask(ixfr("either.example.", 4294967291)), axfr("either.example."));
}

TEST_F(RequestHandlerTest, RefusesBadSignatures) {
    const auto refused = [this](KeyConfig key) {
        const auto all =
            messages(support::make_query({.name = "either.example.", .type = wire::type::kAxfr}),
                     {.key = std::move(key)});
        EXPECT_EQ(all.size(), 1U);
        const wire::Header header = wire::Header::load(all.at(0).data());
        EXPECT_EQ(header.rcode(), wire::Rcode::kNotAuth);
        return last_tsig_;
    };
    KeyConfig key = transfer_key();
    key.name = support::name("unknown.example.");
    EXPECT_EQ(refused(key), TsigStatus::kRefusedBadKey);
    key = transfer_key();
    key.algorithm = KeyConfig::Algorithm::kSha512;
    EXPECT_EQ(refused(key), TsigStatus::kRefusedBadKey);
    key = transfer_key();
    key.secret[0] ^= 1;
    EXPECT_EQ(refused(key), TsigStatus::kRefusedBadSig);
    EXPECT_TRUE(events_.empty());
}

TEST_F(RequestHandlerTest, RefusesSignaturesOfAnotherTime) {
    TsigClient client = TsigClient::make(transfer_key()).value();
    Bytes request =
        support::make_query({.name = "either.example.", .type = wire::type::kSoa, .flags = 0x2000});
    ASSERT_TRUE(client.sign(request, clock_.wall_s() - 301));
    auto all = raw(request, {});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(wire::Header::load(all[0].data()).rcode(), wire::Rcode::kNotAuth);
    EXPECT_EQ(client.verify(all[0], clock_.wall_s() - 301), TsigStatus::kRefusedBadTime);
    EXPECT_TRUE(events_.empty());
}

TEST_F(RequestHandlerTest, AnswersAMalformedSignatureWithFormerr) {
    Bytes request = support::make_query({.name = "either.example.", .type = wire::type::kAxfr});
    request[11] = 1;
    const Bytes record = OctetBuilder()
                             .name("transfer.example.")
                             .record_fields(wire::type::kTsig, 255, 0, 3)
                             .u8(0)
                             .u16(0)
                             .bytes();
    request.insert(request.end(), record.begin(), record.end());
    const auto all = raw(request, {});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(support::message_text(all[0]), "FORMERR\n");
}

TEST_F(RequestHandlerTest, AnswersSignedQueriesOfTheOrdinaryKind) {
    const Way way{.transport = Transport::kUdp, .key = transfer_key()};
    const Bytes query = support::make_query({.name = "ns.either.example."});
    EXPECT_EQ(ask(query, way), "NOERROR aa\nanswer ns.either.example. 3600 IN A 192.0.2.1\n");
    EXPECT_EQ(last_tsig_, TsigStatus::kGood);
    EXPECT_EQ(ask(support::make_query({.name = "elsewhere."}), way), "REFUSED\n");
    EXPECT_EQ(ask(support::make_query({.name = "x.empty.example."}), way), "SERVFAIL\n");
    EXPECT_EQ(ask(support::make_query({.name = "either.example.", .flags = 0x2800}), way),
              "NOTIMP opcode=5\n");
}

TEST_F(RequestHandlerTest, KeepsSignedAnswersWithinTheClientsLimit) {
    const auto size_and_text = [this](std::optional<unsigned> payload, Transport transport) {
        support::QueryFields query{.name = "long.either.example.", .type = wire::type::kTxt};
        if (payload) {
            query.edns =
                support::EdnsFields{.payload_octets = static_cast<std::uint16_t>(*payload)};
        }
        TsigClient client = TsigClient::make(transfer_key()).value();
        Bytes request = support::make_query(query);
        EXPECT_TRUE(client.sign(request, clock_.wall_s()));
        auto all = raw(request, {.transport = transport});
        EXPECT_EQ(all.size(), 1U);
        const std::size_t size = all.at(0).size();
        EXPECT_EQ(client.verify(all[0], clock_.wall_s()), TsigStatus::kGood);
        const bool truncated = (wire::Header::load(all[0].data()).flags & wire::flag::kTc) != 0;
        return std::pair(size, truncated);
    };
    // The record has some 840 octets of rdata, its signature about 90.
    for (const unsigned payload : {0U, 512U, 850U, 920U}) {
        const auto [size, truncated] = size_and_text(payload, Transport::kUdp);
        EXPECT_TRUE(truncated) << payload;
        EXPECT_LE(size, std::max(payload, 512U));
    }
    EXPECT_TRUE(size_and_text(std::nullopt, Transport::kUdp).second);
    EXPECT_LE(size_and_text(std::nullopt, Transport::kUdp).first, 512U);
    EXPECT_FALSE(size_and_text(1232, Transport::kUdp).second);
    EXPECT_FALSE(size_and_text(65535, Transport::kUdp).second);
    EXPECT_FALSE(size_and_text(std::nullopt, Transport::kStream).second);
}

TEST_F(RequestHandlerTest, OpensAZoneToTheKeysThatMayQueryIt) {
    const Bytes query = support::make_query({.name = "ns.private.example."});
    EXPECT_EQ(ask(query), "REFUSED\n");
    EXPECT_EQ(ask(query, {.key = transfer_key()}),
              "NOERROR aa\nanswer ns.private.example. 3600 IN A 192.0.2.1\n");
    KeyConfig other = transfer_key();
    other.name = support::name("other.example.");
    EXPECT_EQ(ask(query, {.key = other}), "REFUSED\n");
}

TEST_F(RequestHandlerTest, SaysNothingToWhatIsNoRequest) {
    EXPECT_TRUE(raw({}, {}).empty());
    EXPECT_TRUE(raw(Bytes(11), {}).empty());
    EXPECT_TRUE(
        raw(support::make_query({.name = "either.example.", .type = 252, .flags = 0x8000}), {})
            .empty());
    EXPECT_TRUE(raw(support::make_header(0, 1, 0, 0, 0).bytes(), {}).empty());
}

TEST_F(RequestHandlerTest, FollowsANewPolicy) {
    handler_.set_policy(std::make_shared<const Policy>(Config{}));
    EXPECT_EQ(axfr("either.example."), kNotAuth + "\n");
    EXPECT_EQ(notify("either.example."), kNotAuth + " opcode=4\n");
}

}  // namespace
}  // namespace understudy::control
