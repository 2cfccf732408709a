#include <understudy/base/check.h>
#include <understudy/wire/name.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "control/transfer_receiver.h"

// The input is what a primary sends over TCP: messages, each with its length before it. Whatever it
// is, it is refused or becomes a zone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy;
    using Progress = control::TransferReceiver::Progress;
    constexpr std::uint16_t kId = 0x1234;
    const wire::Name apex = wire::Name::from_text("example").value();
    control::TransferReceiver receiver(apex, kId, {1, 2});
    base::Octets left(data, size);
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
            const auto zone = receiver.build();
            UNDERSTUDY_CHECK(!zone || (*zone)->apex() == apex.view());
            break;
        }
        left = left.subspan(2 + length);
    }
    return 0;
}
