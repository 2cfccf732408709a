#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <understudy/control/log.h>

namespace understudy::control {
namespace {

spdlog::logger& logger() {
    static const auto instance = [] {
        auto made = spdlog::stderr_logger_mt("understudy");
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l: %v");
        made->flush_on(spdlog::level::trace);
        return made;
    }();
    return *instance;
}

spdlog::level::level_enum spdlog_level(ServerConfig::Log level) {
    switch (level) {
        case ServerConfig::Log::kError:
            return spdlog::level::err;
        case ServerConfig::Log::kWarning:
            return spdlog::level::warn;
        case ServerConfig::Log::kInfo:
            return spdlog::level::info;
        case ServerConfig::Log::kDebug:
            return spdlog::level::debug;
    }
    return spdlog::level::info;
}

}  // namespace

void set_log_level(ServerConfig::Log level) { logger().set_level(spdlog_level(level)); }

void log_error(const std::string& message) { logger().error("{}", message); }
void log_warning(const std::string& message) { logger().warn("{}", message); }
void log_info(const std::string& message) { logger().info("{}", message); }
void log_debug(const std::string& message) { logger().debug("{}", message); }

}  // namespace understudy::control
