#pragma once

#include <gtest/gtest.h>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace understudy::support {

/// A folder of the test's own, removed with all that is in it.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = testing::TempDir() + "understudy-XXXXXX";
        const char* created = ::mkdtemp(name.data());
        EXPECT_NE(created, nullptr);
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace understudy::support
