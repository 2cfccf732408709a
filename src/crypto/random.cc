#include <openssl/rand.h>
#include <understudy/crypto/random.h>

#include "crypto/openssl_error.h"

namespace understudy::crypto {

base::Expected<void> random_octets(base::MutableOctets octets) {
    // The _ex form takes a size_t; strength 0 is the generator's own.
    if (RAND_bytes_ex(nullptr, octets.data(), octets.size(), 0) != 1) {
        return openssl_failure("no random octets");
    }
    return {};
}

}  // namespace understudy::crypto
