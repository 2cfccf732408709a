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

static_assert(kMinBufferOctets == wire::kHeaderOctets + wire::kMaxNameOctets + 4 + kOptOctets +
                                      kExtendedErrorOctets &&
                  wire::kMinUdpPayloadOctets >= kMinBufferOctets,
              "a question and an OPT with an error always fit");

std::uint16_t own_payload_octets(const Context& context) noexcept {
    return std::max(context.max_udp_payload_octets,
                    static_cast<std::uint16_t>(wire::kMinUdpPayloadOctets));
}

/// The most octets that a response to this request may have.
std::size_t limit_octets(const Request& request,
                         const wire::Query& query,
                         const Context& context) noexcept {
    if (request.transport == Transport::kStream) {
        return std::min({request.buffer.size(), request.limit_octets, wire::kMaxMessageOctets});
    }
    const std::size_t client = query.edns ? query.edns->payload_octets : wire::kMinUdpPayloadOctets;
    const std::size_t ours = own_payload_octets(context);
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
        // An extended error needs no room kept: it goes with answers that have no records.
        writer_.reserve(kOptOctets + nsid);
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
    if (extended_error_) {
        put16(wire::edns::kEde);
        put16(2);
        put16(static_cast<std::uint16_t>(*extended_error_));
    }
    const std::size_t without_nsid = size;
    if (wants_nsid_) {
        const base::Octets nsid =
            base::Octets(context_.nsid).first(std::min(context_.nsid.size(), kMaxNsidOctets));
        put16(wire::edns::kNsid);
        put16(static_cast<std::uint16_t>(nsid.size()));
        std::ranges::copy(nsid, &options[size]);
        size += nsid.size();
    }
    writer_.reserve(0);
    const auto add = [&](std::size_t octets) {
        return writer_.opt(own_payload_octets(context_),
                           rcode_,
                           query_.edns->dnssec_ok,
                           base::Octets(options).first(octets));
    };
    // Beside the longest question, the smallest answer has no room for every NSID.
    if (!add(size)) {
        UNDERSTUDY_CHECK(add(without_nsid));
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
