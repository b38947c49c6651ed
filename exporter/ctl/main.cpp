// mxhealthctl: the operator's tool. It checks configuration files, and the blocklists that they name.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "config/check.hpp"
#include "ctl/check.hpp"
#include "ctl/lists.hpp"
#include "version.hpp"

namespace {

using namespace mxhealth;

void describe(CLI::App& cli, ctl::CheckRequest& request) {
  cli.add_option("--config.file", request.config_file,
                 "configuration with resolvers, timeouts, modules and limits; default: the system's resolvers");
  cli.add_option("--module", request.module, "how to probe; default: as the configuration has it, else mx");
  const auto format_flag = [&](const char* name, ctl::CheckFormat format, const char* about) {
    return cli.add_flag_callback(
        name, [&request, format] { request.format = format; }, about);
  };
  CLI::Option* json = format_flag("--json", ctl::CheckFormat::json, "print JSON, as /api/v1/targets has it");
  format_flag("--nagios", ctl::CheckFormat::nagios, "print one line with performance data, as monitoring plugins do")
      ->excludes(json);
  cli.add_option_function<double>(
         "--timeout",
         [&request](double limit) {
           request.timeout = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(limit));
         },
         "seconds for each target; default: what a session may take")
      ->check(CLI::Range(0.1, 3600.0));
  cli.add_option("TARGET", request.targets, "a domain, or a host as HOST:PORT or an address")->required();
}

// https://no-color.org: set and not empty.
ctl::Terminal terminal() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool colours =
      (no_colour == nullptr || *no_colour == '\0') && kind != nullptr && std::string_view(kind) != "dumb";
  return {.colours = colours && ::isatty(STDOUT_FILENO) == 1, .progress = ::isatty(STDERR_FILENO) == 1};
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int kWrongUsage = 3;

  CLI::App cli{"The operator's tool of mxhealth_exporter.", "mxhealthctl"};
  cli.set_version_flag("--version", std::string("mxhealthctl, version ") + kVersion + " (revision " + kRevision + ")");
  cli.failure_message([](const CLI::App*, const CLI::Error& error) {
    return std::string("mxhealthctl: ") + error.what() + "; see --help\n";
  });
  CLI::App* config = cli.add_subcommand("config", "about configuration files");
  CLI::App* check = config->add_subcommand("check", "say what is wrong with a configuration file");
  std::string file;
  check->add_option("FILE", file, "configuration file")->required();
  CLI::App* lists = cli.add_subcommand("lists", "test blocklists and allow-lists now, and say what they demand");
  ctl::ListsRequest request;
  lists->add_option("--config.file", request.config_file,
                    "configuration with the lists and resolvers; default: the default lists, the system's resolvers");
  lists->add_flag("--json", request.json, "print JSON");
  lists->add_option("LIST", request.names, "only these, of the configuration or of the book; default: all configured");
  CLI::App* probe = cli.add_subcommand("check", "probe targets now: what is broken, why, and whose side it is on");
  ctl::CheckRequest wanted;
  describe(*probe, wanted);
  try {
    cli.parse(argc, argv);
    // Not by require_subcommand(), which would call a misspelt command a missing one.
    if (!check->parsed() && !lists->parsed() && !probe->parsed()) throw CLI::RequiredError::Subcommand(1);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kWrongUsage;
  }
  if (check->parsed()) return config::check_file(file, std::cout, std::cerr);
  try {
    net::asio::io_context io{1};
    if (probe->parsed()) return ctl::check(io, wanted, terminal(), std::cout, std::cerr);
    return ctl::lists(io, request, std::cout, std::cerr);
  } catch (const std::exception& bug) {
    std::cerr << "mxhealthctl: cannot go on: " << bug.what() << '\n';
    return kWrongUsage;
  }
}
