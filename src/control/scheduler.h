#pragma once

#include <understudy/base/ip_address.h>
#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace understudy::control {

/// Why a primary is to be asked; the first ones go before the others.
enum class Urgency : std::uint8_t {
    kNotified,    // it said that it has news, or an operator wants it
    kNearExpiry,  // what is served will not be for long
    kRefresh,
    kBootstrap,  // nothing is served yet
};

/// Who of all zones may ask a primary now: so many of one primary and in all, by urgency, then in
/// the order in which they came. A primary that is slow holds up those alone that wait for it.
/// Control thread only.
class Scheduler {
  public:
    struct Limits {
        // A stream that stalls takes one of these until it is given up.
        std::size_t of_a_primary = 64;
        // Sockets: beyond them, those for TCP clients of ours would run short.
        std::size_t in_all = 512;
    };

    explicit Scheduler(asio::io_context& loop) : Scheduler(loop, Limits{}) {}
    Scheduler(asio::io_context& loop, Limits limits)
        : loop_(loop), shared_(std::make_shared<Shared>(limits)) {}

  private:
    struct Shared;

  public:
    /// A place among those at work, given back when destroyed. May outlive the Scheduler, as
    /// coroutines do that end with their loop.
    class Turn {
      public:
        Turn(std::weak_ptr<Shared> shared, const base::Endpoint& primary) noexcept
            : shared_(std::move(shared)), primary_(primary) {}
        Turn(Turn&& other) noexcept = default;
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        Turn& operator=(Turn&&) = delete;
        ~Turn();

      private:
        std::weak_ptr<Shared> shared_;  // empty once moved from
        base::Endpoint primary_;
    };

    [[nodiscard]] asio::awaitable<Turn> acquire(base::Endpoint primary, Urgency urgency);

  private:
    struct Waiter {
        asio::steady_timer turn;  // never expires: cancelled when it is granted
        bool granted = false;
    };
    using Rank = std::pair<Urgency, std::uint64_t>;

    struct Primary {
        std::size_t at_work = 0;
        std::map<Rank, std::shared_ptr<Waiter>> waiting;
        std::optional<Rank> first;  // under which it stands among the ready ones
    };

    struct Shared {
        explicit Shared(Limits its_limits) : limits(its_limits) {}

        /// After a change of a primary: whether it stands among the ready ones.
        void settle(const base::Endpoint& at);
        /// Gives out what is free.
        void grant();
        void release(const base::Endpoint& at);

        Limits limits;
        std::size_t at_work = 0;
        std::uint64_t next_number = 0;
        std::map<base::Endpoint, Primary> primaries;
        std::map<Rank, base::Endpoint> ready;  // with room and somebody who waits, by the first one
    };

    asio::io_context& loop_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace understudy::control
