#include <understudy/answer/answer.h>
#include <understudy/base/check.h>
#include <understudy/wire/query.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/messages.h"
#include "support/signed_zones.h"
#include "support/zones.h"

namespace {

using namespace understudy;

/// Some of everything, with short names that a fuzzer finds.
const zone::Snapshot& snapshot() {
    static const zone::Snapshot kSnapshot(
        {{support::name("z."),
          support::make_small_zone("z.",
                                   "a A 192.0.2.1\na TXT x\nb CNAME a\nc CNAME b\n*.w CNAME a\n"
                                   "l CNAME l\nd DNAME e\na.e A 192.0.2.2\ng DNAME g.g\n"
                                   "s NS a.s\ns NS a.t\na.s A 192.0.2.3\nt NS a.t\na.t AAAA ::1\n"
                                   "s DS 1 8 2 00\nx.y.n TYPE65280 \\# 700 " +
                                       std::string(1400, '0') + "\n"),
          nullptr,
          false},
         {support::name("s.z."),
          support::make_small_zone("s.z.", "a A 192.0.2.1\n"),
          nullptr,
          false},
         {support::name("example."),
          support::make_signed_zone("example.", support::kNsec3Zone),
          nullptr,
          false},
         {support::name("o."), support::make_signed_zone("o.", support::kNsecZone), nullptr, false},
         {support::name("n."), nullptr, nullptr, true}},
        support::kHashKey);
    return kSnapshot;
}

}  // namespace

// Whatever the request: a response is well formed, within its limits and the request's; without one
// the request stays as it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const answer::Context kContext{"id", "version", {1, 2, 3}, 1232};
    if (size == 0) {
        return 0;
    }
    const bool is_stream = (data[0] & 1U) != 0;
    const std::vector<std::uint8_t> message(data + 1, data + size);
    std::vector<std::uint8_t> buffer = message;
    buffer.resize(std::max(message.size(), is_stream ? wire::kMaxMessageOctets : std::size_t{512}));
    const std::vector<std::uint8_t> source{192, 0, 2, 1};
    answer::Request request{
        .buffer = buffer,
        .length_octets = message.size(),
        .source = source,
        .transport = is_stream ? answer::Transport::kStream : answer::Transport::kUdp,
        .key = nullptr};
    answer::answer({&request, 1}, snapshot(), kContext);
    if (stats::outcome(request.verdict) != stats::Outcome::kAnswered) {
        UNDERSTUDY_CHECK(std::equal(message.begin(), message.end(), buffer.begin()));
        return 0;
    }
    UNDERSTUDY_CHECK(request.length_octets <= buffer.size());
    const base::Octets response = base::Octets(buffer).first(request.length_octets);
    UNDERSTUDY_CHECK(is_stream || response.size() <= kContext.max_udp_payload_octets);
    UNDERSTUDY_CHECK(support::message_text(response) != "malformed\n");
    UNDERSTUDY_CHECK(wire::Header::load(response.data()).is_response());
    UNDERSTUDY_CHECK(std::equal(message.begin(), message.begin() + 2, response.begin()));
    return 0;
}
