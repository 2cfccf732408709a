#include <understudy/answer/answer.h>
#include <understudy/base/check.h>
#include <understudy/zone/change.h>
#include <understudy/zone/image.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/images.h"
#include "support/messages.h"
#include "support/transfers.h"
#include "support/zone_views.h"

namespace {

using namespace understudy;
using support::Record;

constexpr std::size_t kMostAsked = 64;  // names; an input has few more

void ask(const zone::Snapshot& snapshot, const wire::Name& name, wire::Type type) {
    static const answer::Context kContext{"id", "version", {1, 2, 3}, 1232};
    const support::Bytes query = support::make_query(
        {.name = name.to_text(),
         .type = type,
         .edns = support::EdnsFields{.payload_octets = 4096, .dnssec_ok = true}});
    std::vector<std::uint8_t> buffer = query;
    buffer.resize(wire::kMaxMessageOctets);
    const std::vector<std::uint8_t> source{192, 0, 2, 1};
    answer::Request request{.buffer = buffer,
                            .length_octets = query.size(),
                            .source = source,
                            .transport = answer::Transport::kStream,
                            .key = nullptr};
    answer::answer({&request, 1}, snapshot, kContext);
}

void change(const zone::Zone& zone, const std::vector<Record>& records) {
    zone::Change change(zone);
    for (std::size_t i = 0; i < records.size(); i += 3) {
        const Record& record = records[i];
        UNDERSTUDY_CHECK(change.remove(record.owner, record.type, 0, record.rdata));
    }
    const wire::Name added{zone.apex()};
    UNDERSTUDY_CHECK(change.add(added, wire::type::kTxt, 1, support::Bytes(1)));
    static_cast<void>(zone::apply(zone, change, zone::Strictness::kLenient));
}

void use(std::shared_ptr<const zone::Zone> zone) {
    static_cast<void>(support::dump(*zone));
    static_cast<void>(support::view_of(*zone));
    const std::vector<Record> records = support::records_of(*zone);
    const zone::Snapshot snapshot({{wire::Name(zone->apex()), zone, nullptr, false}},
                                  support::kHashKey);
    for (std::size_t i = 0; i < std::min(records.size(), kMostAsked); ++i) {
        const wire::Name& name = records[i].owner;
        static_cast<void>(support::view_of(*zone, name));
        for (const wire::Type type : {records[i].type, wire::type::kDs, wire::type::kAny}) {
            ask(snapshot, name, type);
        }
        if (name.view().size() < wire::kMaxNameOctets - 1) {
            const base::Octets octets = name.view().octets();
            ask(snapshot,
                wire::Name(wire::NameView(support::OctetBuilder()
                                              .u8(1)
                                              .u8('c')
                                              .raw({octets.begin(), octets.end()})
                                              .bytes())),
                records[i].type);
        }
    }
    change(*zone, records);
}

}  // namespace

// Any octets as an image, its header and checksum mended: a fault, or a zone that may be used and
// written again. No block is lost.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::size_t before = zone::BlockStore::process().usage().live_octets;
    support::Bytes image(data, data + size);
    if (!support::mend_image(image)) {
        return 0;
    }
    // The apex is what the image says, as far as it says one.
    zone::ImageHeader header;
    std::memcpy(&header, image.data(), sizeof header);
    const base::Octets rest = base::Octets(image).subspan(sizeof header);
    const std::size_t apex_octets = wire::name_length(rest);
    const wire::NameView apex(apex_octets != 0 ? rest.first(apex_octets)
                                               : wire::NameView().octets());
    if (auto zone = zone::read_image(apex, support::kHashKey, image)) {
        const support::Bytes again = support::image_of(**zone);
        const auto other = zone::read_image(apex, support::kHashKey, again);
        UNDERSTUDY_CHECK(other.has_value() && support::image_of(**other) == again);
        use(*std::move(zone));
    }
    UNDERSTUDY_CHECK(zone::BlockStore::process().usage().live_octets == before);
    return 0;
}
