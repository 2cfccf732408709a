#include "ethdev/runtime_folder.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace understudy::ethdev {
namespace {

namespace fs = std::filesystem;

/// A process's number that is nobody's any more.
pid_t gone() {
    const pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    EXPECT_EQ(waitpid(child, nullptr, 0), child);
    return child;
}

TEST(RuntimeFolder, OfProcessesThatAreGoneIsRemoved) {
    const fs::path parent = fs::temp_directory_path() / ("runtime-" + std::to_string(getpid()));
    const auto make = [&](const std::string& name) {
        fs::create_directories(parent / name);
        std::ofstream(parent / name / "dpdk_telemetry.v2");
        return parent / name;
    };
    const fs::path stale = make("understudy-" + std::to_string(gone()));
    const fs::path ours = make("understudy-" + std::to_string(getpid()));
    const fs::path strangers = make("rte");
    const fs::path nobodys = make("understudy-x");
    remove_stale_runtime_folders(parent);
    EXPECT_FALSE(fs::exists(stale));
    EXPECT_TRUE(fs::exists(ours / "dpdk_telemetry.v2"));
    EXPECT_TRUE(fs::exists(strangers));
    EXPECT_TRUE(fs::exists(nobodys));
    remove_runtime_folder(ours);
    EXPECT_FALSE(fs::exists(ours));
    remove_stale_runtime_folders(parent / "missing");
    fs::remove_all(parent);
}

}  // namespace
}  // namespace understudy::ethdev
