#include "support/server.h"

#include <gtest/gtest.h>
#include <understudy/wire/query.h>
#include <algorithm>

#include "support/zones.h"

namespace understudy::support {

Server& Server::serve(std::string_view apex,
                      std::string_view text,
                      std::shared_ptr<const zone::QueryAccess> access) {
    zones_.push_back({name(apex), make_small_zone(apex, text), std::move(access), false});
    return *this;
}

Server& Server::serve(std::shared_ptr<const zone::Zone> zone) {
    const wire::Name apex(zone->apex());
    zones_.push_back({apex, std::move(zone), nullptr, false});
    return *this;
}

Server& Server::serve_nothing(std::string_view apex, bool expired) {
    zones_.push_back({name(apex), nullptr, nullptr, expired});
    return *this;
}

void Server::rotate_answers() {
    for (zone::ServedZone& zone : zones_) {
        zone.rotates_answers = true;
    }
}

zone::Snapshot Server::snapshot() const { return {zones_, kHashKey}; }

Reply Server::reply(const Bytes& request, const Way& way) const {
    Bytes buffer(std::max(way.buffer_octets, request.size()), 0xEE);
    std::ranges::copy(request, buffer.begin());
    answer::Request one{.buffer = buffer,
                        .length_octets = request.size(),
                        .source = way.source,
                        .transport = way.transport,
                        .key = way.key};
    answer::answer({&one, 1}, snapshot(), context);
    if (stats::outcome(one.verdict) != stats::Outcome::kAnswered) {
        EXPECT_EQ(head_of(buffer, request.size()), request);
    }
    return {one.verdict, head_of(buffer, one.length_octets)};
}

std::string Server::ask(const QueryFields& query, const Way& way) const {
    const Bytes request = make_query(query);
    const Reply answered = reply(request, way);
    EXPECT_EQ(stats::outcome(answered.verdict), stats::Outcome::kAnswered);
    EXPECT_LE(answered.octets.size(), way.buffer_octets);
    const wire::Header asked = wire::Header::load(request.data());
    const wire::Header header = wire::Header::load(answered.octets.data());
    const unsigned copied = wire::flag::kOpcodeMask | wire::flag::kRd | wire::flag::kCd;
    EXPECT_EQ(header.id, asked.id);
    EXPECT_EQ(header.flags & copied, asked.flags & copied);
    EXPECT_EQ(header.flags & 0x80E0U, wire::flag::kQr);  // of QR, RA, Z and AD
    EXPECT_EQ(header.question_count, 1);
    const std::size_t question_end = wire::kHeaderOctets + name(query.name).view().size() + 4;
    EXPECT_TRUE(answered.octets.size() >= question_end &&
                std::equal(request.begin() + wire::kHeaderOctets,
                           request.begin() + static_cast<std::ptrdiff_t>(question_end),
                           answered.octets.begin() + wire::kHeaderOctets));
    const std::string text = answered.text();
    EXPECT_EQ(text.find("\nedns ") != std::string::npos, query.edns.has_value());
    EXPECT_EQ(answered.verdict == stats::Verdict::kTruncated,
              (header.flags & wire::flag::kTc) != 0);
    return text;
}

std::string Server::ask_signed(std::string_view name, wire::Type type) const {
    return ask({.name = std::string(name),
                .type = type,
                .edns = EdnsFields{.payload_octets = 4096, .dnssec_ok = true}});
}

}  // namespace understudy::support
