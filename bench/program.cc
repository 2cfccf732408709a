#include "program.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

namespace understudy::bench {
namespace {

std::atomic<bool> any_failed = false;

}  // namespace

std::optional<std::string> take_option(int& argc, char** argv, std::string_view name) {
    const std::string prefix = "--" + std::string(name) + "=";
    char** const end = argv + argc;
    char** const found = std::find_if(argv + 1, end, [&prefix](std::string_view argument) {
        return argument.starts_with(prefix);
    });
    if (found == end) {
        return std::nullopt;
    }
    std::string value = std::string(*found).substr(prefix.size());
    std::rotate(found, found + 1, end);
    --argc;
    return value;
}

double take_scale(int& argc, char** argv) {
    const auto scale = take_option(argc, argv, "scale");
    return scale ? std::strtod(scale->c_str(), nullptr) : 1.0;
}

void fail(benchmark::State& state, const std::string& why) {
    any_failed = true;
    state.SkipWithError(why.c_str());
}

int run_registered(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return any_failed ? 1 : 0;
}

}  // namespace understudy::bench
