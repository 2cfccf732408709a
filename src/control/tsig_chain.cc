#include <understudy/control/tsig_chain.h>
#include <algorithm>
#include <array>
#include <cstdlib>

namespace understudy::control {
namespace {

constexpr std::size_t kMinCodeOctets = 10;  // RFC 8945 §5.2.2.1

struct Algorithm {
    crypto::Digest digest;
    const char* name;
};

/// In the order of KeyConfig::Algorithm.
constexpr std::array<Algorithm, 5> kAlgorithms = {{
    {crypto::Digest::kSha1, "hmac-sha1."},
    {crypto::Digest::kSha224, "hmac-sha224."},
    {crypto::Digest::kSha256, "hmac-sha256."},
    {crypto::Digest::kSha384, "hmac-sha384."},
    {crypto::Digest::kSha512, "hmac-sha512."},
}};

constexpr const Algorithm& describe(KeyConfig::Algorithm algorithm) noexcept {
    return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

static_assert(describe(KeyConfig::Algorithm::kSha1).digest == crypto::Digest::kSha1);
static_assert(describe(KeyConfig::Algorithm::kSha512).digest == crypto::Digest::kSha512);

}  // namespace

base::Expected<TsigChain> TsigChain::make(const KeyConfig& key) {
    auto hmac = crypto::Hmac::make(describe(key.algorithm).digest, key.secret);
    if (!hmac) {
        return tl::unexpected(hmac.error());
    }
    return TsigChain(std::move(*hmac));
}

void TsigChain::follow(base::Octets mac) noexcept {
    std::array<std::uint8_t, 2> size{};
    base::store_be16(size.data(), static_cast<std::uint16_t>(mac.size()));
    hmac_.update(size);
    hmac_.update(mac);
}

void TsigChain::add(base::Octets message, const wire::Tsig& tsig) noexcept {
    const wire::TsigCoverage covered = wire::tsig_coverage(message, tsig);
    hmac_.update(covered.header);
    hmac_.update(covered.rest);
}

base::Octets TsigChain::finish(const wire::Tsig& tsig, Covering covering) {
    if (covering == Covering::kVariables) {
        hmac_.update(wire::tsig_variables(tsig));
    } else {
        hmac_.update(wire::tsig_timers(tsig));
    }
    return hmac_.finish();
}

bool TsigChain::takes_code_of(std::size_t octets) const noexcept {
    const std::size_t whole = code_octets();
    return octets <= whole && octets >= std::max(kMinCodeOctets, whole / 2);
}

wire::Name tsig_algorithm_name(KeyConfig::Algorithm algorithm) {
    return wire::Name::from_text(describe(algorithm).name).value();
}

bool tsig_code_matches(base::Octets code, base::Octets expected) noexcept {
    return crypto::constant_time_equal(code, expected.first(code.size()));
}

bool tsig_time_fits(const wire::Tsig& tsig, std::int64_t now_s) noexcept {
    return std::abs(now_s - static_cast<std::int64_t>(tsig.time_signed_s)) <= tsig.fudge_s;
}

wire::Tsig begin_tsig(wire::NameView key,
                      wire::NameView algorithm,
                      base::Octets message,
                      std::int64_t now_s) noexcept {
    constexpr std::uint64_t kTimeMask = 0xFFFF'FFFF'FFFF;  // 48 bits
    wire::Tsig tsig;
    tsig.key.assign(key);
    tsig.algorithm = algorithm;
    tsig.time_signed_s = static_cast<std::uint64_t>(now_s) & kTimeMask;
    tsig.fudge_s = kTsigFudgeS;
    tsig.original_id = base::load_be16(message.data());
    return tsig;
}

}  // namespace understudy::control
