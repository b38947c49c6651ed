// mxhealth_exporter: reads its flags, then runs the App. Exit codes: 0 after SIGTERM and a good check, 1 on a wrong
// configuration or a listen failure, 2 on a wrong flag.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>

#include "config/check.hpp"
#include "config/shard.hpp"
#include "daemon/app.hpp"
#include "log/event.hpp"
#include "version.hpp"
#include "web/protection.hpp"
#include "web/self_check.hpp"

namespace {

using namespace mxhealth;

constexpr int kWrongFlag = 2;

struct Flags {
  daemon::AppOptions app{.config_file = "mxhealth.yml", .web = {}};
  bool check = false;
  bool healthcheck = false;
  std::string shard_index = "0";
  std::string transcripts = "on";
  std::string log_level = "info";
  std::string log_format = "logfmt";
};

// What no path of a URL needs, least of all in a page or a header of ours. Empty: nothing is wrong.
std::string url_path_problem(const std::string& path) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%/";
  if (path.find_first_not_of(kAllowed) == std::string::npos) return {};
  return "'" + path + "' is not a path of a URL, such as /mxhealth";
}

std::string external_url_problem(const std::string& url) {
  const std::string problem = "'" + url + "' is not a URL such as https://example.net/mxhealth";
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url.starts_with('/') ? url_path_problem(url) : problem;
  const std::string behind = url.substr(scheme + 3);
  const std::string host = behind.substr(0, behind.find('/'));
  const bool is_web = url.starts_with("http://") || url.starts_with("https://");
  if (!is_web || host.empty() || host.find_first_of(" \"'<>?#") != std::string::npos) return problem;
  return url_path_problem(behind.substr(host.size()));
}

std::string shard_index_problem(const std::string& text) {
  if (config::shard_index(text)) return {};
  return "'" + text + "' is neither a number nor a name that ends in one, such as mxhealth-2";
}

void settle_shard(Flags& flags) {
  config::Shard& shard = flags.app.shard;
  shard.index = *config::shard_index(flags.shard_index);
  if (shard.index < shard.count) return;
  throw CLI::ValidationError("--shard.index", "--shard.count is " + std::to_string(shard.count) + ", so the last is " +
                                                  std::to_string(shard.count - 1) + ", not " + flags.shard_index);
}

void describe(CLI::App& cli, Flags& flags) {
  cli.failure_message([](const CLI::App* app, const CLI::Error& error) {
    return app->get_name() + ": " + error.what() + "; see --help\n";
  });
  cli.set_version_flag("--version", std::string("mxhealth_exporter, version ") + kVersion + " (revision " + kRevision +
                                        ", " + kCompiler + ")");
  cli.add_option("--config.file", flags.app.config_file, "configuration file")->capture_default_str();
  cli.add_flag("--config.check", flags.check, "check the configuration file, say what is wrong with it, and end");
  cli.add_flag("--healthcheck", flags.healthcheck,
               "ask the exporter that runs with these flags whether it is healthy, and end: for containers");
  cli.add_option("--web.listen-address", flags.app.web.listen_addresses, "address to serve HTTP on, repeatable")
      ->allow_extra_args(false)
      ->capture_default_str();
  cli.add_flag("--web.systemd-socket", flags.app.web.systemd_socket, "take the listening sockets from systemd");
  cli.add_option("--web.config.file", flags.app.web_config_file,
                 "TLS and authentication, in exporter-toolkit's format");
  cli.add_option("--web.telemetry-path", flags.app.web.telemetry_path, "path of the metrics")
      ->check(url_path_problem)
      ->capture_default_str();
  cli.add_option("--web.external-url", flags.app.web.external_url, "the URL by which people reach this exporter")
      ->check(external_url_problem);
  cli.add_option("--web.route-prefix", flags.app.web.route_prefix,
                 "prefix of every path; default: the path of --web.external-url")
      ->check(url_path_problem);
  cli.add_option("--web.transcripts", flags.transcripts,
                 "on: the last sessions with each address can be read on the status page; off: none is kept")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  cli.add_option("--shard.index", flags.shard_index,
                 "which of --shard.count exporters this is, from 0, each with the same configuration; also a name that "
                 "ends in the number, as a StatefulSet calls its pods: mxhealth-2")
      ->check(shard_index_problem)
      ->capture_default_str();
  cli.add_option("--shard.count", flags.app.shard.count, "among how many exporters the targets are shared out")
      ->check(CLI::Range(std::size_t{1}, config::kMostShards))
      ->capture_default_str();
  cli.final_callback([&flags] { settle_shard(flags); });
  cli.add_option("--log.level", flags.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  cli.add_option("--log.format", flags.log_format, "logfmt or json")
      ->check(CLI::IsMember({"logfmt", "json"}))
      ->capture_default_str();
}

bool web_config_is_good(const std::filesystem::path& file) {
  const web::LoadedProtection loaded = web::load_protection(file);
  for (const auto& line : loaded.warnings) std::cerr << line << '\n';
  for (const auto& line : loaded.errors) std::cerr << line << '\n';
  return loaded.protection != nullptr;
}

int check(const daemon::AppOptions& options) {
  const bool web_is_good = web_config_is_good(options.web_config_file);
  const int status = config::check_file(options.config_file, std::cout, std::cerr);
  return web_is_good ? status : 1;
}

int ask_for_health(const daemon::AppOptions& options) {
  const std::string problem = web::self_check(options.web, options.web_config_file);
  if (problem.empty()) return 0;
  std::cerr << "mxhealth_exporter: not healthy: " << problem << '\n';
  return 1;
}

int run(const Flags& flags) {
  log::configure(*log::level_of_label(flags.log_level), *log::format_of_label(flags.log_format));
  if (flags.healthcheck) return ask_for_health(flags.app);
  if (flags.check) return check(flags.app);
  log::event(log::Level::info, "starting", {{"version", kVersion}, {"revision", kRevision}});
  daemon::AppOptions options = flags.app;
  if (flags.transcripts == "off") options.transcripts = report::Transcripts::not_kept;
  daemon::App app(options);
  return app.run();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"Prometheus exporter that says whether the world can deliver mail to a domain, and if not, why.",
               "mxhealth_exporter"};
  Flags flags;
  flags.app.web.version = kVersion;
  describe(cli, flags);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kWrongFlag;
  }
  try {
    return run(flags);
  } catch (const std::exception& bug) {
    std::fprintf(stderr, "mxhealth_exporter: cannot go on: %s\n", bug.what());
    return 1;
  }
}
