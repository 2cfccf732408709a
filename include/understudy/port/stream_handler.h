#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/base/octets.h>
#include <cstdint>
#include <memory>
#include <vector>

namespace understudy::port {

/// Between whom a stream runs.
struct StreamPath {
    base::Endpoint peer;
    base::Endpoint local;
};

/// The DNS messages that answer one request, made one at a time as the connection takes them: a
/// zone transfer of any size costs one message of memory.
///
/// Called and destroyed on the streams' thread, between after_wait and before_wait, with waits in
/// between: what it reads of shared data over several calls has to be pinned.
class MessageSource {
  public:
    MessageSource() = default;
    MessageSource(const MessageSource&) = delete;
    MessageSource& operator=(const MessageSource&) = delete;
    virtual ~MessageSource() = default;

    /// Writes the next message (without the length that TCP puts before it) into `message`, which
    /// is empty, and returns true, or returns false after the last one. At most 65,535 octets.
    [[nodiscard]] virtual bool next(std::vector<std::uint8_t>& message) = 0;
};

/// What the streams of a server (TCP, later TLS) hand their requests to. All calls come from the
/// streams' thread, in this order: attach_thread, then for each round after_wait, any number of
/// handle and MessageSource calls, before_wait; at last detach_thread. A round is short (one
/// request batch or message of each connection), however busy the streams are, so that shared data
/// which the handler reads as an RCU reader is free for reclamation at the round's end.
class StreamHandler {
  public:
    StreamHandler() = default;
    StreamHandler(const StreamHandler&) = delete;
    StreamHandler& operator=(const StreamHandler&) = delete;
    virtual ~StreamHandler() = default;

    /// What becomes of a request: one response (written into the buffer given), many, or none and
    /// the connection is closed.
    struct Reply {
        enum class Kind : std::uint8_t { kMessage, kSource, kClose } kind = Kind::kClose;
        std::unique_ptr<MessageSource> source;  // kSource
    };

    /// `request` has at least the length of a DNS header, `response` is empty and at most 65,535
    /// octets afterwards.
    [[nodiscard]] virtual Reply handle(base::Octets request,
                                       const StreamPath& path,
                                       std::vector<std::uint8_t>& response) = 0;

    /// The streams' thread has begun, is about to end: for registrations, CPU affinity and the
    /// like.
    virtual void attach_thread() {}
    virtual void detach_thread() noexcept {}

    /// The streams' thread is about to wait for events, or has come back from waiting. In between
    /// it reads no shared data.
    virtual void before_wait() noexcept = 0;
    virtual void after_wait() noexcept = 0;
};

}  // namespace understudy::port
