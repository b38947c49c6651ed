// mxhealth_lab: plays scenarios until it is told to stop, and writes the exporter configuration that points at them.
// For the quickstart's demo, for end-to-end tests and for benchmarks. Listens on loopback only.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lab/control.hpp"
#include "lab/scenario.hpp"
#include "lab/world.hpp"

namespace mxhealth::lab {
namespace {

constexpr std::uint16_t kDnsPort = 53;

struct Arguments {
  std::vector<std::string> paths;
  std::string config_out;
  std::string ready_file;
  std::string interval = "5s";
  std::string control;
  std::map<Service, std::uint16_t> ports;
  std::string resolver;
  bool list = false;
  bool behaviours = false;
};

void print_row(const std::string& first, const std::string& second, const std::string& third) {
  std::printf("%-38s %-22s %s\n", first.c_str(), second.c_str(), third.c_str());
}

void list_scenarios() {
  for (const Scenario& scenario : load_scenarios(scenario_directory())) {
    const Expectation expected = scenario.expect.empty() ? Expectation{} : scenario.expect.front();
    print_row(scenario.name, expected.verdict + (expected.cause.empty() ? "" : " " + expected.cause), scenario.about);
  }
}

void list_behaviours() {
  for (const BehaviourPtr& behaviour : behaviour_book().all()) print_row(behaviour->name, "", behaviour->about);
}

/// "refused.mx.lab.test: Nothing listens."
std::string played_on(const Scenario& scenario, const std::string& host) {
  for (const HostSpec& spec : scenario.hosts) {
    if (spec.name != host) continue;
    std::string about;
    for (const auto& [service, behaviour] : spec.serves) about += (about.empty() ? "" : " ") + behaviour->about;
    if (!spec.same_as.empty()) about = "The address of " + spec.same_as + ".";
    if (!spec.cname.empty()) about = "An alias of " + spec.cname + ".";
    if (spec.dns) about = "Has no address.";
    return host + ": " + about;
  }
  return host;
}

/// Each target with what is expected of it, then its hosts and what they do.
void print_world(const World& world) {
  print_row("TARGET", "EXPECTED", "PLAYED");
  for (const Scenario& scenario : world.scenarios()) {
    for (const TargetSpec& target : scenario.targets) {
      std::string expected;
      for (const Expectation& one : scenario.expect)
        if (one.domain == target.name) expected += (expected.empty() ? "" : ", ") + one.verdict;
      std::vector<std::string> hosts;
      for (const auto& [preference, host] : target.mx) hosts.push_back(preference + " " + played_on(scenario, host));
      if (!target.address.empty()) hosts.push_back(played_on(scenario, target.address));
      if (target.server) hosts.push_back(played_on(scenario, target.name));
      if (hosts.empty()) hosts.push_back(scenario.targets.size() == 1 ? scenario.about : "no mail host");
      print_row(target.name, expected, hosts.front());
      for (std::size_t i = 1; i < hosts.size(); ++i) print_row("", "", hosts[i]);
    }
  }
  for (const std::string& command : world.netns_commands()) std::printf("needs: %s\n", command.c_str());
  std::fflush(stdout);
}

void write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

/// A host is a descriptor, a session another; the usual soft limit of 1024 is no limit of ours.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int play(const Arguments& arguments) {
  raise_descriptor_limit();
  std::vector<Scenario> scenarios;
  for (const std::string& path : arguments.paths)
    for (Scenario& scenario : load_scenarios(path)) scenarios.push_back(std::move(scenario));
  asio::io_context io(1);
  WorldPlaces places;
  places.ports = arguments.ports;
  if (!arguments.resolver.empty()) places.resolver.emplace(asio::ip::make_address(arguments.resolver), kDnsPort);
  World world(io, std::move(scenarios), std::move(places));
  ConfigOptions options;
  options.interval = parse_duration(arguments.interval);
  write_file(arguments.config_out, world.config_yaml(options));
  print_world(world);
  std::optional<Control> control;
  if (!arguments.control.empty()) control.emplace(io, world, arguments.control);
  write_file(arguments.ready_file, "ready\n");
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&io](const Error&, int) { io.stop(); });
  io.run();
  return 0;
}

}  // namespace
}  // namespace mxhealth::lab

int main(int argc, char** argv) {
  using namespace mxhealth::lab;
  Arguments arguments;
  CLI::App app("Plays a scripted world of mail hosts and DNS on loopback, until SIGTERM", "mxhealth_lab");
  app.add_option("scenarios", arguments.paths, "Scenario files or directories");
  app.add_option("--config-out", arguments.config_out, "Write the exporter configuration for this world here");
  app.add_option("--ready-file", arguments.ready_file, "Written when everything listens");
  app.add_option("--interval", arguments.interval, "Probe interval in that configuration, 5s or more");
  app.add_option("--control", arguments.control, "A named pipe to read orders from: what breaks, and is mended");
  const auto port_of = [&](Service service) {
    return [&ports = arguments.ports, service](std::uint16_t port) { ports[service] = port; };
  };
  app.add_option_function<std::uint16_t>("--mx-port", port_of(Service::mx),
                                         "Port of all mail hosts, for real senders; else a free one");
  app.add_option_function<std::uint16_t>("--submission-port", port_of(Service::submission), "The same for submission");
  app.add_option_function<std::uint16_t>("--submissions-port", port_of(Service::submissions),
                                         "The same for submission in TLS from the first byte");
  app.add_option_function<std::uint16_t>("--https-port", port_of(Service::https), "The same for MTA-STS policies");
  app.add_option("--resolver", arguments.resolver,
                 "Address of the resolver, which then has port 53; else a free place");
  app.add_flag("--list", arguments.list, "List the scenarios and leave");
  app.add_flag("--behaviours", arguments.behaviours, "List the behaviours of mail hosts and leave");
  CLI11_PARSE(app, argc, argv);
  try {
    if (arguments.list) return list_scenarios(), 0;
    if (arguments.behaviours) return list_behaviours(), 0;
    if (arguments.paths.empty()) {
      std::cerr << "mxhealth_lab: name at least one scenario; --list shows them\n";
      return 2;
    }
    return play(arguments);
  } catch (const std::exception& error) {
    std::cerr << "mxhealth_lab: " << error.what() << "\n";
    return 1;
  }
}
