#include "app/pending_file.h"

#include <gtest/gtest.h>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/temporary_folder.h"

namespace understudy::app {
namespace {

class PendingFileTest : public testing::Test {
  protected:
    [[nodiscard]] std::string content() const {
        std::ifstream file(path_);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    [[nodiscard]] std::ptrdiff_t files() const {
        return std::distance(std::filesystem::directory_iterator(folder_.path()), {});
    }

    support::TemporaryFolder folder_;
    std::string path_ = (folder_.path() / "dumped.zone").string();
};

TEST_F(PendingFileTest, IsThereWholeOnceCommitted) {
    auto file = PendingFile::create(path_);
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_TRUE(file->write("one\n"));
    ASSERT_TRUE(file->write(""));
    ASSERT_TRUE(file->write("two\n"));
    EXPECT_FALSE(std::filesystem::exists(path_));
    ASSERT_TRUE(file->commit());
    EXPECT_EQ(content(), "one\ntwo\n");
    EXPECT_EQ(files(), 1);
}

TEST_F(PendingFileTest, WithoutCommitNothingHasHappened) {
    std::ofstream(path_) << "before";
    {
        auto file = PendingFile::create(path_);
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->write("half"));
    }
    EXPECT_EQ(content(), "before");
    EXPECT_EQ(files(), 1);
}

TEST_F(PendingFileTest, CommitReplacesWhatWasThere) {
    std::ofstream(path_) << "before";
    auto file = PendingFile::create(path_);
    ASSERT_TRUE(file && file->write("after") && file->commit());
    EXPECT_EQ(content(), "after");
}

TEST_F(PendingFileTest, RefusesWhatItCannotReplace) {
    EXPECT_FALSE(PendingFile::create((folder_.path() / "no" / "such").string()));
    EXPECT_FALSE(PendingFile::create(folder_.path().string()));
    const auto device = PendingFile::create("/dev/null");
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().message, "/dev/null: not a regular file");
}

}  // namespace
}  // namespace understudy::app
