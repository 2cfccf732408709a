#include <understudy/base/check.h>
#include <understudy/control/tsig.h>
#include <utility>

namespace understudy::control {
namespace {

TsigStatus refusal(wire::TsigError error) noexcept {
    switch (error) {
        case wire::TsigError::kBadKey:
            return TsigStatus::kRefusedBadKey;
        case wire::TsigError::kBadSig:
            return TsigStatus::kRefusedBadSig;
        case wire::TsigError::kBadTime:
            return TsigStatus::kRefusedBadTime;
        default:
            return TsigStatus::kRefused;
    }
}

}  // namespace

base::Expected<TsigClient> TsigClient::make(const KeyConfig& key) {
    auto chain = TsigChain::make(key);
    if (!chain) {
        return tl::unexpected(chain.error());
    }
    return TsigClient(key, std::move(*chain));
}

TsigClient::TsigClient(const KeyConfig& key, TsigChain chain)
    : key_(key.name), algorithm_(tsig_algorithm_name(key.algorithm)), chain_(std::move(chain)) {}

bool TsigClient::sign(std::vector<std::uint8_t>& query, std::int64_t now_s) {
    UNDERSTUDY_CHECK(!query_is_signed_);
    if (!wire::tsig_fits(query,
                         wire::tsig_record_octets(key_, algorithm_, chain_.code_octets(), 0))) {
        return false;
    }
    query_is_signed_ = true;
    wire::Tsig tsig = begin_tsig(key_, algorithm_, query, now_s);
    chain_.add(query);
    tsig.mac = chain_.finish(tsig, TsigChain::Covering::kVariables);
    chain_.follow(tsig.mac);
    wire::append_tsig(query, tsig);
    return true;
}

TsigStatus TsigClient::verify(std::vector<std::uint8_t>& message, std::int64_t now_s) {
    UNDERSTUDY_CHECK(query_is_signed_);
    if (lost_) {
        return *lost_;
    }
    const TsigStatus status = check(message, now_s);
    if (status != TsigStatus::kGood && status != TsigStatus::kPending) {
        lost_ = status;
    }
    return status;
}

TsigStatus TsigClient::finish() const noexcept {
    if (lost_) {
        return *lost_;
    }
    return any_good_ && unsigned_count_ == 0 ? TsigStatus::kGood : TsigStatus::kUnsigned;
}

TsigStatus TsigClient::check(std::vector<std::uint8_t>& message, std::int64_t now_s) {
    wire::Tsig tsig;
    switch (wire::find_tsig(message, tsig)) {
        case wire::TsigPresence::kAbsent:
            return check_unsigned(message);
        case wire::TsigPresence::kMalformed:
            return TsigStatus::kMalformed;
        case wire::TsigPresence::kPresent:
            break;
    }
    const TsigStatus status = check_record(message, tsig, now_s);
    if (status == TsigStatus::kGood) {
        chain_.follow(tsig.mac);
        covering_ = TsigChain::Covering::kTimers;
        any_good_ = true;
        unsigned_count_ = 0;
        wire::strip_tsig(message, tsig);
    }
    return status;
}

TsigStatus TsigClient::check_unsigned(base::Octets message) noexcept {
    if (!any_good_) {
        return TsigStatus::kUnsigned;
    }
    if (++unsigned_count_ > kMaxUnsignedInARow) {
        return TsigStatus::kTooManyUnsigned;
    }
    chain_.add(message);
    return TsigStatus::kPending;
}

TsigStatus TsigClient::check_record(base::Octets message,
                                    const wire::Tsig& tsig,
                                    std::int64_t now_s) {
    if (tsig.key.view() != key_.view() || tsig.algorithm != algorithm_.view()) {
        return TsigStatus::kBadKey;
    }
    if (tsig.mac.empty() && tsig.error != wire::TsigError::kNone) {
        // Anybody may have said so, and it can only make us give up what is not verified anyway.
        return refusal(tsig.error);
    }
    if (!chain_.takes_code_of(tsig.mac.size())) {
        return TsigStatus::kMalformed;
    }
    chain_.add(message, tsig);
    if (!tsig_code_matches(tsig.mac, chain_.finish(tsig, covering_))) {
        return TsigStatus::kBadSig;
    }
    if (!tsig_time_fits(tsig, now_s)) {
        return TsigStatus::kBadTime;
    }
    return tsig.error == wire::TsigError::kNone ? TsigStatus::kGood : refusal(tsig.error);
}

}  // namespace understudy::control
