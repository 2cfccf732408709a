#include <benchmark/benchmark.h>
#include <understudy/base/check.h>
#include <understudy/memory/memory_port.h>
#include <understudy/net/reply.h>
#include <understudy/worker/pipeline.h>
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/messages.h"
#include "support/slow_frame.h"
#include "workload.h"

/// What a query costs a worker from the port to the port: rx, net, answer, net, tx, over a port in
/// memory that hands out prepared frames (a copy of each, which counts as the device's work and is
/// in the floor as well).
///
/// The floor is what no server can do without: the same frames turned around with nothing
/// answered, and beside it a table look-up with two dependent lines over as many names.
///
/// Before the clock runs every distinct reply is taken apart by slow, obvious code and held to what
/// the zone says; while it runs each reply's length and UDP checksum, which sums up the whole
/// answer, must be those of that reply. One wrong answer fails the run.
namespace understudy::bench {
namespace {

constexpr std::size_t kQuestions = 65'536;
constexpr std::size_t kRootDelegations = 1'500;
constexpr std::size_t kHosts = 100'000;
constexpr std::size_t kManyHosts = 1'000'000;

// Where they stand in a frame without tag and options.
constexpr std::size_t kUdpLengthAt = 14 + 20 + 4;
constexpr std::size_t kUdpChecksumAt = kUdpLengthAt + 2;

bool failed = false;

void fail(benchmark::State& state, const char* why) {
    failed = true;
    state.SkipWithError(why);
}

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

std::vector<memory::PreparedPacket> frames_of(const Workload& workload) {
    std::vector<memory::PreparedPacket> frames;
    for (const Question& question : workload.questions) {
        frames.push_back({question.frame, {}});
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

bool is_right(const Question& question, base::Octets sent) {
    const support::SlowFrame reply = support::parse_slowly(sent);
    const support::SlowFrame asked = support::parse_slowly(question.frame);
    if (!reply.fault.empty() || reply.destination != asked.source ||
        reply.destination_port != asked.source_port || reply.payload.size() < 2 ||
        !std::equal(reply.payload.begin(), reply.payload.begin() + 2, asked.payload.begin())) {
        return false;
    }
    std::string text = support::message_text(reply.payload);
    std::ranges::transform(text, text.begin(), wire::to_lower);
    return text.find(question.expected) != std::string::npos;
}

/// A world for one benchmark: a port that loops over a workload's frames, and a pipeline.
class Bench {
  public:
    Bench(const Workload& workload, std::size_t burst)
        : workload_(workload), port_(options_of(burst)), frames_(frames_of(workload)) {}

    void poll() {
        if (pipeline_.receive() > 0) {
            pipeline_.settle(workload_.snapshot, context_);
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
        digests_.assign(workload_.questions.size(), 0);
        port_.loop(frames_, [this](std::size_t index, base::Octets sent) {
            digests_[index] = digest_of(sent);
            return is_right(workload_.questions[index], sent);
        });
        const std::uint64_t before = port_.loop_sent();
        while (port_.loop_sent() - before < workload_.questions.size()) {
            poll();
        }
        return port_.loop_wrong() == 0;
    }

    const Workload& workload_;
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

/// A key hashed, a line of a directory, the line of a node that it names, 32 octets copied: in
/// stages over the burst, each fetched ahead.
void bench_table(benchmark::State& state, std::size_t names, std::size_t burst) {
    struct alignas(64) Node {
        std::array<std::uint64_t, 8> words;
    };
    std::vector<std::uint32_t> directory(std::bit_ceil(names));
    std::vector<Node> nodes(names);
    for (std::size_t i = 0; i < directory.size(); ++i) {
        directory[i] = static_cast<std::uint32_t>((i * 0x9E3779B1U) % names);
    }
    for (std::size_t i = 0; i < names; ++i) {
        nodes[i].words.fill(i);
    }
    std::array<std::size_t, port::kMaxBurst> at;
    std::array<std::array<std::uint64_t, 4>, port::kMaxBurst> copies;
    std::uint64_t key = 1;
    std::uint64_t wrong = 0;
    while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(burst))) {
        for (std::size_t i = 0; i < burst; ++i) {
            key = key * 0xD1342543DE82EF95 + 1;
            at[i] = (key ^ (key >> 32U)) & (directory.size() - 1);
            __builtin_prefetch(&directory[at[i]]);
        }
        for (std::size_t i = 0; i < burst; ++i) {
            at[i] = directory[at[i]];
            __builtin_prefetch(&nodes[at[i]]);
        }
        for (std::size_t i = 0; i < burst; ++i) {
            std::memcpy(copies[i].data(), nodes[at[i]].words.data(), sizeof copies[i]);
            wrong += copies[i][3] != at[i] ? 1 : 0;
        }
        benchmark::DoNotOptimize(copies);
    }
    if (wrong != 0) {
        fail(state, "a copy is wrong");
    }
}

void add(const std::string& name, const Workload& workload) {
    for (const std::size_t burst : {std::size_t{1}, std::size_t{32}}) {
        const std::string suffix = "/" + name + "/burst_" + std::to_string(burst);
        const auto bench = std::make_shared<Bench>(workload, burst);
        const auto with_bench = [bench, burst](auto run) {
            return [bench, burst, run](benchmark::State& state) { run(state, *bench, burst); };
        };
        benchmark::RegisterBenchmark(("pipeline" + suffix).c_str(), with_bench(bench_pipeline));
        benchmark::RegisterBenchmark(("reflection" + suffix).c_str(), with_bench(bench_reflection));
        benchmark::RegisterBenchmark(
            ("table" + suffix).c_str(),
            [names = workload.names, burst](auto& state) { bench_table(state, names, burst); });
    }
}

}  // namespace
}  // namespace understudy::bench

/// `--hosts1m` adds the workload with a million names; everything else is Google Benchmark's.
int main(int argc, char** argv) {
    using namespace understudy::bench;
    const auto end = std::remove(argv + 1, argv + argc, std::string_view("--hosts1m"));
    const bool with_many = end != argv + argc;
    argc = static_cast<int>(end - argv);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    std::vector<std::pair<std::string, Workload>> workloads;
    workloads.emplace_back("root", make_root(kRootDelegations, kQuestions));
    workloads.emplace_back("hosts", make_hosts(kHosts, kQuestions));
    if (with_many) {
        workloads.emplace_back("hosts1m", make_hosts(kManyHosts, kQuestions));
    }
    for (const auto& [name, workload] : workloads) {
        add(name, workload);
    }
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return failed ? 1 : 0;
}
