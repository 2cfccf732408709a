#include "control/axfr_source.h"

#include <gtest/gtest.h>
#include <understudy/wire/query.h>
#include <understudy/wire/reader.h>
#include <understudy/zone/builder.h>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "control/transfer_receiver.h"
#include "control/tsig_vectors.h"
#include "support/fake_clock.h"
#include "support/messages.h"
#include "support/transfers.h"
#include "support/zones.h"

namespace understudy::control {
namespace {

using support::Bytes;

constexpr std::uint16_t kId = 0x1234;
constexpr std::uint16_t kOwnPayload = 1400;

using ZonePtr = std::shared_ptr<const zone::Zone>;

/// Every message of the transfer that answers `request`.
std::vector<Bytes> transfer(const ZonePtr& zone,
                            const Bytes& request,
                            std::optional<TsigSigner> signer = std::nullopt,
                            const DifferenceBook::Chain& differences = {}) {
    const support::FakeClock clock;
    wire::Query query;
    EXPECT_EQ(wire::parse_query(request, query), wire::QueryFault::kNone);
    AxfrSource source(zone, differences, request, query, kOwnPayload, std::move(signer), clock);
    std::vector<Bytes> messages;
    for (Bytes message; source.next(message); message.clear()) {
        EXPECT_LE(message.size(), wire::kMaxMessageOctets);
        messages.push_back(message);
    }
    return messages;
}

Bytes axfr_query(const std::string& name) {
    return support::make_query({.name = name, .type = wire::type::kAxfr, .id = kId});
}

/// What a secondary makes of the messages; a failure of the test where it refuses them.
ZonePtr receive(const std::string& apex, const std::vector<Bytes>& messages) {
    TransferReceiver receiver(support::name(apex), kId, support::kHashKey);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto progress = receiver.feed(messages[i]);
        if (!progress) {
            ADD_FAILURE() << "message " << i << ": " << progress.error().message;
            return nullptr;
        }
        EXPECT_EQ(*progress == TransferReceiver::Progress::kDone, i + 1 == messages.size());
    }
    auto zone = receiver.build();
    EXPECT_TRUE(zone);
    return zone ? ZonePtr(std::move(*zone)) : nullptr;
}

void expect_same_after_transfer(const ZonePtr& zone) {
    const std::string apex = zone->apex().to_text();
    const auto messages = transfer(zone, axfr_query(apex));
    const ZonePtr received = receive(apex, messages);
    ASSERT_TRUE(received);
    EXPECT_EQ(support::dump(*received), support::dump(*zone));
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const wire::Header header = wire::Header::load(messages[i].data());
        EXPECT_EQ(header.question_count, i == 0 ? 1 : 0);
        EXPECT_EQ(header.additional_count, 0);
        EXPECT_EQ(header.flags, wire::flag::kQr | wire::flag::kAa);
    }
}

/// A zone with a TXT record of about `octets` at big.example. among ordinary records.
ZonePtr zone_with_record_of(std::size_t octets) {
    std::string text(support::kApexRecords);
    text += "before A 192.0.2.1\nbig TXT";
    for (; octets > 256; octets -= 256) {
        text += " " + std::string(255, 'x');
    }
    text += " " + std::string(octets - 1, 'y') + "\n";
    for (int i = 0; i < 500; ++i) {
        text += "Host" + std::to_string(i) + " MX 10 mail" + std::to_string(i) + ".deep\n";
    }
    return support::make_zone("example.", text);
}

TEST(AxfrSource, GivesTheZoneThatItWasMadeOf) {
    expect_same_after_transfer(support::make_small_zone("example.", "ns A 192.0.2.1\n"));
    expect_same_after_transfer(support::make_small_zone(".", "ns A 192.0.2.1\n"));
    expect_same_after_transfer(support::make_small_zone("example.",
                                                        "sub NS ns.sub\n"
                                                        "ns.sub AAAA 2001:db8::1\n"
                                                        "a.b.c.d TXT \"deep\" \"\"\n"
                                                        "*.wild CNAME target.other.\n"
                                                        "d DNAME example.net.\n"
                                                        "srv SRV 1 2 3 host.example.\n"
                                                        "t TYPE65280 \\# 3 010203\n"));
}

/// What a secondary makes of it is the zone; the order is that of RFC 1995 §4, or it would refuse.
TEST(AxfrSource, GivesTheDifferencesThatItIsGiven) {
    const auto version = [](std::uint32_t serial, const std::string& rest) {
        return support::make_zone(
            "example.", "@ SOA ns a " + std::to_string(serial) + " 1 1 1 1\n@ NS ns\n" + rest);
    };
    const ZonePtr first = version(1, "a A 192.0.2.1\nb TXT x\n");
    const ZonePtr second = version(2, "a A 192.0.2.2\nb TXT x\n");
    std::string many;
    for (int i = 0; i < 3000; ++i) {
        many += "n" + std::to_string(i) + " TXT some\n";
    }
    const ZonePtr third = version(9, "a 60 A 192.0.2.2\n" + many);
    const DifferenceBook::Chain chain{make_difference(*first, *second, 1000),
                                      make_difference(*second, *third, 1000000)};
    const Bytes query =
        support::make_query({.name = "example.", .type = wire::type::kIxfr, .id = kId});
    const auto messages = transfer(third, query, std::nullopt, chain);
    EXPECT_GT(messages.size(), 1U);
    TransferReceiver receiver(first, kId, wire::type::kIxfr);
    for (const Bytes& message : messages) {
        const auto progress = receiver.feed(message);
        ASSERT_TRUE(progress) << progress.error().message;
    }
    EXPECT_TRUE(receiver.is_incremental());
    const auto made = receiver.build();
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(support::dump(**made), support::dump(*third));
}

TEST(AxfrSource, KeepsLetterCase) {
    const ZonePtr zone = support::make_zone("eXample.",
                                            "@ SOA NS.Example. Admin.EXAMPLE. 1 2 3 4 5\n"
                                            "@ NS Ns.exAMPLE.\n"
                                            "Ns.exAMPLE. A 192.0.2.1\n"
                                            "www.example. MX 1 WWW.example.\n");
    expect_same_after_transfer(zone);
    // Whatever case the client asks in.
    const auto received = receive("EXAMPLE.", transfer(zone, axfr_query("EXAMPLE.")));
    ASSERT_TRUE(received);
    EXPECT_EQ(support::dump(*received), support::dump(*zone));
}

TEST(AxfrSource, SplitsLargeRrsets) {
    std::string text = "ns A 192.0.2.1\n";
    for (int i = 0; i < 4095; ++i) {
        text += "many A 10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256) + "\n";
    }
    const ZonePtr zone = support::make_small_zone("example.", text);
    expect_same_after_transfer(zone);
    EXPECT_GE(transfer(zone, axfr_query("example.")).size(), 5U);
}

TEST(AxfrSource, SendsRecordsOfAnySizeThatFit) {
    // Around the size of a usual message, where names lie behind 0x3FFF, and near the largest.
    for (const std::size_t octets : {16000U, 16383U, 16384U, 40000U, 60000U, 65400U}) {
        expect_same_after_transfer(zone_with_record_of(octets));
    }
}

TEST(AxfrSource, EndsWithoutItsClosingSoaWhereARecordDoesNotFit) {
    const ZonePtr zone = zone_with_record_of(65520);
    TransferReceiver receiver(support::name("example."), kId, support::kHashKey);
    const auto messages = transfer(zone, axfr_query("example."));
    ASSERT_FALSE(messages.empty());
    for (const Bytes& message : messages) {
        EXPECT_EQ(receiver.feed(message), TransferReceiver::Progress::kMore);
    }
}

TEST(AxfrSource, EchoesIdQuestionAndRd) {
    const ZonePtr zone = support::make_small_zone("example.", "ns A 192.0.2.1\n");
    const Bytes request = support::make_query(
        {.name = "eXamPle.", .type = wire::type::kAxfr, .id = 0xABCD, .flags = 0x0110});
    const auto messages = transfer(zone, request);
    ASSERT_EQ(messages.size(), 1U);
    const wire::Header header = wire::Header::load(messages[0].data());
    EXPECT_EQ(header.id, 0xABCD);
    EXPECT_EQ(header.flags, 0x8500);  // QR AA RD: CD is zero in transfers
    EXPECT_TRUE(std::equal(request.begin() + 12, request.end(), messages[0].begin() + 12));
}

TEST(AxfrSource, AnswersAnOptInTheFirstMessage) {
    const ZonePtr zone = zone_with_record_of(60000);
    const Bytes request = support::make_query({.name = "example.",
                                               .type = wire::type::kAxfr,
                                               .id = kId,
                                               .edns = support::EdnsFields{.dnssec_ok = true}});
    const auto messages = transfer(zone, request);
    ASSERT_GE(messages.size(), 2U);
    EXPECT_NE(support::message_text(messages[0]).find("\nedns 1400 do\n"), std::string::npos);
    for (std::size_t i = 1; i < messages.size(); ++i) {
        EXPECT_EQ(support::message_text(messages[i]).find("\nedns"), std::string::npos);
    }
    ASSERT_TRUE(receive("example.", messages));
}

TEST(AxfrSource, SignsEveryMessage) {
    const support::FakeClock clock;
    const std::vector keys = {tsig_vectors::key(KeyConfig::Algorithm::kSha512)};
    for (const ZonePtr& zone :
         {support::make_small_zone("example.", "ns A 192.0.2.1\n"), zone_with_record_of(65000)}) {
        TsigClient client = TsigClient::make(keys[0]).value();
        Bytes request = axfr_query("example.");
        ASSERT_TRUE(client.sign(request, clock.wall_s()));
        TsigRequest verified = verify_request(request, keys, clock.wall_s());
        ASSERT_EQ(verified.status, TsigStatus::kGood);
        auto messages = transfer(zone, request, std::move(verified.signer));
        for (Bytes& message : messages) {
            EXPECT_EQ(client.verify(message, clock.wall_s()), TsigStatus::kGood);
        }
        EXPECT_EQ(client.finish(), TsigStatus::kGood);
        const ZonePtr received = receive("example.", messages);
        ASSERT_TRUE(received);
        EXPECT_EQ(support::dump(*received), support::dump(*zone));
    }
}

TEST(AxfrSource, HoldsOnToItsVersion) {
    ZonePtr zone = zone_with_record_of(300);
    const auto expected = support::dump(*zone);
    const Bytes request = axfr_query("example.");
    wire::Query query;
    ASSERT_EQ(wire::parse_query(request, query), wire::QueryFault::kNone);
    const support::FakeClock clock;
    AxfrSource source(zone, {}, request, query, kOwnPayload, std::nullopt, clock);
    zone.reset();
    std::vector<Bytes> messages;
    for (Bytes message; source.next(message); message.clear()) {
        messages.push_back(message);
    }
    const ZonePtr received = receive("example.", messages);
    ASSERT_TRUE(received);
    EXPECT_EQ(support::dump(*received), expected);
}

}  // namespace
}  // namespace understudy::control
