#include <understudy/base/check.h>
#include <understudy/control/tsig.h>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

// Whatever the message: a record that is found comes off and goes on again as the same octets, and
// nobody without the secret gets a message past either side.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy;
    constexpr std::int64_t kNow = 1'700'000'000;
    const std::vector<std::uint8_t> original(data, data + size);
    wire::Tsig tsig;
    if (wire::find_tsig(original, tsig) == wire::TsigPresence::kPresent) {
        std::vector<std::uint8_t> message = original;
        wire::strip_tsig(message, tsig);
        wire::append_tsig(message, tsig);
        UNDERSTUDY_CHECK(message == original || message.size() > original.size());  // compressed
    }
    control::KeyConfig key;  // the root, so that inputs come across it
    key.secret.assign(32, 0xA5);
    std::vector<std::uint8_t> request = original;
    UNDERSTUDY_CHECK(control::verify_request(request, {&key, 1}, kNow).status !=
                     control::TsigStatus::kGood);
    control::TsigClient client = control::TsigClient::make(key).value();
    std::vector<std::uint8_t> query(wire::kHeaderOctets);
    UNDERSTUDY_CHECK(client.sign(query, kNow));
    std::vector<std::uint8_t> response = original;
    UNDERSTUDY_CHECK(client.verify(response, kNow) != control::TsigStatus::kGood);
    return 0;
}
