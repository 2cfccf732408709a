#include <benchmark/benchmark.h>
#include <understudy/base/check.h>
#include <understudy/memory/memory_port.h>
#include <understudy/net/reply.h>
#include <understudy/worker/pipeline.h>
#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "floor.h"
#include "program.h"
#include "questions.h"
#include "support/frames.h"
#include "support/slow_frame.h"
#include "workload.h"

/// What a query costs a worker from the port to the port: rx, net, answer, net, tx, over a port in
/// memory that hands out prepared frames (a copy of each, which counts as the device's work and is
/// in the floor as well).
///
/// The floor is what no server can do without: the same frames turned around with nothing
/// answered, and beside it a table look-up with two dependent lines over as many octets.
///
/// Before the clock runs every distinct reply is taken apart by slow, obvious code and held to what
/// the zone says; while it runs each reply's length and UDP checksum, which sums up the whole
/// answer, must be those of that reply. One wrong answer fails the run.
namespace understudy::bench {
namespace {

constexpr std::size_t kQuestions = 65'536;

// Where they stand in a frame without tag and options.
constexpr std::size_t kUdpLengthAt = 14 + 20 + 4;
constexpr std::size_t kUdpChecksumAt = kUdpLengthAt + 2;

struct Control final : port::WakeUp {
    void wake() noexcept override {}
};

net::Service make_service() {
    net::Service::Settings settings;
    settings.mac = support::kOurMac;
    settings.addresses = {{base::IpPrefix::parse("192.0.2.53/24").value()}};
    return net::Service::make(settings).value();
}

memory::MemoryPort::Options options_of(std::size_t burst) {
    memory::MemoryPort::Options options;
    options.mac = support::kOurMac;
    options.buffers = burst;  // all are back after each burst, so this is its length
    return options;
}

std::vector<memory::PreparedPacket> frames_of(const Questions& questions) {
    std::vector<memory::PreparedPacket> frames;
    std::mt19937_64 random(2);
    for (std::size_t i = 0; i < questions.size(); ++i) {
        support::FrameFields fields;
        const std::string source = "198.51.100." + std::to_string(1 + random() % 250);
        fields.ipv4.source = source;
        fields.udp.source_port = static_cast<std::uint16_t>(1024 + random() % 60'000);
        fields.payload.assign(questions[i].begin(), questions[i].end());
        frames.push_back({udp_frame_v4(fields), {}});
    }
    return frames;
}

/// Length and checksum of the UDP header of each reply, as they stand in the frame.
using Digest = std::uint32_t;

Digest digest_of(base::Octets frame) {
    return frame.size() < kUdpChecksumAt + 2
               ? 0
               : static_cast<Digest>(base::load_be16(&frame[kUdpLengthAt])) << 16U |
                     base::load_be16(&frame[kUdpChecksumAt]);
}

bool is_right(const Questions& questions,
              std::size_t index,
              base::Octets asked_frame,
              base::Octets sent) {
    const support::SlowFrame reply = support::parse_slowly(sent);
    const support::SlowFrame asked = support::parse_slowly(asked_frame);
    return reply.fault.empty() && reply.destination == asked.source &&
           reply.destination_port == asked.source_port &&
           questions.fault(index, reply.payload).empty();
}

/// Zones and what is asked of them.
struct World {
    explicit World(std::unique_ptr<const Workload> made) : workload(std::move(made)) {}

    std::unique_ptr<const Workload> workload;
    zone::Snapshot snapshot = build(*workload);
    Questions questions{*workload, Mix::kMixed, kQuestions};
    Floor floor{memory_octets(snapshot)};
};

/// A world for one benchmark: a port that loops over a workload's frames, and a pipeline.
class Bench {
  public:
    Bench(const World& world, std::size_t burst)
        : world_(world), port_(options_of(burst)), frames_(frames_of(world.questions)) {}

    void poll() {
        if (pipeline_.receive() > 0) {
            pipeline_.settle(world_.snapshot, context_);
        }
    }

    /// rx and tx of a frame turned around with its own payload.
    void reflect() {
        const std::size_t count = port_.rx_burst(burst_);
        for (port::Packet& packet : std::span(burst_).first(count)) {
            const base::MutableOctets buffer(packet.data, packet.capacity_octets);
            const net::Inspection seen = net::inspect(buffer.first(packet.length_octets),
                                                      packet.ip_checksum,
                                                      packet.udp_checksum,
                                                      service_);
            UNDERSTUDY_CHECK(seen.kind == net::FrameKind::kDatagram);
            packet.length_octets =
                net::make_udp_reply(
                    buffer, seen.view, seen.view.payload_octets, net::ChecksumMode::kSoftware)
                    .length_octets;
        }
        UNDERSTUDY_CHECK(port_.tx_burst(std::span(burst_).first(count)) == count);
    }

    /// Every reply once, held to the zone; false if one is wrong.
    bool learn() {
        if (digests_.empty()) {
            all_right_ = learn_anew();
        }
        return all_right_;
    }

    void check_digests() {
        port_.loop(frames_, [this](std::size_t index, base::Octets sent) {
            return digests_[index] == digest_of(sent);
        });
    }

    void check_nothing() {
        port_.loop(frames_, [](std::size_t /*index*/, base::Octets sent) { return !sent.empty(); });
    }

    [[nodiscard]] const memory::MemoryPort& port() const { return port_; }

  private:
    bool learn_anew() {
        digests_.assign(frames_.size(), 0);
        port_.loop(frames_, [this](std::size_t index, base::Octets sent) {
            digests_[index] = digest_of(sent);
            return is_right(world_.questions, index, frames_[index].octets, sent);
        });
        const std::uint64_t before = port_.loop_sent();
        while (port_.loop_sent() - before < frames_.size()) {
            poll();
        }
        return port_.loop_wrong() == 0;
    }

    const World& world_;
    net::Service service_ = make_service();
    memory::MemoryPort port_;
    std::vector<memory::PreparedPacket> frames_;
    std::vector<Digest> digests_;
    bool all_right_ = false;
    answer::Context context_;
    Control control_;
    port::DeferredRings rings_;
    stats::WorkerCounters counters_;
    worker::Pipeline pipeline_{{&port_, &service_}, 0, rings_, control_, counters_};
    std::array<port::Packet, port::kMaxBurst> burst_;
};

void bench_pipeline(benchmark::State& state, Bench& bench, std::size_t burst) {
    if (!bench.learn()) {
        fail(state, "an answer is wrong");
        return;
    }
    bench.check_digests();
    const std::uint64_t before = bench.port().loop_sent();
    std::uint64_t asked = 0;
    while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(burst))) {
        bench.poll();
        asked += burst;
    }
    if (bench.port().loop_wrong() != 0 || bench.port().loop_sent() - before != asked) {
        fail(state, "an answer under way is wrong or missing");
    }
}

void bench_reflection(benchmark::State& state, Bench& bench, std::size_t burst) {
    bench.check_nothing();
    const std::uint64_t before = bench.port().loop_sent();
    std::uint64_t asked = 0;
    while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(burst))) {
        bench.reflect();
        asked += burst;
    }
    if (bench.port().loop_wrong() != 0 || bench.port().loop_sent() - before != asked) {
        fail(state, "a frame is missing");
    }
}

void bench_table(benchmark::State& state, const Floor& floor, std::size_t burst) {
    std::array<std::uint64_t, port::kMaxBurst> keys;
    std::array<std::array<std::uint8_t, Floor::kCopyOctets>, port::kMaxBurst> copies;
    std::array<std::uint8_t*, port::kMaxBurst> into;
    std::ranges::transform(copies, into.begin(), [](auto& copy) { return copy.data(); });
    std::uint64_t next = 0;
    bool right = true;
    while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(burst))) {
        std::generate_n(keys.begin(), burst, [&next] { return next++; });
        right &= floor.look_up(std::span(keys).first(burst), std::span(into).first(burst));
        benchmark::DoNotOptimize(copies);
    }
    if (!right) {
        fail(state, "a node is another's");
    }
}

void add(const std::string& name, const World& world) {
    for (const std::size_t burst : {std::size_t{1}, std::size_t{32}}) {
        const std::string suffix = "/" + name + "/burst_" + std::to_string(burst);
        const auto bench = std::make_shared<Bench>(world, burst);
        const auto with_bench = [bench, burst](auto run) {
            return [bench, burst, run](benchmark::State& state) { run(state, *bench, burst); };
        };
        benchmark::RegisterBenchmark(("pipeline" + suffix).c_str(), with_bench(bench_pipeline));
        benchmark::RegisterBenchmark(("reflection" + suffix).c_str(), with_bench(bench_reflection));
        benchmark::RegisterBenchmark(("table" + suffix).c_str(), [&world, burst](auto& state) {
            bench_table(state, world.floor, burst);
        });
    }
}

}  // namespace
}  // namespace understudy::bench

/// `--scale=0.01` makes the workloads smaller; everything else is Google Benchmark's.
int main(int argc, char** argv) {
    using namespace understudy::bench;
    const double scale = take_scale(argc, argv);
    const World root(make_workload("root", scale));
    const World hosts(make_workload("hosts", scale));
    add("root", root);
    add("hosts", hosts);
    return run_registered(argc, argv);
}
