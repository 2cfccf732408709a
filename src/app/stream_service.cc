#include "app/stream_service.h"

#include <understudy/wire/constants.h>
#include <algorithm>
#include <utility>

namespace understudy::app {

StreamService::StreamService(const rcu::Published<zone::Snapshot>& snapshot,
                             const answer::Context& context,
                             const control::RequestHandler& requests)
    : snapshot_(snapshot),
      context_(context),
      requests_(requests),
      buffer_(wire::kMaxMessageOctets) {}

void StreamService::attach_thread() {
    reader_.emplace();
    reader_->offline();
}

void StreamService::detach_thread() noexcept { reader_.reset(); }

// NOLINTBEGIN(bugprone-unchecked-optional-access): rounds come between attaching and detaching
void StreamService::before_wait() noexcept { reader_->offline(); }

void StreamService::after_wait() noexcept { reader_->online(); }
// NOLINTEND(bugprone-unchecked-optional-access)

port::StreamHandler::Reply StreamService::handle(base::Octets request,
                                                 const port::StreamPath& path,
                                                 std::vector<std::uint8_t>& response) {
    const zone::Snapshot& snapshot = *snapshot_.load();
    std::ranges::copy(request, buffer_.begin());
    answer::Request query{.buffer = buffer_,
                          .length_octets = request.size(),
                          .source = path.peer.address.octets(),
                          .transport = answer::Transport::kStream};
    answer::answer({&query, 1}, snapshot, context_);
    counters_.count(query.verdict);
    if (query.verdict == stats::Verdict::kToControl) {
        return hand_over(request, path, snapshot, response);
    }
    if (stats::outcome(query.verdict) != stats::Outcome::kAnswered) {
        return {};
    }
    response.assign(buffer_.begin(),
                    buffer_.begin() + static_cast<std::ptrdiff_t>(query.length_octets));
    return {.kind = Reply::Kind::kMessage, .source = nullptr};
}

port::StreamHandler::Reply StreamService::hand_over(base::Octets request,
                                                    const port::StreamPath& path,
                                                    const zone::Snapshot& snapshot,
                                                    std::vector<std::uint8_t>& response) {
    control::RequestHandler::Response made =
        requests_.respond({request, path.peer.address, answer::Transport::kStream}, snapshot);
    if (made.source) {
        return {.kind = Reply::Kind::kSource, .source = std::move(made.source)};
    }
    if (made.message.empty()) {
        return {};
    }
    response = std::move(made.message);
    return {.kind = Reply::Kind::kMessage, .source = nullptr};
}

}  // namespace understudy::app
