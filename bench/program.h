#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace benchmark {
class State;
}

namespace understudy::bench {

/// What stands behind `--NAME=` among a program's arguments, which it is taken out of.
[[nodiscard]] std::optional<std::string> take_option(int& argc, char** argv, std::string_view name);

/// How large the workloads are: `--scale=0.01` makes them a hundredth. 1 where it is not given.
[[nodiscard]] double take_scale(int& argc, char** argv);

/// Ends a benchmark as failed, and with it the program.
void fail(benchmark::State& state, const std::string& why);

/// Hands the arguments to Google Benchmark and runs what was registered. Returns the exit code: 0,
/// 1 where a benchmark failed, 2 for wrong usage.
[[nodiscard]] int run_registered(int argc, char** argv);

}  // namespace understudy::bench
