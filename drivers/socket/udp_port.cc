#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <understudy/socket/udp_port.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "socket/listen_socket.h"
#include "socket/udp_receiver.h"
#include "socket/udp_sender.h"

namespace understudy::socket {

struct UdpPort::State {
    std::vector<UdpSocket> sockets;
    Descriptor wake_event;
    std::vector<pollfd> polled;  // the sockets, then wake_event
    std::size_t first = 0;       // the socket whose turn it is to be read first
    UdpPortCounters counters;
    DatagramPool pool;
    UdpReceiver receiver{pool, counters};
    UdpSender sender{pool, counters};
};

UdpPort::UdpPort(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}

UdpPort::~UdpPort() = default;

base::Expected<std::unique_ptr<UdpPort>> UdpPort::open(std::span<const base::Endpoint> listen) {
    if (listen.empty()) {
        return base::fail("a UDP port needs at least one address to listen on");
    }
    auto state = std::make_unique<State>();
    for (const base::Endpoint& endpoint : listen) {
        auto opened = open_udp_socket(endpoint);
        if (!opened) {
            return base::fail(opened.error().message);
        }
        state->polled.push_back({.fd = opened->get(), .events = POLLIN, .revents = 0});
        const base::Endpoint local = bound_endpoint(*opened);
        state->sockets.push_back({std::move(*opened), local, is_wildcard(local.address)});
    }
    state->wake_event = Descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!state->wake_event.valid()) {
        return base::fail("cannot open an event descriptor: " +
                          std::generic_category().message(errno));
    }
    state->polled.push_back({.fd = state->wake_event.get(), .events = POLLIN, .revents = 0});
    return std::unique_ptr<UdpPort>(new UdpPort(std::move(state)));
}

/// Each socket once, beginning with another one each time, so that a busy one cannot starve the
/// others.
std::size_t UdpPort::rx_burst(std::span<port::Packet> packets) noexcept {
    const auto room = packets.first(std::min(packets.size(), port::kMaxBurst));
    const std::size_t count = state_->sockets.size();
    std::size_t received = 0;
    std::size_t index = state_->first;
    for (std::size_t i = 0; i < count && received < room.size(); ++i) {
        received += state_->receiver.receive(
            state_->sockets[index], static_cast<std::uint32_t>(index), room.subspan(received));
        index = index + 1 < count ? index + 1 : 0;
    }
    state_->first = state_->first + 1 < count ? state_->first + 1 : 0;
    return received;
}

std::size_t UdpPort::tx_burst(std::span<port::Packet> packets) noexcept {
    return state_->sender.send(state_->sockets, packets);
}

void UdpPort::free(std::span<port::Packet> packets) noexcept {
    for (const port::Packet& packet : packets) {
        state_->pool.give(DatagramBuffer::of(packet));
    }
}

std::size_t UdpPort::allocate(std::span<port::Packet> packets) noexcept {
    std::size_t count = 0;
    for (; count < packets.size(); ++count) {
        DatagramBuffer* buffer = state_->pool.take();
        if (buffer == nullptr) {
            break;
        }
        buffer->path = {};
        buffer->scope_id = 0;
        buffer->socket_index = 0;
        packets[count] = buffer->packet(0);
    }
    return count;
}

void UdpPort::wait(std::chrono::microseconds timeout) noexcept {
    using std::chrono::seconds;
    const auto rest = std::max(timeout, std::chrono::microseconds::zero());
    const auto whole = std::chrono::duration_cast<seconds>(rest);
    const timespec limit{.tv_sec = whole.count(),
                         .tv_nsec = std::chrono::nanoseconds(rest - whole).count()};
    const int ready =
        ::ppoll(state_->polled.data(), state_->polled.size(), &limit, /*__ss=*/nullptr);
    if (ready > 0 && state_->polled.back().revents != 0) {
        eventfd_t wakes = 0;
        static_cast<void>(::eventfd_read(state_->wake_event.get(), &wakes));
    }
}

void UdpPort::wake() noexcept {
    // Fails only where the event is set already.
    static_cast<void>(::eventfd_write(state_->wake_event.get(), 1));
}

std::vector<base::Endpoint> UdpPort::local_endpoints() const {
    std::vector<base::Endpoint> endpoints;
    for (const UdpSocket& socket : state_->sockets) {
        endpoints.push_back(socket.local);
    }
    return endpoints;
}

const UdpPortCounters& UdpPort::counters() const noexcept { return state_->counters; }

std::uint64_t UdpPort::overflows() const noexcept {
    std::uint64_t sum = 0;
    for (const UdpSocket& socket : state_->sockets) {
        std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
        socklen_t length = sizeof info;
        if (::getsockopt(socket.descriptor.get(), SOL_SOCKET, SO_MEMINFO, info.data(), &length) ==
            0) {
            sum += info[SK_MEMINFO_DROPS];
        }
    }
    return sum;
}

}  // namespace understudy::socket
