#include "metrics/own.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "log/event.hpp"
#include "model/cause.hpp"

namespace mxhealth::metrics {
namespace {

using namespace std::chrono_literals;

const Build kBuild{"1.2.3", "abc\"def", "g++ 12"};

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

TEST(Own, starts_with_every_series_at_nought) {
  const std::string text = Own(kBuild).text();
  for (const char* line :
       {"mxhealth_config_last_reload_successful 0", "mxhealth_config_reloads_total 0",
        "mxhealth_config_reload_failures_total 0", "mxhealth_targets{kind=\"domain\"} 0",
        "mxhealth_targets{kind=\"server\"} 0", "mxhealth_targets{kind=\"address\"} 0", "mxhealth_probes_in_flight 0",
        "mxhealth_probes_in_flight_limit 0", "mxhealth_scheduler_queue_length 0",
        "mxhealth_scheduler_lag_seconds_count 0", "mxhealth_scheduler_missed_cycles_total 0",
        "mxhealth_cycle_duration_seconds_count{prober=\"mx\"} 0",
        "mxhealth_cycle_duration_seconds_count{prober=\"smtp\"} 0", "mxhealth_exposition_series 0",
        "mxhealth_series_dropped_total{limit=\"addresses_per_server\"} 0", "mxhealth_resolver_up 1",
        "mxhealth_shard_ordinal 0", "mxhealth_shards 1"}) {
    EXPECT_TRUE(has_line(text, line)) << line;
  }
}

TEST(Own, speaks_of_made_up_answers_only_where_it_knows) {
  Own own(kBuild);
  EXPECT_EQ(own.text().find("mxhealth_resolver_rewrites"), std::string::npos);
  own.resolver_up(false);
  own.resolver_rewrites(true);
  EXPECT_TRUE(has_line(own.text(), "mxhealth_resolver_up 0"));
  EXPECT_TRUE(has_line(own.text(), "mxhealth_resolver_rewrites 1"));
  own.resolver_rewrites(false);
  EXPECT_TRUE(has_line(own.text(), "mxhealth_resolver_rewrites 0"));
  own.resolver_rewrites(std::nullopt);
  EXPECT_EQ(own.text().find("mxhealth_resolver_rewrites"), std::string::npos);
}

TEST(Own, says_what_it_was_told) {
  Own own(kBuild);
  own.reload_succeeded(Wall(1700000000s));
  own.reload_failed();
  own.targets(TargetKind::server, 7);
  own.shard(2, 3);
  own.probes_in_flight(3);
  own.scheduler_lag(20ms);
  own.cycle_duration(Prober::smtp, 2s);
  own.series_dropped(Limit::addresses_per_server, 5);
  own.exposition_series(42);
  const std::string text = own.text();
  for (const char* line :
       {"mxhealth_shard_ordinal 2", "mxhealth_shards 3", "mxhealth_config_last_reload_successful 0",
        "mxhealth_config_last_reload_success_timestamp_seconds 1700000000", "mxhealth_config_reloads_total 2",
        "mxhealth_config_reload_failures_total 1", "mxhealth_targets{kind=\"server\"} 7", "mxhealth_probes_in_flight 3",
        "mxhealth_scheduler_lag_seconds_bucket{le=\"0.025\"} 1", "mxhealth_scheduler_lag_seconds_bucket{le=\"0.01\"} 0",
        "mxhealth_cycle_duration_seconds_sum{prober=\"smtp\"} 2",
        "mxhealth_series_dropped_total{limit=\"addresses_per_server\"} 5", "mxhealth_exposition_series 42"}) {
    EXPECT_TRUE(has_line(text, line)) << line;
  }
}

TEST(Own, holds_the_dictionary_of_causes) {
  const std::string text = Own(kBuild).text();
  EXPECT_TRUE(
      has_line(text, "mxhealth_cause_info{cause=\"connect_refused\",class=\"no_answer\",enhanced_status=\"4.4.1\"} 1"));
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find("\nmxhealth_cause_info{", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, kCauseCount);
}

TEST(Own, counts_log_lines_by_level) {
  Own own(kBuild);
  log::configure(log::Level::error, log::Format::logfmt);
  const auto before = log::written(log::Level::error);
  log::event(log::Level::error, "test_line");
  EXPECT_TRUE(has_line(own.text(), "mxhealth_log_messages_total{level=\"error\"} " + std::to_string(before + 1)));
}

TEST(Own, reads_the_process_from_the_kernel) {
  std::istringstream lines(Own(kBuild).text());
  std::set<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("process_")) continue;
    const auto blank = line.find(' ');
    names.insert(line.substr(0, blank));
    EXPECT_GT(std::stod(line.substr(blank)), 0) << line;
  }
  EXPECT_EQ(names, (std::set<std::string>{"process_cpu_seconds_total", "process_open_fds", "process_max_fds",
                                          "process_virtual_memory_bytes", "process_resident_memory_bytes",
                                          "process_start_time_seconds"}));
}

}  // namespace
}  // namespace mxhealth::metrics
