#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <understudy/base/check.h>
#include <understudy/crypto/hmac.h>
#include <string>

#include "crypto/openssl_error.h"

namespace understudy::crypto {
namespace {

constexpr std::array kDigestNames = {"SHA1", "SHA2-224", "SHA2-256", "SHA2-384", "SHA2-512"};

static_assert(kMaxDigestOctets <= EVP_MAX_MD_SIZE);

EVP_MAC_CTX* evp(void* context) noexcept { return static_cast<EVP_MAC_CTX*>(context); }

}  // namespace

void Hmac::FreeContext::operator()(void* context) const noexcept { EVP_MAC_CTX_free(evp(context)); }

base::Expected<Hmac> Hmac::make(Digest digest, base::Octets key) {
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
    if (mac == nullptr) {
        return openssl_failure("OpenSSL offers no HMAC");
    }
    Context context(EVP_MAC_CTX_new(mac));
    EVP_MAC_free(mac);  // the context holds a reference of its own
    std::string name = kDigestNames[static_cast<std::size_t>(digest)];
    const std::array parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
        OSSL_PARAM_construct_end()};
    // A null key would mean "the one set before".
    static constexpr std::uint8_t kNoKey = 0;
    const std::uint8_t* key_octets = key.empty() ? &kNoKey : key.data();
    if (context == nullptr ||
        EVP_MAC_init(evp(context.get()), key_octets, key.size(), parameters.data()) != 1) {
        return openssl_failure("HMAC with " + name + " is not to be had from OpenSSL");
    }
    return Hmac(digest, std::move(context));
}

void Hmac::update(base::Octets octets) noexcept {
    UNDERSTUDY_CHECK(EVP_MAC_update(evp(context_.get()), octets.data(), octets.size()) == 1);
}

base::Octets Hmac::finish() noexcept {
    std::size_t length = 0;
    UNDERSTUDY_CHECK(EVP_MAC_final(evp(context_.get()), code_.data(), &length, code_.size()) == 1);
    UNDERSTUDY_CHECK(length == digest_octets(digest_));
    reset();
    return base::Octets(code_).first(length);
}

void Hmac::reset() noexcept {
    UNDERSTUDY_CHECK(EVP_MAC_init(evp(context_.get()), nullptr, 0, nullptr) == 1);
}

bool constant_time_equal(base::Octets left, base::Octets right) noexcept {
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace understudy::crypto
