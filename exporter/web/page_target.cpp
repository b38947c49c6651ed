#include "web/page_target.hpp"

#include <fmt/format.h>

#include "web/html.hpp"
#include "web/page_figures.hpp"
#include "web/page_landing.hpp"
#include "web/page_sessions.hpp"
#include "web/site.hpp"

namespace mxhealth::web {
namespace {

std::string fact(std::string_view name, const std::string& html) {
  return html.empty() ? std::string() : fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, html);
}

std::string yes_no(const std::optional<bool>& value, std::string_view yes, std::string_view no) {
  if (!value) return {};
  return fmt::format("<span class=\"{}\">{}</span>", *value ? "good" : "bad", *value ? yes : no);
}

std::string up_or_down(const std::optional<bool>& up) {
  return up ? yes_no(up, "up", "down") : std::string("<span class=\"quiet\">not known yet</span>");
}

std::string forecasts(const DomainRecord& domain) {
  std::string html;
  for (const Forecast& one : domain.forecasts)
    html += fmt::format("{}{}: {} <code>{}</code>", html.empty() ? "" : "<br>",
                        one.sender == Sender::postfix ? "Postfix" : "Exim", label(one.outcome),
                        escaped(one.enhanced_status));
  return html;
}

std::string mx_set(const std::optional<MxRecord>& mx, Wall now) {
  if (!mx) return {};
  std::string html = mx->held ? "<span class=\"warn\">held: lookups fail</span>" : "looked up";
  if (mx->matches_expected) html += ", " + yes_no(mx->matches_expected, "as expected", "not the set that was expected");
  if (mx->last_change) html += ", changed " + time_element(*mx->last_change, now);
  return html;
}

std::string lists(const std::vector<const ListingRecord*>& listings) {
  std::string listed;
  std::size_t clean = 0;
  for (const ListingRecord* one : listings) {
    if (one->state == ListingState::clean) ++clean;
    if (one->state != ListingState::listed) continue;
    listed += fmt::format("<li><span class=\"{}\">{}</span>", one->allow_list ? "good" : "bad", escaped(one->key.list));
    for (const std::string& meaning : one->meanings) listed += ", " + escaped(meaning);
    if (!one->reason.empty()) listed += ": " + escaped(one->reason);
    listed += "</li>";
  }
  if (listings.empty()) return {};
  std::string html = fmt::format("{} of {} lists say clean", clean, listings.size());
  if (!listed.empty()) html += "<ul>" + listed + "</ul>";
  return html;
}

std::string reverse(const PtrRecord* record) {
  if (record == nullptr) return {};
  std::string html = yes_no(record->valid, "confirmed", "not confirmed");
  for (const Name& name : record->facts.names) html += " " + escaped(name.view());
  for (const PolicyNote& note : record->facts.notes) html += "<br>" + escaped(note.sentence);
  return html;
}

void append_address(std::string& html, const report::AddressView& view, Wall now) {
  const AddressRecord& address = *view.record;
  html += fmt::format("<div class=\"address\">\n<h4>{} <span class=\"quiet\">port {}</span> {}</h4>\n",
                      address.key.peer.address.to_string(), address.key.peer.port, up_or_down(address.up));
  html += "<dl class=\"facts\">";
  if (address.cause)
    html += fact("Cause", fmt::format("<code>{}</code>, side: {}, status {}", label(address.cause->cause),
                                      label(address.cause->side), escaped(address.cause->enhanced_status)));
  if (address.since) html += fact("Since", time_element(*address.since, now));
  if (address.last_probe) html += fact("Last probe", time_element(*address.last_probe, now));
  html += fact("Reverse DNS", reverse(view.reverse)) + fact("Lists", lists(view.listings)) + "</dl>\n";
  html += phase_bars(address.durations);
  if (view.sessions != nullptr) {
    html += certificate_of(*view.sessions, now);
    html += sessions_section(*view.sessions, now);
  }
  html += "</div>\n";
}

std::string tls_facts(const ServerTls& tls, Wall now) {
  std::string html = fact("STARTTLS", yes_no(tls.starttls_advertised, "offered", "not offered"));
  html += fact("Handshake", yes_no(tls.handshake_success, "succeeds", "fails"));
  if (!tls.version.empty()) html += fact("TLS", escaped(tls.version) + ", " + escaped(tls.cipher));
  if (!tls.oldest_version.empty()) html += fact("Oldest TLS accepted", escaped(tls.oldest_version));
  html += fact("Chain", yes_no(tls.chain_ok, "trusted", "not trusted"));
  html += fact("Host name", yes_no(tls.hostname_ok, "in the certificate", "not in the certificate"));
  if (tls.leaf_not_after) html += fact("Certificate until", time_element(*tls.leaf_not_after, now));
  return html;
}

void append_server(std::string& html, const report::ServerView& view, Role role, Wall now) {
  const std::optional<bool> up = view.record != nullptr ? view.record->up : std::nullopt;
  html += fmt::format("<section class=\"server\"><h3>{} <span class=\"quiet\">port {}{}</span> {}</h3>\n",
                      escaped(view.place.key.server.view()), view.place.key.port,
                      role == Role::mx ? fmt::format(", preference {}", view.place.preference) : "", up_or_down(up));
  if (view.record != nullptr) {
    if (const std::string tls = tls_facts(view.record->tls, now); !tls.empty())
      html += "<dl class=\"facts\">" + tls + "</dl>\n";
    for (const Finding finding : view.record->findings)
      html += fmt::format("<p class=\"warn\">{}</p>\n", row(finding).sentence);
  }
  for (const report::AddressView& address : view.addresses) append_address(html, address, now);
  html += "</section>\n";
}

void append_role(std::string& html, const Site& site, const report::RoleView& view, Wall now) {
  const DomainRecord& domain = *view.record;
  html += fmt::format("<section><h2>{}</h2>\n<div class=\"case {}\">{}</div>\n",
                      domain.key.role == Role::mx ? "Incoming mail" : "Submission", tone(domain.verdict),
                      case_text(site, domain, now));
  html += "<h3>Last 24 hours</h3>\n" + verdict_strip(*view.history, now);
  html += "<dl class=\"facts\">" + fact("A sender now", forecasts(domain)) + fact("MX records", mx_set(domain.mx, now));
  if (domain.deferral_probability)
    html += fact("Put off",
                 fmt::format("{:.0f} % of the orders in which hosts can be tried", 100 * *domain.deferral_probability));
  if (domain.last_success) html += fact("Last well", time_element(*domain.last_success, now));
  html += "</dl>\n";
  for (const report::ServerView& server : view.servers) append_server(html, server, domain.key.role, now);
  html += "</section>\n";
}

void append_policy(std::string& html, const PolicyRecord& record) {
  static constexpr std::array<std::string_view, 3> kTones{"bad", "warn", "quiet"};
  const auto valid = is_valid(record.facts);
  html += fmt::format("<h3>{} {}</h3>\n", label(record.key.policy),
                      valid ? yes_no(valid, "valid", "not valid") : "<span class=\"quiet\">not published</span>");
  if (!record.facts.text.empty()) html += "<p><code>" + escaped(record.facts.text) + "</code></p>\n";
  for (const auto* notes : {&record.facts.notes, &record.trouble})
    for (const PolicyNote& note : *notes)
      html += fmt::format("<p class=\"{}\">{}</p>\n", kTones[static_cast<std::size_t>(note.gravity)],
                          escaped(note.sentence));
}

}  // namespace

std::string target_page(const Site& site, const report::TargetView& target, Wall now) {
  std::string html = page_begin(site, target.name.view());
  html += fmt::format("<h1>{}</h1>\n", escaped(target.name.view()));
  for (const report::RoleView& role : target.roles) append_role(html, site, role, now);
  if (!target.policies.empty()) html += "<h2>Policies</h2>\n";
  for (const PolicyRecord* policy : target.policies) append_policy(html, *policy);
  if (const std::string said = lists(target.listings); !said.empty())
    html += "<h2>Lists about the name</h2>\n<p>" + said + "</p>\n";
  html += fmt::format("<p class=\"quiet\"><a href=\"{}/api/v1/targets/{}\">The same as JSON</a></p>\n",
                      escaped(site.base), escaped(target.name.view()));
  return html + page_end(site);
}

}  // namespace mxhealth::web
