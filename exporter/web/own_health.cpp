// Reads the exporter's own metrics as a scrape would: they are the one place where it keeps account of itself.
#include "web/own_health.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "web/html.hpp"
#include "web/site.hpp"

namespace mxhealth::web {
namespace {

/// The sum of a family's samples in an exposition; nothing without any.
std::optional<double> value_of(std::string_view exposition, std::string_view family) {
  std::optional<double> sum;
  while (!exposition.empty()) {
    const std::size_t end = std::min(exposition.find('\n'), exposition.size());
    const std::string_view line = exposition.substr(0, end);
    exposition.remove_prefix(std::min(end + 1, exposition.size()));
    if (!line.starts_with(family) || line.size() == family.size()) continue;
    if (line[family.size()] != ' ' && line[family.size()] != '{') continue;
    const std::string number(line.substr(line.rfind(' ') + 1));
    sum = sum.value_or(0) + std::strtod(number.c_str(), nullptr);
  }
  return sum;
}

void say(std::string& html, std::string_view tone, const std::string& text) {
  html += fmt::format("<li class=\"{}\">{}</li>\n", tone, text);
}

void say_egress(std::string& html, const report::Book& book) {
  bool any = false;
  for (const EgressRecord* one : book.egress()) {
    if (!one->up) continue;
    any = true;
    if (!*one->up)
      say(html, "bad", fmt::format("We cannot connect to port {} over {}", one->key.port, label(one->key.family)));
  }
  if (!any) say(html, "quiet", "Egress: nothing has shown yet");
}

}  // namespace

std::string own_health(const Site& site, Wall now) {
  const report::Book& book = site.mirror.book();
  const std::string own = site.callbacks.own_metrics(metrics::Format::text, site.mirror.sheet().series());
  std::string html = "<ul class=\"self\" aria-label=\"The exporter itself\">\n";
  if (site.draining)
    say(html, "warn", "Shutting down");
  else
    say(html, book.ready() ? "good" : "warn", book.ready() ? "Exporter ready" : "Some targets have no result yet");
  if (const auto up = value_of(own, "mxhealth_resolver_up"))
    say(html, *up > 0 ? "good" : "bad", *up > 0 ? "Resolver answers" : "Our resolver answers nothing");
  if (value_of(own, "mxhealth_resolver_rewrites").value_or(0) > 0)
    say(html, "bad", "Our resolver makes up addresses for names that do not exist");
  say_egress(html, book);
  if (const auto queue = value_of(own, "mxhealth_scheduler_queue_length"))
    say(html, *queue > 0 ? "warn" : "quiet", fmt::format("{:.0f} probes wait for a slot", *queue));
  const auto lag = value_of(own, "mxhealth_scheduler_lag_seconds_sum");
  const auto begun = value_of(own, "mxhealth_scheduler_lag_seconds_count");
  if (lag && begun && *begun > 0)
    say(html, *lag / *begun > 1 ? "warn" : "quiet",
        fmt::format("Probes begin {} late on average",
                    milliseconds(Duration(static_cast<std::int64_t>(*lag / *begun * 1e9)))));
  const auto loaded = value_of(own, "mxhealth_config_last_reload_success_timestamp_seconds");
  if (loaded && *loaded > 0)
    say(html, "quiet",
        "Configuration of " + time_element(Wall(std::chrono::seconds(static_cast<std::int64_t>(*loaded))), now));
  if (value_of(own, "mxhealth_config_last_reload_successful").value_or(1) < 1)
    say(html, "bad", "The last reload failed: an older configuration is in use");
  if (const auto dropped = value_of(own, "mxhealth_series_dropped_total"); dropped.value_or(0) > 0)
    say(html, "warn", fmt::format("{:.0f} series dropped for limits", *dropped));
  return html + "</ul>\n";
}

}  // namespace mxhealth::web
