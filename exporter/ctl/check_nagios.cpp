// One line for monitoring systems that run plugins: "MXHEALTH CRITICAL - 1 of 2 targets: ... | 'a.example'=0.12s".
// The exit code is theirs, too: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
#include <fmt/format.h>

#include <array>
#include <ostream>

#include "ctl/check_output.hpp"
#include "report/words.hpp"

namespace mxhealth::ctl {
namespace {

constexpr std::array<std::string_view, 4> kStates{"OK", "WARNING", "CRITICAL", "UNKNOWN"};

std::string words_of(const Checked& one) {
  std::string words;
  for (const DomainRecord* role : one.records.roles()) {
    if (exit_code(role->verdict.value_or(Verdict::undetermined)) != one.exit_code()) continue;
    if (!words.empty()) words += ' ';
    words += report::sentence(*role);
    if (role->cause)
      words += fmt::format(" ({}, {}, {})", label(role->cause->cause), role->cause->enhanced_status,
                           label(role->cause->side));
  }
  return words;
}

}  // namespace

void print_nagios(const std::vector<Checked>& all, std::ostream& out) {
  const int code = exit_code(all);
  std::string trouble;
  std::string performance;
  std::size_t troubled = 0;
  for (const Checked& one : all) {
    performance += fmt::format(" '{}'={:.3f}s", one.result.target.view(), seconds(one.result.took));
    if (one.exit_code() == 0) continue;
    ++troubled;
    trouble += (trouble.empty() ? "" : "; ") + words_of(one);
  }
  std::string summary = trouble;
  if (all.size() == 1)
    summary = words_of(all.front());
  else if (troubled > 0)
    summary = fmt::format("{} of {} targets: {}", troubled, all.size(), trouble);
  else
    summary = fmt::format("all {} targets are well", all.size());
  out << "MXHEALTH " << kStates[static_cast<std::size_t>(code)] << " - " << summary << " |" << performance << '\n';
}

}  // namespace mxhealth::ctl
