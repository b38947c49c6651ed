#include "config/check.hpp"

#include <algorithm>
#include <ostream>
#include <string>

#include "config/load.hpp"

namespace mxhealth::config {
namespace {

std::string counted(std::size_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

}  // namespace

int check_file(const std::filesystem::path& file, std::ostream& out, std::ostream& err) {
  const Loaded loaded = load_config(file);
  for (const Problem& problem : loaded.problems) err << to_string(problem) << '\n';
  const auto is_error = [](const Problem& p) { return p.severity == Severity::error; };
  const auto errors = static_cast<std::size_t>(std::ranges::count_if(loaded.problems, is_error));
  const std::size_t warnings = loaded.problems.size() - errors;
  out << file.string() << ": ";
  if (loaded.config) {
    out << "ok, " << counted(loaded.config->targets.size(), "target");
    if (warnings > 0) out << ", " << counted(warnings, "warning");
  } else {
    out << counted(errors, "error") << ", " << counted(warnings, "warning");
  }
  out << '\n';
  return loaded.config ? 0 : 1;
}

}  // namespace mxhealth::config
