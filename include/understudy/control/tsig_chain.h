#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/control/config.h>
#include <understudy/crypto/hmac.h>
#include <understudy/wire/name.h>
#include <understudy/wire/tsig.h>
#include <cstdint>

namespace understudy::control {

/// How far clocks may be apart, in what we sign (RFC 8945 §10).
inline constexpr std::uint16_t kTsigFudgeS = 300;

/// The codes of one exchange under one key, each covering the one before it (RFC 8945 §4.3, §5.3).
/// What server and client have in common: `[follow] add… finish`, again and again.
class TsigChain {
  public:
    /// Fails where OpenSSL does not offer the algorithm.
    [[nodiscard]] static base::Expected<TsigChain> make(const KeyConfig& key);

    /// The next code covers `mac`, the one before it as it was sent, truncated or not.
    void follow(base::Octets mac) noexcept;

    /// It covers a whole message: one to be signed, or an unsigned one of a stream.
    void add(base::Octets message) noexcept { hmac_.update(message); }

    /// It covers a received message as it was before `tsig` was put on it.
    void add(base::Octets message, const wire::Tsig& tsig) noexcept;

    /// What else the code covers: all of the record's variables, or its timers in a stream's later
    /// messages.
    enum class Covering : std::uint8_t { kVariables, kTimers };

    /// The code over all of that; valid until the next one.
    [[nodiscard]] base::Octets finish(const wire::Tsig& tsig, Covering covering);

    /// How long our codes are.
    [[nodiscard]] std::size_t code_octets() const noexcept {
        return crypto::digest_octets(hmac_.digest());
    }

    /// Whether a received code may be this long (RFC 8945 §5.2.2.1): cut to no less than 10 octets
    /// and half of the whole. No key of ours asks for more.
    [[nodiscard]] bool takes_code_of(std::size_t octets) const noexcept;

  private:
    explicit TsigChain(crypto::Hmac hmac) noexcept : hmac_(std::move(hmac)) {}

    crypto::Hmac hmac_;
};

/// The algorithm's name in a TSIG record, in lower case.
[[nodiscard]] wire::Name tsig_algorithm_name(KeyConfig::Algorithm algorithm);

/// Whether `code`, which may be cut short, is the beginning of `expected`, in constant time.
/// REQUIRES: no longer than `expected`.
[[nodiscard]] bool tsig_code_matches(base::Octets code, base::Octets expected) noexcept;

/// Whether a record signed at `tsig.time_signed_s` may arrive now (RFC 8945 §5.2.3).
[[nodiscard]] bool tsig_time_fits(const wire::Tsig& tsig, std::int64_t now_s) noexcept;

/// A record for `message` as it is about to be signed now, still without its code.
/// REQUIRES: `algorithm` outlives it.
[[nodiscard]] wire::Tsig begin_tsig(wire::NameView key,
                                    wire::NameView algorithm,
                                    base::Octets message,
                                    std::int64_t now_s) noexcept;

}  // namespace understudy::control
