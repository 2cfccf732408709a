#include <understudy/base/check.h>
#include <understudy/wire/query.h>
#include <cstddef>
#include <cstdint>
#include <vector>

// Whatever the octets: what a query says lies within its message and is well formed, and a good one
// has a question.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy;
    const std::vector<std::uint8_t> message(data, data + size);
    wire::Query query;
    const wire::QueryFault fault = wire::parse_query(message, query);
    UNDERSTUDY_CHECK((fault == wire::QueryFault::kShort) == (size < wire::kHeaderOctets));
    if (fault == wire::QueryFault::kShort || fault == wire::QueryFault::kIsResponse) {
        return 0;
    }
    UNDERSTUDY_CHECK(query.question_end <= size);
    UNDERSTUDY_CHECK(wire::name_length(query.name.octets()) == query.name.size());
    UNDERSTUDY_CHECK(query.has_question == (query.question_end > wire::kHeaderOctets));
    UNDERSTUDY_CHECK(fault != wire::QueryFault::kNone || query.has_question ||
                     !query.has_known_opcode());
    if (query.edns) {
        UNDERSTUDY_CHECK(query.edns->payload_octets >= wire::kMinUdpPayloadOctets);
        for (const unsigned code : {3U, 8U, 10U, 15U}) {
            const auto value = query.edns->option(static_cast<std::uint16_t>(code));
            UNDERSTUDY_CHECK(!value || value->size() <= query.edns->options.size());
        }
    }
    return 0;
}
