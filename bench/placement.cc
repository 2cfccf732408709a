// How near two cores are to each other at this moment: the time that a cache line takes there and
// back, in nanoseconds. On virtual machines it flips between two values within seconds, and
// everything that two processes pass to each other through memory with it.

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

constexpr int kTurns = 4'000;

// The best of these counts: in the others something else had one of the cores.
constexpr int kTries = 5;

void pin_to(unsigned core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

double round_trip_ns(unsigned first, unsigned second) {
    struct alignas(128) Line {
        std::atomic<int> value{0};
    };
    std::array<Line, 2> lines;
    std::thread other([&] {
        pin_to(second);
        for (int turn = 1; turn <= kTurns; ++turn) {
            while (lines[0].value.load(std::memory_order_acquire) != turn) {
            }
            lines[1].value.store(turn, std::memory_order_release);
        }
    });
    pin_to(first);
    const auto begin = std::chrono::steady_clock::now();
    for (int turn = 1; turn <= kTurns; ++turn) {
        lines[0].value.store(turn, std::memory_order_release);
        while (lines[1].value.load(std::memory_order_acquire) != turn) {
        }
    }
    const std::chrono::duration<double, std::nano> elapsed =
        std::chrono::steady_clock::now() - begin;
    other.join();
    return elapsed.count() / kTurns;
}

}  // namespace

int main(int argc, char** argv) {
    constexpr int kRadix = 10;
    if (argc != 3) {
        (void)std::fputs("usage: placement CORE CORE\n", stderr);
        return 2;
    }
    const auto core = [&](int index) {
        return static_cast<unsigned>(std::strtoul(argv[index], nullptr, kRadix));
    };
    double best = round_trip_ns(core(1), core(2));
    for (int i = 1; i < kTries; ++i) {
        best = std::min(best, round_trip_ns(core(1), core(2)));
    }
    std::printf("%.0f\n", best);
}
