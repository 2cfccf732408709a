// A stream in pieces: the first octet of each is how many follow. Whatever comes, the requests that
// come out are the stream again.

#include <understudy/base/check.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "socket/request_buffer.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using understudy::socket::RequestBuffer;
    const std::vector<std::uint8_t> input(data, data + size);
    std::vector<std::uint8_t> in;
    std::vector<std::uint8_t> out;
    RequestBuffer buffer;
    for (std::size_t at = 0; at < input.size();) {
        const auto room = buffer.room();
        const std::size_t piece = input[at++];
        const std::size_t count = std::min({piece, room.size(), input.size() - at});
        std::copy_n(input.data() + at, count, room.begin());
        in.insert(in.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(count));
        buffer.filled(count);
        at += count;
        while (const auto request = buffer.front()) {
            out.push_back(static_cast<std::uint8_t>(request->size() >> 8U));
            out.push_back(static_cast<std::uint8_t>(request->size() & 0xFFU));
            out.insert(out.end(), request->begin(), request->end());
            buffer.pop();
        }
    }
    UNDERSTUDY_CHECK(out.size() <= in.size() && std::equal(out.begin(), out.end(), in.begin()));
    return 0;
}
