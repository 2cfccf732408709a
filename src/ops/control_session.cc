#include "ops/control_session.h"

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>
#include <string_view>
#include <utility>

namespace understudy::ops {

ControlSession::ControlSession(Socket socket,
                               Commands& commands,
                               std::function<void(ControlSession*)> on_end)
    : socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      commands_(commands),
      on_end_(std::move(on_end)) {}

ControlSession::~ControlSession() { on_end_(this); }

// NOLINTNEXTLINE(bugprone-exception-escape): ending the wait of a timer does not fail
void ControlSession::close() noexcept {
    std::error_code ignored;  // closed is closed
    socket_.close(ignored);
    deadline_.cancel();
}

void ControlSession::start() {
    expect_within(kRequestTimeout);
    asio::async_read_until(socket_,
                           asio::dynamic_buffer(request_, kMaxRequestOctets),
                           '\n',
                           [self = shared_from_this()](std::error_code error, std::size_t octets) {
                               self->on_request(error, octets);
                           });
}

void ControlSession::expect_within(std::chrono::steady_clock::duration limit) {
    deadline_.expires_after(limit);
    deadline_.async_wait([weak = weak_from_this()](std::error_code error) {
        const auto self = weak.lock();
        // A wait that had ended already when the deadline was moved still comes here.
        if (!error && self && self->deadline_.expiry() <= std::chrono::steady_clock::now()) {
            self->close();
        }
    });
}

void ControlSession::on_request(std::error_code error, std::size_t line_octets) {
    deadline_.cancel();
    if (error == asio::error::not_found) {  // the buffer is full without a line's end
        return respond(Reply::failed("the request is too long"));
    }
    if (error || !socket_.is_open()) {  // closed after the request had come, before this was called
        return;
    }
    const auto words = decode_request(std::string_view(request_).substr(0, line_octets));
    if (!words) {
        return respond(Reply::failed(words.error().message));
    }
    commands_.execute(
        *words, [self = shared_from_this()](Reply reply) { self->respond(std::move(reply)); });
}

void ControlSession::respond(Reply reply) {
    reply_ = std::move(reply);
    write_next();
}

void ControlSession::write_next() {
    std::string part = reply_.dump ? reply_.dump->next() : std::string();
    if (!part.empty()) {
        return write(encode(TextPart{std::move(part)}), &ControlSession::write_next);
    }
    write(encode(reply_.outcome), &ControlSession::finish);
}

void ControlSession::write(std::string text, void (ControlSession::*next)()) {
    outgoing_ = std::move(text);
    expect_within(kStallTimeout);
    asio::async_write(socket_,
                      asio::buffer(outgoing_),
                      [self = shared_from_this(), next](std::error_code error, std::size_t) {
                          ((*self).*(error ? &ControlSession::finish : next))();
                      });
}

void ControlSession::finish() {
    close();
    if (reply_.afterwards) {
        reply_.afterwards();
    }
}

}  // namespace understudy::ops
