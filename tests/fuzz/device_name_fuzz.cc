#include <understudy/base/check.h>
#include <understudy/port/device_name.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

// What is taken must read back from its printed form as the same device.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<char> copy(data, data + size);
    const auto name =
        understudy::port::parse_device_name(std::string_view(copy.data(), copy.size()));
    if (name) {
        const auto again = understudy::port::parse_device_name(to_string(*name));
        UNDERSTUDY_CHECK(again && *again == *name);
    }
    return 0;
}
