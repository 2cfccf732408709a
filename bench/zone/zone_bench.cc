#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <understudy/base/check.h>
#include <array>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "figures.h"
#include "program.h"
#include "workload.h"

/// What zone data costs: time to build it from records, and memory once it stands; further figures
/// stand in files of their own (figures.h). Beside the
/// former the floor is to put the same records one behind the other (`log`), both without what it
/// takes to make them (`records`); beside the latter, their wire size.
///
/// A figure is a function registered for each workload, in `main`. Memory is counted twice: by the
/// zones themselves, and by what the process has resident more than before.
namespace understudy::bench {
namespace {

constexpr std::array kWorkloads{
    "one_a", "one_a10m", "one_a100m", "hosts", "tld", "com", "many", "ip6", "nsec", "nsec3"};

constexpr std::size_t kFieldOctets = 10;  // of a record, from its type to its rdata's length

/// Counts records and what they take on the wire, uncompressed.
class Count final : public RecordSink {
  public:
    void add(wire::NameView owner,
             wire::Type /*type*/,
             std::uint32_t /*ttl_s*/,
             base::Octets rdata) override {
        ++records_;
        wire_octets_ += owner.size() + kFieldOctets + rdata.size();
    }

    [[nodiscard]] std::size_t records() const noexcept { return records_; }
    [[nodiscard]] std::size_t wire_octets() const noexcept { return wire_octets_; }

  private:
    std::size_t records_ = 0;
    std::size_t wire_octets_ = 0;
};

/// Writes records one behind the other in wire format, uncompressed.
class Log final : public RecordSink {
  public:
    void add(wire::NameView owner,
             wire::Type type,
             std::uint32_t ttl_s,
             base::Octets rdata) override {
        if (octets_.size() > kMostOctets) {
            octets_.clear();
        }
        std::array<std::uint8_t, kFieldOctets> fields;
        base::store_be16(fields.data(), type);
        base::store_be16(&fields[2], wire::klass::kIn);
        base::store_be32(&fields[4], ttl_s);
        base::store_be16(&fields[8], static_cast<std::uint16_t>(rdata.size()));
        octets_.insert(octets_.end(), owner.octets().begin(), owner.octets().end());
        octets_.insert(octets_.end(), fields.begin(), fields.end());
        octets_.insert(octets_.end(), rdata.begin(), rdata.end());
    }

  private:
    static constexpr std::size_t kMostOctets = std::size_t{1} << 30U;  // then from the front again

    std::vector<std::uint8_t> octets_;
};

/// A figure of /proc/self/status that is in kB, in octets.
double process_octets(std::string_view key) {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == std::string(key) + ":") {
            double kilobytes = 0;
            status >> kilobytes;
            return kilobytes * 1024;
        }
        status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    UNDERSTUDY_CHECK(false);
    return 0;
}

/// Resident memory, without what the allocator merely keeps.
double resident_octets() {
    static_cast<void>(::malloc_trim(0));  // whether there was any is no matter
    return process_octets("VmRSS");
}

/// From here on VmHWM is the most that was resident (proc(5), clear_refs).
void forget_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

template <typename Sink>
Sink write_all(const Workload& workload) {
    Sink sink;
    for (std::size_t zone = 0; zone < workload.zones(); ++zone) {
        workload.write_zone(zone, sink);
    }
    return sink;
}

void bench_records(benchmark::State& state, const Workload& workload) {
    const auto names = static_cast<double>(workload.names());
    for (auto _ : state) {
        const auto count = write_all<Count>(workload);
        state.counters["records"] = static_cast<double>(count.records());
        state.counters["octets_a_name"] = static_cast<double>(count.wire_octets()) / names;
    }
}

void bench_log(benchmark::State& state, const Workload& workload) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(write_all<Log>(workload));
    }
}

/// Whether the zones hold as many records as were written.
bool is_whole(const zone::Snapshot& snapshot, const Workload& workload) {
    std::size_t records = 0;
    snapshot.for_each(
        [&records](const zone::ServedZone& served) { records += served.zone->record_count(); });
    return records == write_all<Count>(workload).records();
}

void bench_build(benchmark::State& state, const Workload& workload) {
    const auto names = static_cast<double>(workload.names());
    for (auto _ : state) {
        state.PauseTiming();
        const double before = resident_octets();
        forget_peak();
        state.ResumeTiming();
        const auto snapshot = std::make_unique<const zone::Snapshot>(build(workload));
        state.PauseTiming();
        state.counters["peak_a_name"] = (process_octets("VmHWM") - before) / names;
        state.counters["resident_a_name"] = (resident_octets() - before) / names;
        state.counters["octets_a_name"] = static_cast<double>(memory_octets(*snapshot)) / names;
        if (!is_whole(*snapshot, workload)) {
            fail(state, "records are missing");
        }
        state.ResumeTiming();
    }
}

void add(const std::string& name,
         const char* figure,
         double scale,
         void (*bench)(benchmark::State&, const Workload&)) {
    benchmark::RegisterBenchmark((name + "/" + figure).c_str(),
                                 [name, scale, bench](benchmark::State& state) {
                                     bench(state, *make_workload(name, scale));
                                 })
        ->Iterations(1);
}

}  // namespace
}  // namespace understudy::bench

/// `--scale=0.01` makes the workloads smaller; everything else is Google Benchmark's.
int main(int argc, char** argv) {
    using namespace understudy::bench;
    const double scale = take_scale(argc, argv);
    for (const char* name : kWorkloads) {
        add(name, "build", scale, bench_build);
        add(name, "log", scale, bench_log);
        add(name, "records", scale, bench_records);
    }
    add_image_figures(scale);
    add_change_figures(scale);
    return run_registered(argc, argv);
}
