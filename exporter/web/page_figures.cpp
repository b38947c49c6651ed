#include "web/page_figures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "web/html.hpp"

namespace mxhealth::web {
namespace {

constexpr double kWidth = 1440;  // of the strip: a unit is a minute

double minute_of(Wall when, Wall now) {
  const double past = std::chrono::duration<double, std::ratio<60>>(now - when).count();
  return std::clamp(kWidth - past, 0.0, kWidth);
}

/// "24 hours: ok until 13:00 UTC, ..." is too long to hear; what counts is what was not well, and since when.
std::string spoken(const std::deque<report::VerdictChange>& changes, Wall now) {
  std::string text = "Verdicts of the last 24 hours:";
  const std::size_t from = changes.size() > 6 ? changes.size() - 6 : 0;
  for (std::size_t i = from; i < changes.size(); ++i)
    text += fmt::format("{} {} since {}", i == from ? "" : ",", words(changes[i].verdict), ago(changes[i].at, now));
  return text;
}

}  // namespace

std::string verdict_strip(const std::deque<report::VerdictChange>& changes, Wall now) {
  if (changes.empty()) return "<p class=\"quiet\">No verdict yet.</p>\n";
  std::string html = fmt::format(
      "<svg class=\"strip\" viewBox=\"0 0 1440 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">\n",
      escaped(spoken(changes, now)));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const double begin = minute_of(changes[i].at, now);
    const double end = i + 1 < changes.size() ? minute_of(changes[i + 1].at, now) : kWidth;
    if (end <= 0) continue;
    html += fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"0\" width=\"{:.1f}\" height=\"10\"/>\n",
                        tone(changes[i].verdict), std::min(begin, kWidth - 2), std::max(end - begin, 2.0));
  }
  html += "</svg>\n<div class=\"scale\"><span>24 h ago</span><span>12 h</span><span>now</span></div>\n";
  html += fmt::format("<details><summary>{} {}</summary>\n<ul>\n", changes.size(),
                      changes.size() == 1 ? "verdict" : "changes of the verdict");
  for (auto change = changes.rbegin(); change != changes.rend(); ++change)
    html += fmt::format("<li>{}: <span class=\"{}\">{}</span>{}</li>\n", time_element(change->at, now),
                        tone(change->verdict), words(change->verdict),
                        change->cause ? fmt::format(", <code>{}</code>", label(*change->cause)) : std::string());
  return html + "</ul></details>\n";
}

std::string phase_bars(const std::vector<std::pair<Phase, Duration>>& durations) {
  if (durations.empty()) return {};
  Duration longest{1};
  for (const auto& [phase, took] : durations) longest = std::max(longest, took);
  std::string html = "<dl class=\"phases\">\n";
  for (const auto& [phase, took] : durations)
    html += fmt::format(
        "<dt>{}</dt><dd><svg class=\"bar\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        "<rect x=\"0\" y=\"0\" width=\"{:.1f}\" height=\"6\"/></svg></dd><dd>{}</dd>\n",
        label(phase), std::max(0.5, 100 * seconds(took) / seconds(longest)), milliseconds(took));
  return html + "</dl>\n";
}

}  // namespace mxhealth::web
