// mxhealthctl: the operator's tool. Here is nothing but its command line: a row for each command, in the order in which
// --help shows them. What a command does is in a file of its own in this room.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>

#include "config/check.hpp"
#include "ctl/check.hpp"
#include "ctl/explain.hpp"
#include "ctl/lists.hpp"
#include "ctl/suggest.hpp"
#include "version.hpp"

namespace {

using namespace mxhealth;

constexpr int kWrongUsage = 3;

/// What was asked for on the command line, and what does it. Exit codes are the command's own.
struct Command {
  CLI::App* named;
  std::function<int()> run;
};

// https://no-color.org: set and not empty.
ctl::Terminal terminal() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  const bool colours =
      (no_colour == nullptr || *no_colour == '\0') && kind != nullptr && std::string_view(kind) != "dumb";
  return {.colours = colours && ::isatty(STDOUT_FILENO) == 1, .progress = ::isatty(STDERR_FILENO) == 1};
}

Command check(CLI::App& cli) {
  CLI::App* app = cli.add_subcommand("check", "probe targets now: what is broken, why, and whose side it is on");
  const auto request = std::make_shared<ctl::CheckRequest>();
  app->add_option("--config.file", request->config_file,
                  "configuration with resolvers, timeouts, modules and limits; default: the system's resolvers");
  app->add_option("--module", request->module, "how to probe; default: as the configuration has it, else mx");
  const auto format_flag = [&](const char* name, ctl::CheckFormat format, const char* about) {
    const auto choose = [request, format] { request->format = format; };
    return app->add_flag_callback(name, choose, about);
  };
  CLI::Option* json = format_flag("--json", ctl::CheckFormat::json, "print JSON, as /api/v1/targets has it");
  format_flag("--nagios", ctl::CheckFormat::nagios, "print one line with performance data, as monitoring plugins do")
      ->excludes(json);
  const auto limit = [request](double seconds) {
    request->timeout = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  };
  app->add_option_function<double>("--timeout", limit, "seconds for each target; default: what a session may take")
      ->check(CLI::Range(0.1, 3600.0));
  app->add_option("TARGET", request->targets, "a domain, or a host as HOST:PORT or an address")->required();
  return {app, [request] {
            net::asio::io_context io{1};
            return ctl::check(io, *request, terminal(), std::cout, std::cerr);
          }};
}

Command explain(CLI::App& cli) {
  CLI::App* app = cli.add_subcommand("explain", "say what a code, a status, a cause, a log line or a bounce means");
  const auto request = std::make_shared<ctl::ExplainRequest>();
  app->add_option("TEXT", request->words,
                  "4.4.1, 441, \"421 4.4.1\", connect_refused, a line of a log; -: a bounce on stdin");
  app->add_flag("--json", request->json, "print JSON");
  app->add_flag("--list", request->list, "print all single words that are known, and end");
  return {app, [request] { return ctl::explain(*request, terminal().colours, std::cin, std::cout, std::cerr); }};
}

Command lists(CLI::App& cli) {
  CLI::App* app = cli.add_subcommand("lists", "test blocklists and allow-lists now, and say what they demand");
  const auto request = std::make_shared<ctl::ListsRequest>();
  app->add_option("--config.file", request->config_file,
                  "configuration with the lists and resolvers; default: the default lists, the system's resolvers");
  app->add_flag("--json", request->json, "print JSON");
  app->add_option("LIST", request->names, "only these, of the configuration or of the book; default: all configured");
  return {app, [request] {
            net::asio::io_context io{1};
            return ctl::lists(io, *request, std::cout, std::cerr);
          }};
}

Command suggest(CLI::App& cli) {
  CLI::App* app = cli.add_subcommand("suggest", "print the records that a domain should publish, and why");
  const auto request = std::make_shared<ctl::SuggestRequest>();
  app->add_option("TOPIC", request->topic, "spf, dmarc, mta-sts, tls-rpt, tlsa or null-mx")->required();
  app->add_option("DOMAIN", request->domain, "the domain that is mailed to")->required();
  app->add_option("--config.file", request->config_file,
                  "configuration with resolvers and, as dnsbl.subjects.addresses, what sends; default: the system's "
                  "resolvers");
  app->add_flag("--json", request->json, "print JSON");
  return {app, [request] {
            net::asio::io_context io{1};
            return ctl::suggest(io, *request, std::cout, std::cerr);
          }};
}

Command config_check(CLI::App& cli) {
  CLI::App* config = cli.add_subcommand("config", "about configuration files");
  CLI::App* app = config->add_subcommand("check", "say what is wrong with a configuration file");
  const auto file = std::make_shared<std::string>();
  app->add_option("FILE", *file, "configuration file")->required();
  return {app, [file] { return config::check_file(*file, std::cout, std::cerr); }};
}

constexpr Command (*kCommands[])(CLI::App&) = {check, explain, lists, suggest, config_check};

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"The operator's tool of mxhealth_exporter.", "mxhealthctl"};
  cli.set_version_flag("--version", std::string("mxhealthctl, version ") + kVersion + " (revision " + kRevision + ")");
  cli.failure_message([](const CLI::App*, const CLI::Error& error) {
    return std::string("mxhealthctl: ") + error.what() + "; see --help\n";
  });
  std::vector<Command> commands;
  for (const auto describe : kCommands) commands.push_back(describe(cli));
  const auto asked = [&] {
    return std::ranges::find_if(commands, [](const Command& one) { return one.named->parsed(); });
  };
  try {
    cli.parse(argc, argv);
    // Not by require_subcommand(), which would call a misspelt command a missing one.
    if (asked() == commands.end()) throw CLI::RequiredError::Subcommand(1);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kWrongUsage;
  }
  try {
    return asked()->run();
  } catch (const std::exception& bug) {
    std::cerr << "mxhealthctl: cannot go on: " << bug.what() << '\n';
    return kWrongUsage;
  }
}
