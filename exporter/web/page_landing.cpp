#include "web/page_landing.hpp"

#include <array>
#include <ctime>

#include "report/words.hpp"
#include "web/page_lists.hpp"
#include "web/site.hpp"

namespace mxhealth::web {
namespace {

constexpr std::string_view kStyle =
    R"(:root{color-scheme:light dark;--bad:#b3261e;--warn:#8a5a00;--good:#1b6e3c;--quiet:#666;--line:#ccc}
@media (prefers-color-scheme:dark){:root{--bad:#ff8a80;--warn:#ffca5f;--good:#7ddc9c;--quiet:#aaa;--line:#444}}
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem;margin:0}
h2{font-size:1.2rem;margin:1.5rem 0 .3rem}
nav a{margin-right:1rem}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--quiet);padding:.5rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .8rem .4rem 0;border-top:1px solid var(--line)}
td:first-child{overflow-wrap:anywhere;font-weight:600}
.unreachable,.rejecting,.tempfail{color:var(--bad)}
.at_risk,.degraded,.undetermined{color:var(--warn)}
.ok{color:var(--good)}
.quiet{color:var(--quiet)}
ul{margin:.3rem 0;padding-left:1.2rem}
@media (max-width:45rem){thead{display:none}tr{display:block;border-top:1px solid var(--line);padding:.5rem 0}
td{display:block;border:0;padding:0}}
)";

/// 2026-11-22 13:00:00 UTC
std::string date(Wall when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return {text.data(), size};
}

void append_checks(std::string& html, const DomainRecord& domain) {
  const auto checks = report::first_checks(domain);
  if (checks.empty()) return;
  html.append("<br>").append(escaped(report::explanation(domain))).append(" First checks:<ul>");
  for (const std::string& check : checks) html.append("<li>").append(escaped(check)).append("</li>");
  html += "</ul>";
}

void append_row(std::string& html, const DomainRecord& domain) {
  const std::string verdict(domain.verdict ? label(*domain.verdict) : "waiting");
  html.append("<tr><td>").append(escaped(domain.key.domain.view()));
  if (domain.key.role == Role::submission) html += " <span class=\"quiet\">submission</span>";
  html.append("</td><td class=\"").append(verdict).append("\">").append(verdict).append("</td><td>");
  if (domain.cause) html += escaped(label(domain.cause->cause));
  html += "</td><td>";
  if (domain.cause) html += label(domain.cause->side);
  html += "</td><td>";
  if (domain.since) html.append("<time>").append(date(*domain.since)).append("</time>");
  html.append("</td><td>").append(escaped(report::sentence(domain)));
  append_checks(html, domain);
  html += "</td></tr>\n";
}

void append_table(std::string& html, const Site& site) {
  const auto domains = site.mirror.book().domains_worst_first();
  html += "<table><caption>";
  html.append(std::to_string(domains.size())).append(domains.size() == 1 ? " entry" : " entries");
  html += ", the worst first";
  if (domains.size() > kMaxRows) html.append("; only the first ").append(std::to_string(kMaxRows)).append(" are shown");
  html += "</caption>\n<thead><tr><th>Domain</th><th>Verdict</th><th>Cause</th><th>Side</th><th>Since</th>";
  html += "<th>What it means</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < domains.size() && i < kMaxRows; ++i) append_row(html, *domains[i]);
  html += "</tbody></table>\n";
}

}  // namespace

std::string landing_page(const Site& site) {
  const std::string base = escaped(site.base);
  std::string html;
  html += "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>mxhealth_exporter</title>\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  html.append("<link rel=\"stylesheet\" href=\"").append(base).append("/style.css\"></head>\n<body>\n");
  html.append("<header><h1>mxhealth_exporter <span class=\"quiet\">").append(escaped(site.version));
  html +=
      "</span></h1>\n<p>Can the world deliver mail to these domains right now; if not, why, and whose side is it "
      "on?</p>\n";
  html.append("<nav><a href=\"").append(base + escaped(site.telemetry)).append("\">Metrics</a>");
  html.append("<a href=\"").append(base).append("/-/healthy\">Healthy</a>");
  html.append("<a href=\"").append(base).append("/-/ready\">Ready</a></nav></header>\n<main>\n");
  append_table(html, site);
  html += lists_section(site);
  html += "</main></body></html>\n";
  return html;
}

std::string_view style_sheet() { return kStyle; }

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

}  // namespace mxhealth::web
