// A pass over blocklists: 100 addresses on 40 lists, every tenth listed and asked for its reason, 4,400 questions to a
// name server that answers after 5 ms:
//   bare      one connected UDP socket, 1,000 questions under way, many packets per system call: what the machine can
//   resolver  all lookups at once through net::Resolver, as probes/listing makes them
//   watch     watch/list_watch from nothing to the last listing: tests of the lists, checks over the interval's phases,
//             second checks, reasons. It takes its time by design, so only its CPU is compared
// CPU is that of this thread alone. Ratios of one run count; times depend on the machine.
#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <string>

#include "bench/bare_lookups.hpp"
#include "bench/late_dns.hpp"
#include "dnsbl/query_name.hpp"
#include "net/resolver.hpp"
#include "probes/listing.hpp"
#include "watch/list_watch.hpp"

namespace mxhealth::bench {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kAddresses = 100;
constexpr unsigned kLists = 40;
constexpr unsigned kLookups = kAddresses * kLists;
constexpr unsigned kReasons = kLookups / 10;
constexpr int kRounds = 7;
constexpr auto kLate = 5ms;

double cpu_s() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double quantile(std::vector<double> values, double q) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

struct Pass {
  double wall_ms = 0;
  double cpu_us = 0;  // per question
  unsigned questions = 0;
  unsigned listed = 0;
  unsigned reasons = 0;
};

Pass measure(const std::function<void(Pass&)>& run) {
  Pass pass;
  const double cpu = cpu_s();
  const double from = now_s();
  run(pass);
  pass.wall_ms = (now_s() - from) * 1e3;
  pass.cpu_us = (cpu_s() - cpu) * 1e6 / pass.questions;
  return pass;
}

dnsbl::List list(unsigned number) {
  dnsbl::List made;
  made.name = "list" + std::to_string(number);
  made.zone = *Name::parse(made.name + ".example");
  made.kinds = {ListKind::ipv4};
  made.codes = {{*dnsbl::CodePattern::parse("127.0.0.2"), "spam source", {}, false}};
  made.weight = 0.5;
  made.tests[ListKind::ipv4] = dnsbl::rfc5782_points(ListKind::ipv4);
  return made;
}

std::vector<dnsbl::List> all_lists() {
  std::vector<dnsbl::List> all;
  for (unsigned number = 0; number < kLists; ++number) all.push_back(list(number));
  return all;
}

Address address(unsigned last) {
  const std::array<std::uint8_t, 4> bytes{192, 0, 2, static_cast<std::uint8_t>(last)};
  return Address::v4(bytes);
}

std::vector<std::string> asked_names(const std::vector<dnsbl::List>& lists) {
  std::vector<std::string> names;
  for (const dnsbl::List& one : lists)
    for (unsigned last = 0; last < kAddresses; ++last) names.push_back(dnsbl::query_name(one, address(last))->str());
  return names;
}

// --- through the resolver ---

net::awaitable<void> look_up(net::Resolver& resolver, const dnsbl::List& list, Address who, Pass& pass) {
  const Name name = *dnsbl::query_name(list, who);
  Name asked = name;
  const probes::ListingAnswer answer =
      co_await probes::look_up_listing(resolver, list, std::move(asked), Duration::zero());
  if (answer.reading.kind != dnsbl::Reading::Kind::listed) co_return;
  ++pass.listed;
  Name again = name;
  const std::string reason = co_await probes::look_up_reason(resolver, list, std::move(again));
  if (!reason.empty()) ++pass.reasons;
}

void run_resolver(const LateDns& server, const std::vector<dnsbl::List>& lists, Pass& pass) {
  const std::uint64_t before = server.questions();
  net::asio::io_context io{1};
  net::Resolver resolver(io, {.servers = {server.peer()}, .cache = {}});
  unsigned left = kLookups;
  for (const dnsbl::List& one : lists)
    for (unsigned last = 0; last < kAddresses; ++last)
      net::asio::co_spawn(io.get_executor(), look_up(resolver, one, address(last), pass),
                          [&left](const std::exception_ptr&) { --left; });
  while (left > 0) io.run_one();
  pass.questions = static_cast<unsigned>(server.questions() - before);
}

// --- through the watch ---

class Watched final : private watch::ListWatch::Host {
 public:
  Watched(const LateDns& server, Duration interval) : server_(server) {
    config::Config config;
    config.resolvers = {server.peer()};
    config.dnsbl.interval = interval;
    config.dnsbl.lists = all_lists();
    for (unsigned last = 0; last < kAddresses; ++last) config.dnsbl.addresses.push_back({address(last), 32});
    auto trust = std::get<tls::TrustStore>(tls::TrustStore::load(""));
    generation_ = std::make_shared<net::Generation>(loop_, std::move(config), std::move(trust));
  }

  void run(Pass& pass) {
    const std::uint64_t before = server_.questions();
    watch_.use(generation_);
    const double limit = now_s() + 60;
    while (states_.size() < kLookups || settled_ < kLookups || listed_ < kReasons) {
      io_.run_one();
      if (now_s() > limit) throw std::runtime_error("the watch did not come to an end");
    }
    watch_.stop();
    while (watch_.in_flight() > 0) io_.run_one();
    pass.questions = static_cast<unsigned>(server_.questions() - before);
    pass.listed = listed_;
    pass.reasons = reasons_;
  }

 private:
  void lists_idle() override {}
  void lists_changed() override {
    Feed feed;
    watch_.feed(feed);
    for (const Record& record : feed.changed)
      if (const auto* listing = std::get_if<std::shared_ptr<const ListingRecord>>(&record)) note(**listing);
  }
  // A clean bill counts when it should come, so that a first sight is not taken for the end.
  void note(const ListingRecord& record) {
    const auto [known, is_new] = states_.emplace(record.key, record.state);
    const ListingState before = is_new ? ListingState::unknown : std::exchange(known->second, record.state);
    settled_ += (record.state != ListingState::unknown) - (before != ListingState::unknown);
    listed_ += (record.state == ListingState::listed) - (before == ListingState::listed);
    if (record.state == ListingState::listed && before != ListingState::listed && !record.reason.empty()) ++reasons_;
  }

  const LateDns& server_;
  net::asio::io_context io_{1};
  net::Loop loop_{io_};
  metrics::Own own_{{}};
  std::shared_ptr<net::Generation> generation_;
  watch::ListWatch watch_{io_, own_, *this};
  std::map<ListingKey, ListingState> states_;
  unsigned settled_ = 0;
  unsigned listed_ = 0;
  unsigned reasons_ = 0;
};

// --- ---

bool is_complete(const Pass& pass) { return pass.listed == kReasons && pass.reasons == kReasons; }

void print(const char* who, const std::vector<Pass>& passes) {
  std::vector<double> wall, cpu, rate;
  for (const Pass& pass : passes) {
    wall.push_back(pass.wall_ms);
    cpu.push_back(pass.cpu_us);
    rate.push_back(pass.questions / pass.wall_ms * 1e3);
  }
  std::printf("%-9s %5u questions   %8.1f ms [%.1f..%.1f]   %7.0f lookups/s   CPU %5.1f us a question [%.1f..%.1f]\n",
              who, passes.front().questions, quantile(wall, 0.5), quantile(wall, 0), quantile(wall, 1),
              quantile(rate, 0.5), quantile(cpu, 0.5), quantile(cpu, 0), quantile(cpu, 1));
}

void print_ratio(const char* what, const std::vector<Pass>& ours, const std::vector<Pass>& bare, double Pass::*value) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i].*value / (bare[i].*value));
  std::printf("ratio of %s to bare: %.2f [%.2f..%.2f]\n", what, quantile(ratios, 0.5), quantile(ratios, 0),
              quantile(ratios, 1));
}

int compare() {
  const LateDns server(kLate);
  const auto lists = all_lists();
  BareLookups client(server.peer(), asked_names(lists));
  std::vector<Pass> bare, ours, watched;
  bool complete = true;
  for (int round = 0; round <= kRounds; ++round) {
    const Pass b = measure([&](Pass& pass) {
      const BareLookups::Found found = client.run();
      pass.questions = found.questions;
      pass.listed = found.listed;
      pass.reasons = found.reasons;
    });
    const Pass o = measure([&](Pass& pass) { run_resolver(server, lists, pass); });
    complete = complete && is_complete(b) && is_complete(o);
    if (round == 0) continue;  // warms up
    bare.push_back(b);
    ours.push_back(o);
  }
  std::printf("%u addresses on %u lists, every tenth listed, answers after %lld ms, median of %d rounds:\n", kAddresses,
              kLists, static_cast<long long>(kLate.count()), kRounds);
  print("bare", bare);
  print("resolver", ours);
  print_ratio("resolver's CPU", ours, bare, &Pass::cpu_us);
  print_ratio("resolver's wall time", ours, bare, &Pass::wall_ms);
  {
    Watched watch(server, 1s);
    watched.push_back(measure([&](Pass& pass) { watch.run(pass); }));
    complete = complete && is_complete(watched.back());
  }
  std::printf("\nThe whole watch at an interval of 1 s, until every listing is confirmed and has its reason:\n");
  print("watch", watched);
  print_ratio("watch's CPU", watched, bare, &Pass::cpu_us);
  if (!complete) std::printf("\nnot all were found\n");
  return complete ? 0 : 1;
}

}  // namespace
}  // namespace mxhealth::bench

int main() {
  try {
    return mxhealth::bench::compare();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dnsbl_bench: %s\n", error.what());
    return 1;
  }
}
