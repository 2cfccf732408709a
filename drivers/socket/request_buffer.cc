#include "socket/request_buffer.h"

#include <understudy/base/check.h>

#include <algorithm>

namespace understudy::socket {

base::MutableOctets RequestBuffer::room() {
    UNDERSTUDY_CHECK(!front());
    if (begin_ != 0) {  // once a request at the most, however finely it comes
        const base::Octets rest = unread();
        std::ranges::copy(rest, octets_.begin());
        begin_ = 0;
        end_ = rest.size();
    }
    if (end_ == 0 && octets_.size() != kReadOctets) {
        octets_ = std::vector<std::uint8_t>(kReadOctets);
    } else if (end_ == octets_.size()) {
        octets_.resize(std::min(2 * octets_.size(), kMaxOctets));
    }
    return base::MutableOctets(octets_).subspan(end_);
}

void RequestBuffer::filled(std::size_t count) noexcept {
    UNDERSTUDY_CHECK(count <= octets_.size() - end_);
    end_ += count;
}

std::optional<base::Octets> RequestBuffer::front() const noexcept {
    const base::Octets rest = unread();
    if (rest.size() < kLengthOctets) {
        return std::nullopt;
    }
    const std::size_t length = base::load_be16(rest.data());
    const base::Octets message = rest.subspan(kLengthOctets);
    if (message.size() < length) {
        return std::nullopt;
    }
    return message.first(length);
}

void RequestBuffer::pop() noexcept {
    const auto request = front();
    UNDERSTUDY_CHECK(request.has_value());
    begin_ += kLengthOctets + request->size();
}

}  // namespace understudy::socket
