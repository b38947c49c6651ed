#include "ctl/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <iostream>
#include <memory>

#include "config/load.hpp"
#include "config/parse_modules.hpp"
#include "ctl/check_output.hpp"
#include "ctl/checked.hpp"
#include "net/generation.hpp"
#include "net/link.hpp"
#include "net/own_name.hpp"
#include "net/system_resolvers.hpp"
#include "report/target_text.hpp"
#include "tls/trust_store.hpp"
#include "watch/visit.hpp"

namespace mxhealth::ctl {
namespace {

constexpr int kUnknown = 3;
constexpr Duration kRedraw = std::chrono::milliseconds(200);
constexpr Duration kLeave = std::chrono::seconds(2);  // for QUIT and its answer, once all is said

std::optional<config::Config> configuration(const std::filesystem::path& file, std::ostream& err) {
  if (file.empty()) {
    config::Config config;
    config.modules = config::built_in_modules();
    return config;
  }
  config::Loaded loaded = config::load_config(file);
  for (const config::Problem& problem : loaded.problems)
    if (!loaded.config || problem.severity == config::Severity::error) err << to_string(problem) << '\n';
  return std::move(loaded.config);
}

/// What the file leaves to the host: resolvers, and the name to greet with.
bool complete(config::Config& config, std::ostream& err) {
  if (config.resolvers.empty()) config.resolvers = net::system_resolvers();
  if (config.resolvers.empty()) {
    err << "mxhealthctl: no resolver is configured, and /etc/resolv.conf names none\n";
    return false;
  }
  if (!config.global.ehlo_name.is_root()) return true;
  const auto own = Name::parse(net::own_full_name());
  const bool qualified = own && !own->is_single_label() && !Address::parse(own->view());
  config.global.ehlo_name = qualified ? *own : *Name::parse("localhost.localdomain");
  if (!qualified)
    err << "mxhealthctl: this host does not know its full name and greets as localhost.localdomain, which some mail "
           "hosts refuse; a configuration can name another (global.ehlo_name)\n";
  return true;
}

Duration patience(const config::Config& config, const CheckRequest& request) {
  const config::Timeouts& limits = config.global.timeouts;
  return request.timeout.value_or(limits.session + 4 * limits.dns);
}

/// All the targets of one call, some at a time.
class Round {
 public:
  Round(net::asio::io_context& io, std::shared_ptr<net::Generation> elder, Duration patience, std::ostream* progress)
      : io_(io),
        elder_(std::move(elder)),
        patience_(patience),
        progress_(progress),
        redraw_(io),
        signals_(io, SIGINT) {}

  std::vector<Checked> run(std::vector<config::Target> targets);
  bool interrupted() const { return interrupted_; }

 private:
  using Timer = boost::asio::steady_timer;
  struct Going {
    explicit Going(net::asio::io_context& io) : deadline(io) {}
    DomainName name;
    std::unique_ptr<watch::Visit> visit;
    Timer deadline;
    std::optional<Checked> result;
    bool gone = false;
  };

  void fill();
  void begin(Going& going, config::Target target);
  void deliver(Going& going);
  void draw();
  void wipe();
  void run_until_gone();

  net::asio::io_context& io_;
  std::shared_ptr<net::Generation> elder_;
  Duration patience_;
  std::ostream* progress_;
  Timer redraw_;
  boost::asio::signal_set signals_;
  Mono began_ = std::chrono::steady_clock::now();
  std::vector<config::Target> targets_;
  std::vector<std::unique_ptr<Going>> going_;  // as many as have begun, in the order asked for
  std::size_t under_way_ = 0;
  bool interrupted_ = false;
};

std::vector<Checked> Round::run(std::vector<config::Target> targets) {
  targets_ = std::move(targets);
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    interrupted_ = true;
    for (const auto& one : going_)
      if (!one->result) deliver(*one);
  });
  fill();
  draw();
  const auto done = [this] { return (going_.size() == targets_.size() || interrupted_) && under_way_ == 0; };
  while (!done() && io_.run_one() > 0) {
  }
  redraw_.cancel();
  wipe();
  run_until_gone();
  std::vector<Checked> results;
  for (auto& one : going_) results.push_back(*std::move(one->result));
  return results;
}

// A session that is broken off says QUIT where it may.
void Round::run_until_gone() {
  signals_.cancel();
  const Mono limit = std::chrono::steady_clock::now() + kLeave;
  const auto all_gone = [this] { return std::ranges::all_of(going_, [](const auto& one) { return one->gone; }); };
  while (!all_gone() && std::chrono::steady_clock::now() < limit) io_.run_one_until(limit);
}

void Round::fill() {
  while (under_way_ < kMaxCheckedAtOnce && going_.size() < targets_.size() && !interrupted_) {
    Going& going = *going_.emplace_back(std::make_unique<Going>(io_));
    begin(going, targets_[going_.size() - 1]);
  }
}

void Round::begin(Going& going, config::Target target) {
  ++under_way_;
  going.name = target.name;
  going.deadline.expires_after(patience_);
  going.deadline.async_wait([this, &going](const boost::system::error_code& error) {
    if (!error && !going.result) deliver(going);
  });
  going.visit = std::make_unique<watch::Visit>(elder_, std::move(target), watch::Asker::the_operator, [this, &going] {
    if (!going.result) deliver(going);
  });
}

void Round::deliver(Going& going) {
  going.result.emplace(going.visit->result());
  going.deadline.cancel();
  --under_way_;
  going.visit->end([&going] {
    going.visit.reset();
    going.gone = true;
  });
  fill();
}

// "1 of 3 checked, 12 s; waiting for example.com"
void Round::draw() {
  if (progress_ == nullptr) return;
  const auto waiting = std::ranges::find_if(going_, [](const auto& one) { return !one->result; });
  const auto done =
      static_cast<std::size_t>(std::ranges::count_if(going_, [](const auto& one) { return one->result.has_value(); }));
  if (waiting != going_.end())
    *progress_ << fmt::format("\r\x1b[K{} of {} checked, {}; waiting for {}", done, targets_.size(),
                              report::rounded(
                                  std::chrono::floor<std::chrono::seconds>(std::chrono::steady_clock::now() - began_)),
                              (*waiting)->name.view())
               << std::flush;
  redraw_.expires_after(kRedraw);
  redraw_.async_wait([this](const boost::system::error_code& error) {
    if (!error) draw();
  });
}

void Round::wipe() {
  if (progress_ != nullptr) *progress_ << "\r\x1b[K" << std::flush;
}

/// Empty when one of them cannot be asked for.
std::vector<config::Target> wanted(const config::Config& config, const CheckRequest& request, std::ostream& err) {
  std::vector<config::Target> targets;
  if (request.targets.size() > kMaxChecked) {
    err << "mxhealthctl: more than " << kMaxChecked << " targets\n";
    return {};
  }
  bool good = true;
  for (const std::string& text : request.targets) {
    auto one = watch::asked_for(config, text, request.module, watch::Asker::the_operator);
    if (const auto* refusal = std::get_if<watch::Refusal>(&one)) {
      err << "mxhealthctl: " << refusal->sentence << '\n';
      good = false;
    } else {
      targets.push_back(std::get<config::Target>(std::move(one)));
    }
  }
  return good ? targets : std::vector<config::Target>{};
}

}  // namespace

int check(net::asio::io_context& io, const CheckRequest& request, Terminal terminal, std::ostream& out,
          std::ostream& err) {
  auto config = configuration(request.config_file, err);
  if (!config) return kUnknown;
  std::vector<config::Target> targets = wanted(*config, request, err);
  if (targets.empty() || !complete(*config, err)) return kUnknown;
  auto trust = tls::TrustStore::load(config->global.tls_ca_file.string());
  if (const auto* error = std::get_if<tls::TrustStore::Error>(&trust)) {
    err << "mxhealthctl: " << error->text << '\n';
    return kUnknown;
  }
  const Duration limit = patience(*config, request);
  static const int keeper [[maybe_unused]] = net::open_stamp_keeper();
  net::Loop loop(io);
  const auto elder =
      std::make_shared<net::Generation>(loop, *std::move(config), std::get<tls::TrustStore>(std::move(trust)));
  Round round(io, elder, limit, terminal.progress ? &err : nullptr);
  const std::vector<Checked> results = round.run(std::move(targets));
  const Wall now = std::chrono::system_clock::now();
  if (request.format == CheckFormat::json) print_json(results, now, out);
  if (request.format == CheckFormat::nagios) print_nagios(results, out);
  if (request.format == CheckFormat::text) {
    const auto colours = terminal.colours ? report::Colours::ansi : report::Colours::none;
    bool first = true;
    for (const Checked& one : results) {
      if (!std::exchange(first, false)) out << '\n';
      out << report::target_text(one.records, one.result.took, now, colours);
    }
  }
  if (round.interrupted()) err << "mxhealthctl: interrupted\n";
  return round.interrupted() ? worst(exit_code(results), kUnknown) : exit_code(results);
}

}  // namespace mxhealth::ctl
