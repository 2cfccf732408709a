#pragma once

#include <understudy/base/expected.h>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace understudy::app {

/// What `capture` is asked for.
struct CaptureOptions {
    std::string filter;                // as net::PacketFilter writes it
    std::string file;                  // empty: to standard output
    std::uint64_t count = 0;           // of packets; 0: no limit
    std::chrono::seconds duration{0};  // 0: until it is interrupted
};

/// What understudyctl is asked to do.
struct CtlOptions {
    std::string socket;
    bool json = false;
    std::vector<std::string> words;    // the command as the daemon takes it
    std::string dump_file;             // `dump` writes here; empty: to standard output
    std::chrono::seconds patience{0};  // of `wait`
    CaptureOptions capture;
};

/// What to print and how to exit where there is nothing to do.
struct CtlUsage {
    int exit_code = 0;  // 0: help was asked for, the text is for standard output; 2: wrong usage
    std::string text;
};

[[nodiscard]] tl::expected<CtlOptions, CtlUsage> parse_ctl_options(int argc,
                                                                   const char* const* argv);

}  // namespace understudy::app
