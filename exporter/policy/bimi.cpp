#include "policy/bimi.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/transcript.hpp"
#include "policy/published.hpp"
#include "policy/tag_list.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::size_t kMaxShown = 60;

using Notes = std::vector<PolicyNote>;

bool is_bimi(std::string_view text) { return has_version(text, "BIMI1"); }
bool looks_like_bimi(std::string_view text) { return looks_like_version(text, "BIMI1"); }
bool is_meant(std::string_view text) { return is_bimi(text) || looks_like_bimi(text); }

bool is_https(const std::string& uri) {
  const std::string folded = lower_case(uri);
  const std::size_t host = std::string_view("https://").size();
  return folded.starts_with("https://") && folded.size() > host && folded[host] != '/' &&
         std::ranges::none_of(uri, [](char c) { return c <= ' ' || c > '~'; });
}

void note_logo(const TagList& tags, Notes& notes) {
  const std::string* l = tags.find("l");
  if (l == nullptr) {
    notes.push_back(
        {Gravity::broken, "Tag l is missing, so there is no logo to show: add l=https://... of an SVG file."});
  } else if (l->empty()) {
    notes.push_back({Gravity::note, "An empty l declines to take part in BIMI: no logo is shown."});
  } else if (!is_https(*l)) {
    notes.push_back({Gravity::broken, fmt::format("l={} is no https address, and clients fetch no other: correct it.",
                                                  printable(*l, kMaxShown))});
  } else if (const std::string path = lower_case(l->substr(0, l->find_first_of("?#")));
             !path.ends_with(".svg") && !path.ends_with(".svgz")) {
    notes.push_back(
        {Gravity::risky, fmt::format("l={} does not end in .svg, and clients show only SVG: check what it leads "
                                     "to.",
                                     printable(*l, kMaxShown))});
  }
  const std::string* a = tags.find("a");
  if (a != nullptr && !a->empty() && *a != "self" && !is_https(*a))
    notes.push_back({Gravity::broken, fmt::format("a={} is no https address of a mark certificate: correct it.",
                                                  printable(*a, kMaxShown))});
  else if ((a == nullptr || a->empty() || *a == "self") && l != nullptr && !l->empty())
    notes.push_back({Gravity::note, "Without a mark certificate (tag a) the large mail services show no logo."});
}

/// The mail that carries a logo has to be protected: quarantine or reject, for all of it.
void note_dmarc(const Name& domain, const DmarcFound& dmarc, Notes& notes) {
  const auto policy = policy_for(domain, dmarc);
  if (!policy || *policy == "none")
    return notes.push_back(
        {Gravity::broken, fmt::format("BIMI needs a DMARC policy of quarantine or reject and {} has {}, so "
                                      "no client shows the logo: strengthen DMARC first.",
                                      domain.view(), policy ? "p=none" : "none that can be used")});
  const TagList tags = parse_tags(dmarc.records[0]);
  if (const std::string* pct = tags.find("pct"); pct != nullptr && *pct != "100" && *policy == "quarantine")
    notes.push_back({Gravity::broken, fmt::format("BIMI needs DMARC for all mail and the record has pct={}: set 100.",
                                                  printable(*pct, kMaxShown))});
  if (const std::string* sp = tags.find("sp"); sp != nullptr && lower_case(*sp) == "none")
    notes.push_back(
        {Gravity::broken, "BIMI needs protected subdomains and the DMARC record has sp=none: take sp out."});
}

}  // namespace

std::optional<PolicyFacts> judge_bimi(const Name& domain, RegisteredDomain registered, Answers& answers) {
  PolicyFacts facts;
  const Name organization = registered(domain).value_or(domain);
  std::vector<std::string> texts;
  for (const Name& at : {domain, organization}) {
    const auto name = Name::parse("default._bimi." + at.str());
    if (!name) continue;
    const Said* said = answers.find(*name, Ask::txt);
    if (said == nullptr) return std::nullopt;
    if (said->failed()) return not_looked_up(*name, said->end);
    std::ranges::copy_if(said->texts, std::back_inserter(texts), is_meant);
    if (!texts.empty() || at == organization) break;
  }
  if (texts.empty()) return facts;
  const auto dmarc = find_dmarc(domain, registered, answers);
  if (!dmarc) return std::nullopt;
  if (!is_answer(dmarc->end)) return not_looked_up(*Name::parse("_dmarc." + dmarc->at.str()), dmarc->end);
  facts.present = true;
  facts.mode = "present";
  facts.text = as_published(texts, is_meant);
  if (texts.size() > 1) {
    facts.notes.push_back(
        {Gravity::broken, fmt::format("There are {} BIMI records and clients use none: leave one.", texts.size())});
  } else if (!is_bimi(texts[0])) {
    facts.notes.push_back(
        {Gravity::broken, "The record must begin with v=BIMI1 in capitals and a semicolon: correct it."});
  } else {
    const TagList tags = parse_tags(texts[0]);
    for (const std::string& fault : tags.faults)
      facts.notes.push_back({Gravity::broken, fmt::format("Syntax error: {}; correct it.", fault)});
    note_logo(tags, facts.notes);
  }
  note_dmarc(domain, *dmarc, facts.notes);
  facts.notes = in_order(std::move(facts.notes));
  return facts;
}

}  // namespace mxhealth::policy
