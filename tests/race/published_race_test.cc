#include <gtest/gtest.h>

#include <understudy/rcu/published.h>
#include <understudy/rcu/reader.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

/// Readers of every kind look at data that proves itself while one thread replaces it as fast as it
/// can. Meant for ThreadSanitizer, which sees any look that is not ordered before the free, and
/// worth running under AddressSanitizer and alone: a destroyed record is poisoned, so a reader that
/// outlives its pointer finds a hash that does not fit.
namespace understudy::rcu {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kGenerations = 200'000;
constexpr std::size_t kLoadsInABurst = 16;
constexpr std::uint64_t kMinBursts = 2'000;  // of each reader, or the test would prove nothing

class Record {
  public:
    explicit Record(std::uint64_t generation) : generation_(generation) {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            words_[i] = mix(generation + i);
        }
        hash_ = hash();
        alive.fetch_add(1, std::memory_order_relaxed);
    }
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;
    ~Record() {
        volatile std::uint64_t* const words = words_.data();  // volatile: not optimised away
        for (std::size_t i = 0; i < words_.size(); ++i) {
            words[i] = kPoison;
        }
        alive.fetch_sub(1, std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t generation() const { return generation_; }
    [[nodiscard]] bool is_whole() const {
        return hash() == hash_ && words_.front() == mix(generation_);
    }

    static inline std::atomic<std::int64_t> alive = 0;

  private:
    static constexpr std::uint64_t kPoison = 0xDEADDEADDEADDEAD;

    static std::uint64_t mix(std::uint64_t value) {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        return value ^ (value >> 27);
    }

    [[nodiscard]] std::uint64_t hash() const {
        std::uint64_t hash = generation_;
        for (const std::uint64_t word : words_) {
            hash = mix(hash ^ word);
        }
        return hash;
    }

    std::uint64_t generation_;
    std::uint64_t hash_ = 0;
    std::array<std::uint64_t, 32> words_{};
};

/// What all threads share.
struct World {
    Reclaimer reclaimer;
    Published<Record> published{reclaimer, std::make_unique<const Record>(0)};
    std::atomic<bool> done = false;
    std::atomic<std::uint64_t> faults = 0;
};

/// One reader's tally: bursts read so far, and what it saw last.
struct Tally {
    std::atomic<std::uint64_t> bursts = 0;  // reader: writes, the test: reads
    std::uint64_t newest = 0;
};

/// Verifies what is loaded, holds on to the first record of the burst and verifies it again at the
/// end: by then it has usually been replaced.
void read_burst(World& world, Tally& tally) {
    const Record* first = world.published.load();
    const std::uint64_t generation = first->generation();
    for (std::size_t i = 0; i < kLoadsInABurst; ++i) {
        const Record* record = world.published.load();
        if (!record->is_whole() || record->generation() < tally.newest) {
            world.faults.fetch_add(1);
        }
        tally.newest = record->generation();
    }
    if (!first->is_whole() || first->generation() != generation) {
        world.faults.fetch_add(1);
    }
    tally.bursts.fetch_add(1, std::memory_order_relaxed);
}

void read_busily(World& world, Tally& tally) {
    Reader reader;
    while (!world.done) {
        read_burst(world, tally);
        reader.quiescent();
    }
}

void read_and_sleep(World& world, Tally& tally) {
    Reader reader;
    while (!world.done) {
        read_burst(world, tally);
        const Offline resting(reader);
        std::this_thread::sleep_for(200us);
    }
}

void read_and_dawdle(World& world, Tally& tally) {
    Reader reader;
    while (!world.done) {
        const Record* held = world.published.load();
        std::this_thread::sleep_for(200us);  // online: the record outlives the sleep
        if (!held->is_whole()) {
            world.faults.fetch_add(1);
        }
        read_burst(world, tally);
        reader.quiescent();
    }
}

void come_and_go(World& world, Tally& tally) {
    while (!world.done) {
        const Reader reader;
        read_burst(world, tally);
    }
}

TEST(PublishedRace, EveryReaderSeesWholeRecordsOnly) {
    constexpr std::array kReaders = {read_busily, read_and_sleep, read_and_dawdle, come_and_go};
    {
        World world;
        std::array<Tally, kReaders.size()> tallies;
        std::vector<std::jthread> threads;
        threads.reserve(kReaders.size());
        for (std::size_t i = 0; i < kReaders.size(); ++i) {
            threads.emplace_back(kReaders[i], std::ref(world), std::ref(tallies[i]));
        }
        const auto all_have_read = [&tallies] {
            return std::ranges::all_of(tallies, [](const Tally& tally) {
                return tally.bursts.load(std::memory_order_relaxed) >= kMinBursts;
            });
        };
        std::uint64_t generation = 0;
        while (generation < kGenerations || !all_have_read()) {
            world.published.publish(std::make_unique<const Record>(++generation));
            if (!world.reclaimer.has_room()) {
                world.reclaimer.flush();
            }
        }
        world.done = true;
        threads.clear();
        world.reclaimer.flush();
        EXPECT_EQ(world.faults, 0U);
        EXPECT_EQ(Record::alive, 1);
        EXPECT_EQ(world.published.newest()->generation(), generation);
    }
    EXPECT_EQ(Record::alive, 0);
}

}  // namespace
}  // namespace understudy::rcu
