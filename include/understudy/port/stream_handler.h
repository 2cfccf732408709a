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
class MessageSource {
  public:
    MessageSource() = default;
    MessageSource(const MessageSource&) = delete;
    MessageSource& operator=(const MessageSource&) = delete;
    virtual ~MessageSource() = default;

    /// Writes the next message (without the length that TCP puts before it) into `message` and
    /// returns true, or returns false after the last one. At most 65,535 octets.
    [[nodiscard]] virtual bool next(std::vector<std::uint8_t>& message) = 0;
};

/// What the streams of a server (TCP, later TLS) hand their requests to. Called on the streams'
/// thread only.
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

    [[nodiscard]] virtual Reply handle(base::Octets request,
                                       const StreamPath& path,
                                       std::vector<std::uint8_t>& response) = 0;

    /// The streams' thread is about to wait for events, or has come back from waiting. In between
    /// it reads no shared data.
    virtual void before_wait() noexcept = 0;
    virtual void after_wait() noexcept = 0;
};

}  // namespace understudy::port
