#include "control/notify_sender.h"

#include <understudy/control/log.h>
#include <understudy/control/tsig.h>
#include <understudy/wire/constants.h>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>

#include "control/random_id.h"
#include "control/requests_out.h"

namespace understudy::control {
namespace {

using std::chrono::milliseconds;

// Tried at 0, 1, 3, 7 and 15 times the first timeout: a secondary that restarts meanwhile hears of
// the change.
constexpr int kTries = 5;

asio::awaitable<base::Expected<void>> tell_once(std::shared_ptr<const zone::Zone> zone,
                                                Route route,
                                                std::optional<KeyConfig> key,
                                                const base::Clock& clock,
                                                milliseconds timeout) {
    const std::uint16_t id = random_id();
    Message request = make_notify(*zone, id);
    std::optional<TsigClient> tsig;
    if (key) {
        auto made = TsigClient::make(*key);
        if (!made) {
            co_return base::fail(made.error().message);
        }
        tsig.emplace(std::move(*made));
        if (!tsig->sign(request, clock.wall_s())) {
            co_return base::fail("the NOTIFY has no room for its TSIG record");
        }
    }
    base::Expected<Message> response = co_await exchange_datagram(
        route,
        request,
        [id](base::Octets message) { return is_response_to(message, id); },
        timeout);
    if (!response) {
        co_return base::fail(response.error().message);
    }
    if (tsig) {
        const TsigStatus status = tsig->verify(*response, clock.wall_s());
        if (status != TsigStatus::kGood) {
            co_return base::fail("TSIG: " + std::string(to_text(status)));
        }
    }
    co_return check_response(*response, wire::Opcode::kNotify, zone->apex(), wire::type::kSoa);
}

}  // namespace

asio::awaitable<void> send_notify(std::shared_ptr<const zone::Zone> zone,
                                  Route route,
                                  std::optional<KeyConfig> key,
                                  const base::Clock& clock,
                                  milliseconds first_timeout,
                                  std::function<bool()> is_outdated) {
    const std::string label = "zone " + zone->apex().to_text() + ": NOTIFY of serial " +
                              std::to_string(zone->serial()) + " to " + route.to.to_string();
    asio::steady_timer pause(co_await asio::this_coro::executor);
    milliseconds timeout = first_timeout;
    for (int tries = 0; tries < kTries && !is_outdated(); ++tries, timeout *= 2) {
        // An answer that refuses comes at once: the next try does not.
        pause.expires_after(timeout);
        const base::Expected<void> told = co_await tell_once(zone, route, key, clock, timeout);
        if (told) {
            log_debug(label + " answered");
            co_return;
        }
        const bool last = tries + 1 == kTries;
        last ? log_warning(label + " given up: " + told.error().message)
             : log_debug(label + ": " + told.error().message);
        if (!last) {
            asio::error_code ignored;
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
    }
}

}  // namespace understudy::control
