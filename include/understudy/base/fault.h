#pragma once

#include <cstddef>
#include <string>

namespace understudy::base {

/// One complaint about a file that an operator wrote: the configuration, a zone file. Lines and
/// columns count from 1; 0 where unknown.
struct Fault {
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
    std::string message;

    /// `FILE:LINE:COLUMN: message`, without the parts that are unknown.
    [[nodiscard]] std::string to_string() const;
};

}  // namespace understudy::base
