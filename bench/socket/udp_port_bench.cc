// Kernel UDP sockets: how many echoes a second one polling thread gives over loopback, and what one
// costs it. A client thread keeps a window of numbered datagrams under way from several ports and
// checks each echo; the floor is a loop of plain recvmmsg and sendmmsg in the port's place.
//
// Run: udp_port_bench [SECONDS]

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <understudy/base/check.h>
#include <understudy/socket/descriptor.h>
#include <understudy/socket/udp_port.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace understudy::socket {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kClientPorts = 16;
constexpr std::size_t kWindow = 32;  // datagrams under way from each of them
constexpr std::size_t kRounds = 5;
constexpr std::size_t kQueryOctets = 40;
constexpr std::chrono::milliseconds kWait{1};
constexpr unsigned kServerCore = 0;
constexpr unsigned kClientCore = 1;

double thread_cpu_s() {
    timespec now{};
    UNDERSTUDY_CHECK(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void pin_to_core(unsigned core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
}

/// One socket of the client: every datagram carries its number and a pattern made from it.
class Client {
  public:
    explicit Client(std::uint16_t server_port)
        : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        sockaddr_in server{};
        server.sin_family = AF_INET;
        server.sin_port = htons(server_port);
        server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sockaddr any{};
        std::memcpy(&any, &server, sizeof any);
        UNDERSTUDY_CHECK(::connect(socket_.get(), &any, sizeof server) == 0);
        for (std::size_t i = 0; i < kWindow; ++i) {
            vectors_[i] = {.iov_base = octets_[i].data(), .iov_len = kQueryOctets};
            messages_[i].msg_hdr.msg_iov = &vectors_[i];
            messages_[i].msg_hdr.msg_iovlen = 1;
        }
    }

    /// Takes the echoes that are there and sends as many new ones; returns how many came.
    std::size_t turn() {
        const int received =
            ::recvmmsg(socket_.get(), messages_.data(), kWindow, MSG_DONTWAIT, nullptr);
        const std::size_t count = received > 0 ? static_cast<std::size_t>(received) : 0;
        for (std::size_t i = 0; i < count; ++i) {
            std::uint64_t number = 0;
            std::memcpy(&number, octets_[i].data(), sizeof number);
            UNDERSTUDY_CHECK(messages_[i].msg_len == kQueryOctets && number < next_);
            UNDERSTUDY_CHECK(octets_[i] == pattern(number));
        }
        send(count);
        return count;
    }

    void send(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            octets_[i] = pattern(next_++);
        }
        if (count != 0) {
            UNDERSTUDY_CHECK(
                ::sendmmsg(socket_.get(), messages_.data(), static_cast<unsigned>(count), 0) ==
                static_cast<int>(count));
        }
    }

  private:
    using Octets = std::array<std::uint8_t, kQueryOctets>;

    static Octets pattern(std::uint64_t number) {
        Octets octets{};
        octets.fill(static_cast<std::uint8_t>(number * 151));
        std::memcpy(octets.data(), &number, sizeof number);
        return octets;
    }

    Descriptor socket_;
    std::uint64_t next_ = 0;
    std::array<mmsghdr, kWindow> messages_{};
    std::array<iovec, kWindow> vectors_{};
    std::array<Octets, kWindow> octets_{};
};

struct Result {
    double echoes_per_s = 0;
    double cpu_us = 0;  // of the echoing thread, for each
};

/// Runs `echo` on a thread of its own until told to stop, with the client on this one.
Result run(std::uint16_t server_port,
           std::chrono::duration<double> duration,
           const std::function<void(const std::atomic<bool>&)>& echo) {
    std::atomic<bool> stop = false;  // client: writes, server: reads
    double cpu_s = 0;
    std::thread server([&] {
        pin_to_core(kServerCore);
        echo(stop);
        cpu_s = thread_cpu_s();
    });
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < kClientPorts; ++i) {
        clients.push_back(std::make_unique<Client>(server_port));
        clients.back()->send(kWindow);
    }
    std::size_t echoes = 0;
    const auto start = steady_clock::now();
    while (steady_clock::now() - start < duration) {
        for (const auto& client : clients) {
            echoes += client->turn();
        }
    }
    const std::chrono::duration<double> elapsed = steady_clock::now() - start;
    stop = true;
    server.join();
    UNDERSTUDY_CHECK(echoes > 0);
    const auto count = static_cast<double>(echoes);
    return {count / elapsed.count(), cpu_s * 1e6 / count};
}

Result run_port(const char* address, std::chrono::duration<double> duration) {
    const auto endpoint = base::Endpoint{*base::IpAddress::parse(address), 0};
    auto port = UdpPort::open(std::span(&endpoint, 1));
    UNDERSTUDY_CHECK(port.has_value());
    return run((*port)->local_endpoints()[0].port, duration, [&](const std::atomic<bool>& stop) {
        std::array<port::Packet, port::kMaxBurst> packets;
        while (!stop) {
            const std::size_t received = (*port)->rx_burst(packets);
            const auto burst = std::span(packets).first(received);
            const std::size_t sent = (*port)->tx_burst(burst);
            (*port)->free(burst.subspan(sent));
            if (received == 0) {
                (*port)->wait(kWait);
            }
        }
    });
}

/// The floor: the same system calls and nothing else.
Result run_floor(std::chrono::duration<double> duration) {
    const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr any{};
    std::memcpy(&any, &local, sizeof any);
    const int octets = UdpPort::kReceiveBufferOctets;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets);
    UNDERSTUDY_CHECK(socket.get() >= 0 && ::bind(socket.get(), &any, sizeof local) == 0);
    socklen_t length = sizeof local;
    ::getsockname(socket.get(), &any, &length);
    std::memcpy(&local, &any, sizeof local);
    return run(ntohs(local.sin_port), duration, [&](const std::atomic<bool>& stop) {
        static std::array<std::array<std::uint8_t, 1600>, port::kMaxBurst> buffers;
        std::array<mmsghdr, port::kMaxBurst> messages{};
        std::array<iovec, port::kMaxBurst> vectors{};
        std::array<sockaddr_in, port::kMaxBurst> peers{};
        while (!stop) {
            for (std::size_t i = 0; i < messages.size(); ++i) {
                vectors[i] = {.iov_base = buffers[i].data(), .iov_len = buffers[i].size()};
                messages[i].msg_hdr = {.msg_name = &peers[i],
                                       .msg_namelen = sizeof peers[i],
                                       .msg_iov = &vectors[i],
                                       .msg_iovlen = 1,
                                       .msg_control = nullptr,
                                       .msg_controllen = 0,
                                       .msg_flags = 0};
            }
            const int received =
                ::recvmmsg(socket.get(), messages.data(), messages.size(), MSG_DONTWAIT, nullptr);
            for (int i = 0; i < received; ++i) {
                const auto at = static_cast<std::size_t>(i);
                vectors[at].iov_len = messages[at].msg_len;
            }
            if (received > 0) {
                ::sendmmsg(socket.get(), messages.data(), static_cast<unsigned>(received), 0);
            } else {
                pollfd polled{.fd = socket.get(), .events = POLLIN, .revents = 0};
                ::poll(&polled, 1, static_cast<int>(kWait.count()));
            }
        }
    });
}

void print(const char* name, std::vector<Result> results) {
    std::ranges::sort(results, {}, &Result::echoes_per_s);
    const Result& median = results[results.size() / 2];
    std::printf("%-24s %9.0f echoes/s (%.0f to %.0f), %.2f us CPU each\n",
                name,
                median.echoes_per_s,
                results.front().echoes_per_s,
                results.back().echoes_per_s,
                median.cpu_us);
}

}  // namespace
}  // namespace understudy::socket

int main(int argc, char** argv) {
    using namespace understudy::socket;
    pin_to_core(kClientCore);
    const std::chrono::duration<double> duration(argc > 1 ? std::strtod(argv[1], nullptr) : 1.0);
    std::vector<Result> floor;
    std::vector<Result> bound;
    std::vector<Result> wildcard;
    for (std::size_t round = 0; round < kRounds; ++round) {
        floor.push_back(run_floor(duration));
        bound.push_back(run_port("127.0.0.1", duration));
        wildcard.push_back(run_port("0.0.0.0", duration));
    }
    print("system calls alone", floor);
    print("UdpPort, bound", bound);
    print("UdpPort, wildcard", wildcard);
    return 0;
}
