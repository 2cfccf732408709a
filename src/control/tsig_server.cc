#include <understudy/control/tsig.h>
#include <algorithm>
#include <array>
#include <utility>

namespace understudy::control {
namespace {

constexpr std::size_t kServerTimeOctets = 6;  // BADTIME's other data (RFC 8945 §5.2.3)

/// The key that the record names, under the algorithm that it names.
std::optional<std::size_t> find_key(const wire::Tsig& tsig, std::span<const KeyConfig> keys) {
    const auto found = std::ranges::find_if(keys, [&tsig](const KeyConfig& key) {
        return key.name.view() == tsig.key.view() &&
               tsig_algorithm_name(key.algorithm).view() == tsig.algorithm;
    });
    if (found == keys.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - keys.begin());
}

TsigRequest refuse(const wire::Tsig& tsig, TsigStatus status, wire::TsigError error) {
    return {.status = status, .key = {}, .signer = TsigSigner(tsig, error)};
}

TsigRequest malformed() { return {.status = TsigStatus::kMalformed, .key = {}, .signer = {}}; }

/// Code, then time: the order of RFC 8945 §5.2.
TsigRequest check(base::Octets message,
                  const wire::Tsig& tsig,
                  const KeyConfig& key,
                  std::int64_t now_s) {
    auto chain = TsigChain::make(key);
    if (!chain) {  // a key that cannot be used is one that we do not have
        return refuse(tsig, TsigStatus::kBadKey, wire::TsigError::kBadKey);
    }
    if (!chain->takes_code_of(tsig.mac.size())) {
        return malformed();
    }
    chain->add(message, tsig);
    if (!tsig_code_matches(tsig.mac, chain->finish(tsig, TsigChain::Covering::kVariables))) {
        return refuse(tsig, TsigStatus::kBadSig, wire::TsigError::kBadSig);
    }
    chain->follow(tsig.mac);
    const bool in_time = tsig_time_fits(tsig, now_s);
    const auto error = in_time ? wire::TsigError::kNone : wire::TsigError::kBadTime;
    return {.status = in_time ? TsigStatus::kGood : TsigStatus::kBadTime,
            .key = {},
            .signer = TsigSigner(tsig, error, std::move(*chain))};
}

}  // namespace

TsigSigner::TsigSigner(const wire::Tsig& request, wire::TsigError error)
    : key_(request.key.view()),
      algorithm_(request.algorithm),
      error_(error),
      request_time_s_(request.time_signed_s),
      request_fudge_s_(request.fudge_s) {}

TsigSigner::TsigSigner(const wire::Tsig& request, wire::TsigError error, TsigChain chain)
    : TsigSigner(request, error) {
    chain_ = std::move(chain);
}

std::size_t TsigSigner::other_octets() const noexcept {
    return error_ == wire::TsigError::kBadTime ? kServerTimeOctets : 0;
}

std::size_t TsigSigner::record_octets() const noexcept {
    return wire::tsig_record_octets(
        key_, algorithm_, chain_ ? chain_->code_octets() : 0, other_octets());
}

bool TsigSigner::sign(std::vector<std::uint8_t>& message, std::int64_t now_s) {
    if (!wire::tsig_fits(message, record_octets())) {
        return false;
    }
    wire::Tsig tsig = begin_tsig(key_, algorithm_, message, now_s);
    tsig.error = error_;
    std::array<std::uint8_t, kServerTimeOctets> server_time{};
    if (error_ == wire::TsigError::kBadTime) {
        base::store_be16(server_time.data(), static_cast<std::uint16_t>(tsig.time_signed_s >> 32U));
        base::store_be32(&server_time[2], static_cast<std::uint32_t>(tsig.time_signed_s));
        tsig.other = server_time;
        tsig.time_signed_s = request_time_s_;
        tsig.fudge_s = request_fudge_s_;
    }
    if (chain_) {
        chain_->add(message);
        tsig.mac = chain_->finish(tsig, std::exchange(covering_, TsigChain::Covering::kTimers));
        chain_->follow(tsig.mac);
    }
    wire::append_tsig(message, tsig);
    return true;
}

wire::Rcode TsigRequest::rcode() const noexcept {
    switch (status) {
        case TsigStatus::kGood:
        case TsigStatus::kUnsigned:
            return wire::Rcode::kNoError;
        case TsigStatus::kMalformed:
            return wire::Rcode::kFormErr;
        default:
            return wire::Rcode::kNotAuth;
    }
}

TsigRequest verify_request(std::vector<std::uint8_t>& message,
                           std::span<const KeyConfig> keys,
                           std::int64_t now_s) {
    wire::Tsig tsig;
    const wire::TsigPresence presence = wire::find_tsig(message, tsig);
    if (presence != wire::TsigPresence::kPresent) {
        return presence == wire::TsigPresence::kAbsent ? TsigRequest{} : malformed();
    }
    const auto key = find_key(tsig, keys);
    TsigRequest request = key ? check(message, tsig, keys[*key], now_s)
                              : refuse(tsig, TsigStatus::kBadKey, wire::TsigError::kBadKey);
    if (request.status == TsigStatus::kGood) {
        request.key = key;
    }
    if (request.status != TsigStatus::kMalformed) {
        wire::strip_tsig(message, tsig);
    }
    return request;
}

}  // namespace understudy::control
