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
  cli.require_subcommand(1);
  CLI::App* config = cli.add_subcommand("config", "about configuration files");
  config->require_subcommand(1);
  CLI::App* check = config->add_subcommand("check", "say what is wrong with a configuration file");
  std::string file;
  check->add_option("FILE", file, "configuration file")->required();
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kWrongUsage;
  }
  return config::check_file(file, std::cout, std::cerr);
}
