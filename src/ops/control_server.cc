#include <understudy/ops/control_server.h>

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>
#include <set>
#include <system_error>
#include <utility>

#include "ops/commands.h"
#include "ops/control_session.h"
#include "ops/control_socket.h"
#include "ops/rates.h"

namespace understudy::ops {
namespace {

/// How long to leave accepting alone after the environment refused it (descriptors, memory).
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

/// Shared with the handlers that wait in the loop only weakly: they do nothing once it is gone.
struct ControlServer::State : std::enable_shared_from_this<State> {
    State(asio::io_context& loop,
          ControlSocket listener,
          Operations& operations,
          CounterSources counters,
          const base::Clock& clock)
        : sources(std::move(counters)),
          rates(sources, clock),
          commands(operations, sources, rates, clock),
          file(std::move(listener)),
          acceptor(loop, asio::local::stream_protocol(), file.release_descriptor()),
          sample_timer(loop),
          accept_timer(loop) {}

    void sample_regularly();
    void accept();
    void accept_later();
    void take_in(ControlSession::Socket socket);

    CounterSources sources;
    Rates rates;
    Commands commands;
    ControlSocket file;
    asio::local::stream_protocol::acceptor acceptor;
    asio::steady_timer sample_timer;
    asio::steady_timer accept_timer;
    std::set<ControlSession*> sessions;
    bool is_accepting = false;
};

void ControlServer::State::sample_regularly() {
    sample_timer.expires_after(Rates::kInterval);
    sample_timer.async_wait([weak = weak_from_this()](std::error_code error) {
        if (const auto self = weak.lock(); self && !error) {
            self->rates.sample();
            self->commands.expire();
            self->sample_regularly();
        }
    });
}

void ControlServer::State::accept() {
    if (is_accepting || sessions.size() >= kMaxClients) {
        return;  // goes on when a session ends
    }
    is_accepting = true;
    acceptor.async_accept(
        [weak = weak_from_this()](std::error_code error, ControlSession::Socket socket) {
            const auto self = weak.lock();
            if (!self) {
                return;
            }
            self->is_accepting = false;
            if (error) {
                return self->accept_later();
            }
            self->take_in(std::move(socket));
            self->accept();
        });
}

void ControlServer::State::accept_later() {
    accept_timer.expires_after(kAcceptPause);
    accept_timer.async_wait([weak = weak_from_this()](std::error_code error) {
        if (const auto self = weak.lock(); self && !error) {
            self->accept();
        }
    });
}

void ControlServer::State::take_in(ControlSession::Socket socket) {
    const auto session = std::make_shared<ControlSession>(
        std::move(socket), commands, [weak = weak_from_this()](ControlSession* ended) {
            if (const auto self = weak.lock()) {
                self->sessions.erase(ended);
                self->accept();
            }
        });
    sessions.insert(session.get());
    session->start();
}

base::Expected<std::unique_ptr<ControlServer>> ControlServer::open(asio::io_context& loop,
                                                                   const std::string& path,
                                                                   Operations& operations,
                                                                   CounterSources sources,
                                                                   const base::Clock& clock) {
    auto listener = ControlSocket::open(path);
    if (!listener) {
        return tl::unexpected(listener.error());
    }
    auto state =
        std::make_shared<State>(loop, std::move(*listener), operations, std::move(sources), clock);
    state->sample_regularly();
    state->accept();
    return std::unique_ptr<ControlServer>(new ControlServer(std::move(state)));
}

ControlServer::ControlServer(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

ControlServer::~ControlServer() {
    for (ControlSession* session : std::exchange(state_->sessions, {})) {
        session->close();
    }
}

}  // namespace understudy::ops
