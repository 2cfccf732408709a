#include <understudy/base/check.h>
#include <understudy/wire/message_writer.h>
#include <understudy/wire/rdata.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

// A message whose first octets say where in it a record's rdata stands and of which type it is.
// What is read has its type's layout, and goes through a message of ours unchanged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy;
    constexpr std::size_t kHead = 4;
    if (size < kHead) {
        return 0;
    }
    const std::vector<std::uint8_t> message(data, data + size);
    wire::RecordHead record;
    record.type = base::load_be16(data);
    record.rdata_offset = std::min<std::size_t>(data[2], size);
    record.rdata_octets = size - record.rdata_offset;
    std::vector<std::uint8_t> rdata;
    if (!wire::read_rdata(message, record, rdata)) {
        UNDERSTUDY_CHECK(rdata.empty());
        return 0;
    }
    UNDERSTUDY_CHECK(wire::is_valid_rdata(record.type, rdata));
    std::vector<std::uint8_t> buffer(wire::kMaxMessageOctets);
    wire::MessageWriter writer(
        buffer, wire::kHeaderOctets, buffer.size(), wire::CompressionCase::kExact);
    if (!writer.record(wire::Section::kAnswer, record.owner.view(), record.type, 1, 0, rdata)) {
        return 0;  // it does not fit beside a header
    }
    wire::Reader in(base::Octets(buffer).first(writer.size()), wire::kHeaderOctets);
    wire::RecordHead again;
    std::vector<std::uint8_t> back;
    UNDERSTUDY_CHECK(in.record(again) && wire::read_rdata(in.message(), again, back));
    UNDERSTUDY_CHECK(back == rdata);
    return 0;
}
