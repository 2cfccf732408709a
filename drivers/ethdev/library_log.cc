#include "ethdev/library_log.h"

#include <understudy/base/check.h>

#include <bpf/libbpf.h>
#include <rte_log.h>
#include <xdp/libxdp.h>

#include <cstdarg>
#include <cstdlib>
#include <string_view>

namespace understudy::ethdev {
namespace {

// libbpf and libxdp hand over no context; DPDK's stream is where all three meet.
__attribute__((format(printf, 2, 0))) int print_libbpf(libbpf_print_level level,
                                                       const char* format,
                                                       std::va_list arguments) {
    return level == LIBBPF_WARN ? std::vfprintf(rte_log_get_stream(), format, arguments) : 0;
}

__attribute__((format(printf, 2, 0))) int print_libxdp(libxdp_print_level level,
                                                       const char* format,
                                                       std::va_list arguments) {
    return level == LIBXDP_WARN ? std::vfprintf(rte_log_get_stream(), format, arguments) : 0;
}

/// Without the name of the library or function that speaks: `EAL: `, `load_it(): `, `libbpf: `.
std::string_view without_speaker(std::string_view line) {
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos || line.find(' ') < colon) {
        return line;
    }
    return line.substr(colon + 2);
}

}  // namespace

LibraryLog::LibraryLog() : stream_(open_memstream(&text_, &length_octets_)) {
    UNDERSTUDY_CHECK(stream_ != nullptr);
    rte_log_set_global_level(RTE_LOG_ERR);
    rte_openlog_stream(stream_);
    libbpf_set_print(print_libbpf);
    libxdp_set_print(print_libxdp);
}

LibraryLog::~LibraryLog() {
    rte_openlog_stream(stderr);
    (void)std::fclose(stream_);
    std::free(text_);  // NOLINT(cppcoreguidelines-no-malloc): open_memstream allocated it
}

std::string LibraryLog::first_line(const char* otherwise) {
    (void)std::fflush(stream_);
    std::string_view rest(text_, length_octets_);
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        const auto line = without_speaker(rest.substr(0, end));
        if (!line.empty()) {
            return std::string(line);
        }
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    return otherwise;
}

}  // namespace understudy::ethdev
