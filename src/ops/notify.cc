#include <understudy/ops/notify.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace understudy::ops {

Notifier Notifier::from_environment() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
    const char* address = std::getenv("NOTIFY_SOCKET");
    return Notifier(address == nullptr ? "" : address);
}

void Notifier::reloading(std::chrono::steady_clock::time_point now) const {
    using std::chrono::microseconds;
    // The steady clock is CLOCK_MONOTONIC, which sd_notify asks for.
    const auto now_us = std::chrono::duration_cast<microseconds>(now.time_since_epoch()).count();
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now_us));
}

void Notifier::status(std::string_view line) const { send("STATUS=" + std::string(line)); }

void Notifier::send(std::string_view message) const {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    const bool is_abstract = address_.starts_with('@');
    if ((!is_abstract && !address_.starts_with('/')) || address_.size() >= sizeof to.sun_path) {
        return;
    }
    std::memcpy(to.sun_path, address_.data(), address_.size());
    if (is_abstract) {
        to.sun_path[0] = '\0';  // unix(7): the name is what follows, without a final NUL
    }
    const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket < 0) {
        return;
    }
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size() +
                                               (is_abstract ? 0 : 1));
    (void)::sendto(socket,
                   message.data(),
                   message.size(),
                   MSG_NOSIGNAL | MSG_DONTWAIT,
                   reinterpret_cast<const sockaddr*>(&to),
                   length);
    ::close(socket);
}

}  // namespace understudy::ops
