#include "support/zones.h"

#include <understudy/text/zone_file.h>
#include <understudy/zone/builder.h>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "support/octets.h"

namespace understudy::support {

base::Expected<std::shared_ptr<const zone::Zone>> build_zone(std::string_view apex,
                                                             std::string_view text) {
    const wire::Name origin = name(apex);
    zone::Builder builder(origin, kHashKey);
    const auto faults = text::parse_zone_text(
        text, "zone", origin, kDefaultTtl, [&builder](const text::ZoneRecord& record) {
            return builder.add(record.owner, record.type, record.ttl_s, record.rdata);
        });
    std::string message;
    for (const base::Fault& fault : faults) {
        message += fault.to_string() + "\n";
    }
    if (!message.empty()) {
        return base::fail(message);
    }
    return builder.build().map([](std::unique_ptr<const zone::Zone> zone) {
        return std::shared_ptr<const zone::Zone>(std::move(zone));
    });
}

std::shared_ptr<const zone::Zone> make_zone(std::string_view apex, std::string_view text) {
    auto zone = build_zone(apex, text);
    if (!zone) {
        (void)std::fprintf(stderr,
                           "no zone: %s\n%.*s\n",
                           zone.error().message.c_str(),
                           static_cast<int>(text.size()),
                           text.data());
        std::abort();
    }
    return *std::move(zone);
}

std::shared_ptr<const zone::Zone> make_small_zone(std::string_view apex, std::string_view text) {
    return make_zone(apex, std::string(kApexRecords) + std::string(text));
}

}  // namespace understudy::support
