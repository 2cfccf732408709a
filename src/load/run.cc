#include <understudy/load/run.h>

#include <pthread.h>
#include <sched.h>

#include <understudy/base/check.h>
#include <understudy/base/cycles.h>
#include <algorithm>
#include <bit>

namespace understudy::load {
namespace {

constexpr std::uint16_t kFirstFramePort = 32768;
constexpr unsigned kFramePortBits = 15;

/// InFlight has room for no more.
constexpr unsigned kMaxPortBits = 14;

/// Threads are started, and their caches filled, before the first query.
constexpr double kStartDelaySeconds = 0.02;

void pin_to(unsigned core) noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);  // the core was checked by the caller
}

std::uint64_t to_cycles(double seconds, std::uint64_t cycles_per_second) {
    return static_cast<std::uint64_t>(seconds * static_cast<double>(cycles_per_second));
}

}  // namespace

PortPlan PortPlan::for_frames(std::size_t cores) noexcept {
    UNDERSTUDY_CHECK(cores >= 1 && cores <= kMaxCores);
    const auto core_bits = static_cast<unsigned>(std::bit_width(cores - 1));
    return {.first_port = kFirstFramePort,
            .bits_a_core = std::min(kFramePortBits - core_bits, kMaxPortBits),
            .run_bits = 0};
}

struct Run::Core {
    CoreShare share;
    CoreCounters counters;
    CoreResults results;
    std::unique_ptr<Generator> generator;
    std::thread thread;
};

Run::Run(const Plan& plan, const PortPlan& ports, std::span<const CoreShare> shares)
    : cycles_per_second_(base::cycles_per_second()) {
    UNDERSTUDY_CHECK(!shares.empty() && shares.size() <= PortPlan::kMaxCores);
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const auto first = static_cast<std::uint16_t>(ports.first_port + (i << ports.bits_a_core));
        in_flight_.push_back(
            std::make_unique<InFlight>(Numbering(first, ports.bits_a_core, ports.run_bits)));
    }
    for (std::size_t i = 0; i < shares.size(); ++i) {
        auto core = std::make_unique<Core>();
        core->share = shares[i];
        core->generator = std::make_unique<Generator>(
            plan, i, core->share.ports, in_flight_, core->counters, core->results);
        cores_.push_back(std::move(core));
    }
}

Run::~Run() {
    stop();
    for (const auto& core : cores_) {
        if (core->thread.joinable()) {
            core->thread.join();
        }
    }
}

void Run::start(std::chrono::duration<double> duration) {
    begin_cycles_ = base::cycles_now() + to_cycles(kStartDelaySeconds, cycles_per_second_);
    end_cycles_ = begin_cycles_ + to_cycles(duration.count(), cycles_per_second_);
    sending_.store(cores_.size(), std::memory_order_relaxed);
    running_.store(cores_.size(), std::memory_order_relaxed);
    for (const auto& core : cores_) {
        core->thread = std::thread([this, one = core.get()] { run(*one); });
    }
}

void Run::run(Core& core) noexcept {
    if (core.share.core) {
        pin_to(*core.share.core);
    }
    for (port::PacketPort* port : core.share.ports) {
        port->attach_thread();
    }
    Generator& generator = *core.generator;
    std::uint64_t now = base::cycles_now();
    while (now < begin_cycles_) {
        (void)generator.receive(now);
        now = base::cycles_now();
    }
    generator.begin(begin_cycles_, cycles_per_second_);
    while (now < end_cycles_ && !stopping_.load(std::memory_order_relaxed)) {
        (void)generator.receive(now);
        (void)generator.send(base::cycles_now());
        now = base::cycles_now();
    }
    stopped_cycles_.store(now, std::memory_order_relaxed);
    const std::uint64_t last =
        now + to_cycles(std::chrono::duration<double>(kLastAnswers).count(), cycles_per_second_);
    sending_.fetch_sub(1, std::memory_order_release);
    while (now < last && !is_all_answered()) {
        (void)generator.receive(now);
        now = base::cycles_now();
    }
    running_.fetch_sub(1, std::memory_order_release);
}

/// Any core's answers may come in by any core's ports: nobody leaves before the last one.
bool Run::is_all_answered() const noexcept {
    return sending_.load(std::memory_order_acquire) == 0 && totals().lost() == 0;
}

bool Run::is_running() const noexcept { return running_.load(std::memory_order_acquire) > 0; }

Totals Run::totals() const noexcept {
    Totals sum;
    for (const auto& core : cores_) {
        const CoreCounters& counters = core->counters;
        // Answers first: those that are counted then have been sent.
        sum.answered += counters.answered.read();
        sum.sent += counters.sent.read();
        sum.unmatched += counters.unmatched.read();
        sum.malformed += counters.malformed.read();
        sum.wrong_question += counters.wrong_question.read();
        sum.bad_checksum += counters.bad_checksum.read();
        sum.foreign += counters.foreign.read();
        sum.unexpected_rcodes += counters.unexpected_rcodes.read();
        sum.truncated += counters.truncated.read();
        sum.late += counters.late.read();
        for (std::size_t i = 0; i < kRcodes; ++i) {
            sum.rcodes[i] += counters.rcodes[i].read();
        }
    }
    return sum;
}

Sample Run::sample() const noexcept {
    const Totals sum = totals();
    const std::uint64_t now = base::cycles_now();
    const std::uint64_t elapsed = now - std::min(now, begin_cycles_);
    return {static_cast<double>(elapsed) / static_cast<double>(cycles_per_second_),
            sum.sent,
            sum.answered};
}

std::unique_ptr<Report> Run::finish() {
    for (const auto& core : cores_) {
        core->thread.join();
    }
    auto report = std::make_unique<Report>();
    report->totals = totals();
    report->seconds = static_cast<double>(stopped_cycles_.load(std::memory_order_relaxed) -
                                          std::min(begin_cycles_, stopped_cycles_.load())) /
                      static_cast<double>(cycles_per_second_);
    constexpr double kNanosecondsASecond = 1e9;
    report->nanoseconds_a_cycle = kNanosecondsASecond / static_cast<double>(cycles_per_second_);
    for (const auto& core : cores_) {
        report->latency_cycles.merge(core->results.latency_cycles);
        report->answer_octets.merge(core->results.answer_octets);
    }
    return report;
}

}  // namespace understudy::load
