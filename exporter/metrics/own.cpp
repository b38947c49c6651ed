// Every series is made in the constructor, so that nothing is registered while somebody collects.
#include "metrics/own.hpp"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>

#include "log/event.hpp"
#include "metrics/families.hpp"
#include "metrics/process.hpp"
#include "model/cause.hpp"
#include "model/histogram.hpp"

namespace mxhealth::metrics {
namespace {

using Label = std::pair<std::string, std::string>;

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help,
                         const prometheus::Labels& labels = {}) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
}

prometheus::Counter& counter(prometheus::Registry& registry, const char* name, const char* help,
                             const prometheus::Labels& labels = {}) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add(labels);
}

prometheus::Histogram& histogram(prometheus::Registry& registry, const char* name, const char* help,
                                 const prometheus::Labels& labels = {}) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(
      labels, prometheus::Histogram::BucketBoundaries(Histogram::kEdges.begin(), Histogram::kEdges.end()));
}

prometheus::MetricFamily family(const char* name, const char* help, prometheus::MetricType type) {
  prometheus::MetricFamily made;
  made.name = name;
  made.help = help;
  made.type = type;
  return made;
}

void add(prometheus::MetricFamily& family, double value, std::vector<prometheus::ClientMetric::Label> labels = {}) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  (family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  family.metric.push_back(std::move(metric));
}

/// What others count, the log's lines and the kernel's facts about this process, and what is not always known.
class Read final : public prometheus::Collectable {
 public:
  std::atomic<int> rewrites = kUnknown;
  static constexpr int kUnknown = -1;

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<prometheus::MetricFamily> families;
    families.push_back(log_lines());
    families.push_back(family("mxhealth_log_messages_dropped_total", "Log lines that nobody took from stderr.",
                              prometheus::MetricType::Counter));
    add(families.back(), static_cast<double>(log::dropped()));
    if (const int known = rewrites; known != kUnknown) {
      families.push_back(family("mxhealth_resolver_rewrites",
                                "1 while our resolver makes up addresses for names that do not exist.",
                                prometheus::MetricType::Gauge));
      add(families.back(), known);
    }
    add_process(families);
    return families;
  }

 private:
  static prometheus::MetricFamily log_lines() {
    auto lines = family("mxhealth_log_messages_total", "Log lines by level.", prometheus::MetricType::Counter);
    for (std::size_t i = 0; i < log::kLevelCount; ++i) {
      const auto level = static_cast<log::Level>(i);
      add(lines, static_cast<double>(log::written(level)), {{"level", std::string(log::label(level))}});
    }
    return lines;
  }

  static void add_process(std::vector<prometheus::MetricFamily>& families) {
    const ProcessFacts facts = read_process();
    const auto put = [&](const char* name, const char* help, std::optional<double> value,
                         prometheus::MetricType type = prometheus::MetricType::Gauge) {
      if (!value) return;
      families.push_back(family(name, help, type));
      add(families.back(), *value);
    };
    put("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", facts.cpu_seconds,
        prometheus::MetricType::Counter);
    put("process_open_fds", "Number of open file descriptors.", facts.open_fds);
    put("process_max_fds", "Maximum number of open file descriptors.", facts.max_fds);
    put("process_virtual_memory_bytes", "Virtual memory size in bytes.", facts.virtual_bytes);
    put("process_resident_memory_bytes", "Resident memory size in bytes.", facts.resident_bytes);
    put("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", facts.start_time);
  }
};

void add_dictionary(prometheus::Registry& registry, const Build& build) {
  gauge(registry, "mxhealth_build_info", "Version of this exporter; always 1.",
        {{"version", build.version}, {"revision", build.revision}, {"compiler", build.compiler}})
      .Set(1);
  auto& dictionary =
      prometheus::BuildGauge()
          .Name("mxhealth_cause_info")
          .Help("Dictionary of causes: class, and the enhanced status where the server said none; always 1.")
          .Register(registry);
  for (const CauseRow& cause : causes()) {
    dictionary
        .Add({{"cause", std::string(cause.label)},
              {"class", std::string(label(cause.cause_class))},
              {"enhanced_status", std::string(cause.enhanced_status)}})
        .Set(1);
  }
}

constexpr const char* kTargetsHelp = "Configured and discovered things that are probed, by kind.";
constexpr const char* kCycleHelp = "Duration of one probe from its begin to its end, by prober.";
constexpr const char* kDroppedHelp = "Series left out because a cap was reached, by cap.";

}  // namespace

struct Own::Families {
  prometheus::Registry registry;
  std::shared_ptr<Read> read = std::make_shared<Read>();

  prometheus::Gauge& reload_ok =
      gauge(registry, "mxhealth_config_last_reload_successful", "1 if the last load of the configuration succeeded.");
  prometheus::Gauge& reload_time = gauge(registry, "mxhealth_config_last_reload_success_timestamp_seconds",
                                         "When the configuration was last loaded with success.");
  prometheus::Counter& reloads =
      counter(registry, "mxhealth_config_reloads_total", "Loads of the configuration that were tried.");
  prometheus::Counter& reload_failures =
      counter(registry, "mxhealth_config_reload_failures_total", "Loads of the configuration that failed.");
  prometheus::Gauge& shard_ordinal =
      gauge(registry, "mxhealth_shard_ordinal", "Which of the shards this exporter is, from 0.");
  prometheus::Gauge& shards =
      gauge(registry, "mxhealth_shards", "Among how many exporters the targets are shared out.");
  std::array<prometheus::Gauge*, 4> targets{
      &gauge(registry, "mxhealth_targets", kTargetsHelp, {{"kind", "domain"}}),
      &gauge(registry, "mxhealth_targets", kTargetsHelp, {{"kind", "server"}}),
      &gauge(registry, "mxhealth_targets", kTargetsHelp, {{"kind", "address"}}),
      &gauge(registry, "mxhealth_targets", kTargetsHelp, {{"kind", "dnsbl_pair"}})};
  prometheus::Gauge& in_flight = gauge(registry, "mxhealth_probes_in_flight", "Probes under way.");
  prometheus::Gauge& in_flight_limit =
      gauge(registry, "mxhealth_probes_in_flight_limit", "How many probes may be under way at once.");
  prometheus::Gauge& queue =
      gauge(registry, "mxhealth_scheduler_queue_length", "Probes that are due and wait for a slot.");
  prometheus::Histogram& lag = histogram(registry, "mxhealth_scheduler_lag_seconds",
                                         "Time from the instant a probe was due to the one it began.");
  prometheus::Counter& missed = counter(registry, "mxhealth_scheduler_missed_cycles_total",
                                        "Probes left out because the one before was not begun or not over.");
  std::array<prometheus::Histogram*, 2> cycles{
      &histogram(registry, "mxhealth_cycle_duration_seconds", kCycleHelp, {{"prober", "mx"}}),
      &histogram(registry, "mxhealth_cycle_duration_seconds", kCycleHelp, {{"prober", "smtp"}})};
  prometheus::Gauge& resolver_up =
      gauge(registry, "mxhealth_resolver_up", "0 while our resolver answers nothing at all: our side.");
  prometheus::Gauge& series = gauge(registry, "mxhealth_exposition_series", "Series about targets in this exposition.");
  std::array<prometheus::Counter*, 4> series_dropped{
      &counter(registry, "mxhealth_series_dropped_total", kDroppedHelp, {{"limit", "addresses_per_server"}}),
      &counter(registry, "mxhealth_series_dropped_total", kDroppedHelp, {{"limit", "servers_per_domain"}}),
      &counter(registry, "mxhealth_series_dropped_total", kDroppedHelp, {{"limit", "dnsbl_subjects"}}),
      &counter(registry, "mxhealth_series_dropped_total", kDroppedHelp, {{"limit", "dnsbl_listings"}})};
};

Own::Own(const Build& build) : families_(std::make_unique<Families>()) {
  add_dictionary(families_->registry, build);
  resolver_up(true);
  shard(0, 1);
}
Own::~Own() = default;

void Own::reload_succeeded(Wall at) {
  families_->reloads.Increment();
  families_->reload_ok.Set(1);
  families_->reload_time.Set(unix_seconds(at));
}

void Own::reload_failed() {
  families_->reloads.Increment();
  families_->reload_failures.Increment();
  families_->reload_ok.Set(0);
}

void Own::shard(std::size_t ordinal, std::size_t shards) {
  families_->shard_ordinal.Set(static_cast<double>(ordinal));
  families_->shards.Set(static_cast<double>(shards));
}

void Own::targets(TargetKind kind, std::size_t count) {
  families_->targets[static_cast<std::size_t>(kind)]->Set(static_cast<double>(count));
}
void Own::probes_in_flight(std::size_t count) { families_->in_flight.Set(static_cast<double>(count)); }
void Own::probes_in_flight_limit(std::size_t count) { families_->in_flight_limit.Set(static_cast<double>(count)); }
void Own::queue_length(std::size_t count) { families_->queue.Set(static_cast<double>(count)); }
void Own::scheduler_lag(Duration lag) { families_->lag.Observe(seconds(lag)); }
void Own::missed_cycle() { families_->missed.Increment(); }
void Own::cycle_duration(Prober prober, Duration d) {
  families_->cycles[static_cast<std::size_t>(prober)]->Observe(seconds(d));
}
void Own::resolver_up(bool up) { families_->resolver_up.Set(up ? 1 : 0); }
void Own::resolver_rewrites(std::optional<bool> found) {
  families_->read->rewrites = found ? static_cast<int>(*found) : Read::kUnknown;
}
void Own::series_dropped(Limit limit, std::uint64_t count) {
  families_->series_dropped[static_cast<std::size_t>(limit)]->Increment(static_cast<double>(count));
}
void Own::exposition_series(std::size_t count) { families_->series.Set(static_cast<double>(count)); }

std::string Own::text(Format format) const {
  auto collected = families_->registry.Collect();
  auto read = families_->read->Collect();
  collected.insert(collected.end(), std::make_move_iterator(read.begin()), std::make_move_iterator(read.end()));
  return text_of(collected, format);
}

}  // namespace mxhealth::metrics
