#include <understudy/base/check.h>
#include <understudy/text/record_text.h>
#include <understudy/text/zone_file.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// Whatever the text: every owner is a well-formed name, and every record has a text that is one
// line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy;
    const std::vector<char> copy(data, data + size);
    const auto faults = text::parse_zone_text(
        {copy.data(), copy.size()},
        "fuzz",
        wire::NameView(),
        3600,
        [](const text::ZoneRecord& record) -> base::Expected<void> {
            UNDERSTUDY_CHECK(wire::name_length(record.owner.octets()) == record.owner.size());
            UNDERSTUDY_CHECK(record.rdata.size() <= 65535);
            const std::string line = text::record_text(
                record.owner, record.type, record.klass, record.ttl_s, record.rdata);
            UNDERSTUDY_CHECK(line.find('\n') == std::string::npos);
            return {};
        });
    UNDERSTUDY_CHECK(faults.size() <= text::kMaxZoneFileFaults);
    return 0;
}
