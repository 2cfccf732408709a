#include "answer/fast_path.h"

#include <understudy/zone/fixups.h>
#include <algorithm>
#include <cstring>
#include <optional>

#include "answer/size_limits.h"

namespace understudy::answer {
namespace {

using stats::Verdict;
using zone::Match;
using zone::StoredNode;
using zone::Zone;

constexpr std::size_t kQuestionTailOctets = 4;  // type and class

// Where the fields of an OPT stand, its owner being the root (RFC 6891 §6.1.2).
constexpr std::size_t kOptTypeAt = 1;
constexpr std::size_t kOptPayloadAt = 3;
constexpr std::size_t kOptVersionAt = 6;
constexpr std::size_t kOptFlagsAt = 7;
constexpr std::size_t kOptLengthAt = 9;

// The counts of a header with one question and nothing else, and with one additional record.
constexpr std::uint64_t kOneQuestion = 0x0001'0000'0000'0000;
constexpr std::uint64_t kOneQuestionAndOpt = kOneQuestion + 1;

/// Types whose answers take more than an RRset of that type, or that no RRset may have.
bool is_special(wire::Type type) noexcept {
    return type == 0 || type == wire::type::kOpt || type == wire::type::kDs ||
           type == wire::type::kRrsig || type == wire::type::kSvcb || type == wire::type::kHttps ||
           (type >= wire::type::kFirstMeta && type <= wire::type::kLastMeta);
}

/// The root's side of the name may be an NSEC3 owner, which exists as a hash alone (RFC 5155
/// §7.2.8).
bool may_be_hash(const zone::ZoneSearch& zone, const zone::NameKey& name) noexcept {
    const std::size_t labels = zone.apex_labels() + 1;
    constexpr std::size_t kHashLabelOctets = 32;
    return name.label_count() >= labels &&
           name.suffix(labels).first_label().size() == kHashLabelOctets;
}

std::uint64_t load_be64(const std::uint8_t* at) noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return __builtin_bswap64(value);
}

}  // namespace

/// A response that is written behind its question, once it is known to fit.
class FastPath::Reply {
  public:
    explicit Reply(Flight& flight) noexcept
        : message_(flight.request->buffer.data()), at_(message_ + flight.question_end) {}

    void add(std::uint16_t& section,
             base::Octets records,
             std::size_t count,
             base::Octets fixups = {},
             std::size_t shift = 0) noexcept {
        if (records.empty()) {
            return;
        }
        std::memcpy(at_, records.data(), records.size());
        if (shift != 0) {
            zone::FixUps::apply(fixups, at_, shift);
        }
        at_ += records.size();
        section = static_cast<std::uint16_t>(section + count);
    }

    void add_signatures(std::uint16_t& section, base::Octets signatures) noexcept {
        add(section, signatures, zone::count_records(signatures));
    }

    /// Ends the request.
    void finish(const Flight& flight,
                const Context& context,
                wire::Rcode rcode,
                Verdict verdict) noexcept {
        if (flight.has_edns) {
            constexpr std::array<std::uint8_t, kOptOctets> kOpt{0, 0, wire::type::kOpt};
            std::memcpy(at_, kOpt.data(), kOpt.size());
            base::store_be16(at_ + kOptPayloadAt, own_payload_octets(context));
            base::store_be16(at_ + kOptFlagsAt, flight.dnssec_ok ? wire::edns::kDo : 0);
            at_ += kOptOctets;
            ++additional;
        }
        constexpr unsigned kKept = wire::flag::kRd | wire::flag::kCd;
        const unsigned flags = wire::flag::kQr | (base::load_be16(message_ + 2) & kKept) |
                               (verdict == Verdict::kReferral ? 0U : wire::flag::kAa) |
                               static_cast<unsigned>(rcode);
        base::store_be16(message_ + 2, static_cast<std::uint16_t>(flags));
        base::store_be16(message_ + 6, answer);
        base::store_be16(message_ + 8, authority);
        base::store_be16(message_ + 10, additional);
        flight.request->length_octets = static_cast<std::size_t>(at_ - message_);
        flight.request->verdict = verdict;
    }

    std::uint16_t answer = 0;
    std::uint16_t authority = 0;
    std::uint16_t additional = 0;

  private:
    std::uint8_t* message_;
    std::uint8_t* at_;
};

bool FastPath::take_edns(base::Octets message, Flight& flight) const noexcept {
    const base::Octets opt = message.subspan(flight.question_end);
    if (opt.size() < kOptOctets || opt[0] != 0 ||
        base::load_be16(&opt[kOptTypeAt]) != wire::type::kOpt || opt[kOptVersionAt] != 0 ||
        base::load_be16(&opt[kOptLengthAt]) != opt.size() - kOptOctets) {
        return false;
    }
    for (base::Octets options = opt.subspan(kOptOctets); !options.empty();) {
        if (options.size() < kOptionHeadOctets) {
            return false;
        }
        const std::uint16_t code = base::load_be16(options.data());
        const std::size_t octets = kOptionHeadOctets + base::load_be16(&options[2]);
        if (octets > options.size() || code == wire::edns::kNsid ||
            code == wire::edns::kZoneVersion) {
            return false;
        }
        options = options.subspan(octets);
    }
    flight.has_edns = true;
    flight.dnssec_ok = (base::load_be16(&opt[kOptFlagsAt]) & wire::edns::kDo) != 0;
    flight.limit_octets =
        limit_octets(*flight.request, base::load_be16(&opt[kOptPayloadAt]), context_);
    return true;
}

/// Takes a query apart. False where it is not as nearly all queries are.
bool FastPath::take(Request& request, Flight& flight) const noexcept {
    const base::Octets message = request.buffer.first(request.length_octets);
    constexpr std::size_t kLeastOctets = wire::kHeaderOctets + 1 + kQuestionTailOctets;
    constexpr unsigned kPlainQuery = wire::flag::kQr | wire::flag::kOpcodeMask;
    if (message.size() < kLeastOctets || request.key != nullptr ||
        (base::load_be16(&message[2]) & kPlainQuery) != 0) {
        return false;
    }
    const std::uint64_t counts = load_be64(&message[4]);
    if (counts != kOneQuestion && counts != kOneQuestionAndOpt) {
        return false;
    }
    // Where the name's last octet may stand.
    const std::size_t last =
        std::min(message.size() - kQuestionTailOctets, wire::kHeaderOctets + wire::kMaxNameOctets) -
        1;
    std::size_t at = wire::kHeaderOctets;
    while (message[at] != 0) {
        if (message[at] > wire::kMaxLabelOctets || at + message[at] >= last) {
            return false;
        }
        at += 1U + message[at];
    }
    flight.request = &request;
    flight.question_end = static_cast<std::uint16_t>(at + 1 + kQuestionTailOctets);
    flight.type = base::load_be16(&message[at + 1]);
    flight.has_edns = false;
    flight.dnssec_ok = false;
    if (base::load_be16(&message[at + 3]) != wire::klass::kIn || is_special(flight.type)) {
        return false;
    }
    if (counts == kOneQuestionAndOpt) {
        if (!take_edns(message, flight)) {
            return false;
        }
    } else if (message.size() != flight.question_end) {
        return false;
    } else {
        flight.limit_octets = limit_octets(request, wire::kMinUdpPayloadOctets, context_);
    }
    flight.name.assign(
        wire::NameView(message.subspan(wire::kHeaderOctets, at + 1 - wire::kHeaderOctets)),
        snapshot_.hash_key());
    return true;
}

bool FastPath::finish(Flight& flight) const noexcept {
    const bool is_signed = flight.search.outline().has(zone::ZoneOutline::kNsec) ||
                           flight.search.outline().has(zone::ZoneOutline::kNsec3);
    const Match match = flight.lookup.finish();
    const std::size_t opt = flight.has_edns ? kOptOctets : 0;
    const auto fits = [&flight, opt](std::size_t octets) {
        return flight.question_end + octets + opt <= flight.limit_octets;
    };
    Reply reply(flight);
    if (match.kind == Match::Kind::kCut) {
        const zone::Referral referral = match.node.referral();
        const auto ds = flight.dnssec_ok ? match.node.stored().find(wire::type::kDs) : std::nullopt;
        if (referral.may_have_siblings || !referral.is_movable() ||
            (flight.dnssec_ok && (ds || is_signed)) ||
            !fits(referral.ns.records.size() + referral.glue.size())) {
            return false;
        }
        const std::size_t shift =
            flight.name.name().size() - flight.name.suffix(match.labels).size();
        reply.add(
            reply.authority, referral.ns.records, referral.ns.count, referral.ns_fixups, shift);
        reply.add(
            reply.additional, referral.glue, referral.glue_count, referral.glue_fixups, shift);
        reply.finish(flight, context_, wire::Rcode::kNoError, Verdict::kReferral);
        return true;
    }
    if (match.kind == Match::Kind::kDname || may_be_hash(flight.search, flight.name)) {
        return false;
    }
    if (match.kind == Match::Kind::kExact) {
        const StoredNode& node = match.node.stored();
        if (const auto rrset = node.find(flight.type); rrset && rrset->count != 0) {
            const base::Octets signatures = flight.dnssec_ok ? rrset->signatures : base::Octets();
            const bool has_order = rrset->count > 1 || !signatures.empty();
            if (!fits(rrset->records.size() + signatures.size()) ||
                (has_order && flight.search.rotates_answers())) {
                return false;
            }
            reply.add(reply.answer, rrset->records, rrset->count);
            reply.add_signatures(reply.answer, signatures);
            reply.finish(flight, context_, wire::Rcode::kNoError, Verdict::kPositive);
            return true;
        }
        if (node.find(wire::type::kCname)) {
            return false;
        }
    } else if (match.node.has_wildcard_child()) {
        return false;
    }
    const zone::NegativeBody body = flight.zone->negative_body();
    const base::Octets signatures = flight.dnssec_ok ? body.soa.signatures : base::Octets();
    if ((flight.dnssec_ok && is_signed) || !fits(body.soa.records.size() + signatures.size())) {
        return false;
    }
    const std::size_t shift =
        flight.name.name().size() - flight.name.suffix(flight.search.apex_labels()).size();
    reply.add(reply.authority, body.soa.records, body.soa.count, body.records_fixups, shift);
    reply.add(reply.authority,
              signatures,
              zone::count_records(signatures),
              body.signatures_fixups,
              shift);
    const bool exists = match.kind == Match::Kind::kExact;
    reply.finish(flight,
                 context_,
                 exists ? wire::Rcode::kNoError : wire::Rcode::kNxDomain,
                 exists ? Verdict::kNoData : Verdict::kNxDomain);
    return true;
}

std::uint32_t FastPath::answer(std::span<Request> requests) noexcept {
    std::array<Flight*, kBatch> flights;
    std::size_t count = 0;
    // Drops from the list those that a stage has no use for.
    const auto keep_if = [&flights, &count](auto stage) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < count; ++i) {
            Flight* const flight = flights[i];
            if (stage(*flight)) {
                flights[kept++] = flight;
            }
        }
        count = kept;
    };
    for (std::size_t i = 0; i < requests.size(); ++i) {
        if (take(requests[i], flights_[i])) {
            flights_[i].search.start(snapshot_, flights_[i].name);
            flights[count++] = &flights_[i];
        }
    }
    for (Flight* flight : std::span(flights).first(count)) {
        flight->search.find_buckets();
    }
    keep_if([](Flight& flight) {
        if (!flight.search.find_cell()) {
            return false;
        }
        flight.lookup.start(flight.search.outline(), flight.search.apex_labels(), flight.name);
        return true;
    });
    keep_if([](Flight& flight) {
        flight.zone = flight.search.zone();
        if (flight.zone == nullptr) {
            return false;
        }
        flight.lookup.set_zone(*flight.zone);
        flight.lookup.find_pages();
        return true;
    });
    std::array<const Zone*, kBatch> negative;
    std::size_t negatives = 0;
    for (const Flight* flight : std::span(flights).first(count)) {
        if (!flight->lookup.find_nodes()) {
            flight->zone->prefetch();
            negative[negatives++] = flight->zone;
        }
    }
    for (const Zone* zone : std::span(negative).first(negatives)) {
        zone->prefetch_negative();
    }
    keep_if([this](Flight& flight) { return finish(flight); });
    std::uint32_t left = (std::uint32_t{1} << requests.size()) - 1;
    for (const Flight* flight : std::span(flights).first(count)) {
        left &= ~(std::uint32_t{1} << static_cast<std::size_t>(flight - flights_.data()));
    }
    return left;
}

}  // namespace understudy::answer
