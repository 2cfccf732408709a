#include "answer/response.h"

#include <understudy/base/check.h>
#include <algorithm>
#include <array>

namespace understudy::answer {
namespace {

constexpr std::size_t kOptOctets = 11;        // an OPT record without options
constexpr std::size_t kOptionHeadOctets = 4;  // code and length
constexpr std::size_t kExtendedErrorOctets = kOptionHeadOctets + 2;
constexpr std::size_t kMaxNsidOctets = 255;  // what the configuration takes at the most
constexpr std::size_t kMaxOptionsOctets = kOptionHeadOctets + kMaxNsidOctets + kExtendedErrorOctets;

static_assert(kMinBufferOctets == wire::kHeaderOctets + wire::kMaxNameOctets + 4 + kOptOctets &&
                  wire::kMinUdpPayloadOctets >= kMinBufferOctets,
              "a question and an OPT always fit");

/// The most octets that a response to this request may have.
std::size_t limit_octets(const Request& request,
                         const wire::Query& query,
                         const Context& context) noexcept {
    if (request.transport == Transport::kStream) {
        return std::min({request.buffer.size(), request.limit_octets, wire::kMaxMessageOctets});
    }
    const std::size_t client = query.edns ? query.edns->payload_octets : wire::kMinUdpPayloadOctets;
    const std::size_t ours =
        std::max<std::size_t>(context.max_udp_payload_octets, wire::kMinUdpPayloadOctets);
    return std::min({client, ours, request.limit_octets, request.buffer.size()});
}

}  // namespace

Response::Response(Request& request,
                   const wire::Query& query,
                   const Context& context,
                   bool question) noexcept
    : request_(request),
      query_(query),
      context_(context),
      writer_(request.buffer,
              question ? query.question_end : wire::kHeaderOctets,
              limit_octets(request, query, context)),
      flags_(static_cast<std::uint16_t>(
          wire::flag::kQr |
          (query.header.flags & (wire::flag::kOpcodeMask | wire::flag::kRd | wire::flag::kCd)))) {
    if (query.edns) {
        // The request's options lie where the answer will stand: what is wanted of them is read
        // now.
        wants_nsid_ = !context.nsid.empty() && query.edns->option(wire::edns::kNsid).has_value();
        const std::size_t nsid =
            wants_nsid_ ? kOptionHeadOctets + std::min(context.nsid.size(), kMaxNsidOctets) : 0;
        writer_.reserve(kOptOctets + nsid + kExtendedErrorOctets);
    }
}

bool Response::add(wire::Section section,
                   wire::NameView owner,
                   const zone::RRset& rrset,
                   std::uint32_t ttl_s) noexcept {
    const wire::MessageWriter::Mark before = writer_.mark();
    for (const base::Octets rdata : rrset) {
        if (!writer_.record(section, owner, rrset.type(), wire::klass::kIn, ttl_s, rdata)) {
            writer_.rollback(before);
            return false;
        }
    }
    return true;
}

void Response::add_opt() noexcept {
    std::array<std::uint8_t, kMaxOptionsOctets> options;
    std::size_t size = 0;
    const auto put16 = [&options, &size](std::uint16_t value) {
        base::store_be16(&options[size], value);
        size += 2;
    };
    if (wants_nsid_) {
        const base::Octets nsid =
            base::Octets(context_.nsid).first(std::min(context_.nsid.size(), kMaxNsidOctets));
        put16(wire::edns::kNsid);
        put16(static_cast<std::uint16_t>(nsid.size()));
        std::ranges::copy(nsid, &options[size]);
        size += nsid.size();
    }
    if (extended_error_) {
        put16(wire::edns::kEde);
        put16(2);
        put16(static_cast<std::uint16_t>(*extended_error_));
    }
    writer_.reserve(0);
    const auto add = [this](base::Octets with) {
        return writer_.opt(context_.max_udp_payload_octets, rcode_, query_.edns->dnssec_ok, with);
    };
    // Beside the longest question, the smallest answer has room for the OPT but not for every NSID.
    if (!add(base::Octets(options).first(size))) {
        UNDERSTUDY_CHECK(add({}));
    }
}

void Response::finish(stats::Verdict verdict) noexcept {
    if (query_.edns) {
        add_opt();
    }
    flags_ = static_cast<std::uint16_t>(
        flags_ | (static_cast<std::uint16_t>(rcode_) & wire::flag::kRcodeMask));
    request_.length_octets = writer_.finish(query_.header.id, flags_);
    request_.verdict = is_truncated() ? stats::Verdict::kTruncated : verdict;
}

}  // namespace understudy::answer
