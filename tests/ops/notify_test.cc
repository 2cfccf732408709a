#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <understudy/ops/notify.h>
#include <unistd.h>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace understudy::ops {
namespace {

/// The service manager's end.
class Manager {
  public:
    explicit Manager(const std::string& address)
        : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        std::memcpy(at.sun_path, address.data(), address.size());
        std::size_t length = offsetof(sockaddr_un, sun_path) + address.size();
        if (address.starts_with('@')) {
            at.sun_path[0] = '\0';
        } else {
            ++length;
        }
        EXPECT_EQ(::bind(descriptor_,
                         reinterpret_cast<const sockaddr*>(&at),
                         static_cast<socklen_t>(length)),
                  0);
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;
    ~Manager() { ::close(descriptor_); }

    /// The next message, or nothing.
    [[nodiscard]] std::string read() const {
        std::array<char, 512> message{};
        const ssize_t count = ::recv(descriptor_, message.data(), message.size(), 0);
        return count < 0 ? "" : std::string(message.data(), static_cast<std::size_t>(count));
    }

  private:
    int descriptor_;
};

void expect_all_messages(const Manager& manager, const Notifier& notifier) {
    notifier.ready();
    EXPECT_EQ(manager.read(), "READY=1");
    notifier.status("serving 3 zones");
    EXPECT_EQ(manager.read(), "STATUS=serving 3 zones");
    notifier.reloading(std::chrono::steady_clock::time_point(std::chrono::microseconds(1234567)));
    EXPECT_EQ(manager.read(), "RELOADING=1\nMONOTONIC_USEC=1234567");
    notifier.stopping();
    EXPECT_EQ(manager.read(), "STOPPING=1");
    EXPECT_EQ(manager.read(), "");
}

TEST(Notifier, WritesToAPath) {
    const auto path = std::filesystem::path(testing::TempDir()) /
                      ("notify-" + std::to_string(::getpid()) + ".sock");
    std::filesystem::remove(path);
    {
        const Manager manager(path.string());
        expect_all_messages(manager, Notifier(path.string()));
    }
    Notifier(path.string()).ready();  // nobody there any more: no matter
    std::filesystem::remove(path);
}

TEST(Notifier, WritesToAnAbstractSocket) {
    const std::string name = "@understudy-notify-test-" + std::to_string(::getpid());
    const Manager manager(name);
    expect_all_messages(manager, Notifier(name));
}

TEST(Notifier, ReadsTheEnvironment) {
    const std::string name = "@understudy-notify-env-" + std::to_string(::getpid());
    const Manager manager(name);
    // NOLINTBEGIN(concurrency-mt-unsafe): no other thread runs
    ASSERT_EQ(::setenv("NOTIFY_SOCKET", name.c_str(), 1), 0);
    Notifier::from_environment().ready();
    EXPECT_EQ(manager.read(), "READY=1");
    ASSERT_EQ(::unsetenv("NOTIFY_SOCKET"), 0);
    // NOLINTEND(concurrency-mt-unsafe)
    Notifier::from_environment().ready();
    EXPECT_EQ(manager.read(), "");
}

TEST(Notifier, TakesNoOtherAddresses) {
    for (const std::string& address : {std::string(),
                                       std::string("relative"),
                                       std::string("vsock:2:1234"),
                                       "/" + std::string(200, 'x')}) {
        Notifier(address).ready();  // neither crashes nor writes anywhere
    }
}

}  // namespace
}  // namespace understudy::ops
