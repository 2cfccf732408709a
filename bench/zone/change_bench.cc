#include <benchmark/benchmark.h>
#include <understudy/base/check.h>
#include <understudy/wire/nsec3.h>
#include <understudy/zone/change.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "figures.h"
#include "program.h"
#include "workload.h"

/// What a one-record change costs: time from a name and its record to the snapshot that has it, the
/// release of the version before included, and the blocks that the two do not share. Each change
/// adds a name, or takes the one away that the change before it added: with an A record, or a
/// record of the zone's chain.
///
/// And what a million changes at random leave behind, each of which takes a name away and brings
/// another one.
namespace understudy::bench {
namespace {

constexpr std::size_t kChanges = 4'000;
constexpr std::size_t kDriftChanges = 1'000'000;

struct Kind {
    std::string_view workload;
    std::size_t most_names;  // of the workload at scale 1
};
constexpr std::array<Kind, 5> kKinds{{{"one_a", 1'000'000},
                                      {"nsec", 1'000'000},
                                      {"nsec3", 1'000'000},
                                      {"one_a10m", 10'000'000},
                                      {"one_a100m", 100'000'000}}};

/// The record that a name which is not there comes with.
class Newcomer {
  public:
    Newcomer(const Workload& workload, std::uint64_t random)
        : owner_(workload.question(workload.names() + random % workload.names())) {
        switch (workload.chain()) {
            case Chain::kNone:
                type = wire::type::kA;
                rdata.resize(4);
                break;
            case Chain::kNsec:
                type = wire::type::kNsec;
                rdata.assign({0, 0, 1, 0x40});  // the root, and A
                break;
            case Chain::kNsec3: {
                type = wire::type::kNsec3;
                rdata.assign({1, 0, 0, 0, 0, wire::kNsec3Sha1Octets});
                rdata.resize(rdata.size() + wire::kNsec3Sha1Octets);
                const wire::Name apex = workload.apex(0);
                NameMaker maker;
                owner_ = wire::Name(maker.label(hash_label(random)).below(apex));
                break;
            }
        }
    }

    [[nodiscard]] wire::NameView owner() const { return owner_; }

    wire::Type type = 0;
    std::vector<std::uint8_t> rdata;

  private:
    static std::string hash_label(std::uint64_t random) {
        std::array<std::uint8_t, wire::kNsec3Sha1Octets> hash{};
        std::memcpy(hash.data(), &random, sizeof random);
        const auto label = wire::nsec3_hash_label(hash);
        return {label.begin(), label.end()};
    }

    wire::Name owner_;
};

std::size_t live_octets() { return zone::BlockStore::process().usage().live_octets; }

/// The versions of a workload's zone and of a snapshot that has it alone.
class Versions {
  public:
    explicit Versions(const Workload& workload)
        : zone_(build_zone(workload, 0)), snapshot_(served(), zone_->hash_key()) {}

    [[nodiscard]] const zone::Zone& zone() const { return *zone_; }

    /// Makes and publishes the next version. What the one before had alone is released.
    void next(const zone::Change& change) {
        auto next = zone::apply(*zone_, change);
        UNDERSTUDY_CHECK(next.has_value());
        auto before = std::exchange(zone_, std::shared_ptr<const zone::Zone>(*std::move(next)));
        zone::Snapshot published = snapshot_.next(served());
        std::swap(snapshot_, published);
        new_octets_ = live_octets();
    }

    /// Of the blocks, while the version before was there too.
    [[nodiscard]] std::size_t octets_with_both() const { return new_octets_; }

  private:
    [[nodiscard]] std::vector<zone::ServedZone> served() const {
        return {{wire::Name(zone_->apex()), zone_, nullptr, false}};
    }

    std::shared_ptr<const zone::Zone> zone_;
    zone::Snapshot snapshot_;
    std::size_t new_octets_ = 0;
};

void put(zone::Change& change, bool adds, const Newcomer& name) {
    const auto step = adds ? &zone::Change::add : &zone::Change::remove;
    UNDERSTUDY_CHECK((change.*step)(name.owner(), name.type, kTtl, name.rdata));
}

void bench_change(benchmark::State& state, const Workload& workload) {
    Versions versions(workload);
    const std::size_t nodes = versions.zone().node_count();
    std::size_t number = 0;
    std::size_t octets = 0;
    std::size_t most_octets = 0;
    for (auto _ : state) {
        const Newcomer name(workload, mixed(number / 2 + 1));
        const std::size_t before = live_octets();
        zone::Change change(versions.zone());
        put(change, number % 2 == 0, name);
        versions.next(change);
        const std::size_t made = versions.octets_with_both() - before;
        octets += made;
        most_octets = std::max(most_octets, made);
        ++number;
    }
    state.counters["octets"] = static_cast<double>(octets) / static_cast<double>(number);
    state.counters["most_octets"] = static_cast<double>(most_octets);
    if (versions.zone().node_count() != nodes + number % 2) {
        fail(state, "names are missing");
    }
}

/// Makes a step for each record that it is given.
class ChangeSink final : public RecordSink {
  public:
    ChangeSink(zone::Change& change, bool adds) : change_(change), adds_(adds) {}

    void add(wire::NameView owner,
             wire::Type type,
             std::uint32_t ttl_s,
             base::Octets rdata) override {
        const auto step = adds_ ? &zone::Change::add : &zone::Change::remove;
        UNDERSTUDY_CHECK((change_.*step)(owner, type, ttl_s, rdata));
    }

  private:
    zone::Change& change_;
    bool adds_;
};

/// Each change takes a name away and brings another one, both at random.
void bench_drift(benchmark::State& state, const Workload& workload) {
    std::vector<std::uint32_t> numbers(2 * workload.names());  // the first half is in the zone
    std::iota(numbers.begin(), numbers.end(), 0U);
    Versions versions(workload);
    const zone::BlockStore::Usage before = zone::BlockStore::process().usage();
    const auto own = static_cast<double>(versions.zone().memory_octets());
    for (auto _ : state) {
        for (std::size_t i = 0; i < kDriftChanges; ++i) {
            const std::uint64_t random = mixed(i + 1);
            std::uint32_t& goes = numbers[random % workload.names()];
            std::uint32_t& comes = numbers[workload.names() + mixed(random) % workload.names()];
            zone::Change change(versions.zone());
            ChangeSink removed(change, false);
            workload.write_name(goes, removed);
            ChangeSink added(change, true);
            workload.write_name(comes, added);
            versions.next(change);
            std::swap(goes, comes);
        }
    }
    const zone::BlockStore::Usage after = zone::BlockStore::process().usage();
    const auto ratio = [](std::size_t now, std::size_t then) {
        return static_cast<double>(now) / static_cast<double>(then);
    };
    state.counters["live_ratio"] = ratio(after.live_octets, before.live_octets);
    state.counters["footprint_ratio"] = ratio(after.reserved_octets, before.reserved_octets);
    state.counters["octets_a_name"] = static_cast<double>(versions.zone().memory_octets()) /
                                      static_cast<double>(workload.names());
    state.counters["octets_a_name_before"] = own / static_cast<double>(workload.names());
    if (versions.zone().node_count() != workload.names() + 1) {
        fail(state, "names are missing");
    }
}

}  // namespace

void add_change_figures(double scale) {
    for (const Kind& kind : kKinds) {
        for (std::size_t names = 1'000; names <= kind.most_names; names *= 10) {
            const std::string name =
                "change/" + std::string(kind.workload) + "/" + std::to_string(names);
            if (kind.most_names > 1'000'000 && names < kind.most_names) {
                continue;  // another workload's
            }
            const double part =
                scale * static_cast<double>(names) / static_cast<double>(kind.most_names);
            benchmark::RegisterBenchmark(name.c_str(),
                                         [kind, part](benchmark::State& state) {
                                             bench_change(state,
                                                          *make_workload(kind.workload, part));
                                         })
                ->Iterations(kChanges)
                ->Unit(benchmark::kMicrosecond);
        }
    }
    benchmark::RegisterBenchmark("drift/one_a", [scale](benchmark::State& state) {
        bench_drift(state, *make_workload("one_a", scale));
    })->Iterations(1);
}

}  // namespace understudy::bench
