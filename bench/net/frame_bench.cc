#include <benchmark/benchmark.h>

#include <understudy/net/frame.h>
#include <understudy/net/reply.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "support/frames.h"
#include "support/slow_frame.h"

/// What `net` costs: the frame of a query to that of its response, without an answer. Frames of 88
/// octets stand in buffers as a device would leave them; a prepared payload lies over each
/// query already. Before the clock runs, a slow parser of its own checks every reply; while it
/// runs, the lengths are.
namespace understudy::net {
namespace {

using base::ChecksumState;

constexpr std::size_t kBufferOctets =
    2048 + 256;  // DPDK's stride; 2048 would meet in few cache sets
constexpr std::size_t kFrames = 256;
constexpr std::size_t kFrameOctets = 88;
constexpr std::size_t kBurst = 32;
static_assert(kFrames % kBurst == 0);

using Buffer = std::array<std::uint8_t, kBufferOctets>;

Service make_service(std::size_t addresses) {
    Service::Settings settings;
    settings.mac = support::kOurMac;
    for (std::size_t i = 0; i < addresses; ++i) {
        const std::string last = std::to_string(53 + i);
        settings.addresses.push_back({base::IpPrefix::parse("192.0.2." + last + "/24").value()});
        settings.addresses.push_back({base::IpPrefix::parse("2001:db8::" + last + "/64").value()});
    }
    return Service::make(settings).value();
}

/// Queries from many sources, to each of the service's addresses in turn.
std::vector<support::Bytes> make_queries(bool v6, std::size_t addresses) {
    std::vector<support::Bytes> queries;
    for (std::size_t i = 0; i < kFrames; ++i) {
        const std::string last = std::to_string(53 + i % addresses);
        const std::string destination = (v6 ? "2001:db8::" : "192.0.2.") + last;
        const std::string source =
            v6 ? "2001:db8:1::" + std::to_string(i) : "198.51.100." + std::to_string(i);
        support::FrameFields fields;
        fields.ipv4.source = fields.ipv6.source = source;
        fields.ipv4.destination = fields.ipv6.destination = destination;
        fields.udp.source_port = static_cast<std::uint16_t>(1024 + i * 37);
        fields.payload =
            support::Bytes(kFrameOctets - 42 - (v6 ? 20 : 0), static_cast<std::uint8_t>(i));
        queries.push_back(v6 ? udp_frame_v6(fields) : udp_frame_v4(fields));
    }
    return queries;
}

struct Policy {
    ChecksumState received = ChecksumState::kGood;
    ChecksumMode sent = ChecksumMode::kDevice;
};

/// Puts the queries back: the device's work. A burst at a time, as a worker sees it, or the loads
/// of `inspect` would wait for the copy's stores.
void receive(std::span<Buffer> buffers, std::span<const support::Bytes> queries) {
    for (std::size_t i = 0; i < queries.size(); ++i) {
        std::memcpy(buffers[i].data(), queries[i].data(), kFrameOctets);
    }
}

/// Inspects and answers in place; the length of the reply, 0 for a drop.
std::size_t answer(Buffer& buffer,
                   std::size_t octets,
                   const Policy& policy,
                   const Service& service) {
    const Inspection inspection =
        inspect({buffer.data(), octets}, policy.received, policy.received, service);
    if (inspection.kind != FrameKind::kDatagram) {
        return 0;
    }
    return make_udp_reply(buffer, inspection.view, inspection.view.payload_octets, policy.sent)
        .length_octets;
}

bool is_right(const Buffer& buffer, std::size_t octets, const support::Bytes& query, bool device) {
    const auto reply = support::parse_slowly({buffer.data(), octets}, device);
    return octets == query.size() && reply.fault.empty() && reply.source_port == 53 &&
           std::equal(query.begin(), query.begin() + 6, reply.source_mac.begin());
}

void bench(benchmark::State& state, bool v6, Policy policy) {
    const auto addresses = static_cast<std::size_t>(state.range(0));
    const Service service = make_service(addresses);
    const std::vector<support::Bytes> queries = make_queries(v6, addresses);
    std::vector<Buffer> buffers(kFrames);
    for (std::size_t i = 0; i < kFrames; ++i) {
        std::ranges::copy(queries[i], buffers[i].begin());
        const std::size_t octets = answer(buffers[i], queries[i].size(), policy, service);
        if (!is_right(buffers[i], octets, queries[i], policy.sent == ChecksumMode::kDevice)) {
            state.SkipWithError("a reply is wrong");
            return;
        }
    }
    std::size_t next = 0;
    while (state.KeepRunningBatch(kBurst)) {
        receive(std::span(buffers).subspan(next, kBurst), std::span(queries).subspan(next, kBurst));
        std::size_t octets = 0;
        for (Buffer& buffer : std::span(buffers).subspan(next, kBurst)) {
            octets += answer(buffer, kFrameOctets, policy, service);
        }
        if (octets != kBurst * kFrameOctets) {
            state.SkipWithError("a reply has another length");
            break;
        }
        next = (next + kBurst) % kFrames;
    }
    state.SetItemsProcessed(state.iterations());
}

/// What of the others' time is the copy that puts each query back.
void copy_alone(benchmark::State& state) {
    const std::vector<support::Bytes> queries = make_queries(false, 1);
    std::vector<Buffer> buffers(kFrames);
    std::size_t next = 0;
    while (state.KeepRunningBatch(kBurst)) {
        receive(std::span(buffers).subspan(next, kBurst), std::span(queries).subspan(next, kBurst));
        benchmark::ClobberMemory();
        next = (next + kBurst) % kFrames;
    }
    state.SetItemsProcessed(state.iterations());
}

constexpr Policy kDevice{};
constexpr Policy kSoftware{ChecksumState::kUnknown, ChecksumMode::kSoftware};

BENCHMARK(copy_alone);
BENCHMARK_CAPTURE(bench, v4_device_checksums, false, kDevice)->Arg(1)->Arg(4)->Arg(16);
BENCHMARK_CAPTURE(bench, v4_software_checksums, false, kSoftware)->Arg(1)->Arg(16);
BENCHMARK_CAPTURE(bench, v6_device_checksums, true, kDevice)->Arg(1)->Arg(4)->Arg(16);
BENCHMARK_CAPTURE(bench, v6_software_checksums, true, kSoftware)->Arg(1)->Arg(16);

}  // namespace
}  // namespace understudy::net

BENCHMARK_MAIN();
