#include "web/page_landing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "report/words.hpp"
#include "web/html.hpp"
#include "web/own_health.hpp"
#include "web/page_lists.hpp"
#include "web/page_policies.hpp"
#include "web/site.hpp"

namespace mxhealth::web {
namespace {

using Domains = std::vector<const DomainRecord*>;

bool is_well(const DomainRecord& domain) {
  return !domain.verdict || domain.verdict == Verdict::ok || domain.verdict == Verdict::no_mail;
}

bool matches(const DomainRecord& domain, const Filter& filter) {
  if (!filter.verdict.empty() && (!domain.verdict || label(*domain.verdict) != filter.verdict)) return false;
  if (filter.text.empty()) return true;
  std::string wanted(filter.text);
  std::ranges::transform(wanted, wanted.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return domain.key.domain.view().find(wanted) != std::string_view::npos ||
         (domain.cause && label(domain.cause->cause).find(wanted) != std::string_view::npos);
}

/// "2 unreachable  1 degraded  12 ok", each of them a link that shows only those.
std::string tally(const Site& site, const Domains& domains) {
  std::string html = "<ul class=\"tally\">\n";
  std::map<std::optional<Verdict>, std::size_t> counts;
  std::vector<std::optional<Verdict>> order;
  for (const DomainRecord* domain : domains)
    if (++counts[domain->verdict] == 1) order.push_back(domain->verdict);
  for (const auto& verdict : order) {
    const std::string text = fmt::format("<b>{}</b> {}", counts[verdict], words(verdict));
    html += fmt::format("<li class=\"{}\">", tone(verdict));
    html += verdict ? fmt::format("<a class=\"{}\" href=\"{}/?verdict={}\">{}</a>", tone(verdict), escaped(site.base),
                                  label(*verdict), text)
                    : text;
    html += "</li>\n";
  }
  return html + "</ul>\n";
}

std::string form(const Site& site, const Filter& filter) {
  std::string html = fmt::format(
      "<form method=\"get\" action=\"{}/\" role=\"search\">\n<div><label for=\"q\">Domain or cause</label>"
      "<input id=\"q\" name=\"q\" type=\"search\" value=\"{}\"></div>\n<div><label for=\"verdict\">Verdict</label>"
      "<select id=\"verdict\" name=\"verdict\"><option value=\"\">all</option>",
      escaped(site.base), escaped(filter.text));
  for (const std::string_view verdict : kVerdictLabels) {
    std::string text(verdict);
    std::ranges::replace(text, '_', ' ');
    html +=
        fmt::format("<option value=\"{}\"{}>{}</option>", verdict, verdict == filter.verdict ? " selected" : "", text);
  }
  return html + "</select></div>\n<button>Show</button>\n</form>\n";
}

std::string name_of(const Site& site, const DomainRecord& domain) {
  std::string html = target_link(site, domain.key.domain);
  if (domain.key.role == Role::submission) html += " <span class=\"quiet\">submission</span>";
  return html;
}

void append_case(std::string& html, const Site& site, const DomainRecord& domain, Wall now) {
  html += fmt::format("<li class=\"case {}\"><h2>{}</h2>\n{}</li>\n", tone(domain.verdict), name_of(site, domain),
                      case_text(site, domain, now));
}

void append_well(std::string& html, const Site& site, const DomainRecord& domain, Wall now) {
  html += fmt::format("<li><span>{}</span><span class=\"{}\">{}</span><span class=\"quiet\">{}</span></li>\n",
                      name_of(site, domain), tone(domain.verdict), words(domain.verdict),
                      domain.since ? "since " + time_element(*domain.since, now) : std::string());
}

void append_list(std::string& html, std::string_view style, const Domains& domains, const auto& append) {
  if (domains.empty()) return;
  html += fmt::format("<ul class=\"{}\">\n", style);
  for (const DomainRecord* domain : domains) append(*domain);
  html += "</ul>\n";
}

std::string headline(const Domains& all) {
  const auto broken = std::ranges::count_if(all, [](const DomainRecord* d) { return d->reachable == false; });
  const auto trouble = std::ranges::count_if(all, [](const DomainRecord* d) { return !is_well(*d); }) - broken;
  if (all.empty()) return "Nothing is watched";
  if (broken > 0) return fmt::format("{} of {} cannot be delivered to", broken, all.size());
  if (trouble > 0) return fmt::format("Mail gets through; {} of {} need a look", trouble, all.size());
  return "Mail gets through everywhere";
}

}  // namespace

std::string landing_page(const Site& site, const Filter& filter, Wall now) {
  const Domains all = site.mirror.book().domains_worst_first();
  Domains shown;
  std::ranges::copy_if(all, std::back_inserter(shown), [&](const DomainRecord* one) { return matches(*one, filter); });
  std::string html = page_begin(site, headline(all));
  html += own_health(site, now);
  html += "<h1>" + headline(all) + "</h1>\n" + tally(site, all) + form(site, filter);
  if (shown.size() < all.size())
    html += fmt::format("<p class=\"quiet\">{} of {} shown.</p>\n", shown.size(), all.size());
  if (shown.size() > kMaxRows) {
    html += fmt::format("<p class=\"quiet\">Only the first {} are shown; filter to see others.</p>\n", kMaxRows);
    shown.resize(kMaxRows);
  }
  const auto well =
      std::stable_partition(shown.begin(), shown.end(), [](const DomainRecord* d) { return !is_well(*d); });
  append_list(html, "cases", {shown.begin(), well}, [&](const DomainRecord& d) { append_case(html, site, d, now); });
  append_list(html, "well", {well, shown.end()}, [&](const DomainRecord& d) { append_well(html, site, d, now); });
  html += policies_section(site) + lists_section(site);
  return html + page_end(site);
}

std::string case_text(const Site& site, const DomainRecord& domain, Wall now) {
  std::string html =
      fmt::format("<p><span class=\"verdict {}\">{}</span>", tone(domain.verdict), words(domain.verdict));
  if (domain.since) html += " since " + time_element(*domain.since, now);
  html += "</p>\n<p class=\"said\">" + escaped(report::sentence(domain)) + "</p>\n";
  if (!domain.cause) return html;
  const std::string_view cause = label(domain.cause->cause);
  html += fmt::format("<p>Cause: <a href=\"{}/causes/{}\"><code>{}</code></a>, side: {}. {}</p>\n", escaped(site.base),
                      cause, cause, label(domain.cause->side), escaped(report::explanation(domain)));
  const auto checks = report::first_checks(domain);
  if (checks.empty()) return html;
  html += "<p>Look first:</p>\n<ol class=\"checks\">\n";
  for (const std::string& check : checks) html += "<li>" + escaped(check) + "</li>\n";
  html += "</ol>\n";
  return html + fmt::format("<p><a href=\"{}/causes/{}\">Runbook of {}</a></p>\n", escaped(site.base), cause, cause);
}

}  // namespace mxhealth::web
