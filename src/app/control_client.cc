#include "app/control_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

namespace understudy::app {
namespace {

constexpr std::size_t kReadOctets = std::size_t{64} * 1024;

tl::unexpected<ClientFailure> unreachable(std::string message) {
    return tl::unexpected(ClientFailure{ClientFailure::Kind::kUnreachable, std::move(message)});
}

std::string advice_for(int error) {
    return error == EACCES || error == EPERM
               ? "run this as root or as the daemon's user or group"
               : "start understudyd, or name its control socket with --socket";
}

/// A connection to the daemon that closes itself.
class Connection {
  public:
    Connection() noexcept : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }

    /// All return 0 or an errno.
    [[nodiscard]] int connect(const std::string& path) const noexcept;
    [[nodiscard]] int send(std::string_view octets) const noexcept;

    /// Reads a line into `line`, without its end; false at the stream's end.
    [[nodiscard]] tl::expected<bool, int> read_line(std::string& line);

  private:
    [[nodiscard]] tl::expected<std::size_t, int> read_more();

    int descriptor_;
    std::string received_;
    std::size_t begin_ = 0;  // of what read_line has not given yet
};

int Connection::connect(const std::string& path) const noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return ENAMETOOLONG;
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    timeval patience{};
    patience.tv_sec = std::chrono::seconds(kAnswerTimeout).count();
    (void)::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
               ? 0
               : errno;
}

int Connection::send(std::string_view octets) const noexcept {
    while (!octets.empty()) {
        const ssize_t count = ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            octets.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

tl::expected<std::size_t, int> Connection::read_more() {
    const std::size_t have = received_.size();
    received_.resize(have + kReadOctets);
    ssize_t count = -1;
    do {
        count = ::recv(descriptor_, received_.data() + have, kReadOctets, 0);
    } while (count < 0 && errno == EINTR);
    const int error = errno;
    received_.resize(have + static_cast<std::size_t>(count < 0 ? 0 : count));
    if (count < 0) {
        return tl::unexpected(error);
    }
    return static_cast<std::size_t>(count);
}

tl::expected<bool, int> Connection::read_line(std::string& line) {
    received_.erase(0, std::exchange(begin_, 0));
    for (std::size_t searched = 0;;) {
        const std::size_t end = received_.find('\n', searched);
        if (end != std::string::npos) {
            line.assign(received_, 0, end);
            begin_ = end + 1;
            return true;
        }
        searched = received_.size();
        const auto count = read_more();
        if (!count) {
            return tl::unexpected(count.error());
        }
        if (*count == 0) {
            return false;
        }
    }
}

/// Reads the response to its last line.
tl::expected<ops::Outcome, ClientFailure> read_response(Connection& connection,
                                                        const TextSink& take_text) {
    for (std::string line;;) {
        const auto is_line = connection.read_line(line);
        if (!is_line) {
            const bool is_timeout = is_line.error() == EAGAIN;
            return unreachable(is_timeout ? "the daemon does not answer: look into its log"
                                          : "the daemon's answer broke off (" +
                                                std::generic_category().message(is_line.error()) +
                                                "): look into its log");
        }
        if (!*is_line) {
            return unreachable("the daemon's answer broke off: look into its log");
        }
        auto response = ops::decode_response(line);
        if (!response) {
            return unreachable("what answers is no understudyd (" + response.error().message +
                               "): name its control socket with --socket");
        }
        if (auto* outcome = std::get_if<ops::Outcome>(&*response)) {
            return std::move(*outcome);
        }
        if (auto taken = take_text(std::get<ops::TextPart>(*response).text); !taken) {
            return tl::unexpected(ClientFailure{ClientFailure::Kind::kHere, taken.error().message});
        }
    }
}

}  // namespace

tl::expected<ops::Outcome, ClientFailure> ask_daemon(const std::string& socket,
                                                     std::span<const std::string> words,
                                                     const TextSink& take_text) {
    Connection connection;
    if (const int error = connection.connect(socket); error != 0) {
        return unreachable("cannot reach the daemon at " + socket + " (" +
                           std::generic_category().message(error) + "): " + advice_for(error));
    }
    // A daemon that refuses the request may answer and close before it has read all of it.
    if (const int error = connection.send(ops::encode_request(words));
        error != 0 && error != EPIPE) {
        return unreachable("cannot ask the daemon at " + socket + " (" +
                           std::generic_category().message(error) + "): look into its log");
    }
    return read_response(connection, take_text);
}

}  // namespace understudy::app
