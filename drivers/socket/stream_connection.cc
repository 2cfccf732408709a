#include "socket/stream_connection.h"

#include <understudy/base/check.h>
#include <understudy/base/octets.h>

#include <array>
#include <asio/buffer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <chrono>
#include <utility>

namespace understudy::socket {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kDnsHeaderOctets = 12;
constexpr std::size_t kMaxMessageOctets = 0xFFFF;
constexpr std::size_t kKeptOctets = 4096;  // of the batch's memory while idle
constexpr std::size_t kDiscardOctets = 1024;

using Length = std::array<std::uint8_t, RequestBuffer::kLengthOctets>;

/// What TCP puts before a message.
Length length_of(const std::vector<std::uint8_t>& message) noexcept {
    UNDERSTUDY_CHECK(!message.empty() && message.size() <= kMaxMessageOctets);
    Length length{};
    base::store_be16(length.data(), static_cast<std::uint16_t>(message.size()));
    return length;
}

}  // namespace

StreamConnection::StreamConnection(asio::ip::tcp::socket socket,
                                   const port::StreamPath& path,
                                   StreamContext& context)
    : TableEntry(path.peer.address), socket_(std::move(socket)), path_(path), context_(context) {}

void StreamConnection::close() noexcept {
    asio::error_code ignored;  // closed it is in any case
    socket_.close(ignored);
}

/// The first cause is the one that counts.
void StreamConnection::end(CloseCause cause) noexcept {
    if (!ending_) {
        ending_ = cause;
    }
}

asio::awaitable<CloseCause> StreamConnection::serve() {
    while (!ending_) {
        co_await receive();
        answer_requests();
        co_await send_answers();
        co_await send_source();
    }
    if (*ending_ != CloseCause::kClient && *ending_ != CloseCause::kReset) {
        co_await linger();
    }
    co_return *ending_;
}

/// Until a request is whole, or none will come any more.
asio::awaitable<void> StreamConnection::receive() {
    if (requests_.front()) {
        co_return;
    }
    if (answers_.capacity() > kKeptOctets) {
        answers_ = {};
    }
    context_.table.idle(*this, steady_clock::now());
    while (!ending_ && !requests_.front()) {
        if (context_.stopping) {
            end(CloseCause::kShutdown);
            break;
        }
        const base::MutableOctets room = requests_.room();
        asio::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        const auto buffer = asio::buffer(room.data(), room.size());
        const std::size_t count = co_await socket_.async_read_some(buffer, token);
        if (error) {
            end(error == asio::error::eof ? CloseCause::kClient : CloseCause::kReset);
        } else {
            requests_.filled(count);
        }
    }
}

/// All requests that are whole, up to a batch or a transfer: that is sent before the next one.
void StreamConnection::answer_requests() {
    while (!ending_ && source_ == nullptr && answers_.size() < kBatchOctets) {
        const auto request = requests_.front();
        if (!request) {
            return;
        }
        if (request->size() < kDnsHeaderOctets) {
            end(CloseCause::kShortRequest);
            return;
        }
        answer(*request);
        requests_.pop();
    }
}

void StreamConnection::answer(base::Octets request) {
    using Kind = port::StreamHandler::Reply::Kind;
    std::vector<std::uint8_t>& response = context_.response;
    response.clear();
    context_.counters.requests.add(1);
    port::StreamHandler::Reply reply = context_.handler.handle(request, path_, response);
    switch (reply.kind) {
        case Kind::kMessage: {
            const Length length = length_of(response);
            answers_.insert(answers_.end(), length.begin(), length.end());
            answers_.insert(answers_.end(), response.begin(), response.end());
            ++answer_count_;
            break;
        }
        case Kind::kSource:
            UNDERSTUDY_CHECK(reply.source != nullptr);
            source_ = std::move(reply.source);
            break;
        case Kind::kClose:
            end(CloseCause::kHandler);
            break;
    }
}

asio::awaitable<void> StreamConnection::send_answers() {
    if (answers_.empty()) {
        co_return;
    }
    context_.table.sending(*this, steady_clock::now());
    asio::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const auto buffer = asio::buffer(answers_.data(), answers_.size());
    co_await asio::async_write(socket_, buffer, token);
    if (error) {
        end(CloseCause::kReset);
    } else {
        context_.counters.messages.add(answer_count_);
    }
    answers_.clear();
    answer_count_ = 0;
}

/// One message at a time: the next one is made when the kernel has taken the one before.
asio::awaitable<void> StreamConnection::send_source() {
    std::vector<std::uint8_t> message;
    while (source_ != nullptr && !ending_) {
        message.clear();
        if (!source_->next(message)) {
            break;
        }
        context_.table.sending(*this, steady_clock::now());
        const Length length = length_of(message);
        const std::array<asio::const_buffer, 2> buffers = {
            asio::const_buffer(length.data(), length.size()),
            asio::const_buffer(message.data(), message.size())};
        asio::error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await asio::async_write(socket_, buffers, token);
        if (error) {
            end(CloseCause::kReset);
        } else {
            context_.counters.messages.add(1);
        }
    }
    source_.reset();
}

/// Closing with unread requests would send a reset, which can overtake the answers: so only our
/// side is closed, and the rest is thrown away until the client has closed its own or time is up.
asio::awaitable<void> StreamConnection::linger() {
    asio::error_code error;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    context_.table.idle(*this, steady_clock::now());
    std::array<std::uint8_t, kDiscardOctets> discarded;
    const auto buffer = asio::buffer(discarded.data(), discarded.size());
    while (!error) {
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await socket_.async_read_some(buffer, token);
    }
}

}  // namespace understudy::socket
