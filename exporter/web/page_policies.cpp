#include "web/page_policies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "web/html.hpp"
#include "web/site.hpp"

namespace mxhealth::web {
namespace {

std::string first_sentence(const std::vector<PolicyNote>& notes) {
  return notes.empty() ? std::string() : escaped(notes.front().sentence);
}

/// Those of our own domains first, else by name.
std::vector<const PolicyRecord*> broken_policies(const report::Book& book) {
  std::set<DomainName> own;
  for (const DomainRecord* domain : book.domains_worst_first())
    if (domain->own) own.insert(domain->key.domain);
  std::vector<const PolicyRecord*> broken = book.policies();
  std::erase_if(broken, [](const PolicyRecord* r) { return is_valid(r->facts) != false; });
  std::ranges::stable_partition(broken, [&own](const PolicyRecord* r) { return own.contains(r->key.domain); });
  return broken;
}

/// Of the addresses that the configuration names: those of mail hosts are shown with their hosts.
std::vector<const PtrRecord*> nameless_senders(const report::Book& book) {
  std::vector<const PtrRecord*> nameless = book.reverse_dns();
  std::erase_if(nameless, [](const PtrRecord* r) { return r->source != PtrSource::configured || r->valid != false; });
  return nameless;
}

}  // namespace

std::string policies_section(const Site& site) {
  const report::Book& book = site.mirror.book();
  if (book.policies().empty() && book.reverse_dns().empty()) return {};
  std::vector<std::string> rows;
  for (const PtrRecord* one : nameless_senders(book))
    rows.push_back(fmt::format("<tr><td>{}</td><td class=\"bad\">reverse DNS</td><td>{}</td></tr>\n",
                               one->key.address.to_string(), first_sentence(one->facts.notes)));
  for (const PolicyRecord* one : broken_policies(book))
    rows.push_back(
        fmt::format("<tr><td><a href=\"{}/targets/{}\">{}</a></td><td class=\"bad\">{}</td><td>{}</td></tr>\n",
                    escaped(site.base), escaped(one->key.domain.view()), escaped(one->key.domain.view()),
                    label(one->key.policy), first_sentence(one->facts.notes)));
  std::string html = "<h2>Policies and sender identity</h2>\n";
  if (rows.empty()) return html + "<p>Whatever is published can be used.</p>\n";
  html += fmt::format("<table><caption>{} that receivers cannot use{}</caption>\n", rows.size(),
                      rows.size() > kMaxPolicyRows ? fmt::format("; only the first {}", kMaxPolicyRows) : "");
  html += "<thead><tr><th>Whose</th><th>What</th><th>Fault</th></tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < rows.size() && i < kMaxPolicyRows; ++i) html += rows[i];
  return html + "</tbody></table>\n";
}

}  // namespace mxhealth::web
