#include "control/axfr_source.h"

#include <understudy/base/check.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/message_writer.h>
#include <algorithm>
#include <utility>

namespace understudy::control {
namespace {

/// Up to where names can be pointed at: larger messages hold more octets but compress worse.
constexpr std::size_t kUsualMessageOctets = 16384;

}  // namespace

AxfrSource::AxfrSource(std::shared_ptr<const zone::Zone> zone,
                       DifferenceBook::Chain differences,
                       base::Octets request,
                       const wire::Query& query,
                       std::uint16_t own_payload_octets,
                       std::optional<TsigSigner> signer,
                       const base::Clock& clock)
    : zone_(std::move(zone)),
      question_(request.begin(), request.begin() + static_cast<std::ptrdiff_t>(query.question_end)),
      id_(query.header.id),
      flags_(wire::flag::kQr | wire::flag::kAa | (query.header.flags & wire::flag::kRd)),
      signer_(std::move(signer)),
      clock_(clock),
      cursor_(*zone_),
      differences_(std::move(differences)) {
    const zone::RRset soa = zone_->apex_node().rrset(wire::type::kSoa);
    const auto first = soa.begin();
    const base::Octets rdata = *first;
    soa_rdata_.assign(rdata.begin(), rdata.end());
    soa_ttl_s_ = soa.ttl_s();
    if (query.edns) {
        opt_ = {.payload_octets = own_payload_octets, .dnssec_ok = query.edns->dnssec_ok};
    }
}

zone::RecordCursor::Record AxfrSource::record() const noexcept {
    if (stage_ == Stage::kRecords) {
        return *record_;  // NOLINT(bugprone-unchecked-optional-access): the stage says so
    }
    return {zone_->apex(), wire::type::kSoa, soa_ttl_s_, soa_rdata_};
}

std::optional<zone::RecordCursor::Record> AxfrSource::next_record() noexcept {
    if (differences_.empty()) {
        return cursor_.next();
    }
    while (true) {
        if (const auto next = difference_.next()) {
            return zone::RecordCursor::Record{next->owner, next->type, next->ttl_s, next->rdata};
        }
        if (differences_begun_ == differences_.size()) {
            return std::nullopt;
        }
        difference_ = DifferenceReader(differences_[differences_begun_++]->octets);
    }
}

void AxfrSource::step() noexcept {
    if (stage_ == Stage::kClosingSoa) {
        stage_ = Stage::kDone;
        return;
    }
    record_ = next_record();
    stage_ = record_ ? Stage::kRecords : Stage::kClosingSoa;
}

std::size_t AxfrSource::write(std::vector<std::uint8_t>& message, std::size_t limit_octets) {
    message.assign(limit_octets, 0);
    std::ranges::copy(question_, message.begin());
    wire::MessageWriter writer(message,
                               question_.empty() ? wire::kHeaderOctets : question_.size(),
                               limit_octets,
                               wire::CompressionCase::kExact);
    writer.reserve(opt_ ? wire::kOptOctets : 0);
    while (stage_ != Stage::kDone) {
        const zone::RecordCursor::Record next = record();
        if (!writer.record(wire::Section::kAnswer,
                           next.owner,
                           next.type,
                           wire::klass::kIn,
                           next.ttl_s,
                           next.rdata)) {
            break;
        }
        step();
    }
    writer.reserve(0);
    UNDERSTUDY_CHECK(!opt_ ||
                     writer.opt(opt_->payload_octets, wire::Rcode::kNoError, opt_->dnssec_ok, {}));
    message.resize(writer.finish(id_, flags_));
    return writer.count(wire::Section::kAnswer);
}

bool AxfrSource::next(std::vector<std::uint8_t>& message) {
    if (stage_ == Stage::kDone) {
        return false;
    }
    const std::size_t reserved = signer_ ? signer_->record_octets() : 0;
    if (write(message, kUsualMessageOctets) == 0 &&
        write(message, wire::kMaxMessageOctets - reserved) == 0) {
        return false;  // a record larger than any message: the stream ends without its closing SOA
    }
    question_.clear();  // only the first message has it, and the OPT
    opt_.reset();
    if (signer_) {
        UNDERSTUDY_CHECK(signer_->sign(message, clock_.wall_s()));
    }
    return true;
}

}  // namespace understudy::control
