#include "crypto/openssl_error.h"

#include <openssl/err.h>
#include <array>

namespace understudy::crypto {

tl::unexpected<base::Error> openssl_failure(const std::string& what) {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    std::array<char, 256> reason{};  // as long as the library asks for
    ERR_error_string_n(code, reason.data(), reason.size());
    return base::fail(what + ": " + (code == 0 ? "no reason given" : reason.data()));
}

}  // namespace understudy::crypto
