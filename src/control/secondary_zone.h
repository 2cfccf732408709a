#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/managed_zone.h"
#include "control/primary_client.h"
#include "control/slots.h"

namespace understudy::control {

/// A zone that follows its primaries by the timers of its SOA (RFC 1034 §4.3.5) and by NOTIFY (RFC
/// 1996).
///
/// One coroutine sleeps until something is due and then goes through the primaries in order, the
/// one that sent a NOTIFY first, until one of them has been of use. The old version is served until
/// a new one is whole, or until it expires, whatever the coroutine waits for. A new configuration
/// gets a new coroutine at once; the one before ends without effect.
class SecondaryZone final : public ManagedZone {
  public:
    SecondaryZone(Environment& environment, ZoneConfig config);

    void start() override;
    void stop() override;
    void reconfigure(ZoneConfig config) override;
    [[nodiscard]] ZoneStatus status() const override;

    /// Refreshes now. `from`: whose NOTIFY asks for it; `transfer`: without asking for the serial
    /// first.
    void trigger(std::optional<base::IpAddress> from, bool transfer);

    /// Takes what the state folder has of the zone: serves it unless it has expired meanwhile, and
    /// goes by the timers as they were. Before start().
    void take_saved(StateStore::Saved saved);

  private:
    using TimePoint = base::Clock::TimePoint;

    /// How a primary did: `ok` gave us a version, `unchanged` has ours, `older` is behind.
    enum class Result : std::uint8_t { kNone, kOk, kUnchanged, kOlder, kFailed };

    struct Primary {
        std::string name;
        PrimaryAddress address;
        Result last_result = Result::kNone;
        std::string last_reason;
    };

    struct Outcome {
        Result result = Result::kNone;
        std::string reason;  // kFailed, kOlder
    };

    [[nodiscard]] static std::string to_string(Result result);
    [[nodiscard]] std::vector<Primary> list_primaries() const;

    asio::awaitable<void> follow(std::uint64_t configuration);
    asio::awaitable<void> sleep_until_due();
    asio::awaitable<void> refresh();
    [[nodiscard]] std::vector<std::size_t> order_of_primaries();
    asio::awaitable<Result> ask(std::size_t index, bool transfer);
    asio::awaitable<Outcome> try_primary(Primary primary, bool transfer);
    [[nodiscard]] Urgency urgency() const;

    /// By IXFR where the version that is held came from this primary, by AXFR otherwise and where
    /// that is of no use. `any_serial`: AXFR, and a version that is not newer than ours is taken
    /// too.
    asio::awaitable<Outcome> transfer_from(Primary primary, bool any_serial);

    struct Attempt {
        Outcome outcome;
        bool wants_axfr = false;
    };
    asio::awaitable<Attempt> attempt(Primary primary, wire::Type type, bool any_serial);
    [[nodiscard]] std::shared_ptr<TransferReceiver> make_receiver(wire::Type type) const;

    /// Makes the zone of what came and serves it.
    asio::awaitable<Attempt> apply(std::shared_ptr<TransferReceiver> receiver,
                                   Primary primary,
                                   bool any_serial,
                                   TimePoint started);

    /// kOk: a primary with `serial` has news for us.
    [[nodiscard]] Outcome compare(std::uint32_t serial) const;

    void take(std::shared_ptr<const zone::Zone> zone,
              std::shared_ptr<const Difference> difference,
              const TransferReceiver& receiver,
              const Primary& primary,
              TimePoint started);
    void note(Primary& primary, const Outcome& outcome);
    void schedule_after_success();
    void schedule_after_failure(TimePoint started);
    void watch_expiry(TimePoint expires);
    [[nodiscard]] ZoneRecord record() const;
    void save_timers() const;
    void expire();

    [[nodiscard]] std::chrono::seconds refresh_interval() const;
    [[nodiscard]] std::chrono::seconds retry_interval() const;
    [[nodiscard]] std::chrono::seconds expire_interval() const;

    std::vector<Primary> primaries_;
    // The newest version, an expired one too: what comes next is made of it.
    std::shared_ptr<const zone::Zone> held_;
    std::string source_;         // the remote whose history that version is part of
    Slots applying_;             // one at a time: versions follow one another
    asio::steady_timer timer_;   // of what is due
    asio::steady_timer expiry_;  // of the data
    ZoneState state_ = ZoneState::kBootstrapping;
    TimePoint due_;
    std::optional<TimePoint> expires_;
    unsigned failures_ = 0;  // in a row
    std::optional<base::IpAddress> notified_by_;
    bool transfer_wanted_ = false;
    bool again_ = false;     // asked for while a refresh was under way
    bool notified_ = false;  // what the refresh under way was asked for by
    std::uint64_t configuration_ =
        0;  // grows with each change: what an older one led to is dropped
    std::optional<TransferStatus> last_transfer_;
};

}  // namespace understudy::control
