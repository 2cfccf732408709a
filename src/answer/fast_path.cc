#include "answer/fast_path.h"

#include <understudy/wire/constants.h>
#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "answer/additional.h"
#include "answer/denial.h"
#include "answer/sibling_glue.h"
#include "answer/size_limits.h"

namespace understudy::answer {
namespace {

using stats::Verdict;
using zone::Match;
using zone::Node;
using zone::StoredRRset;

constexpr std::uint64_t kOneQuestionAndOpt = kOneQuestion + 1;

/// Types that ask for more than an RRset, or for one that no name may have.
bool is_special(wire::Type type) noexcept {
    return type == 0 || type == wire::type::kOpt || type == wire::type::kRrsig ||
           (type >= wire::type::kFirstMeta && type <= wire::type::kLastMeta);
}

/// Types whose records refer to others that belong into the answer too.
bool has_additional(wire::Type type) noexcept {
    return type == wire::type::kSvcb || type == wire::type::kHttps;
}

/// The root's side of the name may be an NSEC3 owner, which exists as a hash alone (RFC 5155
/// §7.2.8).
bool may_be_hash(const zone::ZoneSearch& zone, const zone::NameKey& name) noexcept {
    const std::size_t labels = zone.apex_labels() + 1;
    return name.label_count() >= labels &&
           name.suffix(labels).first_label().size() == wire::kNsec3LabelOctets;
}

/// Whether the alias ends what this zone has to say.
bool leads_away(const zone::Zone& zone, const Node& node, const StoredRRset& cname) noexcept {
    const zone::RRset alias = node.records(cname);
    const auto rdata = alias.begin();
    return !wire::NameView(*rdata).is_at_or_below(zone.apex());
}

}  // namespace

/// Those of a batch that a stage has to do with.
class FastPath::Flights {
  public:
    class Iterator {
      public:
        explicit Iterator(Flight* const* at) noexcept : at_(at) {}
        [[nodiscard]] Flight& operator*() const noexcept { return **at_; }
        Iterator& operator++() noexcept {
            ++at_;
            return *this;
        }
        bool operator==(const Iterator&) const = default;

      private:
        Flight* const* at_;
    };
    [[nodiscard]] Iterator begin() const noexcept { return Iterator(flights_.data()); }
    [[nodiscard]] Iterator end() const noexcept { return Iterator(flights_.data() + count_); }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

    void push_back(Flight& flight) noexcept { flights_[count_++] = &flight; }

    /// Leaves those for which `stage(flight)` says true.
    template <typename Stage>
    void keep_if(Stage stage) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < count_; ++i) {
            Flight* const flight = flights_[i];
            if (stage(*flight)) {
                flights_[kept++] = flight;
            }
        }
        count_ = kept;
    }

  private:
    std::size_t count_ = 0;
    std::array<Flight*, kBatch> flights_;
};

/// What stands in the authority section under names of its own: DS or a proof.
class FastPath::OwnedSection {
  public:
    /// `offset`: where in the message it begins.
    OwnedSection(const Flight& flight, std::size_t offset) noexcept
        : flight_(flight), offset_(offset) {}

    void add(const Node& node, const StoredRRset& rrset, std::uint32_t ttl_s) noexcept {
        items_[count_] = {
            ttl_s, {node, rrset, flight_.name, flight_.search.apex_labels(), offset_ + octets_}};
        octets_ += items_[count_++].records.octets();
    }

    void add(const StagedProof::Nodes& proof) noexcept {
        const wire::Type type = denial_type(flight_.zone->denial());
        for (std::size_t i = 0; i < proof.size(); ++i) {
            if (const auto rrset = proof[i].find_stored(type)) {
                add(proof[i], *rrset, proof_ttl_s(*flight_.zone, *rrset));
            }
        }
    }

    [[nodiscard]] std::size_t octets() const noexcept { return octets_; }

    void write(Reply& reply) const noexcept {
        for (const Item& item : std::span(items_).first(count_)) {
            reply.add(Reply::kAuthority, item.records, item.ttl_s);
        }
    }

  private:
    struct Item {
        std::uint32_t ttl_s;
        OwnedRecords records;
    };

    const Flight& flight_;
    std::size_t offset_;
    std::size_t octets_ = 0;
    std::size_t count_ = 0;
    std::array<Item, StagedProof::kMost> items_;
};

FastPath::FastPath(const zone::Snapshot& snapshot, const Context& context) noexcept
    : snapshot_(snapshot),
      own_payload_octets_(own_payload_octets(context)),
      opt_(make_opt(own_payload_octets_)) {}

bool FastPath::take_edns(base::Octets message, Flight& flight) const noexcept {
    const base::Octets opt = message.subspan(flight.question_end);
    if (opt.size() < wire::kOptOctets || opt[0] != 0 ||
        base::load_be16(&opt[kOptTypeAt]) != wire::type::kOpt || opt[kOptVersionAt] != 0 ||
        base::load_be16(&opt[kOptLengthAt]) != opt.size() - wire::kOptOctets) {
        return false;
    }
    for (base::Octets options = opt.subspan(wire::kOptOctets); !options.empty();) {
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
    flight.dnssec_ok = (base::load_be16(&opt[kOptFlagsAt]) & wire::edns::kDo) != 0;
    flight.limit_octets =
        limit_octets(*flight.request, base::load_be16(&opt[kOptPayloadAt]), own_payload_octets_) -
        wire::kOptOctets;
    return true;
}

/// Takes a query apart. False where it is not as nearly all queries are.
bool FastPath::take(Request& request, Flight& flight) const noexcept {
    const base::Octets message = request.buffer.first(request.length_octets);
    constexpr std::size_t kLeastOctets = wire::kHeaderOctets + 1 + wire::kQuestionTailOctets;
    constexpr unsigned kPlainQuery = wire::flag::kQr | wire::flag::kOpcodeMask;
    static_assert(kMinBufferOctets >= wire::kHeaderOctets + zone::NameKey::kReadOctets);
    if (message.size() < kLeastOctets || request.key != nullptr ||
        (base::load_be16(&message[2]) & kPlainQuery) != 0) {
        return false;
    }
    const std::uint64_t counts = base::load_be64(&message[4]);
    if (counts != kOneQuestion && counts != kOneQuestionAndOpt) {
        return false;
    }
    const std::size_t name_octets =
        flight.name.take(&message[wire::kHeaderOctets],
                         message.size() - wire::kHeaderOctets - wire::kQuestionTailOctets,
                         snapshot_.hash_key());
    if (name_octets == 0) {
        return false;
    }
    const std::uint8_t* const tail = &message[wire::kHeaderOctets + name_octets];
    flight.request = &request;
    flight.question_end =
        static_cast<std::uint16_t>(wire::kHeaderOctets + name_octets + wire::kQuestionTailOctets);
    flight.type = base::load_be16(tail);
    flight.has_edns = counts == kOneQuestionAndOpt;
    flight.dnssec_ok = false;
    if (base::load_be16(tail + 2) != wire::klass::kIn || is_special(flight.type)) {
        return false;
    }
    if (flight.has_edns) {
        return take_edns(message, flight);
    }
    flight.limit_octets = limit_octets(request, wire::kMinUdpPayloadOctets, own_payload_octets_);
    return message.size() == flight.question_end;
}

/// Takes the flights to their pages. Most directories have two levels, the first of which is past.
void FastPath::find_pages(const Flights& flights) noexcept {
    bool all = true;
    do {
        all = true;
        for (Flight& flight : flights) {
            all &= flight.lookup.find_pages();
        }
    } while (!all);
}

/// Takes the flights, whose pages are on their way, to their matches.
void FastPath::look_up(Flights flights) noexcept {
    std::array<const zone::Zone*, kBatch> negative;
    std::size_t negatives = 0;
    for (Flight& flight : flights) {
        if (!flight.lookup.find_nodes()) {
            flight.zone->prefetch();
            negative[negatives++] = flight.zone;
        }
    }
    for (const zone::Zone* zone : std::span(negative).first(negatives)) {
        zone->prefetch_negative();
    }
    while (true) {
        flights.keep_if([](Flight& flight) { return !flight.lookup.decide(); });
        if (flights.empty()) {
            return;
        }
        find_pages(flights);
        for (Flight& flight : flights) {
            flight.lookup.find_nodes();
        }
    }
}

/// Ends a request whose response is written but for the OPT.
void FastPath::finish(const Flight& flight,
                      Reply& reply,
                      wire::Rcode rcode,
                      Verdict verdict) const noexcept {
    if (flight.has_edns) {
        reply.add_opt(opt_, flight.dnssec_ok);
    }
    reply.finish(rcode, verdict);
}

// Each of these: false where the general path has to answer.

bool FastPath::answer_positively(const Flight& flight, const StoredRRset& rrset) const noexcept {
    const base::Octets signatures = flight.dnssec_ok ? rrset.signatures : base::Octets();
    const bool has_order = rrset.count > 1 || !signatures.empty();
    if (!flight.has_room_for(rrset.records.size() + signatures.size()) ||
        (has_order && flight.search.rotates_answers())) {
        return false;
    }
    Reply reply(*flight.request, flight.question_end);
    reply.add(Reply::kAnswer, rrset.records, rrset.count);
    if (!signatures.empty()) {
        reply.add(Reply::kAnswer, signatures, zone::count_records(signatures));
    }
    finish(flight, reply, wire::Rcode::kNoError, Verdict::kPositive);
    return true;
}

bool FastPath::refer(const Flight& flight, const StagedProof::Nodes& proof) const noexcept {
    const Match cut = flight.lookup.match();
    const zone::Referral referral = cut.node.referral();
    if (!referral.is_movable() || !may_add_hosts(flight)) {
        return false;
    }
    OwnedSection security(flight, flight.question_end + referral.ns.records.size());
    if (flight.dnssec_ok) {
        if (const auto ds = cut.node.find_stored(wire::type::kDs)) {
            security.add(cut.node, *ds, ds->ttl_s());
        }
        security.add(proof);
    }
    const std::size_t octets =
        referral.ns.records.size() + security.octets() + referral.glue.size();
    if (!flight.has_room_for(octets)) {
        return false;
    }
    const std::size_t shift = flight.name.begin(cut.labels);
    Reply reply(*flight.request, flight.question_end);
    reply.add_moved(
        Reply::kAuthority, referral.ns.records, referral.ns.count, referral.ns_fixups, shift);
    security.write(reply);
    reply.add_moved(
        Reply::kAdditional, referral.glue, referral.glue_count, referral.glue_fixups, shift);
    if (flight.host_count != 0) {
        add_hosts(flight, octets, reply);
    }
    finish(flight, reply, wire::Rcode::kNoError, Verdict::kReferral);
    return true;
}

/// Starts the searches for the name servers beside the cut. False where they are too many.
bool FastPath::start_hosts(Flight& flight, const Match& cut) noexcept {
    flight.first_host = static_cast<std::uint16_t>(host_count_);
    const std::size_t shift = flight.name.begin(cut.labels);
    const auto start = [this, &flight](wire::NameView host, std::uint16_t owner) {
        if (host_count_ == kMaxHosts) {
            return false;
        }
        const std::size_t labels = host.size() - flight.zone->apex().size();
        hosts_[host_count_].owner = owner;
        hosts_[host_count_++].search.start(*flight.zone, host.octets().first(labels));
        return true;
    };
    for_each_sibling(*flight.zone, cut.node, flight.question_end, shift, start);
    if (host_count_ == kMaxHosts) {
        host_count_ = flight.first_host;
        return false;
    }
    flight.host_count = static_cast<std::uint8_t>(host_count_ - flight.first_host);
    return true;
}

/// Whether their addresses go without signatures: which are wanted takes a look at what is above.
bool FastPath::may_add_hosts(const Flight& flight) const noexcept {
    return !flight.dnssec_ok || std::ranges::none_of(hosts_of(flight), [](const Host& host) {
        const auto node = host.search.node();
        return node && std::ranges::any_of(kAddressTypes, [&node](wire::Type type) {
                   const auto rrset = node->find_stored(type);
                   return rrset && !rrset->signatures.empty();
               });
    });
}

/// Adds their addresses while they fit behind so many octets.
void FastPath::add_hosts(const Flight& flight, std::size_t octets, Reply& reply) const noexcept {
    for (const Host& host : hosts_of(flight)) {
        const auto node = host.search.node();
        for (const wire::Type type : kAddressTypes) {
            auto rrset = node ? node->find_stored(type) : std::nullopt;
            if (!rrset) {
                continue;
            }
            rrset->signatures = {};
            const OwnedRecords records(*rrset, host.owner);
            if (!flight.has_room_for(octets + records.octets())) {
                break;
            }
            reply.add(Reply::kAdditional, records, rrset->ttl_s());
            octets += records.octets();
        }
    }
}

bool FastPath::deny(const Flight& flight, const StagedProof::Nodes& proof) const noexcept {
    const zone::NegativeBody body = flight.zone->negative_body();
    const base::Octets signatures = flight.dnssec_ok ? body.soa.signatures : base::Octets();
    const std::size_t soa_octets = body.soa.records.size() + signatures.size();
    OwnedSection denial(flight, flight.question_end + soa_octets);
    denial.add(proof);
    if (!flight.has_room_for(soa_octets + denial.octets())) {
        return false;
    }
    const std::size_t shift = flight.name.begin(flight.search.apex_labels());
    Reply reply(*flight.request, flight.question_end);
    reply.add_moved(
        Reply::kAuthority, body.soa.records, body.soa.count, body.records_fixups, shift);
    reply.add_moved(Reply::kAuthority,
                    signatures,
                    zone::count_records(signatures),
                    body.signatures_fixups,
                    shift);
    denial.write(reply);
    const bool exists = flight.lookup.match().kind != Match::Kind::kMissing;
    finish(flight,
           reply,
           exists ? wire::Rcode::kNoError : wire::Rcode::kNxDomain,
           exists ? Verdict::kNoData : Verdict::kNxDomain);
    return true;
}

FastPath::Outcome FastPath::answered(bool is_whole) noexcept {
    return is_whole ? Outcome::kAnswered : Outcome::kLeft;
}

FastPath::Outcome FastPath::conclude(Flight& flight) noexcept {
    using Kind = Match::Kind;
    const Match match = flight.lookup.match();
    // DS at an apex may be another zone's.
    const bool asks_ds_of_apex =
        flight.type == wire::type::kDs && flight.name.label_count() == flight.search.apex_labels();
    if (match.kind == Kind::kDname || asks_ds_of_apex ||
        (match.kind != Kind::kCut && may_be_hash(flight.search, flight.name))) {
        return Outcome::kLeft;
    }
    if (match.kind == Kind::kMissing) {
        if (match.node.has_wildcard_child()) {
            return Outcome::kLeft;
        }
    } else if (!flight.is_referred()) {
        if (const auto rrset = match.node.find_stored(flight.type)) {
            return answered(!has_additional(flight.type) && answer_positively(flight, *rrset));
        }
        if (const auto cname = match.node.find_stored(wire::type::kCname)) {
            return answered(leads_away(*flight.zone, match.node, *cname) &&
                            answer_positively(flight, *cname));
        }
    }
    return refer_or_deny(flight);
}

FastPath::Outcome FastPath::refer_or_deny(Flight& flight) noexcept {
    const Match match = flight.lookup.match();
    const bool is_cut = flight.is_referred();
    flight.first_host = 0;
    flight.host_count = 0;
    if (is_cut && match.node.referral().may_have_siblings && !start_hosts(flight, match)) {
        return Outcome::kLeft;
    }
    flight.has_proof = flight.dnssec_ok && flight.search.outline().has_chain() &&
                       !(is_cut && match.node.find_stored(wire::type::kDs));
    if (flight.has_proof) {
        return start_proof(flight, match) ? Outcome::kSearches : Outcome::kLeft;
    }
    if (flight.host_count != 0) {
        return Outcome::kSearches;
    }
    const StagedProof::Nodes none;
    return answered(is_cut ? refer(flight, none) : deny(flight, none));
}

/// Starts the search for the proof of what is denied. False where it is of no usual shape.
bool FastPath::start_proof(const Flight& flight, const Match& match) noexcept {
    StagedProof& proof = proofs_[flight.index];
    return match.kind == Match::Kind::kMissing
               ? proof.name_error(*flight.zone, flight.name, match.labels)
               : proof.no_data(*flight.zone, flight.name, match.labels, match.node);
}

/// Takes all searches to their ends. Returns which flights are answered thereby.
std::uint32_t FastPath::search(const Flights& flights) noexcept {
    const auto each = [this, &flights](auto step) {
        for (const Flight& flight : flights) {
            zone::DenialSearch* const search =
                flight.has_proof ? proofs_[flight.index].search() : nullptr;
            if (search != nullptr) {
                step(*search);
            }
        }
    };
    const auto hosts = std::span(hosts_).first(host_count_);
    each([](zone::DenialSearch& search) { search.find_group(); });
    std::ranges::for_each(hosts, [](Host& host) { host.search.find_page(); });
    each([](zone::DenialSearch& search) { search.find_owner(); });
    std::ranges::for_each(hosts, [](Host& host) { host.search.find_likely<2>(); });
    each([](zone::DenialSearch& search) { search.find_page(); });
    each([](zone::DenialSearch& search) { search.find_node(); });
    std::uint32_t answered = 0;
    for (const Flight& flight : flights) {
        StagedProof::Nodes proof;
        if (flight.has_proof && !proofs_[flight.index].collect(flight.lookup.match().node, proof)) {
            continue;
        }
        if (flight.is_referred() ? refer(flight, proof) : deny(flight, proof)) {
            answered |= std::uint32_t{1} << flight.index;
        }
    }
    return answered;
}

// Inlined whole: calls between the stages would cost a twelfth of the instructions.
[[gnu::flatten]] std::uint32_t FastPath::answer(std::span<Request> requests) noexcept {
    Flights flights;
    host_count_ = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        Flight& flight = flights_[i];
        if (take(requests[i], flight)) {
            flight.index = static_cast<std::uint32_t>(i);
            flight.search.start(snapshot_, flight.name);
            flights.push_back(flight);
        }
    }
    for (Flight& flight : flights) {
        flight.search.find_buckets();
    }
    flights.keep_if([](Flight& flight) {
        if (!flight.search.find_cell()) {
            return false;
        }
        flight.lookup.start(flight.search.outline(), flight.search.apex_labels(), flight.name);
        return true;
    });
    flights.keep_if([](Flight& flight) {
        flight.zone = flight.search.zone();
        if (flight.zone == nullptr) {
            return false;
        }
        flight.lookup.set_zone(*flight.zone);
        return true;
    });
    find_pages(flights);
    look_up(flights);
    constexpr std::uint32_t kAll = ~std::uint32_t{0};
    static_assert(kBatch == std::numeric_limits<std::uint32_t>::digits);
    std::uint32_t left = kAll >> (kBatch - requests.size());
    Flights searching;
    for (Flight& flight : flights) {
        switch (conclude(flight)) {
            case Outcome::kAnswered:
                left &= ~(std::uint32_t{1} << flight.index);
                break;
            case Outcome::kSearches:
                searching.push_back(flight);
                break;
            case Outcome::kLeft:
                break;
        }
    }
    return searching.empty() ? left : left & ~search(searching);
}

}  // namespace understudy::answer
