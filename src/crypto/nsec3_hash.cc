// OpenSSL 3 calls the plain SHA-1 functions deprecated; what it offers instead looks an algorithm
// up and allocates, which the answering threads must not.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/sha.h>
#include <understudy/crypto/nsec3_hash.h>

namespace understudy::crypto {
namespace {

static_assert(kNsec3HashOctets == SHA_DIGEST_LENGTH);

Nsec3Hash sha1(base::Octets first, base::Octets second) noexcept {
    Nsec3Hash digest;
    SHA_CTX context;
    // None of them can fail: they return a constant.
    SHA1_Init(&context);
    SHA1_Update(&context, first.data(), first.size());
    SHA1_Update(&context, second.data(), second.size());
    SHA1_Final(digest.data(), &context);
    return digest;
}

}  // namespace

Nsec3Hash nsec3_hash(base::Octets name, base::Octets salt, std::uint16_t iterations) noexcept {
    Nsec3Hash digest = sha1(name, salt);
    for (unsigned left = iterations; left > 0; --left) {
        digest = sha1(digest, salt);
    }
    return digest;
}

}  // namespace understudy::crypto
