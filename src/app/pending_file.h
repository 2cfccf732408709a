#pragma once

#include <understudy/base/expected.h>
#include <string>
#include <string_view>

namespace understudy::app {

/// A file that is there whole or not at all: written under a temporary name beside its own, which
/// it gets on commit() only. Until then, what was there stays as it is. Errors name the file.
class PendingFile {
  public:
    /// Refuses what exists and is no regular file: renaming would replace a device.
    [[nodiscard]] static base::Expected<PendingFile> create(const std::string& path);

    PendingFile(PendingFile&& other) noexcept;
    PendingFile& operator=(PendingFile&& other) = delete;
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;

    /// Without a commit before, leaves nothing behind.
    ~PendingFile();

    [[nodiscard]] base::Expected<void> write(std::string_view text);

    /// On disk and under its name when this returns.
    [[nodiscard]] base::Expected<void> commit();

  private:
    PendingFile(std::string path, std::string temporary, int descriptor) noexcept
        : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

    [[nodiscard]] base::Expected<void> fail_with_errno() const;

    std::string path_;
    std::string temporary_;
    int descriptor_;  // -1: committed or moved from
};

}  // namespace understudy::app
