#pragma once

#include <understudy/base/expected.h>
#include <string>

namespace understudy::crypto {

/// `what` with the oldest reason in OpenSSL's queue of this thread, which is emptied.
[[nodiscard]] tl::unexpected<base::Error> openssl_failure(const std::string& what);

}  // namespace understudy::crypto
