#include "web/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "web/site.hpp"

namespace mxhealth::web {
namespace {

std::string formatted(Wall when, const char* how) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), how, &parts)};
}

std::string span(double seconds) {
  if (seconds < 90) return fmt::format("{:.0f} s", seconds);
  if (seconds < 90 * 60) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{:.0f} h", seconds / 3600);
  return fmt::format("{:.0f} days", seconds / 86400);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string date(Wall when) { return formatted(when, "%Y-%m-%d %H:%M UTC"); }

std::string ago(Wall when, Wall now) {
  const double past = std::chrono::duration<double>(now - when).count();
  return past >= 0 ? span(past) + " ago" : "in " + span(-past);
}

std::string time_element(Wall when, Wall now) {
  return fmt::format("<time datetime=\"{}\">{} <span class=\"quiet\">({})</span></time>",
                     formatted(when, "%Y-%m-%dT%H:%M:%SZ"), date(when), ago(when, now));
}

std::string milliseconds(Duration took) {
  const double ms = seconds(took) * 1000;
  if (ms < 10) return fmt::format("{:.1f} ms", ms);
  if (ms < 1000) return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.1f} s", ms / 1000);
}

std::string words(const std::optional<Verdict>& verdict) {
  if (!verdict) return "not probed yet";
  std::string text(label(*verdict));
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string_view tone(const std::optional<Verdict>& verdict) {
  if (!verdict) return "quiet";
  switch (*verdict) {
    case Verdict::ok: return "good";
    case Verdict::no_mail: return "quiet";
    case Verdict::degraded:
    case Verdict::at_risk:
    case Verdict::undetermined: return "warn";
    case Verdict::unreachable:
    case Verdict::tempfail:
    case Verdict::rejecting: return "bad";
  }
  return "quiet";
}

std::string target_link(const Site& site, const DomainName& name) {
  return fmt::format("<a href=\"{}/targets/{}\">{}</a>", escaped(site.base), escaped(name.view()),
                     escaped(name.view()));
}

std::string page_begin(const Site& site, std::string_view title) {
  const std::string base = escaped(site.base);
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  html += fmt::format("<title>{}</title>\n<link rel=\"stylesheet\" href=\"{}/style.css\">\n", escaped(title), base);
  html += "<link rel=\"icon\" href=\"data:,\"></head>\n<body>\n<header class=\"top\">";
  html += fmt::format("<a class=\"home\" href=\"{}/\">Mail health</a>\n<nav aria-label=\"Elsewhere\">", base);
  html += fmt::format("<a href=\"{}\">Metrics</a> <a href=\"{}/api/v1/status\">JSON</a></nav></header>\n<main>\n",
                      base + escaped(site.telemetry), base);
  return html;
}

std::string page_end(const Site& site) {
  return fmt::format("</main>\n<footer>mxhealth_exporter {}. Times are UTC.</footer>\n</body></html>\n",
                     escaped(site.version));
}

}  // namespace mxhealth::web
