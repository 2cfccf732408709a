#include "control/zone_loader.h"

#include <gtest/gtest.h>
#include <understudy/control/check.h>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/octets.h"
#include "support/temporary_folder.h"
#include "support/transfers.h"
#include "support/zones.h"

namespace understudy::control {
namespace {

constexpr std::string_view kGood = "@ 300 SOA ns admin 5 1 2 3 4\n@ NS ns\nns A 192.0.2.1\n";

class ZoneLoaderTest : public testing::Test {
  protected:
    void write(std::string_view text) const { std::ofstream(path_) << text; }

    [[nodiscard]] LoadedZone load() const {
        return load_zone_file(path_, support::name("example."), support::kHashKey);
    }

    /// The faults of a file with this text, the folder left out.
    [[nodiscard]] std::string faults_of(std::string_view text) const {
        write(text);
        const LoadedZone loaded = load();
        EXPECT_EQ(loaded.zone == nullptr, !loaded.faults.empty());
        std::string all;
        for (const base::Fault& fault : loaded.faults) {
            EXPECT_EQ(fault.file, path_);
            all += fault.to_string().substr(path_.size() - 1) + "\n";
        }
        return all;
    }

    support::TemporaryFolder folder_;
    std::string path_ = folder_.path() / "z";
};

TEST_F(ZoneLoaderTest, ReadsAZone) {
    write(kGood);
    const LoadedZone loaded = load();
    EXPECT_TRUE(loaded.faults.empty());
    ASSERT_TRUE(loaded.zone);
    EXPECT_EQ(support::dump(*loaded.zone), support::dump(*support::make_zone("example.", kGood)));
    EXPECT_EQ(loaded.mark, mark_file(path_));
}

TEST_F(ZoneLoaderTest, GivesRecordsWithoutATtlTheDefault) {
    write(kGood);
    const auto text = support::dump(*load().zone);
    EXPECT_NE(std::ranges::find(text, "example. 3600 IN NS ns.example."), text.end());
}

TEST_F(ZoneLoaderTest, TellsTheLineOfAFault) {
    EXPECT_EQ(faults_of(std::string(kGood) + "x A 192.0.2.999\n").substr(0, 4), "z:4:");
    EXPECT_EQ(faults_of(std::string(kGood) + "www.example.net. A 192.0.2.1\n"),
              "z:4: www.example.net. is not in the zone\n");
    EXPECT_EQ(faults_of(std::string(kGood) + "x TYPE1 \\# 3 010203\n").substr(0, 4), "z:4:");
}

TEST_F(ZoneLoaderTest, TellsWhatIsWrongWithTheWhole) {
    EXPECT_EQ(faults_of("").substr(0, 3), "z: ");
    EXPECT_EQ(faults_of("@ NS ns\n").substr(0, 3), "z: ");
    EXPECT_EQ(faults_of("@ SOA ns admin 5 1 2 3 4\n").substr(0, 3), "z: ");
    EXPECT_EQ(faults_of(std::string(kGood) + "ns CNAME x\n").substr(0, 3), "z: ");
}

TEST_F(ZoneLoaderTest, TellsOfAFileThatIsNotThere) {
    const LoadedZone loaded = load();
    EXPECT_FALSE(loaded.zone);
    ASSERT_FALSE(loaded.faults.empty());
    EXPECT_EQ(loaded.mark, FileMark{});
    EXPECT_FALSE(load_zone_file(folder_.path(), support::name("example."), support::kHashKey).zone);
}

TEST_F(ZoneLoaderTest, MarksTellStatesOfAFileApart) {
    EXPECT_EQ(mark_file(path_), FileMark{});
    write(kGood);
    const FileMark first = mark_file(path_);
    EXPECT_EQ(mark_file(path_), first);
    EXPECT_NE(first, FileMark{});
    std::filesystem::last_write_time(
        path_, std::filesystem::last_write_time(path_) + std::chrono::nanoseconds(1000));
    EXPECT_NE(mark_file(path_), first);
    const FileMark second = mark_file(path_);
    const auto when = std::filesystem::last_write_time(path_);
    std::filesystem::copy_file(path_, path_ + ".new");
    std::filesystem::last_write_time(path_ + ".new", when);
    std::filesystem::rename(path_ + ".new", path_);  // as editors do
    EXPECT_NE(mark_file(path_), second);
}

TEST_F(ZoneLoaderTest, CheckReadsEveryFileThatTheConfigurationNames) {
    write(kGood);
    const auto config = parse_config(
        "listen: [127.0.0.1@5300]\n"
        "remotes: [{name: p, addresses: [192.0.2.1]}]\n"
        "zones:\n"
        "  - {name: example, file: z}\n"
        "  - {name: missing, file: missing.zone}\n"
        "  - {name: example.net, file: z}\n"
        "  - {name: other, primaries: [p]}\n",
        folder_.path() / "u.yaml");
    ASSERT_TRUE(config.faults.empty());
    const auto faults = check_zone_files(config.config);
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_NE(faults[0].to_string().find(folder_.path() / "missing.zone"), std::string::npos);
}

}  // namespace
}  // namespace understudy::control
