#pragma once

#include <string>
#include <system_error>

namespace understudy::ethdev {

/// The words for an errno, as strerror has them, but safe beside other threads.
[[nodiscard]] inline std::string system_message(int error) {
    return std::generic_category().message(error);
}

}  // namespace understudy::ethdev
