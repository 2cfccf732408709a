#include "control/deferred_service.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <understudy/base/check.h>
#include <algorithm>
#include <asio/buffer.hpp>
#include <utility>

namespace understudy::control {
namespace {

/// Requests of one worker, each of which may cost an HMAC: below a millisecond.
constexpr std::size_t kMaxInATurn = 64;

}  // namespace

DeferredService::Bell::Bell() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    UNDERSTUDY_CHECK(descriptor_ >= 0);
}

DeferredService::Bell::~Bell() { ::close(descriptor_); }

void DeferredService::Bell::wake() noexcept {
    if (!rung_.exchange(true, std::memory_order_seq_cst)) {
        const std::uint64_t one = 1;
        // Cannot fail: the counter is far from full, being read whenever it is not zero.
        static_cast<void>(::write(descriptor_, &one, sizeof one));
    }
}

DeferredService::DeferredService(asio::io_context& loop,
                                 const RequestHandler& handler,
                                 const Publisher& publisher)
    : handler_(handler),
      publisher_(publisher),
      bell_events_(loop, ::fcntl(bell_.descriptor(), F_DUPFD_CLOEXEC, 0)) {}

void DeferredService::attach(port::DeferredRings& rings, std::function<void()> wake_worker) {
    workers_.push_back({&rings, std::move(wake_worker)});
}

void DeferredService::start() { listen(); }

void DeferredService::listen() {
    bell_events_.async_read_some(asio::buffer(&rings_counted_, sizeof rings_counted_),
                                 [this](const asio::error_code& error, std::size_t) {
                                     if (!error) {
                                         drain();
                                         listen();
                                     }
                                 });
}

void DeferredService::drain() {
    bell_.answer();  // first: what comes from here on rings again
    bool any_left = false;
    for (const Attached& worker : workers_) {
        const port::Deferred* request = worker.rings->to_control.front();
        for (std::size_t left = kMaxInATurn; request != nullptr && left > 0; --left) {
            answer(worker, *request);
            worker.rings->to_control.release();
            request = worker.rings->to_control.front();
        }
        any_left = any_left || request != nullptr;
    }
    if (any_left) {
        bell_.wake();  // the next turn comes after what else waits
    }
}

void DeferredService::answer(const Attached& worker, const port::Deferred& request) {
    const RequestHandler::Response response = handler_.respond(
        {.message = request.message(), .source = request.path.peer.address}, publisher_.newest());
    port::Deferred* slot = worker.rings->to_worker.reserve();
    if (response.message.empty() || slot == nullptr ||
        request.payload_offset + response.message.size() > port::Deferred::kMaxOctets) {
        return;  // nothing to say, or the worker is behind: the client asks again
    }
    *slot = request;
    std::ranges::copy(response.message, slot->octets.begin() + request.payload_offset);
    slot->length_octets =
        static_cast<std::uint16_t>(request.payload_offset + response.message.size());
    worker.rings->to_worker.commit();
    worker.wake_worker();
}

}  // namespace understudy::control
