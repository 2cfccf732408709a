#include "ops/control_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include "support/temporary_folder.h"
#include "support/unix_stream.h"

namespace understudy::ops {
namespace {

class ControlSocketTest : public testing::Test {
  protected:
    support::TemporaryFolder folder_;
    std::string path_ = (folder_.path() / "control.sock").string();
};

TEST_F(ControlSocketTest, IsThereForOwnerAndGroupWhileItLives) {
    {
        const auto socket = ControlSocket::open(path_);
        ASSERT_TRUE(socket) << socket.error().message;
        struct stat status {};
        ASSERT_EQ(::stat(path_.c_str(), &status), 0);
        EXPECT_TRUE(S_ISSOCK(status.st_mode));
        EXPECT_EQ(status.st_mode & 07777U, ControlSocket::kMode);
        EXPECT_TRUE(support::UnixStream::connect(path_).is_open());
    }
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ControlSocketTest, CreatesItsFolders) {
    const auto deep = folder_.path() / "run" / "understudy" / "control.sock";
    EXPECT_TRUE(ControlSocket::open(deep.string()));
    EXPECT_TRUE(std::filesystem::is_directory(deep.parent_path()));
}

TEST_F(ControlSocketTest, ReplacesOneThatNobodyListensOn) {
    const int stale = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const sockaddr_un address = support::unix_address(path_);
    ASSERT_EQ(::bind(stale, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(stale);
    ASSERT_TRUE(std::filesystem::exists(path_));
    const auto socket = ControlSocket::open(path_);
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_TRUE(support::UnixStream::connect(path_).is_open());
}

TEST_F(ControlSocketTest, LeavesALiveOneAlone) {
    const auto first = ControlSocket::open(path_);
    ASSERT_TRUE(first);
    const auto second = ControlSocket::open(path_);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("another daemon"), std::string::npos);
    EXPECT_TRUE(support::UnixStream::connect(path_).is_open());
}

TEST_F(ControlSocketTest, LeavesALiveOneWithAFullBacklogAlone) {
    const int full = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const sockaddr_un address = support::unix_address(path_);
    ASSERT_EQ(::bind(full, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(full, 0), 0);
    const auto waiting = support::UnixStream::connect(path_);
    EXPECT_FALSE(ControlSocket::open(path_));
    EXPECT_TRUE(std::filesystem::exists(path_));
    ::close(full);
}

TEST_F(ControlSocketTest, LeavesAnythingElseAlone) {
    std::ofstream(path_) << "precious";
    const auto socket = ControlSocket::open(path_);
    ASSERT_FALSE(socket);
    EXPECT_NE(socket.error().message.find("no socket"), std::string::npos);
    EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

TEST_F(ControlSocketTest, DoesNotRemoveItsSuccessor) {
    auto first = ControlSocket::open(path_);
    ASSERT_TRUE(first);
    std::filesystem::remove(path_);  // an operator's mistake
    const auto second = ControlSocket::open(path_);
    ASSERT_TRUE(second);
    { const ControlSocket ending = std::move(*first); }
    EXPECT_TRUE(support::UnixStream::connect(path_).is_open());
}

TEST_F(ControlSocketTest, RefusesPathsThatNoSocketCanHave) {
    EXPECT_FALSE(ControlSocket::open(""));
    const std::string longest =
        folder_.path().string() + "/" + std::string(107 - folder_.path().string().size() - 1, 'x');
    EXPECT_TRUE(ControlSocket::open(longest));
    EXPECT_FALSE(ControlSocket::open(longest + "x"));
    std::ofstream(path_) << "a file";
    EXPECT_FALSE(ControlSocket::open(path_ + "/control.sock"));
}

TEST_F(ControlSocketTest, OfManyAtOnceOneWins) {
    constexpr int kRounds = 20;
    for (int round = 0; round < kRounds; ++round) {
        std::vector<std::optional<ControlSocket>> sockets(4);
        std::vector<std::thread> threads;
        for (auto& socket : sockets) {
            threads.emplace_back([&] {
                if (auto opened = ControlSocket::open(path_)) {
                    socket.emplace(std::move(*opened));
                }
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        EXPECT_EQ(
            std::ranges::count_if(sockets, [](const auto& socket) { return socket.has_value(); }),
            1);
    }
}

}  // namespace
}  // namespace understudy::ops
