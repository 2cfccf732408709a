#include "control/primary_client.h"

#include <understudy/control/tsig.h>
#include <understudy/wire/constants.h>
#include <algorithm>
#include <asio/this_coro.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "control/random_id.h"
#include "control/requests_out.h"

namespace understudy::control {
namespace {

using std::chrono::milliseconds;

/// An exchange with a primary: signs what goes out and verifies what comes back, if there is a key.
class Exchange {
  public:
    explicit Exchange(std::optional<TsigClient> tsig) : tsig_(std::move(tsig)) {}

    [[nodiscard]] static base::Expected<Exchange> make(const std::optional<KeyConfig>& key) {
        if (!key) {
            return Exchange(std::nullopt);
        }
        auto tsig = TsigClient::make(*key);
        if (!tsig) {
            return base::fail(tsig.error().message);
        }
        return Exchange(std::move(*tsig));
    }

    [[nodiscard]] base::Expected<void> sign(Message& query, const base::Clock& clock) {
        if (tsig_ && !tsig_->sign(query, clock.wall_s())) {
            return base::fail("the query has no room for its TSIG record");
        }
        return {};
    }

    /// The next message; `kPending` is good enough until the last one.
    [[nodiscard]] base::Expected<void> verify(Message& message, const base::Clock& clock) {
        const TsigStatus status =
            tsig_ ? tsig_->verify(message, clock.wall_s()) : TsigStatus::kGood;
        if (status == TsigStatus::kGood || status == TsigStatus::kPending) {
            return {};
        }
        return base::fail("TSIG: " + std::string(to_text(status)));
    }

    [[nodiscard]] base::Expected<void> finish() const {
        const TsigStatus status = tsig_ ? tsig_->finish() : TsigStatus::kGood;
        if (status == TsigStatus::kGood) {
            return {};
        }
        return base::fail("TSIG: " + std::string(to_text(status)));
    }

  private:
    std::optional<TsigClient> tsig_;
};

/// Holds a transfer, from now on, to its time and rate.
class TransferWatch {
  public:
    TransferWatch(const TransferLimits& limits, const Timeouts& timeouts, const base::Clock& clock)
        : limits_(limits), timeouts_(timeouts), clock_(clock), started_(clock.now()) {}

    /// For the next message.
    [[nodiscard]] milliseconds patience() const {
        const milliseconds left = limits_.time - spent();
        const milliseconds idle = limits_.idle ? *limits_.idle : timeouts_.message;
        return std::clamp(left, milliseconds(0), idle);
    }

    [[nodiscard]] base::Expected<void> check_time() const {
        if (spent() < limits_.time) {
            return {};
        }
        return base::fail("not whole after transfer-time-max (" +
                          std::to_string(limits_.time.count()) + " s)");
    }

    /// `octets`: that came so far. With a message at hand, so that what is mute is called so.
    [[nodiscard]] base::Expected<void> check_rate(std::uint64_t octets) const {
        const milliseconds time = spent();
        const auto least = static_cast<double>(limits_.octets_a_second) *
                           std::chrono::duration<double>(time).count();
        if (time <= timeouts_.pace || static_cast<double>(octets) >= least) {
            return {};
        }
        return base::fail("slower than transfer-rate-min (" +
                          std::to_string(limits_.octets_a_second) +
                          " octets a second): " + std::to_string(octets) + " octets in " +
                          std::to_string(time.count()) + " ms");
    }

  private:
    [[nodiscard]] milliseconds spent() const {
        return std::chrono::duration_cast<milliseconds>(clock_.now() - started_);
    }

    const TransferLimits& limits_;
    const Timeouts& timeouts_;
    const base::Clock& clock_;
    base::Clock::TimePoint started_;
};

/// Verifies the one message that answers an SOA query, and reads it.
base::Expected<SoaAnswer> read_serial(Exchange& exchange,
                                      Message& response,
                                      const wire::Name& apex,
                                      const base::Clock& clock) {
    if (auto good =
            exchange.verify(response, clock).and_then([&exchange] { return exchange.finish(); });
        !good) {
        return base::fail(good.error().message);
    }
    return read_soa_answer(response, apex);
}

asio::awaitable<base::Expected<SoaAnswer>> ask_by_datagram(PrimaryAddress primary,
                                                           wire::Name apex,
                                                           const base::Clock& clock,
                                                           Timeouts timeouts) {
    const std::uint16_t id = random_id();
    Message query = make_query(apex, wire::type::kSoa, id);
    auto exchange = Exchange::make(primary.key);
    if (!exchange) {
        co_return base::fail(exchange.error().message);
    }
    if (auto good = exchange->sign(query, clock); !good) {
        co_return base::fail(good.error().message);
    }
    base::Expected<Message> response = co_await exchange_datagram(
        primary.route,
        query,
        [id](base::Octets message) { return is_response_to(message, id); },
        timeouts.datagram);
    if (!response) {
        co_return base::fail(response.error().message);
    }
    co_return read_serial(*exchange, *response, apex, clock);
}

/// Connects, and sends the signed `query`.
asio::awaitable<base::Expected<void>> open_stream(Stream& stream,
                                                  Exchange& exchange,
                                                  Message query,
                                                  Route route,
                                                  const base::Clock& clock,
                                                  Timeouts timeouts) {
    if (auto good = exchange.sign(query, clock); !good) {
        co_return base::fail(good.error().message);
    }
    const base::Expected<void> connected = co_await stream.connect(route, timeouts.connect);
    if (!connected) {
        co_return base::fail(connected.error().message);
    }
    co_return co_await stream.send(query, timeouts.send);
}

asio::awaitable<base::Expected<SoaAnswer>> ask_by_stream(PrimaryAddress primary,
                                                         wire::Name apex,
                                                         const base::Clock& clock,
                                                         Timeouts timeouts) {
    const std::uint16_t id = random_id();
    auto exchange = Exchange::make(primary.key);
    if (!exchange) {
        co_return base::fail(exchange.error().message);
    }
    Stream stream(co_await asio::this_coro::executor);
    const base::Expected<void> opened = co_await open_stream(
        stream, *exchange, make_query(apex, wire::type::kSoa, id), primary.route, clock, timeouts);
    if (!opened) {
        co_return base::fail(opened.error().message);
    }
    base::Expected<Message> response = co_await stream.receive(timeouts.answer);
    if (!response) {
        co_return base::fail(response.error().message);
    }
    if (!is_response_to(*response, id)) {
        co_return base::fail("a message with another id than the query's");
    }
    co_return read_serial(*exchange, *response, apex, clock);
}

}  // namespace

asio::awaitable<base::Expected<std::uint32_t>> query_serial(PrimaryAddress primary,
                                                            wire::Name apex,
                                                            const base::Clock& clock,
                                                            Timeouts timeouts) {
    base::Expected<SoaAnswer> answer = base::fail("not asked");
    for (int tries = 0; !answer && tries < Timeouts::kDatagramTries; ++tries) {
        answer = co_await ask_by_datagram(primary, apex, clock, timeouts);
    }
    if (!answer || answer->truncated) {
        answer = co_await ask_by_stream(primary, apex, clock, timeouts);
    }
    if (!answer) {
        co_return base::fail("SOA query: " + answer.error().message);
    }
    co_return answer->serial;
}

asio::awaitable<base::Expected<void>> fetch(PrimaryAddress primary,
                                            std::shared_ptr<TransferReceiver> receiver,
                                            const base::Clock& clock,
                                            Timeouts timeouts) {
    auto exchange = Exchange::make(primary.key);
    if (!exchange) {
        co_return base::fail(exchange.error().message);
    }
    Message query = receiver->type() == wire::type::kIxfr
                        ? make_ixfr_query(*receiver->base(), receiver->id())
                        : make_query(receiver->apex(), receiver->type(), receiver->id());
    Stream stream(co_await asio::this_coro::executor);
    const base::Expected<void> opened =
        co_await open_stream(stream, *exchange, std::move(query), primary.route, clock, timeouts);
    if (!opened) {
        co_return base::fail(opened.error().message);
    }
    const TransferWatch watch(receiver->limits(), timeouts, clock);
    auto progress = TransferReceiver::Progress::kMore;
    while (progress == TransferReceiver::Progress::kMore) {
        base::Expected<Message> message = co_await stream.receive(watch.patience());
        if (auto good = watch.check_time(); !good) {
            co_return base::fail(good.error().message);
        }
        if (!message) {
            co_return base::fail(message.error().message);
        }
        if (auto good = watch.check_rate(receiver->octets()); !good) {
            co_return base::fail(good.error().message);
        }
        if (auto good = exchange->verify(*message, clock); !good) {
            co_return base::fail(good.error().message);
        }
        const base::Expected<TransferReceiver::Progress> fed = receiver->feed(*message);
        if (!fed) {
            co_return base::fail(fed.error().message);
        }
        progress = *fed;
    }
    co_return exchange->finish();
}

}  // namespace understudy::control
