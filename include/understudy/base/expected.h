#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace understudy::base {

/// What went wrong in the environment or in an input, in words for the operator.
struct Error {
    std::string message;
};

/// A value or the reason why there is none. Stands in for C++23's std::expected.
template <typename T>
using Expected = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(std::string message) {
    return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace understudy::base
