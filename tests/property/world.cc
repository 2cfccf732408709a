#include "property/world.h"

#include <gtest/gtest.h>
#include <understudy/text/record_text.h>
#include <understudy/zone/builder.h>
#include <algorithm>
#include <utility>
#include <vector>

#include "answer/general_path.h"
#include "model/answerer.h"
#include "model/text.h"
#include "support/images.h"
#include "support/messages.h"
#include "support/zones.h"

namespace understudy::property {
namespace {

using support::Bytes;

zone::Snapshot snapshot_of(std::shared_ptr<const zone::Zone> zone) {
    std::vector<zone::ServedZone> zones;
    if (zone) {
        wire::Name apex{zone->apex()};
        zones.push_back({std::move(apex), std::move(zone), nullptr, false});
    }
    return {std::move(zones), support::kHashKey};
}

std::shared_ptr<const zone::Zone> build(const model::Zone& zone) {
    zone::Builder builder(zone.apex, support::kHashKey);
    for (const model::Record& record : zone.records) {
        EXPECT_TRUE(builder.add(record.owner, record.type, record.ttl_s, record.rdata));
    }
    auto built = builder.build();
    if (!built) {
        ADD_FAILURE() << built.error().message;
        return nullptr;
    }
    return *std::move(built);
}

std::shared_ptr<const zone::Zone> from_image(const zone::Zone& zone) {
    auto read = support::reread(zone);
    if (!read) {
        ADD_FAILURE() << read.error().message;
        return nullptr;
    }
    return *std::move(read);
}

std::string question_text(const Question& question) {
    return wire::NameView(question.name).to_text() + " " + text::type_text(question.type) +
           (question.dnssec_ok ? " DO" : "");
}

bool is_proof(const Key& key) {
    const wire::Type type = std::get<wire::Type>(key);
    return type == wire::type::kNsec || type == wire::type::kNsec3;
}

bool is_of_proof(const Key& key) {
    const Bytes& rdata = std::get<3>(key);
    if (std::get<wire::Type>(key) != wire::type::kRrsig) {
        return is_proof(key);
    }
    const wire::Type covered = base::load_be16(rdata.data());
    return covered == wire::type::kNsec || covered == wire::type::kNsec3;
}

Comparable without_proofs(Comparable answer) {
    std::erase_if(answer.sections[1], is_of_proof);
    return answer;
}

}  // namespace

World::World(const model::Zone& zone) : World(zone, build(zone)) {}

World::World(const model::Zone& zone, const std::shared_ptr<const zone::Zone>& built)
    : zone_(zone),
      snapshot_(snapshot_of(built)),
      from_image_(snapshot_of(built ? from_image(*built) : nullptr)) {}

bool World::agrees(const Question& question, std::uint16_t payload_octets) {
    const Comparable wanted = expected(question);
    const Comparable whole = ask(question, answer::Transport::kStream, payload_octets);
    proofs_seen_ += static_cast<std::size_t>(std::ranges::count_if(whole.sections[1], is_proof));
    EXPECT_EQ(whole, wanted) << failure(question, whole, wanted);
    if (question.type != wire::type::kAny) {  // over UDP one RRset is enough
        const Comparable datagram = ask(question, answer::Transport::kUdp, payload_octets);
        EXPECT_TRUE(is_part_of(datagram, whole))
            << model::to_text(zone_.records) << question_text(question) << "\n\nUDP, "
            << payload_octets << " octets:\n"
            << datagram.to_text() << "\nwhole:\n"
            << whole.to_text();
    }
    return !testing::Test::HasFailure();
}

bool World::agrees_but_for_proofs(const Question& question) {
    const Comparable wanted = without_proofs(expected(question));
    const Comparable whole =
        without_proofs(ask(question, answer::Transport::kStream, wire::kMinUdpPayloadOctets));
    EXPECT_EQ(whole, wanted) << failure(question, whole, wanted);
    return !testing::Test::HasFailure();
}

Comparable World::expected(const Question& question) const {
    const wire::Name name{wire::NameView(question.name)};
    return comparable(model::answer(zone_, name, question.type, question.dnssec_ok));
}

std::string World::failure(const Question& question,
                           const Comparable& whole,
                           const Comparable& expected) const {
    return model::to_text(zone_.records) + question_text(question) + "\n\nserver:\n" +
           whole.to_text() + "\nmodel:\n" + expected.to_text();
}

Comparable World::ask(const Question& question,
                      answer::Transport transport,
                      std::uint16_t payload_octets) {
    support::OctetBuilder query = support::make_header(0, 1, 0, 0, question.dnssec_ok ? 1 : 0);
    query.raw(question.name).u16(question.type).u16(wire::klass::kIn);
    if (question.dnssec_ok) {
        support::add_opt(query, {.payload_octets = payload_octets, .dnssec_ok = true});
    }
    const Bytes octets = query.bytes();
    std::ranges::copy(octets, buffer_.begin());
    answer::Request request{.buffer = buffer_,
                            .length_octets = octets.size(),
                            .source = source_,
                            .transport = transport,
                            .key = nullptr};
    answer::answer({&request, 1}, snapshot_, context_);
    expect_same_of_general_path(octets, request);
    return comparable(support::head_of(buffer_, request.length_octets), question.dnssec_ok);
}

/// What answer() may have taken the short way to is what the long way leads to, octet for octet, in
/// the zone as its image gives it back.
void World::expect_same_of_general_path(const Bytes& query, const answer::Request& answered) {
    std::ranges::copy(query, general_buffer_.begin());
    answer::Request request = answered;
    request.buffer = general_buffer_;
    request.length_octets = query.size();
    answer::answer_general(request, from_image_, context_);
    EXPECT_EQ(request.verdict, answered.verdict);
    EXPECT_EQ(support::head_of(general_buffer_, request.length_octets),
              support::head_of(buffer_, answered.length_octets));
}

}  // namespace understudy::property
