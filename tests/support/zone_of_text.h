#pragma once

#include <gtest/gtest.h>
#include <understudy/text/zone_file.h>
#include <understudy/wire/name.h>
#include <understudy/zone/builder.h>
#include <memory>
#include <string>
#include <string_view>

namespace understudy::test {

/// A zone from master-file text; null, with a failure of the test, where there is a fault in it.
inline std::shared_ptr<const zone::Zone> zone_of_text(const std::string& apex,
                                                      std::string_view text) {
    const wire::Name name = wire::Name::from_text(apex).value();
    zone::Builder builder(name, zone::HashKey{1, 2});
    const auto faults =
        text::parse_zone_text(text, "text", name, 3600, [&](const text::ZoneRecord& record) {
            return builder.add(record.owner, record.type, record.ttl_s, record.rdata);
        });
    for (const auto& fault : faults) {
        ADD_FAILURE() << fault.to_string();
    }
    auto zone = builder.build();
    if (!zone) {
        ADD_FAILURE() << zone.error().message;
        return nullptr;
    }
    return std::move(*zone);
}

}  // namespace understudy::test
