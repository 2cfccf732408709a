#include <gtest/gtest.h>
#include <sys/stat.h>
#include <understudy/base/file.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace understudy::base {
namespace {

namespace fs = std::filesystem;

class File : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "file_test.XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string path() const { return (folder_ / "it").string(); }

    void write(std::string_view text) const { std::ofstream(path(), std::ios::binary) << text; }

  private:
    fs::path folder_;
};

TEST_F(File, ReadsEveryOctet) {
    std::string text(100'000, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = static_cast<char>(i * 7);
    }
    write(text);
    EXPECT_EQ(read_file(path(), text.size()).value().view(), text);
    write("");
    EXPECT_EQ(read_file(path(), 0).value().view(), "");
}

TEST_F(File, HoldsToTheLimit) {
    write("four");
    EXPECT_EQ(read_file(path(), 3).error().message, path() + ": larger than 3 octets");
}

TEST_F(File, RefusesWhatIsNoFile) {
    EXPECT_EQ(read_file(path(), 9).error().message, path() + ": No such file or directory");
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    EXPECT_EQ(read_file(path(), 9).error().message, path() + ": not a regular file");
}

}  // namespace
}  // namespace understudy::base
