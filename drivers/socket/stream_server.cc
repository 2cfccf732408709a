#include <pthread.h>
#include <understudy/base/check.h>
#include <understudy/socket/stream_server.h>

#include <asio/bind_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <cstring>
#include <exception>
#include <list>
#include <system_error>
#include <thread>

#include "socket/listen_socket.h"
#include "socket/socket_address.h"
#include "socket/stream_connection.h"

namespace understudy::socket {
namespace {

using asio::ip::tcp;
using std::chrono::steady_clock;
using WorkGuard = asio::executor_work_guard<asio::io_context::executor_type>;

/// Before accepting is tried again where descriptors or memory had run out.
constexpr std::chrono::milliseconds kAcceptPause{100};

base::Endpoint from_asio(const tcp::endpoint& endpoint) noexcept {
    SocketAddress address{};
    std::memcpy(&address, endpoint.data(), std::min(endpoint.size(), sizeof address));
    return to_endpoint(address);
}

struct Listener {
    Listener(asio::io_context& context, const base::Endpoint& endpoint)
        : local(endpoint), acceptor(context), pause(context) {}

    base::Endpoint local;
    tcp::acceptor acceptor;
    asio::steady_timer pause;
};

}  // namespace

/// Sockets and timers belong to `reactor`, the coroutines to `work`: what the reactor does is no
/// more than to move finished operations into the queue of `work`. So the thread can sleep in the
/// reactor as one that reads no shared data, and all code that calls the handler runs from `work`.
struct StreamServer::State {
    State(port::StreamHandler& stream_handler, const StreamLimits& stream_limits)
        : limits(stream_limits), handler(stream_handler) {}

    base::Expected<void> listen(const base::Endpoint& endpoint);
    void run();
    void begin_stop();

    template <typename Task>
    void spawn(Task task);
    asio::awaitable<void> accept(Listener& listener);
    asio::awaitable<void> serve(std::list<StreamConnection>::iterator connection);
    asio::awaitable<void> watch_deadlines();
    void admit(tcp::socket socket);

    const StreamLimits limits;
    port::StreamHandler& handler;
    StreamCounters counters;
    ConnectionTable table{limits, counters};
    StreamContext context{.handler = handler, .table = table, .counters = counters, .response = {}};

    asio::io_context reactor{1};
    asio::io_context work{1};
    WorkGuard reactor_guard{reactor.get_executor()};
    WorkGuard work_guard{work.get_executor()};
    std::list<Listener> listeners;
    std::list<StreamConnection> connections;
    asio::steady_timer deadline{reactor};
    steady_clock::time_point drain_deadline;  // once context.stopping
    std::size_t tasks = 0;                    // coroutines that have not ended
    std::thread thread;
};

base::Expected<void> StreamServer::State::listen(const base::Endpoint& endpoint) {
    auto opened = open_tcp_listener(endpoint);
    if (!opened) {
        return base::fail(opened.error().message);
    }
    Listener& listener = listeners.emplace_back(reactor, bound_endpoint(*opened));
    asio::error_code error;
    listener.acceptor.assign(
        endpoint.address.is_v6() ? tcp::v6() : tcp::v4(), opened->get(), error);
    if (error) {
        return base::fail("cannot listen on " + endpoint.to_string() + ": " + error.message());
    }
    static_cast<void>(opened->release());  // the acceptor's now
    return {};
}

void StreamServer::State::run() {
    handler.attach_thread();
    for (Listener& listener : listeners) {
        spawn(accept(listener));
    }
    spawn(watch_deadlines());
    while (true) {
        handler.after_wait();
        work.poll();
        handler.before_wait();
        if (tasks == 0) {
            break;
        }
        reactor.run_one();
        reactor.poll();
    }
    handler.detach_thread();
}

template <typename Task>
void StreamServer::State::spawn(Task task) {
    ++tasks;
    asio::co_spawn(work, std::move(task), [this](const std::exception_ptr& error) {
        if (error) {
            std::rethrow_exception(error);  // out of memory or our own bug: ends the process
        }
        --tasks;
    });
}

asio::awaitable<void> StreamServer::State::accept(Listener& listener) {
    while (!context.stopping) {
        asio::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        tcp::socket socket = co_await listener.acceptor.async_accept(token);
        if (context.stopping) {
            break;
        }
        if (!error) {
            admit(std::move(socket));
            continue;
        }
        counters.accept_failures.add(1);
        listener.pause.expires_after(kAcceptPause);
        co_await listener.pause.async_wait(token);
    }
}

void StreamServer::State::admit(tcp::socket socket) {
    asio::error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) {
        return;  // gone again
    }
    const tcp::endpoint local = socket.local_endpoint(error);
    if (error) {
        return;
    }
    socket.set_option(tcp::no_delay(true), error);  // good to have
    const port::StreamPath path{.peer = from_asio(peer), .local = from_asio(local)};
    connections.emplace_front(std::move(socket), path, context);
    table.add(connections.front(), steady_clock::now());
    spawn(serve(connections.begin()));
}

asio::awaitable<void> StreamServer::State::serve(std::list<StreamConnection>::iterator connection) {
    const CloseCause cause = co_await connection->serve();
    table.remove(*connection, cause);
    connections.erase(connection);
    if (context.stopping) {
        deadline.cancel();
    }
}

asio::awaitable<void> StreamServer::State::watch_deadlines() {
    while (!context.stopping || !table.empty()) {
        const auto now = steady_clock::now();
        table.close_expired(now);
        auto next = table.next_deadline(now);
        if (context.stopping && now >= drain_deadline) {
            table.close_all(CloseCause::kShutdown);
        } else if (context.stopping) {
            next = std::min(next, drain_deadline);
        }
        deadline.expires_at(next);
        asio::error_code cancelled;  // looks again in either case
        auto token = asio::redirect_error(asio::use_awaitable, cancelled);
        co_await deadline.async_wait(token);
    }
}

void StreamServer::State::begin_stop() {
    context.stopping = true;
    drain_deadline = steady_clock::now() + limits.drain;
    for (Listener& listener : listeners) {
        asio::error_code ignored;  // closed it is in any case
        listener.acceptor.close(ignored);
        listener.pause.cancel();
    }
    table.close_idle(CloseCause::kShutdown);
    deadline.cancel();
}

std::uint64_t StreamCounters::open() const noexcept {
    std::uint64_t ended = 0;
    for (const stats::Counter& counter : closed) {
        ended += counter.read();
    }
    const std::uint64_t begun = accepted.read();
    return begun > ended ? begun - ended : 0;  // the thread may have gone on between the reads
}

StreamServer::StreamServer(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}

StreamServer::~StreamServer() { stop(); }

base::Expected<std::unique_ptr<StreamServer>> StreamServer::open(
    std::span<const base::Endpoint> endpoints,
    port::StreamHandler& handler,
    const StreamLimits& limits) {
    UNDERSTUDY_CHECK(limits.connections > 0 && limits.connections_per_client > 0);
    try {
        auto state = std::make_unique<State>(handler, limits);
        for (const base::Endpoint& endpoint : endpoints) {
            if (auto listening = state->listen(endpoint); !listening) {
                return base::fail(listening.error().message);
            }
        }
        return std::unique_ptr<StreamServer>(new StreamServer(std::move(state)));
    } catch (const std::system_error& error) {  // Asio's, when it gets no descriptors of its own
        return base::fail(std::string("cannot open an event loop: ") + error.what());
    }
}

void StreamServer::start() {
    UNDERSTUDY_CHECK(!state_->thread.joinable());
    state_->thread = std::thread([state = state_.get()] {
        ::pthread_setname_np(::pthread_self(), "streams");
        state->run();
    });
}

void StreamServer::stop() {
    if (!state_->thread.joinable()) {
        return;
    }
    asio::post(state_->reactor,
               asio::bind_executor(state_->work.get_executor(),
                                   [state = state_.get()] { state->begin_stop(); }));
    state_->thread.join();
}

std::vector<base::Endpoint> StreamServer::local_endpoints() const {
    std::vector<base::Endpoint> endpoints;
    for (const Listener& listener : state_->listeners) {
        endpoints.push_back(listener.local);
    }
    return endpoints;
}

const StreamCounters& StreamServer::counters() const noexcept { return state_->counters; }

}  // namespace understudy::socket
