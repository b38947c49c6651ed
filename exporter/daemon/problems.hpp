// Says in the log what is wrong with a file of the operator's, a line for each mistake.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "log/event.hpp"

namespace mxhealth::daemon {

inline void log_problems(log::Level level, std::string_view name, const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) log::event(level, name, {{"problem", problem}});
}

}  // namespace mxhealth::daemon
