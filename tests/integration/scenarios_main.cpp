// Plays every scenario of tests/lab/scenarios and lets the real exporter, in this process, say what it sees: verdicts,
// causes, statuses and metrics must become those the scenario expects within kPatience, and must still be so one
// interval later; a false word about a blocklist must not be said even before. `--netns`: those that need ICMP answers,
// in a network namespace that this process makes (root; exit code 77 without). `--oracle`: what real senders did,
// against the forecasts (in such a namespace, too). `--repeat N`: N rounds, each in a new world. `--only NAME`: one
// scenario.
#include <sched.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <set>
#include <thread>

#include "daemon/app.hpp"
#include "integration/http_get.hpp"
#include "lab/expect.hpp"
#include "lab/world.hpp"
#include "log/event.hpp"
#include "model/cause.hpp"

namespace {

using namespace mxhealth;
using namespace std::chrono_literals;

constexpr auto kPatience = 60s;  // a loaded machine under sanitizers; a quiet one needs about ten
constexpr auto kLookEvery = 250ms;
constexpr int kSkipped = 77;

class PlayedWorld {
 public:
  PlayedWorld(const std::vector<lab::Scenario>& scenarios, const std::filesystem::path& directory)
      : world_(io_, scenarios), config_(directory / (scenarios.front().name + ".yml")) {
    std::ofstream(config_) << world_.config_yaml({});
    for (const std::string& command : world_.netns_commands())
      if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot run: " + command);
    thread_ = std::thread([this] {
      const auto work = boost::asio::make_work_guard(io_);
      io_.run();
    });
  }
  ~PlayedWorld() { end(); }
  /// After it the world may be looked at from this thread.
  void end() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }
  const lab::World& world() const { return world_; }
  const std::filesystem::path& config() const { return config_; }

 private:
  boost::asio::io_context io_{1};
  lab::World world_;
  std::filesystem::path config_;
  std::thread thread_;
};

class RunningExporter {
 public:
  explicit RunningExporter(const std::filesystem::path& config) {
    daemon::AppOptions options{.config_file = config, .web = {}};
    options.web.listen_addresses = {"127.0.0.1:0"};
    app_ = std::make_unique<daemon::App>(options);
    auto address = std::make_shared<std::promise<std::string>>();
    auto told = address->get_future();
    thread_ = std::thread([this, address] {
      code_ = app_->run([address](const std::vector<std::string>& bound) { address->set_value(bound.front()); });
      if (code_ != 0) address->set_value("");
    });
    address_ = told.get();
  }
  ~RunningExporter() { stop(); }
  int stop() {
    if (thread_.joinable()) {
      if (!address_.empty()) app_->stop();
      thread_.join();
    }
    return code_;
  }
  std::string metrics() const { return test::http_get(address_, "/metrics"); }
  std::string probe(const std::string& target) const { return test::http_get(address_, "/probe?target=" + target); }
  bool started() const { return !address_.empty(); }

 private:
  std::unique_ptr<daemon::App> app_;
  std::thread thread_;
  std::string address_;
  int code_ = 0;
};

// Timed waits for a condition, not sleeps for a time: the deadline only bounds a failing run.
std::vector<std::string> differences_within_patience(const lab::World& world, const RunningExporter& exporter) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::vector<std::string> differences;
  do {
    std::this_thread::sleep_for(kLookEvery);
    const std::string exposition = exporter.metrics();
    auto lies = lab::false_statements(world, exposition);
    if (!lies.empty()) return lies;  // for these no patience
    differences = lab::differences(world, exposition);
  } while (!differences.empty() && std::chrono::steady_clock::now() < deadline);
  return differences;
}

/// Where nobody may be dialled, /probe must not lead there either, and must say so of itself.
std::vector<std::string> probes_that_succeed(const lab::World& world, const RunningExporter& exporter) {
  std::vector<std::string> succeeded;
  for (const lab::Scenario& scenario : world.scenarios()) {
    if (scenario.undialled.empty()) continue;
    for (const lab::Expectation& expected : scenario.expect)
      if (expected.verdict == "unreachable" &&
          exporter.probe(expected.domain).find("\nprobe_success 0\n") == std::string::npos)
        succeeded.push_back(expected.domain + ": a probe of it did not fail");
  }
  return succeeded;
}

std::vector<std::string> who_was_dialled(const lab::World& world) {
  std::vector<std::string> dialled;
  for (const lab::Scenario& scenario : world.scenarios())
    for (const auto& host : world.hosts())
      if (host->seen().sessions > 0 && std::ranges::find(scenario.undialled, host->name()) != scenario.undialled.end())
        dialled.push_back(scenario.name + ": " + host->name() + " was dialled");
  return dialled;
}

std::vector<std::string> play(PlayedWorld& played) {
  RunningExporter exporter(played.config());
  if (!exporter.started()) return {"the exporter did not start on " + played.config().string()};
  std::vector<std::string> differences = differences_within_patience(played.world(), exporter);
  if (differences.empty()) {  // and still so after another round of sessions
    std::this_thread::sleep_for(lab::ConfigOptions{}.interval);
    const std::string exposition = exporter.metrics();
    differences = lab::differences(played.world(), exposition);
    for (std::string& lie : lab::false_statements(played.world(), exposition)) differences.push_back(std::move(lie));
  }
  for (std::string& one : probes_that_succeed(played.world(), exporter)) differences.push_back(std::move(one));
  if (const int code = exporter.stop(); code != 0) differences.push_back("exit code " + std::to_string(code));
  played.end();
  for (std::string& one : who_was_dialled(played.world())) differences.push_back(std::move(one));
  for (const auto& host : played.world().hosts()) {
    const std::uint16_t port = host->endpoint().port();
    const bool tls_first =
        port == played.world().port(lab::Service::submissions) || port == played.world().port(lab::Service::https);
    if (host->seen().talked_early && !tls_first)
      differences.push_back(host->name() + ": we talked before the greeting was complete");
  }
  return differences;
}

bool play_round(const std::vector<std::vector<lab::Scenario>>& worlds, const std::filesystem::path& directory) {
  std::vector<std::unique_ptr<PlayedWorld>> played;  // made one by one: yaml-cpp's nodes know no threads
  for (const auto& world : worlds) played.push_back(std::make_unique<PlayedWorld>(world, directory));
  std::vector<std::future<std::vector<std::string>>> results;
  for (const auto& world : played) results.push_back(std::async(std::launch::async, [&world] { return play(*world); }));
  bool good = true;
  for (std::size_t i = 0; i < worlds.size(); ++i) {
    const std::vector<std::string> differences = results[i].get();
    for (const std::string& difference : differences) std::cout << "FAILED " << difference << '\n';
    good = good && differences.empty();
  }
  return good;
}

bool enter_network_namespace() {
  return ::geteuid() == 0 && std::system("command -v ip >/dev/null && command -v nft >/dev/null") == 0 &&
         ::unshare(CLONE_NEWNET) == 0 && std::system("ip link set lo up") == 0;
}

// Copies rather than erases: assigning a Scenario would assign through its yaml-cpp nodes into what they share.
template <class Wanted>
std::vector<lab::Scenario> chosen(const std::filesystem::path& from, Wanted wanted) {
  std::vector<lab::Scenario> scenarios;
  for (const lab::Scenario& scenario : lab::load_scenarios(from))
    if (wanted(scenario)) scenarios.push_back(scenario);
  return scenarios;
}

// Causes that no peer can bring about.
constexpr Cause kWithoutScenario[] = {
    Cause::local_resource,
    Cause::local_policy,
    Cause::probe_deadline,
    Cause::internal,
};

// A cause without a scenario is a cause that nobody has ever seen.
int check_catalogue() {
  std::set<std::string> played;
  for (const lab::Scenario& scenario : lab::load_scenarios(lab::scenario_directory()))
    for (const lab::Expectation& expectation : scenario.expect) played.insert(expectation.cause);
  int missing = 0;
  for (const CauseRow& row : causes()) {
    const bool excused = std::ranges::find(kWithoutScenario, row.cause) != std::end(kWithoutScenario);
    if (excused != played.contains(std::string(row.label))) continue;
    std::cout << "FAILED " << row.label
              << (excused ? ": has a scenario, so needs no excuse" : ": no scenario expects it") << '\n';
    ++missing;
  }
  return missing == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"Plays every scenario of the lab against the exporter.", "scenario_tests"};
  int rounds = 1;
  bool in_netns = false;
  bool oracle = false;
  bool catalogue = false;
  std::string only;
  cli.add_flag("--catalogue", catalogue, "only check that every cause has a scenario");
  cli.add_option("--repeat", rounds, "rounds, each in a new world");
  cli.add_flag("--netns", in_netns, "the scenarios that need a network namespace of their own");
  cli.add_flag("--oracle", oracle, "what real senders did, against the forecasts; in a network namespace, too");
  cli.add_option("--only", only, "one scenario");
  CLI11_PARSE(cli, argc, argv);
  if (catalogue) return check_catalogue();
  if ((in_netns || oracle) && !enter_network_namespace()) {
    std::cout << "SKIPPED: scenarios with ICMP answers need root, network namespaces, ip and nft\n";
    return kSkipped;
  }
  log::configure(only.empty() ? log::Level::error : log::Level::debug, log::Format::logfmt);
  const auto wanted = [&](const lab::Scenario& scenario) {
    if (!only.empty()) return scenario.name == only;
    return oracle || scenario.needs_netns() == in_netns;
  };
  const auto scenarios = chosen(oracle ? lab::oracle_file() : lab::scenario_directory(), wanted);
  const auto worlds = lab::worlds_of(scenarios);
  std::string directory = (std::filesystem::temp_directory_path() / "mxhealth-scenarios.XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) return 1;
  bool good = !worlds.empty();
  for (int round = 1; round <= rounds && good; ++round) {
    good = play_round(worlds, directory);
    std::cout << "round " << round << " of " << rounds << ", " << scenarios.size()
              << " scenarios: " << (good ? "as expected" : "NOT as expected") << std::endl;
  }
  if (good) std::filesystem::remove_all(directory);  // else the configurations stay to be looked at
  return good ? 0 : 1;
}
