#include "control/random_id.h"

#include <understudy/base/check.h>
#include <understudy/base/octets.h>
#include <understudy/crypto/random.h>
#include <array>

namespace understudy::control {

std::uint16_t random_id() {
    std::array<std::uint8_t, 2> octets{};
    UNDERSTUDY_CHECK(crypto::random_octets(octets));  // the system has entropy since it was started
    return base::load_be16(octets.data());
}

}  // namespace understudy::control
