#include <understudy/base/check.h>
#include <understudy/net/packet_filter.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

/// Up to the first line's end the text of a program, as a client of the control socket may send it;
/// behind it the frame that it looks at. What is taken reads back the same and ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::uint8_t* const end = std::find(data, data + size, '\n');
    const std::vector<char> text(data, end);
    const auto filter =
        understudy::net::PacketFilter::from_text(std::string_view(text.data(), text.size()));
    if (filter) {
        const std::size_t octets =
            static_cast<std::size_t>(data + size - end) - (end == data + size ? 0 : 1);
        const auto frame = std::make_unique<std::uint8_t[]>(octets);
        std::copy_n(data + size - octets, octets, frame.get());
        (void)filter->matches({frame.get(), octets});
        const auto again = understudy::net::PacketFilter::from_text(filter->to_text());
        UNDERSTUDY_CHECK(again && again->to_text() == filter->to_text());
    }
    return 0;
}
