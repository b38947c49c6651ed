// `mxhealthctl check`: probes targets now, with the exporter's own engine and without confirmation, and says what is
// broken, why, whose side it is on and what to do first. Blocks until all is known, time is up, or Ctrl-C.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "model/time.hpp"
#include "net/await.hpp"

namespace mxhealth::ctl {

enum class CheckFormat : std::uint8_t { text, json, nagios };

struct CheckRequest {
  std::filesystem::path config_file;  ///< empty: the built-in modules and limits, the system's resolvers
  std::string module;                 ///< empty: what the configuration has for a target, else mx
  std::vector<std::string> targets;
  CheckFormat format = CheckFormat::text;
  std::optional<Duration> timeout{};  ///< of each target; default: what a session may take, and its lookups
};

/// What the person at the other end can see.
struct Terminal {
  bool colours = false;   ///< on `out`
  bool progress = false;  ///< a line on `err` that is written over
};

inline constexpr std::size_t kMaxCheckedAtOnce = 16;
inline constexpr std::size_t kMaxChecked = 1000;  // of one call

/// Exit code: 0 ok or no_mail, 1 degraded or at_risk, 2 undeliverable, 3 undetermined or wrong usage; of several the
/// worst, 2 before 3 before 1 before 0. They are those of monitoring plugins, too.
int check(net::asio::io_context& io, const CheckRequest&, Terminal, std::ostream& out, std::ostream& err);

}  // namespace mxhealth::ctl
