#include "metrics/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

namespace mxhealth::metrics {
namespace {

/// The fields of /proc/self/stat that proc(5) numbers 22 to 24.
struct Stat {
  double start_ticks = 0;  // since boot
  double virtual_bytes = 0;
  double resident_pages = 0;
};

std::optional<Stat> read_stat() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  const auto name_end = text.rfind(')');  // the program's name may hold blanks and brackets
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  Stat stat;
  if (!(fields >> stat.start_ticks >> stat.virtual_bytes >> stat.resident_pages)) return std::nullopt;
  return stat;
}

std::optional<double> boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  }
  return std::nullopt;
}

std::optional<double> count_fds() {
  std::error_code error;
  double count = -1;  // the descriptor that does the counting
  for (std::filesystem::directory_iterator i("/proc/self/fd", error), end; !error && i != end; i.increment(error))
    ++count;
  if (error) return std::nullopt;
  return count;
}

double seconds_of(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

}  // namespace

ProcessFacts read_process() {
  ProcessFacts facts;
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0)
    facts.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  rlimit fds{};
  if (::getrlimit(RLIMIT_NOFILE, &fds) == 0) {
    facts.max_fds =
        fds.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity() : static_cast<double>(fds.rlim_cur);
  }
  facts.open_fds = count_fds();
  if (const auto stat = read_stat()) {
    facts.virtual_bytes = stat->virtual_bytes;
    facts.resident_bytes = stat->resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
    if (const auto boot = boot_time()) {
      facts.start_time = *boot + stat->start_ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
  }
  return facts;
}

}  // namespace mxhealth::metrics
