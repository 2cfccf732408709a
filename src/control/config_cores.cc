#include "control/config_cores.h"

#include <sched.h>
#include <algorithm>
#include "control/config_scalars.h"

namespace understudy::control {
namespace {

constexpr std::string_view kForms = "cores such as 2-3 or 2,4,6, or auto";

/// `0-3,6`
std::string ranges_text(const std::vector<unsigned>& cores) {
    std::string text;
    for (std::size_t first = 0; first < cores.size();) {
        std::size_t last = first;
        while (last + 1 < cores.size() && cores[last + 1] == cores[last] + 1) {
            ++last;
        }
        text += (text.empty() ? "" : ",") + std::to_string(cores[first]);
        if (last != first) {
            text += "-" + std::to_string(cores[last]);
        }
        first = last + 1;
    }
    return text;
}

/// The bounds of `2-3`, or `2` twice.
base::Expected<std::pair<unsigned, unsigned>> parse_range(std::string_view text) {
    const auto core = number_parser<unsigned>(0, CPU_SETSIZE - 1);
    const auto dash = text.find('-');
    const auto first = core(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : core(text.substr(dash + 1));
    if (!first || !last || *first > *last) {
        return expected(kForms, text);
    }
    return std::pair(*first, *last);
}

std::vector<unsigned> affinity() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<unsigned> cores;
    if (::sched_getaffinity(0, sizeof set, &set) == 0) {
        for (unsigned core = 0; core < CPU_SETSIZE; ++core) {
            if (CPU_ISSET(core, &set)) {
                cores.push_back(core);
            }
        }
    }
    return cores;
}

}  // namespace

const std::vector<unsigned>& available_cores() {
    static const std::vector<unsigned> cores = affinity();
    return cores;
}

std::vector<unsigned> automatic_cores(const std::vector<unsigned>& available) {
    if (available.size() <= 1) {
        return available;
    }
    const std::size_t count = std::min(available.size() - 1, kMaxAutoWorkers);
    const auto first = available.begin() + 1;
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}

base::Expected<std::vector<unsigned>> parse_cores(std::string_view text,
                                                  const std::vector<unsigned>& available) {
    std::vector<unsigned> cores;
    for (std::string_view rest = text;;) {
        const auto comma = rest.find(',');
        const auto range = parse_range(rest.substr(0, comma));
        if (!range) {
            return expected(kForms, text);
        }
        for (unsigned core = range->first; core <= range->second; ++core) {
            if (!std::ranges::binary_search(available, core)) {
                return base::fail("core " + std::to_string(core) +
                                  " is not available to this process, only " +
                                  ranges_text(available));
            }
            if (std::ranges::find(cores, core) != cores.end()) {
                return base::fail("core " + std::to_string(core) + " stands twice");
            }
            cores.push_back(core);
        }
        if (comma == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(comma + 1);
    }
    if (cores.size() > kMaxWorkers) {
        return base::fail("more than " + std::to_string(kMaxWorkers) + " cores");
    }
    return cores;
}

}  // namespace understudy::control
