// What /proc says about this process, for the process_* metrics of the standard collector. Linux only; a fact that
// cannot be read (no /proc in a chroot) is absent, and so is its metric.
#pragma once

#include <optional>

namespace mxhealth::metrics {

struct ProcessFacts {
  std::optional<double> cpu_seconds;  // user and system
  std::optional<double> resident_bytes;
  std::optional<double> virtual_bytes;
  std::optional<double> open_fds;
  std::optional<double> max_fds;     // the soft limit
  std::optional<double> start_time;  // seconds since 1970
};

ProcessFacts read_process();

}  // namespace mxhealth::metrics
