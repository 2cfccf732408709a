#pragma once

#include <understudy/base/expected.h>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace understudy::base {

/// The octets of a file as they stood at one moment, kept in memory. Not a mapping on purpose: who
/// truncates a mapped file while it is being read ends this process with SIGBUS.
class FileText {
  public:
    FileText() = default;
    FileText(std::unique_ptr<char[]> octets, std::size_t size) noexcept
        : octets_(std::move(octets)), size_(size) {}

    [[nodiscard]] std::string_view view() const noexcept { return {octets_.get(), size_}; }

  private:
    std::unique_ptr<char[]> octets_;
    std::size_t size_ = 0;
};

/// Reads a regular file whole. Fails, with the path and the reason, where it cannot be opened, is
/// no regular file, is larger than `max_octets`, or changes while it is being read.
[[nodiscard]] Expected<FileText> read_file(const std::string& path, std::size_t max_octets);

}  // namespace understudy::base
