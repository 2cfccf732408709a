#include <understudy/base/check.h>
#include <understudy/memory/memory_port.h>
#include <understudy/worker/pipeline.h>
#include <understudy/zone/builder.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace {

using namespace understudy;

struct Control final : port::WakeUp {
    void wake() noexcept override {}
};

net::Service make_service() {
    net::Service::Settings settings;
    settings.mac = {0x02, 0x00, 0x5E, 0x00, 0x00, 0x53};
    settings.addresses = {{base::IpPrefix::parse("192.0.2.53/24").value()},
                          {base::IpPrefix::parse("2001:db8::53/64").value()}};
    return net::Service::make(settings).value();
}

/// A zone with a wildcard: its names have an answer, others are refused.
zone::Snapshot make_snapshot() {
    constexpr zone::HashKey kKey{1, 2};
    constexpr std::array<std::uint8_t, 22> kSoa{};
    constexpr std::array<std::uint8_t, 4> kAddress{192, 0, 2, 1};
    const wire::Name apex = wire::Name::from_text("example.").value();
    zone::Builder builder(apex.view(), kKey);
    const wire::Name wildcard = wire::Name::from_text("*.example.").value();
    UNDERSTUDY_CHECK(builder.add(apex.view(), wire::type::kSoa, 60, kSoa) &&
                     builder.add(apex.view(), wire::type::kNs, 60, base::Octets(kSoa).first(1)) &&
                     builder.add(wildcard.view(), wire::type::kA, 60, kAddress));
    return {{{apex, builder.build().value(), nullptr, false}}, kKey};
}

/// A pipeline, the port that it polls, and what both hang on.
struct World {
    World() {
        memory::MemoryPort::Options options;
        options.buffers = 2;
        options.buffer_octets = memory::MemoryPort::kMinCapacityOctets;
        port = std::make_unique<memory::MemoryPort>(options);
        pipeline.emplace(worker::PortBinding{port.get(), &service}, 0, rings, control, counters);
    }

    zone::Snapshot snapshot = make_snapshot();
    answer::Context context{.identity = "id", .version = "version", .nsid = {1}};
    net::Service service = make_service();
    std::unique_ptr<memory::MemoryPort> port;
    port::DeferredRings rings;
    Control control;
    stats::WorkerCounters counters;
    std::optional<worker::Pipeline> pipeline;
};

}  // namespace

/// The first octet says what the device found of the checksums, the rest is the frame. Whatever it
/// is, it has one verdict, and the port has its buffers back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static World world;
    if (size == 0 || size - 1 > memory::MemoryPort::kMinCapacityOctets) {
        return 0;
    }
    const auto ip = static_cast<base::ChecksumState>(data[0] % 3);
    const auto udp = static_cast<base::ChecksumState>(data[0] / 3 % 3);
    UNDERSTUDY_CHECK(world.port->inject({data + 1, size - 1}, {}, ip, udp));
    UNDERSTUDY_CHECK(world.pipeline->receive() == 1);
    world.pipeline->settle(world.snapshot, world.context);
    while (const port::Deferred* request = world.rings.to_control.front()) {
        world.pipeline->send_late(*request);
        world.counters.packets.add(1);
        world.rings.to_control.release();
    }
    std::uint64_t verdicts = 0;
    for (const stats::Counter& verdict : world.counters.verdicts) {
        verdicts += verdict.read();
    }
    UNDERSTUDY_CHECK(verdicts == world.counters.packets.read());
    UNDERSTUDY_CHECK(world.port->sent().size() <= 2 && world.port->outstanding() == 0);
    return 0;
}
