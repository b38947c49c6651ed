// What a probe costs and how true its durations are, with a thousand hosts of the lab on loopback:
//   CPU      of a probe, as ratio to a bare client that does the same dialogue, in interleaved rounds
//   memory   of a session that waits for a greeting
//   truth    error of the banner phase against the time at which the lab sent the greeting, while 750 sessions in clear
//            and 250 with STARTTLS begin each second
// Sessions alone: look-ups, records and scrapes have no part in it. Ratios of one run count; times depend on the
// machine.
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>

#include "bench/bare_client.hpp"
#include "bench/load_world.hpp"
#include "bench/our_client.hpp"
#include "net/link.hpp"

namespace mxhealth::bench {
namespace {

using namespace std::chrono_literals;
namespace asio = net::asio;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, net::Executor>;

constexpr int kRounds = 7;
constexpr auto kMixFor = 10s;
constexpr int kMixRate = 1000;  // per second, every fourth with STARTTLS

struct Bench {
  LoadWorld world;  // first: it forks
  asio::io_context io{1};
  Ours ours{io, world.ca_file()};
  asio::ssl::context bare_tls{asio::ssl::context::tls_client};
  std::uint64_t failed = 0;

  Bench() {
    bare_tls.load_verify_file(world.ca_file());
    bare_tls.set_verify_mode(asio::ssl::verify_peer);
  }
  void run(const std::function<bool()>& done) {
    io.restart();
    while (!done()) io.run_one();
  }
};

double cpu_us() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& t) { return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec); };
  return us(used.ru_utime) + us(used.ru_stime);
}

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return std::nan("");
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

// --- CPU ---

using Probe = std::function<net::awaitable<bool>(const Host&)>;

struct Cost {
  double cpu_us;
  double per_second;
};

net::awaitable<void> worker(const std::vector<Host>& hosts, const Probe& probe, int& left, int& running,
                            std::uint64_t& failed) {
  while (left > 0) {
    const Host& host = hosts[static_cast<std::size_t>(--left) % hosts.size()];
    const bool complete = co_await probe(host);
    if (!complete) ++failed;
  }
  --running;
}

Cost cost(Bench& bench, const std::vector<Host>& hosts, const Probe& probe, int count, int in_flight) {
  int left = count;
  int running = in_flight;
  const double cpu = cpu_us();
  const double from = now_s();
  for (int i = 0; i < in_flight; ++i)
    asio::co_spawn(bench.io.get_executor(), worker(hosts, probe, left, running, bench.failed), asio::detached);
  bench.run([&] { return running == 0; });
  return {(cpu_us() - cpu) / count, count / (now_s() - from)};
}

net::awaitable<bool> our_probe(Bench& bench, const Host& host, smtp::TlsMode tls) {
  const auto session = bench.ours.session(host, tls);
  co_await session->run();
  co_return session->result().ending == Ending::complete &&
      session->result().tls.has_value() == (tls != smtp::TlsMode::never);
}

net::awaitable<bool> their_probe(Bench& bench, const Host& host, asio::ssl::context* tls) {
  const BareRun run = co_await bare_probe(bench.io, host.peer, tls);
  co_return run.complete;
}

void compare_cost(Bench& bench, bool tls, int count, int in_flight) {
  const auto& hosts = bench.world.hosts(tls ? "prompt_tls" : "prompt");
  const auto mode = tls ? smtp::TlsMode::if_offered : smtp::TlsMode::never;
  asio::ssl::context* const context = tls ? &bench.bare_tls : nullptr;
  const Probe ours = [&](const Host& host) { return our_probe(bench, host, mode); };
  const Probe bare = [&](const Host& host) { return their_probe(bench, host, context); };
  std::vector<double> our_us, bare_us, ratios, rates;
  for (int round = 0; round <= kRounds; ++round) {
    const Cost b = cost(bench, hosts, bare, count, in_flight);
    const Cost o = cost(bench, hosts, ours, count, in_flight);
    if (round == 0) continue;  // warms up
    our_us.push_back(o.cpu_us);
    bare_us.push_back(b.cpu_us);
    ratios.push_back(o.cpu_us / b.cpu_us);
    rates.push_back(o.per_second);
  }
  std::printf("%-8s %4d in flight   ours %6.1f us   bare %6.1f us   ratio %.2f [%.2f..%.2f]   %.0f probes/s\n",
              tls ? "STARTTLS" : "clear", in_flight, quantile(our_us, 0.5), quantile(bare_us, 0.5),
              quantile(ratios, 0.5), quantile(ratios, 0), quantile(ratios, 1), quantile(rates, 0.5));
}

// --- memory ---

double resident_kb() {
  std::ifstream file("/proc/self/statm");
  long pages = 0;
  file >> pages >> pages;
  return static_cast<double>(pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

void waiting_memory(Bench& bench, int count) {
  ::malloc_trim(0);
  const auto& hosts = bench.world.hosts("held");
  const double before = resident_kb();
  std::vector<std::unique_ptr<probes::Session>> sessions;
  int running = count;
  for (int i = 0; i < count; ++i) {
    sessions.push_back(
        bench.ours.session(hosts[static_cast<std::size_t>(i) % hosts.size()], smtp::TlsMode::if_offered));
    asio::co_spawn(bench.io.get_executor(), sessions.back()->run(),
                   [&running](const std::exception_ptr&) { --running; });
  }
  const double settled = now_s() + 3;
  Timer look(bench.io, 3s);
  look.async_wait([](const boost::system::error_code&) {});
  bench.run([&] { return now_s() >= settled; });
  const auto waiting = std::ranges::count_if(
      sessions, [](const auto& session) { return session->result().at(Phase::connect).completed; });
  std::printf("%d sessions wait for a greeting: %.2f KB resident each\n", static_cast<int>(waiting),
              (resident_kb() - before) / count);
  for (const auto& session : sessions) session->drain();
  bench.run([&] { return running == 0; });
}

// --- truth ---

/// Of each banner phase, in ms: as reported, against the time from the start to when the lab said it. On loopback a
/// connection stands when connect() returns.
using Errors = std::vector<double>;

using Wall = std::chrono::system_clock::time_point;

/// The last word of "220 name ESMTP 1763816400000000000".
std::optional<Wall> sent_at(std::string_view greeting) {
  while (!greeting.empty() && std::isspace(static_cast<unsigned char>(greeting.back()))) greeting.remove_suffix(1);
  const std::string_view word = greeting.substr(greeting.rfind(' ') + 1);
  std::int64_t ns = 0;
  if (std::from_chars(word.data(), word.data() + word.size(), ns).ec != std::errc()) return std::nullopt;
  return Wall(std::chrono::nanoseconds(ns));
}

double error_ms(Wall::duration reported, Wall::duration real) {
  return std::abs(std::chrono::duration<double, std::milli>(reported - real).count());
}

net::awaitable<void> our_mixed(Bench& bench, const Host& host, bool tls, Errors& errors, int& running) {
  const auto session = bench.ours.session(host, tls ? smtp::TlsMode::if_offered : smtp::TlsMode::never);
  co_await session->run();
  const SessionRun& run = session->result();
  const auto sent = run.replies.empty() ? std::nullopt : sent_at(run.replies.front().text);
  if (run.ending == Ending::complete && sent) {
    errors.push_back(error_ms(run.at(Phase::banner).duration, *sent - run.started));
  } else {
    ++bench.failed;
  }
  --running;
}

net::awaitable<void> bare_mixed(Bench& bench, const Host& host, bool tls, Errors& errors, int& running) {
  const BareRun run = co_await bare_probe(bench.io, host.peer, tls ? &bench.bare_tls : nullptr);
  const auto sent = sent_at(run.greeting);
  if (run.complete && sent)
    errors.push_back(error_ms(run.banner, *sent - run.begun));
  else
    ++bench.failed;
  --running;
}

using Mixed = net::awaitable<void> (*)(Bench&, const Host&, bool, Errors&, int&);

// Open loop: sessions begin when they are due, however many are under way.
void truth(Bench& bench, const char* who, Mixed probe) {
  Errors errors;
  int running = 0;
  int begun = 0;
  int most = 0;
  const double from = now_s();
  const double cpu = cpu_us();
  const double seconds = std::chrono::duration<double>(kMixFor).count();
  const int all = static_cast<int>(seconds) * kMixRate;
  Timer tick(bench.io);
  std::function<void(const boost::system::error_code&)> begin_due = [&](const boost::system::error_code&) {
    for (; begun < all && begun < (now_s() - from) * kMixRate; ++begun) {
      const bool tls = begun % 4 == 3;
      const auto& hosts = bench.world.hosts(tls ? "late_tls" : "late");
      most = std::max(most, ++running);
      asio::co_spawn(bench.io.get_executor(),
                     probe(bench, hosts[static_cast<std::size_t>(begun) % hosts.size()], tls, errors, running),
                     asio::detached);
    }
    if (begun == all) return;
    tick.expires_after(1ms);
    tick.async_wait(begin_due);
  };
  begin_due({});
  bench.run([&] { return begun == all && running == 0; });
  const double took = now_s() - from;
  std::printf(
      "%-5s %.0f probes/s, at most %d at once, %.0f %% of a core: banner phase off by p50 %.3f ms, p99 %.3f ms, at "
      "most %.3f ms\n",
      who, all / took, most, (cpu_us() - cpu) / took / 1e4, quantile(errors, 0.5), quantile(errors, 0.99),
      quantile(errors, 1));
}

int measure() {
  Bench bench;
  const int keeper [[maybe_unused]] = net::open_stamp_keeper();
  std::printf("CPU per probe, median of %d rounds:\n", kRounds);
  compare_cost(bench, false, 4000, 32);
  compare_cost(bench, false, 4000, 256);
  compare_cost(bench, true, 1000, 32);
  compare_cost(bench, true, 1000, 256);
  std::printf("\nMemory:\n");
  waiting_memory(bench, 2000);
  std::printf("\nTruth, %d sessions a second, every fourth with STARTTLS, greeted after 50 ms:\n", kMixRate);
  truth(bench, "ours", our_mixed);
  truth(bench, "bare", bare_mixed);
  if (bench.failed > 0) std::printf("\n%llu probes failed\n", static_cast<unsigned long long>(bench.failed));
  return bench.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace mxhealth::bench

int main() {
  try {
    return mxhealth::bench::measure();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load_bench: %s\n", error.what());
    return 1;
  }
}
