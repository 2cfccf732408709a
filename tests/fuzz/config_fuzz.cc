#include <understudy/base/check.h>
#include <understudy/control/config.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

// Whatever the text: a configuration without faults holds to its own invariants.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy;
    const std::string text(data, data + size);
    const auto result = control::parse_config(text, "/nonexistent/understudy.yaml");
    for (const auto& fault : result.faults) {
        UNDERSTUDY_CHECK(!fault.message.empty());
    }
    if (!result.faults.empty()) {
        return 0;
    }
    const control::Config& config = result.config;
    UNDERSTUDY_CHECK(!config.ports.empty() || !config.listen.empty());
    for (const auto& zone : config.zones) {
        UNDERSTUDY_CHECK(zone.is_primary() == zone.primaries.empty());
        UNDERSTUDY_CHECK(zone.refresh_min <= zone.refresh_max);
        UNDERSTUDY_CHECK(std::ranges::all_of(
            zone.primaries, [&](std::size_t index) { return index < config.remotes.size(); }));
        UNDERSTUDY_CHECK(std::ranges::all_of(
            zone.acls, [&](std::size_t index) { return index < config.acls.size(); }));
    }
    return 0;
}
