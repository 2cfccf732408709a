#include <understudy/control/core_load.h>

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "support/temporary_folder.h"

namespace understudy::control {
namespace {

std::map<unsigned, CoreTimes> read(const std::string& text) {
    const support::TemporaryFolder folder;
    std::ofstream(folder.path() / "stat") << text;
    return read_core_times(folder.path().string());
}

TEST(CoreTimes, AreReadAsTheKernelWritesThem) {
    const auto times = read(
        "cpu  30 0 30 300 9 0 0 0 0 0\n"
        "cpu0 10 1 20 100 5 2 3 4 9 9\n"
        "cpu11 20 0 10 200 4 0 0 0 0 0\n"
        "intr 12345 0 1\n"
        "cpus 7\n");
    ASSERT_EQ(times.size(), 2U);
    EXPECT_EQ(times.at(0).idle, 105U);
    EXPECT_EQ(times.at(0).total, 145U);
    EXPECT_EQ(times.at(11).total, 234U);
    EXPECT_TRUE(read("").empty());
    EXPECT_TRUE(read_core_times("/nowhere").empty());
    EXPECT_FALSE(read_core_times("/proc").empty());
}

TEST(BusyCoreWarnings, NameTheCoresThatOthersUse) {
    const std::map<unsigned, CoreTimes> before{{0, {100, 200}}, {1, {100, 200}}, {2, {100, 200}}};
    const std::map<unsigned, CoreTimes> after{{0, {100, 210}}, {1, {108, 210}}, {2, {105, 210}}};
    const auto warnings = busy_core_warnings(before, after, std::array{1U, 2U, 3U});
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_TRUE(warnings[0].starts_with("core 2 is busy with other work (50 %)")) << warnings[0];
    EXPECT_TRUE(busy_core_warnings(before, before, std::array{0U, 1U}).empty());
    EXPECT_TRUE(busy_core_warnings(before, {{0, {100, 202}}}, std::array{0U}).empty());
}

}  // namespace
}  // namespace understudy::control
