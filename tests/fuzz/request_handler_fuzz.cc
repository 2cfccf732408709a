#include <understudy/base/check.h>
#include <understudy/base/clock.h>
#include <understudy/control/config.h>
#include <understudy/control/request_handler.h>
#include <understudy/wire/query.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "support/server.h"

namespace {

using namespace understudy;

constexpr const char* kConfig = R"(listen: [127.0.0.1@5300]
keys: [{name: ., algorithm: hmac-sha256, secret: AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=}]
remotes: [{name: p, addresses: [192.0.2.1]}]
acls: [{name: any, allow: [query, notify, transfer]}]
zones: [{name: ., primaries: [p], acls: [any]}, {name: e, primaries: [p], acls: [any]}]
)";

/// The root and `e`, open to everybody.
struct World {
    World() : snapshot(server.serve(".", "a A 192.0.2.1\n").serve("e.", "").snapshot()) {
        const auto config = control::parse_config(kConfig, "/u.yaml");
        UNDERSTUDY_CHECK(config.faults.empty());
        handler.set_policy(std::make_shared<const control::Policy>(config.config));
    }

    support::Server server;
    base::SystemClock clock;
    control::RequestHandler handler{server.context, clock, [](const control::NotifyEvent&) {}};
    zone::Snapshot snapshot;
};

}  // namespace

// The first octet says which transport the rest came over. Whatever it is, what answers it is a
// response to it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const World world;
    if (size == 0) {
        return 0;
    }
    const std::vector<std::uint8_t> message(data + 1, data + size);
    auto response = world.handler.respond(
        {.message = message,
         .source = {},
         .transport = data[0] % 2 == 0 ? answer::Transport::kUdp : answer::Transport::kStream},
        world.snapshot);
    if (response.source) {
        UNDERSTUDY_CHECK(response.source->next(response.message));
    }
    if (!response.message.empty()) {
        const auto asked = wire::Header::load(message.data());
        const auto header = wire::Header::load(response.message.data());
        UNDERSTUDY_CHECK(header.is_response() && header.id == asked.id);
    }
    return 0;
}
