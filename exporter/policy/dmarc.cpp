#include "policy/dmarc.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "model/transcript.hpp"
#include "policy/dmarc_reports.hpp"
#include "policy/published.hpp"
#include "policy/tag_list.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::string_view kVersion = "DMARC1";
constexpr std::array<std::string_view, 3> kPolicies{"none", "quarantine", "reject"};  // the weakest first
constexpr std::size_t kMaxShown = 40;

bool is_dmarc(std::string_view text) { return has_version(text, kVersion); }
bool looks_like_dmarc(std::string_view text) { return looks_like_version(text, kVersion); }

/// How strong a policy is, if it is one.
std::optional<std::size_t> strength(const std::string* value) {
  if (value == nullptr) return std::nullopt;
  const auto known = std::ranges::find(kPolicies, lower_case(*value));
  if (known == kPolicies.end()) return std::nullopt;
  return static_cast<std::size_t>(known - kPolicies.begin());
}

class Judging {
 public:
  Judging(const Name& domain, const DmarcFound& found) : domain_(domain), found_(found) {}
  void run(const TagList& tags);
  std::vector<PolicyNote> notes;

 private:
  void policies(const TagList& tags);
  void percentage(const std::string& value);
  void alignment(const TagList& tags);
  void failure_options(const std::string& value);
  void others(const TagList& tags);
  void tell(Gravity gravity, std::string sentence) { notes.push_back({gravity, std::move(sentence)}); }

  const Name& domain_;
  const DmarcFound& found_;
};

void Judging::run(const TagList& tags) {
  for (const std::string& fault : tags.faults)
    tell(Gravity::risky, fmt::format("Syntax error: {}; some receivers ignore the whole record: correct it.", fault));
  policies(tags);
  if (const std::string* pct = tags.find("pct")) percentage(*pct);
  alignment(tags);
  if (const std::string* fo = tags.find("fo")) failure_options(*fo);
  others(tags);
  if (found_.at != domain_)
    tell(Gravity::note,
         fmt::format("{} has no DMARC record of its own; that of {} counts for it.", domain_.view(), found_.at.view()));
}

void Judging::policies(const TagList& tags) {
  const std::string* p = tags.find("p");
  const std::string* sp = tags.find("sp");
  const auto own = strength(p);
  const auto below = strength(sp);
  if (!own)
    tell(Gravity::broken,
         p == nullptr ? "Tag p is missing, without which the record asks for nothing: add p=none, p=quarantine or "
                        "p=reject."
                      : fmt::format("p={} is no policy, so the record asks for nothing: write none, quarantine or "
                                    "reject.",
                                    printable(*p, kMaxShown)));
  else if (tags.tags.size() > 1 && tags.tags[1].name != "p")
    tell(Gravity::note,
         "Tag p does not follow v=DMARC1 at once, as RFC 7489 section 6.4 wants it: move it there for old "
         "receivers.");
  if (sp != nullptr && !below)
    tell(Gravity::broken,
         fmt::format("sp={} is no policy and may make receivers ignore the record: write none, quarantine "
                     "or reject, or take it out.",
                     printable(*sp, kMaxShown)));
  const std::string* np = tags.find("np");
  if (np != nullptr && !strength(np))
    tell(Gravity::risky,
         fmt::format("np={} is no policy: write none, quarantine or reject.", printable(*np, kMaxShown)));
  if (own && below && *below < *own)
    tell(Gravity::risky,
         fmt::format("sp={} leaves subdomains less protected than p={} the domain: forgers use them; take "
                     "sp out unless subdomains still need it.",
                     kPolicies[*below], kPolicies[*own]));
  if (own == 0)
    tell(Gravity::note,
         "p=none only watches: forged mail is delivered; go on to quarantine and reject when the reports "
         "show that your own mail passes.");
}

void Judging::percentage(const std::string& value) {
  unsigned percent = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), percent);
  if (error != std::errc{} || end != value.data() + value.size() || percent > 100)
    return tell(Gravity::risky, fmt::format("pct={} is no number from 0 to 100 and counts as 100: correct it.",
                                            printable(value, kMaxShown)));
  if (percent < 100)
    tell(Gravity::note,
         fmt::format("pct={} asks receivers to apply the policy to a part of the mail; many ignore it and "
                     "DMARCbis drops it: set 100 when the rollout is done.",
                     percent));
}

void Judging::alignment(const TagList& tags) {
  for (const std::string_view name : {"adkim", "aspf"}) {
    const std::string* value = tags.find(name);
    if (value == nullptr) continue;
    const std::string folded = lower_case(*value);
    if (folded != "r" && folded != "s")
      tell(Gravity::risky,
           fmt::format("{}={} is neither r nor s and counts as r: correct it.", name, printable(*value, kMaxShown)));
  }
}

void Judging::failure_options(const std::string& value) {
  for (const std::string& option : split(value, ':'))
    if (option.size() != 1 || std::string_view("01dsDS").find(option[0]) == std::string_view::npos)
      return tell(Gravity::risky,
                  fmt::format("fo={} is no list of 0, 1, d and s: correct it.", printable(value, kMaxShown)));
}

void Judging::others(const TagList& tags) {
  constexpr std::array<std::string_view, 14> kKnown{"v",   "p",  "sp", "pct", "adkim", "aspf", "rua",
                                                    "ruf", "fo", "rf", "ri",  "np",    "psd",  "t"};
  for (const Tag& tag : tags.tags)
    if (std::ranges::find(kKnown, tag.name) == kKnown.end())
      tell(Gravity::note,
           fmt::format("Tag {} is unknown and ignored: look for a slip of the pen.", printable(tag.name, kMaxShown)));
  if (const std::string* t = tags.find("t"); t != nullptr && lower_case(*t) == "y")
    tell(Gravity::note,
         "t=y asks receivers of DMARCbis for one policy weaker than p: take it out when testing is done.");
  const std::string* ri = tags.find("ri");
  if (ri != nullptr && (ri->empty() || !std::ranges::all_of(*ri, [](char c) { return c >= '0' && c <= '9'; })))
    tell(Gravity::note, fmt::format("ri={} is no number of seconds: take it out.", printable(*ri, kMaxShown)));
}

PolicyFacts without_record(const Name& domain, const DmarcFound& found) {
  PolicyFacts facts;
  if (found.meant.empty()) {
    facts.notes.push_back(
        {Gravity::risky, fmt::format("{} publishes no DMARC record, which large receivers ask of senders: "
                                     "publish v=DMARC1; p=none with a rua at _dmarc.{} and read the "
                                     "reports.",
                                     domain.view(), domain.view())});
    return facts;
  }
  facts.present = true;
  facts.mode = "none";
  facts.text = as_published(found.meant, looks_like_dmarc);
  facts.notes.push_back(
      {Gravity::broken, fmt::format("\"{}\" is no DMARC record for receivers, who look for v=DMARC1 in "
                                    "capitals and a semicolon at the very start: correct it.",
                                    printable(found.meant[0], kMaxShown))});
  return facts;
}

}  // namespace

std::optional<DmarcFound> find_dmarc(const Name& domain, RegisteredDomain registered, Answers& answers) {
  DmarcFound found;
  const Name organization = registered(domain).value_or(domain);
  for (const Name& at : {domain, organization}) {
    const auto name = Name::parse("_dmarc." + at.str());
    if (!name) continue;
    const Said* said = answers.find(*name, Ask::txt);
    if (said == nullptr) return std::nullopt;
    found.end = said->end;
    found.at = at;
    if (said->failed()) return found;
    std::ranges::copy_if(said->texts, std::back_inserter(found.records), is_dmarc);
    if (!found.records.empty()) return found;
    if (at == domain) std::ranges::copy_if(said->texts, std::back_inserter(found.meant), looks_like_dmarc);
    if (at == organization) break;
  }
  return found;
}

std::optional<std::string> policy_for(const Name& domain, const DmarcFound& found) {
  if (found.records.size() != 1) return std::nullopt;
  const TagList tags = parse_tags(found.records[0]);
  const std::string* p = tags.find("p");
  const std::string* sp = tags.find("sp");
  if (!strength(p) || (sp != nullptr && !strength(sp))) return std::nullopt;
  return lower_case(found.at != domain && sp != nullptr ? *sp : *p);
}

std::optional<PolicyFacts> judge_dmarc(const Name& domain, RegisteredDomain registered, Answers& answers) {
  const auto found = find_dmarc(domain, registered, answers);
  if (!found) return std::nullopt;
  if (!is_answer(found->end)) return not_looked_up(*Name::parse("_dmarc." + found->at.str()), found->end);
  if (found->records.empty()) return without_record(domain, *found);
  PolicyFacts facts;
  facts.present = true;
  facts.mode = policy_for(domain, *found).value_or("none");
  facts.text = as_published(found->records, is_dmarc);
  if (found->records.size() > 1) {
    facts.notes.push_back(
        {Gravity::broken, fmt::format("_dmarc.{} has {} DMARC records and receivers use none of them: "
                                      "leave one.",
                                      found->at.view(), found->records.size())});
    return facts;
  }
  const TagList tags = parse_tags(found->records[0]);
  Judging judging(domain, *found);
  judging.run(tags);
  if (!note_reports(tags, found->at, registered, answers, judging.notes)) return std::nullopt;
  facts.notes = in_order(std::move(judging.notes));
  return facts;
}

}  // namespace mxhealth::policy
