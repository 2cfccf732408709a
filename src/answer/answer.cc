#include <understudy/answer/answer.h>

#include <understudy/wire/query.h>
#include <understudy/zone/name_key.h>
#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string_view>

#include "answer/fast_path.h"
#include "answer/general_path.h"
#include "answer/resolve.h"
#include "answer/response.h"

namespace understudy::answer {
namespace {

using stats::Verdict;

base::IpAddress source_address(const Request& request) noexcept {
    return request.source.size() == 4 ? base::IpAddress::v4(request.source.first<4>())
                                      : base::IpAddress::v6(request.source.first<16>());
}

Verdict fail(Response& response, wire::Rcode rcode, Verdict verdict) noexcept {
    response.set_rcode(rcode);
    return verdict;
}

/// Which of the server's own data a CHAOS question asks for (RFC 4892); null: none that is told.
const std::string* server_info(const wire::Query& query, const Context& context) noexcept {
    static constexpr std::size_t kSuffixLabels = 2;
    if (query.name.label_count() != kSuffixLabels ||
        (query.type != wire::type::kTxt && query.type != wire::type::kAny)) {
        return nullptr;
    }
    const auto is = [&query](std::string_view first, std::string_view second) {
        const auto equals = [](base::Octets label, std::string_view word) {
            return std::ranges::equal(label, word, {}, wire::to_lower);
        };
        return equals(query.name.first_label(), first) &&
               equals(query.name.parent().first_label(), second);
    };
    if (is("id", "server") || is("hostname", "bind")) {
        return context.identity.empty() ? nullptr : &context.identity;
    }
    if (is("version", "server") || is("version", "bind")) {
        return context.version.empty() ? nullptr : &context.version;
    }
    return nullptr;
}

Verdict answer_chaos(const wire::Query& query,
                     const Context& context,
                     Response& response) noexcept {
    const std::string* text = server_info(query, context);
    if (text == nullptr) {
        return fail(response, wire::Rcode::kRefused, Verdict::kRefused);
    }
    std::array<std::uint8_t, 256> rdata;
    const std::size_t size = std::min(text->size(), rdata.size() - 1);
    rdata[0] = static_cast<std::uint8_t>(size);
    std::copy_n(text->begin(), size, &rdata[1]);
    response.set_authoritative();
    if (!response.add_record(wire::Section::kAnswer,
                             query.name,
                             wire::type::kTxt,
                             wire::klass::kChaos,
                             0,
                             base::Octets(rdata).first(size + 1))) {
        response.set_truncated();
    }
    return Verdict::kServerInfo;
}

/// Whether a zone other than the name's parent answers for DS at `name`: the server holds an
/// ancestor of the parent, in which the name lies below a cut.
bool is_below_cut(const zone::ServedZone& ancestor, const zone::NameKey& name) noexcept {
    if (!ancestor.zone) {
        return false;
    }
    const zone::Match match = ancestor.zone->lookup(name);
    return match.kind == zone::Match::Kind::kCut && match.labels < name.label_count();
}

/// The zone that answers: the longest match, but for DS at an apex the parent's zone if that is
/// served too, else the child's apex has the last word (RFC 4035 §3.1.4.1).
const zone::ServedZone* find_zone(const wire::Query& query,
                                  const zone::NameKey& name,
                                  const zone::Snapshot& snapshot) noexcept {
    const zone::ServedZone* longest = snapshot.find(name, name.label_count());
    if (query.type != wire::type::kDs || longest == nullptr || name.label_count() == 0 ||
        longest->apex.view() != name.name()) {
        return longest;
    }
    const zone::ServedZone* above = snapshot.find(name, name.label_count() - 1);
    return above != nullptr && !is_below_cut(*above, name) ? above : longest;
}

Verdict answer_internet(Request& request,
                        const wire::Query& query,
                        const zone::Snapshot& snapshot,
                        Response& response) noexcept {
    const zone::NameKey name(query.name, snapshot.hash_key());
    const zone::ServedZone* served = find_zone(query, name, snapshot);
    if (served == nullptr) {
        response.set_extended_error(wire::ExtendedError::kNotAuthoritative);
        return fail(response, wire::Rcode::kRefused, Verdict::kRefused);
    }
    if (served->access && !served->access->allows(source_address(request), request.key)) {
        response.set_extended_error(wire::ExtendedError::kProhibited);
        return fail(response, wire::Rcode::kRefused, Verdict::kRefused);
    }
    if (!served->zone) {
        response.set_extended_error(served->expired ? wire::ExtendedError::kInvalidData
                                                    : wire::ExtendedError::kNotReady);
        return fail(response, wire::Rcode::kServFail, Verdict::kServFail);
    }
    response.set_zone(*served);
    return resolve(*served->zone, name, query, request.transport, response);
}

bool has_later_edns(const wire::Query& query) noexcept {
    return query.edns && query.edns->version > 0;
}

/// The verdict for a request that gets no look at the zones; nothing where it does.
std::optional<Verdict> reject(const wire::Query& query, Response& response) noexcept {
    if (query.header.opcode() != wire::Opcode::kQuery &&
        query.header.opcode() != wire::Opcode::kNotify) {
        return fail(response, wire::Rcode::kNotImp, Verdict::kNotImp);
    }
    if (has_later_edns(query)) {
        return fail(response, wire::Rcode::kBadVers, Verdict::kBadVers);
    }
    if (query.type == wire::type::kOpt || query.type == wire::type::kTsig) {
        return fail(response, wire::Rcode::kFormErr, Verdict::kFormErr);
    }
    if (query.klass != wire::klass::kIn && query.klass != wire::klass::kChaos) {
        return fail(response, wire::Rcode::kRefused, Verdict::kRefused);
    }
    return std::nullopt;
}

bool is_for_control(const wire::Query& query, const Request& request) noexcept {
    const bool is_signed = query.has_tsig && request.key == nullptr;
    if (!query.has_known_opcode() || (has_later_edns(query) && !is_signed)) {
        return false;
    }
    return is_signed || query.header.opcode() == wire::Opcode::kNotify ||
           (query.header.opcode() == wire::Opcode::kQuery && query.klass == wire::klass::kIn &&
            (query.type == wire::type::kAxfr || query.type == wire::type::kIxfr));
}

}  // namespace

void answer_general(Request& request,
                    const zone::Snapshot& snapshot,
                    const Context& context) noexcept {
    wire::Query query;
    switch (wire::parse_query(request.buffer.first(request.length_octets), query)) {
        case wire::QueryFault::kShort:
            request.verdict = Verdict::kShortMessage;
            return;
        case wire::QueryFault::kIsResponse:
            request.verdict = Verdict::kIsResponse;
            return;
        case wire::QueryFault::kFormErr: {
            Response response(request, query, context, query.has_question);
            response.finish(fail(response, wire::Rcode::kFormErr, Verdict::kFormErr));
            return;
        }
        case wire::QueryFault::kNone:
            break;
    }
    if (is_for_control(query, request)) {
        request.verdict = Verdict::kToControl;
        return;
    }
    Response response(request, query, context, query.has_question);
    std::optional<Verdict> verdict = reject(query, response);
    if (!verdict) {
        verdict = query.klass == wire::klass::kChaos
                      ? answer_chaos(query, context, response)
                      : answer_internet(request, query, snapshot, response);
    }
    response.finish(*verdict);
}

void answer(std::span<Request> requests,
            const zone::Snapshot& snapshot,
            const Context& context) noexcept {
    FastPath fast_path(snapshot, context);
    while (!requests.empty()) {
        const auto batch = requests.first(std::min(requests.size(), FastPath::kBatch));
        for (std::uint32_t left = fast_path.answer(batch); left != 0; left &= left - 1) {
            answer_general(
                batch[static_cast<std::size_t>(std::countr_zero(left))], snapshot, context);
        }
        requests = requests.subspan(batch.size());
    }
}

}  // namespace understudy::answer
