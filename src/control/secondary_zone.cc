#include "control/secondary_zone.h"

#include <understudy/control/log.h>
#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "control/random_id.h"

namespace understudy::control {
namespace {

using std::chrono::seconds;

/// After failures in a row a zone is asked for again after its retry interval, or 1 s where it has
/// no data, then twice and four times as long and so on, until a NOTIFY comes: but at the latest so
/// long after the last try began, unless the retry interval itself is longer.
constexpr seconds kMaxBackOff{10};
constexpr unsigned kMaxDoublings = 4;

/// Expiry is near when less than this share of the time is left: refreshes have failed for long.
constexpr int kNearExpiryShare = 4;

/// What a refresh interval is shortened by at the most, so that zones loaded together do not stay
/// together.
constexpr int kMaxJitterPercent = 10;

seconds shortened(seconds interval, const wire::Name& zone) {
    const auto percent =
        static_cast<std::int64_t>(wire::NameHash{}(zone) % (kMaxJitterPercent + 1));
    return std::max(seconds(1), interval - interval * percent / 100);
}

/// A zone's differences are kept up to a share of what the whole takes: beyond, a transfer of all
/// of it costs its secondaries, and a rewritten image this host, little more.
constexpr std::size_t kHistoryShare = 4;
constexpr std::size_t kLeastHistoryOctets = 65536;

std::size_t most_history_octets(const zone::Zone& zone) {
    return std::max(kLeastHistoryOctets, zone.memory_octets() / kHistoryShare);
}

/// A transfer of fewer octets is applied on the loop: handing it to a thread costs more.
constexpr std::uint64_t kSmallTransferOctets = 16384;

/// What came of a transfer, and what led there from the version before.
struct Version {
    std::shared_ptr<const zone::Zone> zone;
    std::shared_ptr<const Difference> difference;
};
using Built = base::Expected<Version>;

Built build_now(TransferReceiver& receiver) {
    auto built = receiver.build();
    if (!built) {
        return base::fail(built.error().message);
    }
    Version version{*std::move(built), nullptr};
    if (receiver.base()) {
        version.difference =
            make_difference(*receiver.base(), *version.zone, most_history_octets(*version.zone));
    }
    return version;
}

/// For the pool of builders.
asio::awaitable<Built> build(std::shared_ptr<TransferReceiver> receiver) {
    co_return build_now(*receiver);
}

std::string kind_of(const TransferReceiver& receiver) {
    return receiver.is_incremental() ? "ixfr" : "axfr";
}

}  // namespace

SecondaryZone::SecondaryZone(Environment& environment, ZoneConfig config)
    : ManagedZone(environment, std::move(config)),
      primaries_(list_primaries()),
      applying_(environment.loop, 1),
      timer_(environment.loop),
      expiry_(environment.loop),
      due_(environment.clock.now()) {}

std::vector<SecondaryZone::Primary> SecondaryZone::list_primaries() const {
    const Config& all = *environment().config;
    std::vector<Primary> primaries;
    for (const std::size_t index : config().primaries) {
        const RemoteConfig& remote = all.remotes[index];
        for (const base::Endpoint& endpoint : remote.addresses) {
            Primary primary;
            primary.name = remote.name;
            primary.address.route = {endpoint, remote.source};
            if (remote.key) {
                primary.address.key = all.keys[*remote.key];
            }
            primaries.push_back(std::move(primary));
        }
    }
    return primaries;
}

void SecondaryZone::start() {
    asio::co_spawn(environment().loop, follow(configuration_), asio::detached);
}

void SecondaryZone::stop() {
    ManagedZone::stop();
    ++configuration_;
    timer_.cancel();
    expiry_.cancel();
}

void SecondaryZone::reconfigure(ZoneConfig config) {
    ManagedZone::reconfigure(std::move(config));
    primaries_ = list_primaries();
    ++configuration_;
    if (state_ == ZoneState::kRefreshing) {
        state_ = ZoneState::kCurrent;
    }
    trigger(std::nullopt, false);
    start();  // whoever follows the old configuration may still wait for one of its primaries
}

void SecondaryZone::trigger(std::optional<base::IpAddress> from, bool transfer) {
    notified_by_ = from;
    transfer_wanted_ = transfer_wanted_ || transfer;
    again_ = true;
    failures_ = 0;
    due_ = environment().clock.now();
    timer_.cancel();
}

std::string SecondaryZone::to_string(Result result) {
    switch (result) {
        case Result::kNone:
            return "none";
        case Result::kOk:
            return "ok";
        case Result::kUnchanged:
            return "unchanged";
        case Result::kOlder:
            return "older";
        case Result::kFailed:
            return "failed";
    }
    return {};
}

ZoneStatus SecondaryZone::status() const {
    ZoneStatus status = ManagedZone::status();
    status.state = state_;
    const auto in_seconds = [this](TimePoint when) {
        return std::max<std::int64_t>(
            0, std::chrono::duration_cast<seconds>(when - environment().clock.now()).count());
    };
    status.next_event = failures_ > 0 ? "retry" : "refresh";
    status.next_event_s = in_seconds(due_);
    if (expires_ && *expires_ < due_) {
        status.next_event = "expire";
        status.next_event_s = in_seconds(*expires_);
    }
    for (const Primary& primary : primaries_) {
        status.primaries.push_back({.name = primary.name,
                                    .address = primary.address.route.to.to_string(),
                                    .last_result = to_string(primary.last_result),
                                    .last_reason = primary.last_reason});
        if (primary.address.key && status.key.empty()) {
            status.key = primary.address.key->name.to_text();
        }
    }
    if (data()) {
        status.refresh_s = static_cast<std::uint32_t>(refresh_interval().count());
        status.retry_s = static_cast<std::uint32_t>(retry_interval().count());
        status.expire_s = static_cast<std::uint32_t>(expire_interval().count());
    }
    status.last_transfer = last_transfer_;
    if (environment().state != nullptr) {
        const StateStore::Sizes sizes = environment().state->sizes(config().name);
        status.image_octets = sizes.image_octets;
        status.journal_octets = sizes.journal_octets;
    }
    return status;
}

seconds SecondaryZone::refresh_interval() const {
    return std::clamp(seconds(data()->soa().refresh_s), config().refresh_min, config().refresh_max);
}

seconds SecondaryZone::retry_interval() const {
    return std::clamp(seconds(data()->soa().retry_s),
                      config().retry_min,
                      std::max(config().retry_min, config().refresh_max));
}

seconds SecondaryZone::expire_interval() const {
    return std::clamp(
        seconds(data()->soa().expire_s), seconds(1), std::max(seconds(1), config().expire_max));
}

asio::awaitable<void> SecondaryZone::follow(std::uint64_t configuration) {
    const auto self = shared_from_this();
    while (configuration == configuration_) {
        co_await sleep_until_due();
        if (configuration == configuration_ && environment().clock.now() >= due_) {
            co_await refresh();
        }
    }
}

asio::awaitable<void> SecondaryZone::sleep_until_due() {
    timer_.expires_at(due_);
    asio::error_code cancelled;  // by trigger() or stop(): the caller looks at what is due
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

void SecondaryZone::watch_expiry(TimePoint expires) {
    expires_ = expires;
    expiry_.expires_at(expires);
    expiry_.async_wait([zone = weak_from_this()](const asio::error_code& error) {
        const auto self = std::static_pointer_cast<SecondaryZone>(zone.lock());
        if (!error && self && !self->is_stopped() && self->expires_ &&
            self->environment().clock.now() >= *self->expires_) {  // else it was put off meanwhile
            self->expire();
        }
    });
}

void SecondaryZone::expire() {
    log_error(label() + "expired: no primary could be used for " +
              std::to_string(expire_interval().count()) + " s, answered SERVFAIL from now on");
    expires_.reset();
    state_ = ZoneState::kExpired;
    serve(nullptr, true);
    due_ = environment().clock.now();
    timer_.cancel();
}

asio::awaitable<void> SecondaryZone::refresh() {
    const std::uint64_t configuration = configuration_;
    const bool transfer = std::exchange(transfer_wanted_, false) || !data();
    const TimePoint started = environment().clock.now();
    notified_ = std::exchange(again_, false);
    Result best = Result::kFailed;
    for (const std::size_t index : order_of_primaries()) {
        const Result result = co_await ask(index, transfer);
        if (configuration != configuration_) {
            co_return;
        }
        best = result == Result::kFailed ? best : result;
        if (result == Result::kOk || result == Result::kUnchanged) {
            break;
        }
    }
    if (best == Result::kFailed || !data()) {  // it may have expired while an older one was found
        schedule_after_failure(started);
    } else {
        schedule_after_success();
    }
    if (again_) {
        due_ = environment().clock.now();
    }
}

Urgency SecondaryZone::urgency() const {
    if (notified_) {
        return Urgency::kNotified;
    }
    if (!data()) {
        return Urgency::kBootstrap;
    }
    const bool is_near =
        expires_ && *expires_ - environment().clock.now() < expire_interval() / kNearExpiryShare;
    return is_near ? Urgency::kNearExpiry : Urgency::kRefresh;
}

std::vector<std::size_t> SecondaryZone::order_of_primaries() {
    const auto notified_by = std::exchange(notified_by_, std::nullopt);
    std::vector<std::size_t> order;
    for (const bool notifying : {true, false}) {
        for (std::size_t index = 0; index < primaries_.size(); ++index) {
            if ((notified_by && primaries_[index].address.route.to.address == *notified_by) ==
                notifying) {
                order.push_back(index);
            }
        }
    }
    return order;
}

asio::awaitable<SecondaryZone::Result> SecondaryZone::ask(std::size_t index, bool transfer) {
    const std::uint64_t configuration = configuration_;
    const Outcome outcome = co_await try_primary(primaries_[index], transfer);
    if (configuration != configuration_) {
        co_return Result::kNone;  // the list of primaries may be another by now
    }
    note(primaries_[index], outcome);
    co_return outcome.result;
}

void SecondaryZone::note(Primary& primary, const Outcome& outcome) {
    const bool is_news =
        primary.last_result != outcome.result ||
        (outcome.result == Result::kFailed && primary.last_reason != outcome.reason);
    primary.last_result = outcome.result;
    primary.last_reason = outcome.reason;
    if (outcome.reason.empty()) {
        return;
    }
    const std::string line = label() + "primary " + primary.name + " at " +
                             primary.address.route.to.to_string() + ": " + outcome.reason;
    is_news ? log_warning(line) : log_debug(line);  // what goes on alike is said once
}

SecondaryZone::Outcome SecondaryZone::compare(std::uint32_t serial) const {
    if (!data() || wire::serial_is_newer(serial, data()->serial())) {
        return {Result::kOk, {}};
    }
    if (serial == data()->serial()) {
        return {Result::kUnchanged, {}};
    }
    return {Result::kOlder,
            "serial " + std::to_string(serial) + " is not newer than " +
                std::to_string(data()->serial())};
}

asio::awaitable<SecondaryZone::Outcome> SecondaryZone::try_primary(Primary primary, bool transfer) {
    const std::uint64_t configuration = configuration_;
    const Scheduler::Turn turn =
        co_await environment().scheduler.acquire(primary.address.route.to, urgency());
    if (configuration != configuration_) {
        co_return Outcome{};
    }
    if (data()) {
        state_ = ZoneState::kRefreshing;
    }
    if (!transfer) {
        const base::Expected<std::uint32_t> serial = co_await query_serial(
            primary.address, config().name, environment().clock, environment().timeouts);
        if (configuration != configuration_) {
            co_return Outcome{};
        }
        if (!serial) {
            co_return Outcome{Result::kFailed, serial.error().message};
        }
        if (Outcome outcome = compare(*serial); outcome.result != Result::kOk) {
            co_return outcome;
        }
    }
    co_return co_await transfer_from(std::move(primary), transfer);
}

asio::awaitable<SecondaryZone::Outcome> SecondaryZone::transfer_from(Primary primary,
                                                                     bool any_serial) {
    const std::uint64_t configuration = configuration_;
    if (!any_serial && data() && primary.name == source_) {
        Attempt incremental = co_await attempt(primary, wire::type::kIxfr, false);
        if (!incremental.wants_axfr || configuration != configuration_) {
            co_return incremental.outcome;
        }
        log_info(label() + "primary " + primary.name + " at " +
                 primary.address.route.to.to_string() + ": " + incremental.outcome.reason +
                 "; asking for the whole zone");
    }
    const Attempt whole = co_await attempt(std::move(primary), wire::type::kAxfr, any_serial);
    co_return whole.outcome;
}

std::shared_ptr<TransferReceiver> SecondaryZone::make_receiver(wire::Type type) const {
    const std::uint16_t id = random_id();
    const TransferLimits& limits = config().transfer;
    return held_ ? std::make_shared<TransferReceiver>(held_, id, type, limits)
                 : std::make_shared<TransferReceiver>(
                       config().name, id, environment().publisher.hash_key(), limits);
}

asio::awaitable<SecondaryZone::Attempt> SecondaryZone::attempt(Primary primary,
                                                               wire::Type type,
                                                               bool any_serial) {
    const std::uint64_t configuration = configuration_;
    const TimePoint started = environment().clock.now();
    const std::string prefix = type == wire::type::kIxfr ? "IXFR: " : "AXFR: ";
    const auto receiver = make_receiver(type);
    const base::Expected<void> fetched =
        co_await fetch(primary.address, receiver, environment().clock, environment().timeouts);
    Attempt attempt;
    if (configuration != configuration_) {
        co_return attempt;
    }
    if (!fetched) {
        attempt = {{Result::kFailed, fetched.error().message}, receiver->wants_axfr()};
    } else if (receiver->has_no_news()) {
        attempt.outcome = compare(receiver->serial());
    } else {
        attempt = co_await apply(receiver, std::move(primary), any_serial, started);
    }
    if (attempt.outcome.result == Result::kFailed) {
        attempt.outcome.reason = prefix + attempt.outcome.reason;
    }
    co_return attempt;
}

asio::awaitable<SecondaryZone::Attempt> SecondaryZone::apply(
    std::shared_ptr<TransferReceiver> receiver,
    Primary primary,
    bool any_serial,
    TimePoint started) {
    const std::uint64_t configuration = configuration_;
    const Slots::Slot turn = co_await applying_.acquire();
    if (configuration != configuration_) {
        co_return Attempt{};
    }
    // Behind one address may be several servers: another than the one that told its serial.
    if (Outcome outcome = compare(receiver->serial());
        !any_serial && outcome.result != Result::kOk) {
        co_return Attempt{std::move(outcome)};
    }
    if (receiver->base() != held_) {
        co_return Attempt{{Result::kFailed, "another transfer came first"}};
    }
    Built built = base::fail("");
    if (receiver->base() && receiver->octets() < kSmallTransferOctets) {
        built = build_now(*receiver);
    } else {  // what takes long is done beside the loop
        built =
            co_await asio::co_spawn(environment().builders, build(receiver), asio::use_awaitable);
    }
    if (!built) {
        co_return Attempt{{Result::kFailed, built.error().message}, receiver->wants_axfr()};
    }
    if (configuration == configuration_) {
        take(std::move(built->zone), std::move(built->difference), *receiver, primary, started);
    }
    co_return Attempt{{Result::kOk, {}}};
}

void SecondaryZone::take(std::shared_ptr<const zone::Zone> zone,
                         std::shared_ptr<const Difference> difference,
                         const TransferReceiver& receiver,
                         const Primary& primary,
                         TimePoint started) {
    last_transfer_ =
        TransferStatus{.kind = kind_of(receiver),
                       .octets = receiver.octets(),
                       .messages = receiver.messages(),
                       .records = receiver.records(),
                       .duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                          environment().clock.now() - started)
                                          .count()};
    log_info(label() + "serial " + std::to_string(zone->serial()) + " by " + last_transfer_->kind +
             " from " + primary.address.route.to.to_string() + ": " +
             std::to_string(last_transfer_->records) + " records, " +
             std::to_string(last_transfer_->octets) + " octets, " +
             std::to_string(last_transfer_->duration_ms) + " ms");
    held_ = zone;
    source_ = primary.name;
    const std::size_t most_octets = most_history_octets(*zone);
    if (difference) {
        environment().differences->add(config().name, difference, most_octets);
    } else {
        environment().differences->forget(config().name);
    }
    serve(std::move(zone), false);
    if (environment().state != nullptr) {  // published first, written then
        environment().state->save(
            config().name, record(), held_, std::move(difference), most_octets);
    }
    tell_secondaries();
}

void SecondaryZone::schedule_after_success() {
    failures_ = 0;
    state_ = ZoneState::kCurrent;
    const TimePoint now = environment().clock.now();
    due_ = now + shortened(refresh_interval(), config().name);
    watch_expiry(now + expire_interval());
    save_timers();
}

void SecondaryZone::schedule_after_failure(TimePoint started) {
    const TimePoint now = environment().clock.now();
    if (data()) {
        state_ = ZoneState::kRetrying;
    } else {
        state_ = state_ == ZoneState::kExpired ? ZoneState::kExpired : ZoneState::kBootstrapping;
    }
    const seconds least = data() ? retry_interval() : seconds(1);
    const seconds pause =
        shortened(least * (1U << std::min(failures_, kMaxDoublings)), config().name);
    due_ = std::max(now, std::min(now + pause, started + std::max(least, kMaxBackOff)));
    ++failures_;
    save_timers();
}

ZoneRecord SecondaryZone::record() const {
    const TimePoint now = environment().clock.now();
    const std::int64_t wall_s = environment().clock.wall_s();
    const auto at = [&](TimePoint when) {
        return wall_s + std::chrono::duration_cast<seconds>(when - now).count();
    };
    return {.serial = held_->serial(),
            .due_s = at(due_),
            // Before the first success of a new version, it lives as long as it says.
            .expires_s = at(expires_.value_or(now + expire_interval())),
            .source = source_};
}

/// Of an expired zone the last ones stay as they are: they say that it is.
void SecondaryZone::save_timers() const {
    if (environment().state != nullptr && data()) {
        environment().state->save(config().name, record());
    }
}

void SecondaryZone::take_saved(StateStore::Saved saved) {
    if (!saved.refusal.empty()) {
        log_warning(label() + "what the state folder has is not used: " + saved.refusal +
                    "; it is transferred again");
        return;
    }
    if (!saved.zone) {
        return;
    }
    held_ = std::move(saved.zone);
    source_ = std::move(saved.record.source);
    environment().differences->set(config().name, saved.differences, most_history_octets(*held_));
    const TimePoint now = environment().clock.now();
    const std::int64_t wall_s = environment().clock.wall_s();
    if (saved.record.expires_s <= wall_s) {
        log_warning(label() +
                    "expired while this was not running: answered SERVFAIL until a "
                    "primary has been asked");
        state_ = ZoneState::kExpired;
        serve(nullptr, true);
        return;
    }
    serve(held_, false);
    state_ = ZoneState::kCurrent;
    // No clock that was put back makes a zone live or wait longer than it says.
    due_ = now + std::clamp(seconds(saved.record.due_s - wall_s), seconds(0), refresh_interval());
    watch_expiry(now + std::min(seconds(saved.record.expires_s - wall_s), expire_interval()));
    log_info(label() + "serial " + std::to_string(held_->serial()) + " with " +
             std::to_string(held_->record_count()) + " records from the state folder");
}

}  // namespace understudy::control
