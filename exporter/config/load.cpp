#include "config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/parse_dnsbl.hpp"
#include "config/parse_global.hpp"
#include "config/parse_limits.hpp"
#include "config/parse_modules.hpp"
#include "config/parse_policies.hpp"
#include "config/parse_targets.hpp"
#include "config/reader.hpp"
#include "config/small_file.hpp"
#include "config/target_files.hpp"
#include "config/warn_dnsbl.hpp"

namespace mxhealth::config {
namespace {

enum class Disk : std::uint8_t { used, untouched };

void add(std::vector<Problem>& all, std::vector<Problem> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

Problem about_file(std::string file, std::string message, std::string allowed = {}) {
  return {Severity::error, std::move(file), 0, 0, "", std::move(message), "", std::move(allowed)};
}

void check_ca_file(const Section& root, Global& global, const std::filesystem::path& directory) {
  if (global.tls_ca_file.empty()) return;
  global.tls_ca_file = directory / global.tls_ca_file;
  const auto text = read_small_file(global.tls_ca_file, 0);
  const auto* unreadable = std::get_if<Unreadable>(&text);
  if (unreadable == nullptr) return;
  if (const auto field = root.get("global")->peek("tls_ca_file")) field->error(unreadable->why);
}

/// Whether anything is asked for at all; what is there and wrong has been complained about already.
bool asks_for_something(const Section& root) {
  const auto filled = [](const std::optional<Field>& field) {
    return field && !(field->is(Node::Kind::list) && field->node().children.empty());
  };
  const Field& file = root.field();
  if (filled(file.peek("targets")) || filled(file.peek("target_files"))) return true;
  const auto dnsbl = file.peek("dnsbl");
  if (dnsbl && names_subjects(*dnsbl)) return true;
  const auto endpoint = file.peek("probe_endpoint");
  return endpoint && filled(endpoint->peek("allow"));
}

class Loading {
 public:
  Loading(std::string file, std::filesystem::path directory, Disk disk)
      : report_(std::move(file)), directory_(std::move(directory)), disk_(disk) {}

  Loaded run(std::string_view text) {
    const auto document = read_document(text);
    if (const auto* broken = std::get_if<Broken>(&document)) {
      report_.add({Severity::error, "", broken->line, broken->column, "", broken->message, "", ""});
      return {std::nullopt, report_.take()};
    }
    const Node& root = std::get<Node>(document);
    if (root.kind == Node::Kind::null) return {std::nullopt, {about_file(report_.file(), "empty", "targets: [...]")}};
    const auto section = Section::open(Field(root, "", report_),
                                       {"global", "resolvers", "resolver_check", "modules", "targets", "target_files",
                                        "dnsbl", "policies", "canaries", "probe_endpoint", "limits"});
    if (section) parse(*section);
    Loaded loaded{std::nullopt, report_.take()};
    add(loaded.problems, std::move(of_target_files_));
    if (!has_errors(loaded.problems)) loaded.config = std::move(config_);
    return loaded;
  }

 private:
  void parse(const Section& root) {
    config_.modules = built_in_modules();
    if (const Field* f = root.get("global")) parse_global(*f, config_.global);
    if (const Field* f = root.get("resolvers")) parse_resolvers(*f, config_.resolvers);
    if (const Field* f = root.get("resolver_check")) parse_resolver_check(*f, config_.resolver_check);
    if (const Field* f = root.get("modules")) {
      parse_modules(*f, config_.modules);
      if (disk_ == Disk::used) read_passwords(*f, directory_, config_.modules);
    }
    config_.dnsbl = default_dnsbl();
    if (const Field* f = root.get("dnsbl")) {
      config_.dnsbl = parse_dnsbl(*f);
      if (disk_ == Disk::used) read_dnsbl_keys(*f, directory_, config_.dnsbl);
    }
    if (const Field* f = root.get("policies")) parse_policies(*f, config_.policies);
    if (const Field* f = root.get("canaries")) parse_canaries(*f, config_.canaries);
    if (const Field* f = root.get("probe_endpoint")) parse_probe_endpoint(*f, config_.probe_endpoint);
    if (const Field* f = root.get("limits")) parse_limits(*f, config_.limits);
    if (disk_ == Disk::used) check_ca_file(root, config_.global, directory_);
    parse_all_targets(root);
    warn_of_dnsbl(root, config_);
    if (asks_for_something(root)) return;
    report_.add({Severity::error, "", 0, 0, "", "nothing to do", "",
                 "at least one of targets, target_files, dnsbl.subjects and probe_endpoint.allow"});
  }

  void parse_all_targets(const Section& root) {
    Targets targets{config_.global, config_.modules, {}, {}, false};
    if (const Field* f = root.get("targets")) parse_targets(*f, targets);
    if (const Field* f = root.get("target_files")) read_target_files(*f, targets);
    config_.targets = std::move(targets.list);
    if (targets.someone_inherits && config_.global.interval < kPoliteInterval) warn_of_interval(root);
  }

  void read_target_files(const Field& field, Targets& targets) {
    config_.target_files = parse_target_files(field, directory_);
    if (disk_ == Disk::untouched) return;
    std::vector<std::filesystem::path> read;
    for (const auto& pattern : config_.target_files) {
      const auto files = files_matching(pattern);
      if (files.empty()) field.warn("no file matches " + in_quotes(pattern.string()));
      for (const auto& file : files) {
        if (std::ranges::find(read, file) != read.end()) continue;  // two patterns may find the same file
        read.push_back(file);
        add(of_target_files_, read_target_file(file, targets));
      }
    }
  }

  static void warn_of_interval(const Section& root) {
    const Field* global = root.get("global");
    if (global == nullptr) return;
    if (const auto interval = global->peek("interval")) {
      interval->warn("below 60s, and used for hosts of other people; mark your own by own: true");
    }
  }

  Report report_;
  std::filesystem::path directory_;
  Disk disk_;
  Config config_;
  std::vector<Problem> of_target_files_;
};

}  // namespace

Loaded load_config(const std::filesystem::path& file) {
  const auto text = read_small_file(file, kMaxFile);
  if (const auto* unreadable = std::get_if<Unreadable>(&text)) {
    return {std::nullopt, {about_file(file.string(), unreadable->why)}};
  }
  return Loading(file.string(), file.parent_path(), Disk::used).run(std::get<std::string>(text));
}

Loaded parse_config(std::string_view text, std::string file_name) {
  return Loading(std::move(file_name), {}, Disk::untouched).run(text);
}

}  // namespace mxhealth::config
