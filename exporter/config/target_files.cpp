#include "config/target_files.hpp"

#include <glob.h>

#include <string>
#include <utility>

#include "config/small_file.hpp"
#include "config/values.hpp"

namespace mxhealth::config {
namespace {

constexpr std::size_t kMaxPatterns = 100;

}  // namespace

std::vector<std::filesystem::path> parse_target_files(const Field& field, const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> patterns;
  const auto written = ListOf{file_name, 0, kMaxPatterns}(field);
  for (const std::string& pattern : written.value_or(std::vector<std::string>{})) {
    patterns.push_back(directory / pattern);  // an absolute pattern stays as it is
  }
  return patterns;
}

std::vector<std::filesystem::path> files_matching(const std::filesystem::path& pattern) {
  ::glob_t found{};
  std::vector<std::filesystem::path> files;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);  // sorted by glob(3)
  }
  ::globfree(&found);
  return files;
}

std::vector<Problem> parse_target_file(std::string_view text, std::string file_name, Targets& targets) {
  Report report(std::move(file_name));
  auto document = read_document(text);
  if (const auto* broken = std::get_if<Broken>(&document)) {
    report.add({Severity::error, "", broken->line, broken->column, "", broken->message, "", ""});
    return report.take();
  }
  const Field root(std::get<Node>(document), "", report);
  if (root.is(Node::Kind::null)) {
    report.add({Severity::error, "", 0, 0, "", "empty", "", "a list of targets, [] for none"});
  } else if (root.is(Node::Kind::list)) {
    parse_targets(root, targets);
  } else if (const auto section = Section::open(root, {"targets"})) {
    if (const Field* list = section->get("targets")) parse_targets(*list, targets);
  }
  return report.take();
}

std::vector<Problem> read_target_file(const std::filesystem::path& file, Targets& targets) {
  const auto text = read_small_file(file, kMaxFile);
  if (const auto* unreadable = std::get_if<Unreadable>(&text)) {
    return {{Severity::error, file.string(), 0, 0, "", unreadable->why, "", ""}};
  }
  return parse_target_file(std::get<std::string>(text), file.string(), targets);
}

}  // namespace mxhealth::config
