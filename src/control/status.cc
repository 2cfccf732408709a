#include <understudy/control/status.h>

namespace understudy::control {

std::string to_string(ZoneState state) {
    switch (state) {
        case ZoneState::kBootstrapping:
            return "bootstrapping";
        case ZoneState::kCurrent:
            return "current";
        case ZoneState::kRefreshing:
            return "refreshing";
        case ZoneState::kRetrying:
            return "retrying";
        case ZoneState::kExpired:
            return "expired";
        case ZoneState::kFailed:
            return "failed";
    }
    return {};
}

}  // namespace understudy::control
