#pragma once

#include <understudy/base/clock.h>
#include <understudy/base/expected.h>
#include <understudy/ops/counter_sources.h>
#include <understudy/ops/operations.h>
#include <cstddef>
#include <memory>
#include <string>

namespace asio {
class io_context;
}

namespace understudy::ops {

/// The daemon's end of the control socket (see protocol.h): takes any number of clients, a bounded
/// number of them at a time, and carries out their commands. Also takes the samples that rates are
/// made of. No client can hold up the control thread: each one's patience, request and part of a
/// response is bounded.
///
/// Everything happens in `loop`, on the thread that runs it; so do construction and destruction,
/// before or while it runs or after.
class ControlServer {
  public:
    /// Served at a time; more wait to be accepted.
    static constexpr std::size_t kMaxClients = 256;

    /// Listens at `path`; the error says what to do. REQUIRES: `loop`, `operations`, `clock` and
    /// the counters outlive this, and `operations` outlives the zone reloads under way.
    [[nodiscard]] static base::Expected<std::unique_ptr<ControlServer>> open(
        asio::io_context& loop,
        const std::string& path,
        Operations& operations,
        CounterSources sources,
        const base::Clock& clock);

    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    /// Parts with its clients and removes the socket.
    ~ControlServer();

  private:
    struct State;
    explicit ControlServer(std::shared_ptr<State> state) noexcept;

    std::shared_ptr<State> state_;
};

}  // namespace understudy::ops
