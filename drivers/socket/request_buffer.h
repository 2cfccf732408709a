#pragma once

#include <understudy/base/octets.h>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace understudy::socket {

/// Cuts what a stream brings into requests: each a length of two octets and as many octets of
/// message (RFC 1035 §4.2.2).
///
/// Reader: `room()`, fill some of it, `filled(n)`; then `front()` and `pop()` while there are whole
/// requests. Memory grows with the octets that have arrived, never with a length that is only
/// announced, and falls back once a large request is done with.
class RequestBuffer {
  public:
    static constexpr std::size_t kLengthOctets = 2;
    static constexpr std::size_t kReadOctets = 4096;  // at a time, and kept while idle
    static constexpr std::size_t kMaxOctets = kLengthOctets + 0xFFFF;

    /// Where the next octets go; never empty. REQUIRES: no whole request is left.
    /// Ends the life of what front() gave.
    [[nodiscard]] base::MutableOctets room();

    /// The first `count` octets of room() are there now.
    void filled(std::size_t count) noexcept;

    /// The first request without its length, if it is whole.
    [[nodiscard]] std::optional<base::Octets> front() const noexcept;

    /// Done with front(). REQUIRES: there is one.
    void pop() noexcept;

  private:
    [[nodiscard]] base::Octets unread() const noexcept {
        return base::Octets(octets_).subspan(begin_, end_ - begin_);
    }

    std::vector<std::uint8_t> octets_;
    std::size_t begin_ = 0;  // of the first request
    std::size_t end_ = 0;    // of what has arrived
};

}  // namespace understudy::socket
