#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <understudy/load/plan.h>
#include <understudy/load/query_set.h>
#include <understudy/port/device_name.h>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace understudy::app {

/// What understudy-load is asked to do.
struct LoadOptions {
    std::optional<port::DeviceName> device;  // absent: `socket`, the kernel's
    base::Endpoint target;
    std::optional<base::MacAddress> target_mac;
    std::optional<base::IpPrefix> source;
    std::string queries;
    load::QueryOptions query;
    std::optional<double> rate;  // queries a second over all cores; absent: max
    std::uint32_t window = load::Plan::kDefaultWindow;
    std::uint32_t burst = load::Plan::kDefaultBurst;
    double duration_s = 10;
    std::vector<unsigned> cores;
    std::uint16_t expected_rcodes = 0;  // bit n: rcode n
    bool reflected = false;
    bool quiet = false;
    std::string json;  // empty: none
    std::string plot;  // likewise
};

/// What to print and how to exit where there is nothing to do.
struct LoadUsage {
    int exit_code = 0;  // 0: help was asked for, the text is for standard output; 2: wrong usage
    std::string text;
};

/// `available`: the cores that this process may use.
[[nodiscard]] tl::expected<LoadOptions, LoadUsage> parse_load_options(
    int argc, const char* const* argv, const std::vector<unsigned>& available);

}  // namespace understudy::app
