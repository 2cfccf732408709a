#include "answer/response.h"

#include <understudy/base/check.h>
#include <understudy/zone/fixups.h>
#include <algorithm>
#include <array>

#include "answer/size_limits.h"

namespace understudy::answer {
namespace {

constexpr std::size_t kExtendedErrorOctets = kOptionHeadOctets + 2;
constexpr std::size_t kMaxNsidOctets = 255;  // what the configuration takes at the most
constexpr std::size_t kSoaSerialOctets = 6;  // labels, type, serial (RFC 9660 §2)
constexpr std::size_t kZoneVersionOctets = kOptionHeadOctets + kSoaSerialOctets;
constexpr std::size_t kMaxOptionsOctets =
    kExtendedErrorOctets + kZoneVersionOctets + kOptionHeadOctets + kMaxNsidOctets;
constexpr std::uint8_t kSoaSerial = 0;  // the one type of version (RFC 9660 §7.2)

static_assert(kMinBufferOctets == wire::kHeaderOctets + wire::kMaxNameOctets +
                                      wire::kQuestionTailOctets + wire::kOptOctets +
                                      kExtendedErrorOctets &&
                  wire::kMinUdpPayloadOctets >= kMinBufferOctets,
              "a question and an OPT with an error always fit");

/// The options of a response, the one that matters most first.
class Options {
  public:
    void add(std::uint16_t code, base::Octets value) noexcept {
        base::store_be16(&octets_[size_], code);
        base::store_be16(&octets_[size_ + 2], static_cast<std::uint16_t>(value.size()));
        std::ranges::copy(value, &octets_[size_ + kOptionHeadOctets]);
        size_ += kOptionHeadOctets + value.size();
        ends_[count_++] = size_;
    }

    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] base::Octets first(std::size_t count) const noexcept {
        return base::Octets(octets_).first(count == 0 ? 0 : ends_[count - 1]);
    }

  private:
    std::array<std::uint8_t, kMaxOptionsOctets> octets_;
    std::array<std::size_t, 3> ends_;
    std::size_t size_ = 0;
    std::size_t count_ = 0;
};

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
              limit_octets(request,
                           query.edns ? query.edns->payload_octets : wire::kMinUdpPayloadOctets,
                           own_payload_octets(context))),
      flags_(static_cast<std::uint16_t>(
          wire::flag::kQr |
          (query.header.flags & (wire::flag::kOpcodeMask | wire::flag::kRd | wire::flag::kCd)))) {
    if (query.edns) {
        // The request's options lie where the answer will stand: what is wanted of them is read
        // now.
        wants_nsid_ = !context.nsid.empty() && query.edns->option(wire::edns::kNsid).has_value();
        const std::size_t nsid =
            wants_nsid_ ? kOptionHeadOctets + std::min(context.nsid.size(), kMaxNsidOctets) : 0;
        wants_zone_version_ = query.edns->option(wire::edns::kZoneVersion).has_value();
        const std::size_t version = wants_zone_version_ ? kZoneVersionOctets : 0;
        // An extended error needs no room kept: it goes with answers that have no records.
        writer_.reserve(wire::kOptOctets + nsid + version);
    }
}

bool Response::add_records(wire::Section section,
                           wire::NameView owner,
                           const zone::RRset& rrset,
                           std::uint32_t ttl_s,
                           std::size_t first,
                           std::size_t end) noexcept {
    auto at = rrset.begin();
    for (std::size_t i = 0; i < end; ++i, ++at) {
        if (i >= first &&
            !writer_.record(section, owner, rrset.type(), wire::klass::kIn, ttl_s, *at)) {
            return false;
        }
    }
    return true;
}

bool Response::add(wire::Section section,
                   wire::NameView owner,
                   const zone::RRset& rrset,
                   std::uint32_t ttl_s) noexcept {
    const wire::MessageWriter::Mark before = writer_.mark();
    const std::size_t first =
        section == wire::Section::kAnswer && rotates_ ? query_.header.id % rrset.count() : 0;
    if (!add_records(section, owner, rrset, ttl_s, first, rrset.count()) ||
        !add_records(section, owner, rrset, ttl_s, 0, first)) {
        writer_.rollback(before);
        return false;
    }
    return true;
}

bool Response::add_signed(wire::Section section,
                          wire::NameView owner,
                          const zone::Node& node,
                          const zone::RRset& rrset,
                          std::uint32_t ttl_s) noexcept {
    const wire::MessageWriter::Mark before = writer_.mark();
    if (!add(section, owner, rrset, ttl_s)) {
        return false;
    }
    const auto signatures = dnssec_ok() ? node.signatures(rrset.type()) : std::nullopt;
    if (signatures && !add(section, owner, *signatures, ttl_s)) {
        writer_.rollback(before);
        return false;
    }
    return true;
}

bool Response::add_body(wire::Section section,
                        base::Octets records,
                        std::size_t count,
                        base::Octets fixups,
                        std::size_t shift) noexcept {
    std::uint8_t* const body = writer_.records(section, records, count);
    if (body == nullptr) {
        return false;
    }
    zone::FixUps::apply(fixups, body, shift);
    return true;
}

bool Response::add_stored(const zone::Node& node, const zone::RRset& rrset) noexcept {
    constexpr wire::Section kSection = wire::Section::kAnswer;
    if (rotates_) {
        return add_signed(kSection, query_.name, node, rrset);
    }
    const wire::MessageWriter::Mark before = writer_.mark();
    const auto signatures = dnssec_ok() ? node.signatures(rrset.type()) : std::nullopt;
    if (writer_.records(kSection, rrset.records(), rrset.count()) != nullptr &&
        (!signatures ||
         writer_.records(kSection, signatures->records(), signatures->count()) != nullptr)) {
        return true;
    }
    writer_.rollback(before);
    return false;
}

bool Response::add_owned(wire::Section section,
                         const OwnedRecords& records,
                         std::uint32_t ttl_s) noexcept {
    std::uint8_t* const at = writer_.append(section, records.octets(), records.count());
    if (at == nullptr) {
        return false;
    }
    records.write(at, ttl_s);
    return true;
}

bool Response::add_stored_soa(const zone::Zone& zone) noexcept {
    constexpr wire::Section kSection = wire::Section::kAuthority;
    const zone::NegativeBody body = zone.negative_body();
    const std::size_t shift = query_.name.size() - zone.apex().size();
    return add_body(kSection, body.soa.records, body.soa.count, body.records_fixups, shift) &&
           (!dnssec_ok() || body.soa.signatures.empty() ||
            add_body(kSection,
                     body.soa.signatures,
                     zone::count_records(body.soa.signatures),
                     body.signatures_fixups,
                     shift));
}

void Response::add_opt() noexcept {
    Options options;
    if (extended_error_) {
        std::array<std::uint8_t, 2> code;
        base::store_be16(code.data(), static_cast<std::uint16_t>(*extended_error_));
        options.add(wire::edns::kEde, code);
    }
    if (wants_zone_version_ && zone_ != nullptr) {
        std::array<std::uint8_t, kSoaSerialOctets> version{
            static_cast<std::uint8_t>(zone_->apex_labels()), kSoaSerial};
        base::store_be32(&version[2], zone_->serial());
        options.add(wire::edns::kZoneVersion, version);
    }
    if (wants_nsid_) {
        options.add(
            wire::edns::kNsid,
            base::Octets(context_.nsid).first(std::min(context_.nsid.size(), kMaxNsidOctets)));
    }
    writer_.reserve(0);
    // Beside the longest question, the smallest answer has room for an error only.
    std::size_t count = options.count();
    while (!writer_.opt(own_payload_octets(context_), rcode_, dnssec_ok(), options.first(count))) {
        UNDERSTUDY_CHECK(count > 0);
        --count;
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
