// What a scrape of 100,000 series costs the thread that answers it: our pages, prometheus-cpp's serializer, and the
// limit, which is sending one prerendered buffer. All write into the same kind of socket, emptied by a thread that is
// not measured. Ends with the ratios; those of one run count, absolute times depend on the machine.
#include <benchmark/benchmark.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <thread>

#include "metrics/gzip.hpp"
#include "metrics/sheet.hpp"

namespace {

using namespace mxhealth;

constexpr int kServers = 10'000;  // with ten series each
constexpr std::array kPhases{Phase::connect, Phase::banner,   Phase::ehlo, Phase::starttls,
                             Phase::tls,     Phase::ehlo_tls, Phase::quit};

Record address_record(int number, int round) {
  AddressRecord r;
  const std::array<std::uint8_t, 4> octets{192, 0, static_cast<std::uint8_t>(number >> 8),
                                           static_cast<std::uint8_t>(number)};
  r.key = {Name::parse("mx" + std::to_string(number) + ".example.com").value(), {Address::v4(octets), 25}};
  r.up = false;
  r.cause = CauseFound{Cause::connect_refused, "4.4.1", Side::theirs};
  r.last_probe = Wall(std::chrono::milliseconds(1763816400000 + number + round * 60000));
  for (const Phase phase : kPhases) r.durations.emplace_back(phase, Duration(1000003L * (number % 977 + round + 1)));
  return std::make_shared<const AddressRecord>(std::move(r));
}

/// A stream whose far end takes everything away.
class Sink {
 public:
  Sink() {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_.data()) != 0) throw std::runtime_error("socketpair");
    reader_ = std::thread([fd = ends_[1]] {
      std::array<char, 256 * 1024> buffer;
      while (::read(fd, buffer.data(), buffer.size()) > 0) {
      }
    });
  }
  ~Sink() {
    ::close(ends_[0]);
    reader_.join();
    ::close(ends_[1]);
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void send(std::vector<iovec> parts) const {
    constexpr std::size_t kAtOnce = 64;
    for (std::size_t first = 0; first < parts.size();) {
      const auto count = std::min(kAtOnce, parts.size() - first);
      ssize_t sent = ::writev(ends_[0], parts.data() + first, static_cast<int>(count));
      if (sent < 0) throw std::runtime_error("writev");
      while (first < parts.size() && static_cast<std::size_t>(sent) >= parts[first].iov_len) {
        sent -= static_cast<ssize_t>(parts[first++].iov_len);
      }
      if (sent == 0) continue;
      parts[first].iov_base = static_cast<char*>(parts[first].iov_base) + sent;
      parts[first].iov_len -= static_cast<std::size_t>(sent);
    }
  }

 private:
  std::array<int, 2> ends_{};
  std::thread reader_;
};

iovec part(const std::string& text) { return {const_cast<char*>(text.data()), text.size()}; }

metrics::Sheet& sheet() {
  static metrics::Sheet filled;
  if (filled.series() == 0) {
    Feed feed;
    for (int i = 0; i < kServers; ++i) feed.changed.push_back(address_record(i, 0));
    filled.apply(feed);
  }
  return filled;
}

std::string whole_text() {
  std::string text;
  for (const auto& page : sheet().text()) text += page->text();
  return text;
}

/// The same series in prometheus-cpp, read from our text.
std::shared_ptr<prometheus::Registry> registry() {
  auto made = std::make_shared<prometheus::Registry>();
  const std::string text = whole_text();
  for (std::size_t at = 0; at < text.size();) {
    const std::string line = text.substr(at, text.find('\n', at) - at);
    at += line.size() + 1;
    if (line.starts_with('#')) continue;
    const auto open = line.find('{');
    const auto close = line.rfind('}');
    prometheus::Labels labels;
    for (std::size_t i = open + 1; i < close;) {
      const auto equals = line.find('=', i);
      const auto quote = line.find('"', equals + 2);
      labels[line.substr(i, equals - i)] = line.substr(equals + 2, quote - equals - 2);
      i = quote + 2;
    }
    prometheus::BuildGauge()
        .Name(line.substr(0, open))
        .Help("h")
        .Register(*made)
        .Add(labels)
        .Set(std::stod(line.substr(close + 2)));
  }
  return made;
}

void scrape_pages(benchmark::State& state) {
  const Sink sink;
  for (auto _ : state) {
    const metrics::Pages pages = sheet().text();
    std::vector<iovec> parts;
    for (const auto& page : pages) parts.push_back(part(page->text()));
    sink.send(std::move(parts));
  }
  state.counters["series"] = static_cast<double>(sheet().series());
}

void scrape_prerendered(benchmark::State& state) {
  const Sink sink;
  const std::string text = whole_text();
  for (auto _ : state) sink.send({part(text)});
}

void scrape_prometheus_cpp(benchmark::State& state) {
  const Sink sink;
  const auto all = registry();
  for (auto _ : state) {
    const std::string text = prometheus::TextSerializer{}.Serialize(all->Collect());
    sink.send({part(text)});
  }
}

/// Everything changed since the last scrape, whose pages somebody still holds: the dearest case.
void apply_all_and_scrape_pages(benchmark::State& state) {
  const Sink sink;
  std::array<Feed, 2> feeds;
  for (int i = 0; i < kServers; ++i) {
    feeds[0].changed.push_back(address_record(i, 1));
    feeds[1].changed.push_back(address_record(i, 2));
  }
  metrics::Pages held = sheet().text();
  std::size_t round = 0;
  for (auto _ : state) {
    sheet().apply(feeds[round++ % 2]);
    held = sheet().text();
    std::vector<iovec> parts;
    for (const auto& page : held) parts.push_back(part(page->text()));
    sink.send(std::move(parts));
  }
}

void pack_unchanged_pages(benchmark::State& state) {
  for (auto _ : state) {
    const metrics::Pages pages = sheet().text();
    std::size_t size = 0;
    for (const auto& page : pages) size += page->deflated().bytes.size();
    size += metrics::gzip_tail(pages).size();
    benchmark::DoNotOptimize(size);
  }
}

void pack_changed_pages(benchmark::State& state) {
  std::size_t size = 0;
  for (auto _ : state) {
    state.PauseTiming();
    metrics::Pages fresh;
    for (const auto& page : sheet().text()) fresh.push_back(std::make_shared<metrics::Page>(page->text()));
    state.ResumeTiming();
    size = 0;
    for (const auto& page : fresh) size += page->deflated().bytes.size();
    size += metrics::gzip_tail(fresh).size();
  }
  state.counters["octets"] = static_cast<double>(size);
}

void pack_by_zlib_at_once(benchmark::State& state) {
  const std::string text = whole_text();
  std::string packed(text.size(), '\0');
  uLongf size = 0;
  for (auto _ : state) {
    size = packed.size();
    ::compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
                text.size(), 6);
  }
  state.counters["octets"] = static_cast<double>(size);
}

BENCHMARK(scrape_prerendered)->Unit(benchmark::kMillisecond);
BENCHMARK(scrape_pages)->Unit(benchmark::kMillisecond);
BENCHMARK(scrape_prometheus_cpp)->Unit(benchmark::kMillisecond);
BENCHMARK(apply_all_and_scrape_pages)->Unit(benchmark::kMillisecond);
BENCHMARK(pack_by_zlib_at_once)->Unit(benchmark::kMillisecond);
BENCHMARK(pack_changed_pages)->Unit(benchmark::kMillisecond);
BENCHMARK(pack_unchanged_pages)->Unit(benchmark::kMillisecond);

/// Prints as usual and keeps the CPU times for the ratios.
class Keeping final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      const double time = run.GetAdjustedCPUTime();
      auto [at, fresh] = times_.try_emplace(run.benchmark_name(), time);
      if (!fresh) at->second = std::min(at->second, time);
    }
  }
  void ratio(const char* what, const char* of) const {
    if (!times_.contains(what) || !times_.contains(of)) return;
    std::printf("%-28s / %-22s = %.2f\n", what, of, times_.at(what) / times_.at(of));
  }

 private:
  std::map<std::string, double> times_;
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  Keeping reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  std::printf("\nCPU of the answering thread, best of the run:\n");
  reporter.ratio("scrape_pages", "scrape_prerendered");
  reporter.ratio("scrape_prometheus_cpp", "scrape_prerendered");
  reporter.ratio("scrape_prometheus_cpp", "scrape_pages");
  reporter.ratio("apply_all_and_scrape_pages", "scrape_prerendered");
  reporter.ratio("pack_changed_pages", "pack_by_zlib_at_once");
  reporter.ratio("pack_unchanged_pages", "pack_by_zlib_at_once");
  return 0;
}
