#pragma once

#include <understudy/control/config.h>
#include <string>

/// The log of the control side: one line an event, to stderr. Workers never log. Any thread.
namespace understudy::control {

void set_log_level(ServerConfig::Log level);

void log_error(const std::string& message);
void log_warning(const std::string& message);
void log_info(const std::string& message);
void log_debug(const std::string& message);

}  // namespace understudy::control
