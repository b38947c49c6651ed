// mxhealthctl: the operator's tool. It checks configuration files, and the blocklists that they name.
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <iostream>

#include "config/check.hpp"
#include "ctl/lists.hpp"
#include "version.hpp"

int main(int argc, char** argv) {
  using namespace mxhealth;
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
  try {
    cli.parse(argc, argv);
    // Not by require_subcommand(), which would call a misspelt command a missing one.
    if (!check->parsed() && !lists->parsed()) throw CLI::RequiredError::Subcommand(1);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kWrongUsage;
  }
  if (check->parsed()) return config::check_file(file, std::cout, std::cerr);
  try {
    net::asio::io_context io{1};
    return ctl::lists(io, request, std::cout, std::cerr);
  } catch (const std::exception& bug) {
    std::cerr << "mxhealthctl: cannot go on: " << bug.what() << '\n';
    return kWrongUsage;
  }
}
