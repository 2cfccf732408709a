#pragma once

#include <cstdio>
#include <memory>
#include <string>

namespace understudy::ethdev {

/// While it lives, what DPDK, libbpf and libxdp log goes into memory instead of to stderr: the
/// words for the error that we return. Afterwards their errors go to stderr. One at a time, control
/// thread.
class LibraryLog {
  public:
    LibraryLog();
    LibraryLog(const LibraryLog&) = delete;
    LibraryLog& operator=(const LibraryLog&) = delete;
    ~LibraryLog();

    /// The first line, which names the cause where later ones name its consequences; or
    /// `otherwise`.
    [[nodiscard]] std::string first_line(const char* otherwise);

  private:
    char* text_ = nullptr;
    std::size_t length_octets_ = 0;
    std::FILE* stream_;
};

}  // namespace understudy::ethdev
