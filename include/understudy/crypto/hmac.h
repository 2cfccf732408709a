#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

/// OpenSSL's message authentication with allocations and errors at the start only.
namespace understudy::crypto {

enum class Digest : std::uint8_t { kSha1, kSha224, kSha256, kSha384, kSha512 };

/// The longest of them, SHA-512's.
inline constexpr std::size_t kMaxDigestOctets = 64;

[[nodiscard]] constexpr std::size_t digest_octets(Digest digest) noexcept {
    constexpr std::array<std::size_t, 5> kOctets = {20, 28, 32, 48, kMaxDigestOctets};
    return kOctets[static_cast<std::size_t>(digest)];
}

/// Keyed-hash authentication (RFC 2104) of any number of messages under one key. The key is hashed
/// once, when this is made; from then on nothing is allocated and nothing can fail.
///
/// Any thread, one at a time. A moved-from one may only be destroyed or assigned to.
class Hmac {
  public:
    /// A key of any length, none included. Fails where OpenSSL does not offer the algorithm.
    [[nodiscard]] static base::Expected<Hmac> make(Digest digest, base::Octets key);

    [[nodiscard]] Digest digest() const noexcept { return digest_; }

    /// Appends to the message.
    void update(base::Octets octets) noexcept;

    /// The whole message's code, of digest_octets(digest()) octets, and a new empty message under
    /// the same key. Valid until the next `finish`.
    [[nodiscard]] base::Octets finish() noexcept;

    /// Forgets what was appended so far.
    void reset() noexcept;

  private:
    struct FreeContext {
        void operator()(void* context) const noexcept;
    };
    using Context = std::unique_ptr<void, FreeContext>;  // an EVP_MAC_CTX

    Hmac(Digest digest, Context context) noexcept : digest_(digest), context_(std::move(context)) {}

    Digest digest_;
    Context context_;
    std::array<std::uint8_t, kMaxDigestOctets> code_{};
};

/// Equal in length and content. The time depends on the lengths alone, so that a forger learns
/// nothing of how much of a guess was right.
[[nodiscard]] bool constant_time_equal(base::Octets left, base::Octets right) noexcept;

}  // namespace understudy::crypto
