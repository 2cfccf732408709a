#include <understudy/base/check.h>
#include <understudy/wire/name.h>
#include <understudy/zone/builder.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "control/transfer_receiver.h"

namespace {

using namespace understudy;

constexpr std::uint16_t kId = 0x1234;
constexpr zone::HashKey kKey{1, 2};

/// What the primary's differences are of: the version of the corpus' `difference`.
std::shared_ptr<const zone::Zone> base_zone() {
    const wire::Name apex = wire::Name::from_text("example").value();
    zone::Builder builder(apex, kKey);
    std::vector<std::uint8_t> soa(2 + 5 * 4);
    soa[5] = 1;  // the serial
    const std::vector<std::uint8_t> ns(1);
    const std::vector<std::uint8_t> address{192, 0, 2, 1};
    UNDERSTUDY_CHECK(builder.add(apex, wire::type::kSoa, 60, soa));
    UNDERSTUDY_CHECK(builder.add(apex, wire::type::kNs, 60, ns));
    UNDERSTUDY_CHECK(
        builder.add(wire::Name::from_text("a.example").value(), wire::type::kA, 60, address));
    return std::shared_ptr<const zone::Zone>(builder.build().value());
}

void receive(control::TransferReceiver receiver, base::Octets left) {
    using Progress = control::TransferReceiver::Progress;
    while (left.size() > 2) {
        const std::size_t length =
            std::min<std::size_t>(base::load_be16(left.data()), left.size() - 2);
        const std::vector<std::uint8_t> message(left.begin() + 2,
                                                left.begin() + 2 + static_cast<long>(length));
        const auto progress = receiver.feed(message);
        if (!progress) {
            break;
        }
        if (*progress == Progress::kDone) {
            if (!receiver.has_no_news()) {
                const auto zone = receiver.build();
                UNDERSTUDY_CHECK(!zone || ((*zone)->apex() == receiver.apex() &&
                                           (*zone)->serial() == receiver.serial()));
            }
            break;
        }
        left = left.subspan(2 + length);
    }
}

}  // namespace

// The input is what a primary sends over TCP: messages, each with its length before it. Whatever it
// is, it is refused or becomes a zone: as an AXFR into nothing, as one over a version that is held,
// and as an IXFR.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::Octets input(data, size);
    const auto base = base_zone();
    receive(control::TransferReceiver(base->apex(), kId, kKey), input);
    receive(control::TransferReceiver(base, kId, wire::type::kAxfr), input);
    receive(control::TransferReceiver(base, kId, wire::type::kIxfr), input);
    return 0;
}
