// The exporter's metrics about itself, on prometheus-cpp: few series, all made at start. Series about targets never
// pass here; they live in the sheet. Every member may be called from every thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "metrics/writer.hpp"
#include "model/time.hpp"

namespace mxhealth::metrics {

struct Build {
  std::string version;
  std::string revision;
  std::string compiler;
};

enum class TargetKind : std::uint8_t { domain, server, address, dnsbl_pair };
enum class Prober : std::uint8_t { mx, smtp };

/// The caps that make series disappear.
enum class Limit : std::uint8_t { addresses_per_server, servers_per_domain, dnsbl_subjects, dnsbl_listings };

class Own {
 public:
  explicit Own(const Build&);
  ~Own();
  Own(const Own&) = delete;
  Own& operator=(const Own&) = delete;

  void reload_succeeded(
      Wall at);  ///< the load at start as well, which is no reload: config_reloads_total counts later ones
  void reload_failed();

  void shard(std::size_t ordinal, std::size_t shards);  ///< 0 of 1 unless told
  void targets(TargetKind, std::size_t count);
  void probes_in_flight(std::size_t count);
  void probes_in_flight_limit(std::size_t count);
  void queue_length(std::size_t count);
  void scheduler_lag(Duration);  ///< from the instant a probe was due to the one it began
  void missed_cycle();
  void cycle_duration(Prober, Duration);  ///< one probe, from begin to end
  void resolver_up(bool);
  void resolver_rewrites(std::optional<bool>);  ///< none: not known, no series
  void series_dropped(Limit, std::uint64_t count = 1);
  void exposition_series(std::size_t count);  ///< set by the web server at each scrape

  /// process_* included; without the end of the format.
  std::string text(Format format = Format::text) const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace mxhealth::metrics
