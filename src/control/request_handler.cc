#include <understudy/control/request_handler.h>

#include <understudy/base/check.h>
#include <understudy/control/tsig.h>
#include <understudy/wire/message_writer.h>
#include <understudy/wire/rdata.h>
#include <understudy/wire/reader.h>
#include <algorithm>
#include <utility>

#include "control/axfr_source.h"
#include "control/difference_book.h"

namespace understudy::control {
namespace {

using Message = std::vector<std::uint8_t>;

/// Room in a response for an SOA and an OPT.
constexpr std::size_t kRecordsRoom = 1024;

/// The serial of the zone's SOA in a section of the request: an IXFR has it in the authority
/// section (RFC 1995 §3), a NOTIFY may have it in the answer section (RFC 1996 §3.7).
std::optional<std::uint32_t> carried_serial(base::Octets message,
                                            const wire::Query& query,
                                            wire::Section section) {
    const unsigned skip = section == wire::Section::kAuthority ? query.header.answer_count : 0;
    const unsigned count = section == wire::Section::kAuthority ? query.header.authority_count
                                                                : query.header.answer_count;
    wire::Reader in(message, query.question_end);
    for (unsigned i = 0; i < skip + count; ++i) {
        wire::RecordHead record;
        Message rdata;
        if (!in.record(record)) {
            return std::nullopt;
        }
        if (i >= skip && record.type == wire::type::kSoa && record.owner.view() == query.name &&
            wire::read_rdata(message, record, rdata)) {
            return wire::Soa::from_rdata(rdata).serial;
        }
    }
    return std::nullopt;
}

/// The request once its signature was checked and taken off.
struct Checked {
    Message message;
    wire::Query query;
    const wire::Name* key_name = nullptr;  // null: it was unsigned
    std::optional<TsigSigner> signer;
};

}  // namespace

/// One request on its way.
class RequestHandler::Work {
  public:
    Work(const RequestHandler& handler,
         const Policy& policy,
         const Request& request,
         const zone::Snapshot& snapshot)
        : handler_(handler), policy_(policy), request_(request), snapshot_(snapshot) {}

    Response run() {
        checked_.message.assign(request_.message.begin(), request_.message.end());
        TsigRequest tsig =
            verify_request(checked_.message, policy_.keys(), handler_.clock_.wall_s());
        checked_.signer = std::move(tsig.signer);
        if (wire::parse_query(checked_.message, checked_.query) != wire::QueryFault::kNone) {
            return {};  // the answer path has answered whatever is malformed
        }
        if (tsig.status != TsigStatus::kGood && tsig.status != TsigStatus::kUnsigned) {
            return reply(tsig.rcode());
        }
        if (tsig.key) {
            checked_.key_name = &policy_.keys()[*tsig.key].name;
        }
        if (checked_.query.edns && checked_.query.edns->version > 0) {
            return reply(wire::Rcode::kBadVers);
        }
        if (checked_.query.header.opcode() == wire::Opcode::kNotify) {
            return notify();
        }
        const bool is_query = checked_.query.header.opcode() == wire::Opcode::kQuery;
        if (is_query && checked_.query.type == wire::type::kAxfr) {
            return transfer(false);
        }
        if (is_query && checked_.query.type == wire::type::kIxfr) {
            return transfer(true);
        }
        return ordinary();
    }

  private:
    Response sign(Message message) {
        if (checked_.signer && !checked_.signer->sign(message, handler_.clock_.wall_s())) {
            return {};
        }
        return {.message = std::move(message), .source = nullptr};
    }

    /// Header and question, the SOA of `soa_of` if there is one, and an OPT if the request had one.
    Response reply(wire::Rcode rcode, unsigned flags = 0, const zone::Zone* soa_of = nullptr) {
        const wire::Query& query = checked_.query;
        Message message(query.question_end + kRecordsRoom);
        std::copy_n(checked_.message.begin(), query.question_end, message.begin());
        wire::MessageWriter writer(
            message, query.question_end, message.size(), wire::CompressionCase::kExact);
        if (soa_of != nullptr) {
            // NOLINTNEXTLINE(bugprone-unchecked-optional-access): every zone has one
            const zone::RRset soa = soa_of->apex_node().rrset(wire::type::kSoa);
            UNDERSTUDY_CHECK(writer.record(wire::Section::kAnswer,
                                           soa_of->apex(),
                                           wire::type::kSoa,
                                           wire::klass::kIn,
                                           soa.ttl_s(),
                                           *soa.begin()));
        }
        if (query.edns) {
            UNDERSTUDY_CHECK(writer.opt(own_payload_octets(), rcode, query.edns->dnssec_ok, {}));
        }
        const unsigned echoed =
            query.header.flags & (wire::flag::kOpcodeMask | wire::flag::kRd | wire::flag::kCd);
        const unsigned code = static_cast<unsigned>(rcode) & wire::flag::kRcodeMask;
        message.resize(writer.finish(
            query.header.id, static_cast<std::uint16_t>(wire::flag::kQr | echoed | flags | code)));
        return sign(std::move(message));
    }

    Response notify() {
        const wire::Query& query = checked_.query;
        if (query.type != wire::type::kSoa) {
            return reply(wire::Rcode::kFormErr);  // nothing else is defined (RFC 1996 §3.7)
        }
        const Policy::Zone* zone = policy_.zone(query.name);
        if (zone == nullptr || zone->is_primary || query.klass != wire::klass::kIn) {
            return reply(wire::Rcode::kNotAuth);
        }
        if (!zone->notify.allows(request_.source, checked_.key_name)) {
            return reply(wire::Rcode::kRefused);
        }
        handler_.on_notify_(
            {.zone = wire::Name(query.name),
             .from = request_.source,
             .serial = carried_serial(checked_.message, query, wire::Section::kAnswer)});
        return reply(wire::Rcode::kNoError, wire::flag::kAa);
    }

    Response transfer(bool incremental) {
        const wire::Query& query = checked_.query;
        if (!incremental && request_.transport == answer::Transport::kUdp) {
            return reply(wire::Rcode::kFormErr);
        }
        const Policy::Zone* zone = policy_.zone(query.name);
        if (zone == nullptr || query.klass != wire::klass::kIn) {
            return reply(wire::Rcode::kNotAuth);
        }
        if (!zone->transfer.allows(request_.source, checked_.key_name)) {
            return reply(wire::Rcode::kRefused);
        }
        const zone::ServedZone* served = snapshot_.find_exact({query.name, snapshot_.hash_key()});
        if (served == nullptr || !served->zone) {
            return reply(wire::Rcode::kServFail);
        }
        if (incremental && is_up_to_date(*served->zone)) {
            return reply(wire::Rcode::kNoError, wire::flag::kAa, served->zone.get());
        }
        // Where the kept differences do not reach back, with the whole zone (RFC 1995 §4).
        return {.message = {},
                .source = std::make_unique<AxfrSource>(
                    served->zone,
                    incremental ? differences_to(*served->zone) : DifferenceBook::Chain(),
                    checked_.message,
                    query,
                    own_payload_octets(),
                    std::move(checked_.signer),
                    handler_.clock_)};
    }

    /// The client needs no records: it has our version or a newer one, or asks over UDP, where it
    /// gets our SOA and comes back over TCP if that is news (RFC 1995 §2).
    bool is_up_to_date(const zone::Zone& zone) const {
        const auto theirs =
            carried_serial(checked_.message, checked_.query, wire::Section::kAuthority);
        return request_.transport == answer::Transport::kUdp ||
               (theirs && !wire::serial_is_newer(zone.serial(), *theirs));
    }

    [[nodiscard]] DifferenceBook::Chain differences_to(const zone::Zone& zone) const {
        const auto theirs =
            carried_serial(checked_.message, checked_.query, wire::Section::kAuthority);
        return theirs && handler_.differences_
                   ? handler_.differences_->find(wire::Name(zone.apex()), *theirs, zone.serial())
                   : DifferenceBook::Chain();
    }

    /// What our OPT says.
    [[nodiscard]] std::uint16_t own_payload_octets() const {
        return std::max(handler_.context_.max_udp_payload_octets,
                        static_cast<std::uint16_t>(wire::kMinUdpPayloadOctets));
    }

    /// A signed query of the ordinary kind: answered as an unsigned one, then signed.
    Response ordinary() {
        Message buffer(std::max(response_room(), checked_.message.size()));
        std::ranges::copy(checked_.message, buffer.begin());
        answer::Request request{.buffer = buffer,
                                .length_octets = checked_.message.size(),
                                .source = request_.source.octets(),
                                .transport = request_.transport,
                                .key = checked_.key_name,
                                .limit_octets = response_room()};
        answer::answer({&request, 1}, snapshot_, handler_.context_);
        if (stats::outcome(request.verdict) != stats::Outcome::kAnswered) {
            return {};
        }
        buffer.resize(request.length_octets);
        return sign(std::move(buffer));
    }

    /// What the answer may have beside its TSIG record, and in any case what a question and an OPT
    /// need.
    std::size_t response_room() const {
        const std::size_t reserved = checked_.signer ? checked_.signer->record_octets() : 0;
        std::size_t limit = wire::kMaxMessageOctets;
        if (request_.transport == answer::Transport::kUdp) {
            const std::size_t client = checked_.query.edns ? checked_.query.edns->payload_octets
                                                           : wire::kMinUdpPayloadOctets;
            limit = std::min<std::size_t>(client, handler_.context_.max_udp_payload_octets);
        }
        return std::max(limit - std::min(limit, reserved), answer::kMinBufferOctets);
    }

    const RequestHandler& handler_;
    const Policy& policy_;
    const Request& request_;
    const zone::Snapshot& snapshot_;
    Checked checked_;
};

RequestHandler::RequestHandler(const answer::Context& context,
                               const base::Clock& clock,
                               std::function<void(NotifyEvent)> on_notify)
    : context_(context), clock_(clock), on_notify_(std::move(on_notify)) {}

void RequestHandler::set_policy(std::shared_ptr<const Policy> policy) {
    const std::lock_guard lock(mutex_);
    policy_ = std::move(policy);
}

void RequestHandler::set_differences(std::shared_ptr<const DifferenceBook> differences) {
    differences_ = std::move(differences);
}

std::shared_ptr<const Policy> RequestHandler::policy() const {
    const std::lock_guard lock(mutex_);
    return policy_;
}

RequestHandler::Response RequestHandler::respond(const Request& request,
                                                 const zone::Snapshot& snapshot) const {
    const auto policy = this->policy();
    return Work(*this, *policy, request, snapshot).run();
}

}  // namespace understudy::control
