#include "policy/judge_spf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "model/transcript.hpp"
#include "policy/published.hpp"
#include "policy/spf_check.hpp"
#include "policy/spf_survey.hpp"
#include "policy/spf_terms.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::size_t kAdvisedSize = 450;  // RFC 7208 section 3.4: so that the whole answer fits 512 octets
constexpr std::size_t kOldAnswerSize = 512;

using Notes = std::vector<PolicyNote>;

/// Something that was meant as SPF by whoever wrote it.
bool looks_like_spf(std::string_view text) {
  const std::string_view start = text.substr(0, 12);
  return !is_spf(text) &&
         (start.find("spf1") != std::string_view::npos || start.find("SPF1") != std::string_view::npos);
}

PolicyFacts without_record(const Name& domain, const std::vector<std::string>& texts) {
  PolicyFacts facts;
  const auto meant = std::ranges::find_if(texts, looks_like_spf);
  if (meant == texts.end()) {
    facts.notes.push_back(
        {Gravity::risky, fmt::format("{} publishes no SPF record, so receivers cannot tell its mail from "
                                     "forgeries: publish one, `v=spf1 -all` if it sends no mail.",
                                     domain.view())});
    return facts;
  }
  facts.present = true;
  facts.mode = "none";
  facts.text = as_published(texts, looks_like_spf);
  facts.notes.push_back(
      {Gravity::broken, fmt::format("\"{}\" is no SPF record for receivers, who look for `v=spf1` and a "
                                    "space at the very start: correct it.",
                                    printable(*meant, 40))});
  return facts;
}

void note_size(std::size_t size, Notes& notes) {
  if (size > kOldAnswerSize)
    notes.push_back(
        {Gravity::risky, fmt::format("The record has {} octets, more than an answer of 512 holds; some receivers "
                                     "cannot fetch it: shorten it below 450, with includes.",
                                     size)});
  else if (size > kAdvisedSize)
    notes.push_back(
        {Gravity::note, fmt::format("The record has {} octets; keep it below 450, so that its answer fits 512 "
                                    "octets.",
                                    size)});
}

std::string advice(SpfResult result, const Address& address) {
  const std::string term = (address.family() == Family::ipv4 ? "ip4:" : "ip6:") + address.to_string();
  switch (result) {
    case SpfResult::fail: return "receivers may refuse its mail: add " + term + " to the record if it does send";
    case SpfResult::softfail:
      return "receivers may mark its mail as spam: add " + term + " to the record if it does send";
    case SpfResult::temperror: return "receivers defer its mail: look for what cannot be looked up";
    case SpfResult::permerror: return "receivers treat its mail as if no record were there: correct the record";
    case SpfResult::none:
    case SpfResult::neutral:
    case SpfResult::pass: break;
  }
  return "its mail gets no pass: add " + term + " to the record if it does send";
}

/// The addresses that send and do not pass, told together where the same comes of them. False: not all is known.
bool note_senders(const Name& domain, const std::vector<Address>& sending, Answers& answers, Notes& notes) {
  std::map<SpfResult, std::vector<Address>> without_pass;
  std::map<SpfResult, std::string> why;
  bool waits = false;
  for (const Address& address : sending) {
    const auto outcome = check_host({address, domain.str()}, answers);
    waits |= !outcome;
    if (!outcome || outcome->result == SpfResult::pass) continue;
    without_pass[outcome->result].push_back(address);
    why.emplace(outcome->result, outcome->why);
  }
  for (const auto& [result, addresses] : without_pass) {
    const std::string more = addresses.size() == 1 ? "" : fmt::format(" (and {} more)", addresses.size() - 1);
    notes.push_back({result == SpfResult::temperror ? Gravity::risky : Gravity::broken,
                     fmt::format("The configured sending address {}{} gets {} ({}); {}.", addresses[0].to_string(),
                                 more, label(result), why[result], advice(result, addresses[0]))});
  }
  return !waits;
}

}  // namespace

std::optional<PolicyFacts> judge_spf(const Name& domain, const std::vector<Address>& sending, Answers& answers) {
  const Said* said = answers.find(domain, Ask::txt);
  if (said == nullptr) return std::nullopt;
  if (said->failed()) return not_looked_up(domain, said->end);
  const auto records = std::ranges::count_if(said->texts, is_spf);
  if (records == 0) return without_record(domain, said->texts);
  PolicyFacts facts;
  facts.present = true;
  facts.mode = "none";
  facts.text = as_published(said->texts, is_spf);
  if (records > 1) {
    facts.notes.push_back({Gravity::broken, fmt::format("{} publishes {} SPF records and receivers use none of them "
                                                        "(permerror): merge them into one.",
                                                        domain.view(), records)});
    return facts;
  }
  const std::string text = *std::ranges::find_if(said->texts, is_spf);
  auto survey = survey_spf(domain, text, answers);
  const bool senders_known = note_senders(domain, sending, answers, facts.notes);
  if (!survey || !senders_known) return std::nullopt;
  facts.mode = survey->mode;
  if (survey->is_whole) facts.dns_lookups = survey->lookups;
  note_size(text.size(), facts.notes);
  facts.notes.insert(facts.notes.begin(), survey->notes.begin(), survey->notes.end());
  facts.notes = in_order(std::move(facts.notes));
  return facts;
}

}  // namespace mxhealth::policy
