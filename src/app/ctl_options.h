#pragma once

#include <understudy/base/expected.h>
#include <chrono>
#include <string>
#include <vector>

namespace understudy::app {

/// What understudyctl is asked to do.
struct CtlOptions {
    std::string socket;
    bool json = false;
    std::vector<std::string> words;    // the command as the daemon takes it
    std::string dump_file;             // `dump` writes here; empty: to standard output
    std::chrono::seconds patience{0};  // of `wait`
};

/// What to print and how to exit where there is nothing to do.
struct CtlUsage {
    int exit_code = 0;  // 0: help was asked for, the text is for standard output; 2: wrong usage
    std::string text;
};

[[nodiscard]] tl::expected<CtlOptions, CtlUsage> parse_ctl_options(int argc,
                                                                   const char* const* argv);

}  // namespace understudy::app
