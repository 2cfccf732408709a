#include <understudy/base/cycles.h>

#include <chrono>
#include <thread>

namespace understudy::base {
namespace {

std::uint64_t measure() noexcept {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds kMeasured{5};
    const Clock::time_point begin = Clock::now();
    const std::uint64_t begin_cycles = cycles_now();
    std::this_thread::sleep_for(kMeasured);
    const std::chrono::duration<double> elapsed = Clock::now() - begin;
    return static_cast<std::uint64_t>(static_cast<double>(cycles_now() - begin_cycles) /
                                      elapsed.count());
}

}  // namespace

std::uint64_t cycles_per_second() noexcept {
    static const std::uint64_t measured = measure();
    return measured;
}

}  // namespace understudy::base
