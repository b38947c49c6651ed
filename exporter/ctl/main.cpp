// mxhealthctl: the operator's tool. So far it checks configuration files.
#include <CLI/CLI.hpp>
#include <iostream>

#include "config/check.hpp"
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
  try {
    cli.parse(argc, argv);
    // Not by require_subcommand(), which would call a misspelt command a missing one.
    if (!check->parsed()) throw CLI::RequiredError::Subcommand(1);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kWrongUsage;
  }
  return config::check_file(file, std::cout, std::cerr);
}
