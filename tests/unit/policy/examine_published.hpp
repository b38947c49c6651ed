// What must hold whatever a domain publishes; used by the fuzz target and by the replay of its corpus. The world is a
// malicious one: every name has the same text, so that records lead to themselves and agree to everything.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "dnsbl/registered_domain.hpp"
#include "policy/bimi.hpp"
#include "policy/dmarc.hpp"
#include "policy/examine.hpp"
#include "policy/judge_dkim.hpp"
#include "policy/judge_spf.hpp"
#include "policy/spf_check.hpp"

namespace mxhealth::policy::test {

/// What such a world says: the text, one address, one mail host, one name.
inline Said said_everywhere(const Question& question, std::string_view text) {
  Said said;
  said.end = LookupEnd::records;
  if (question.what == Ask::txt) said.texts.emplace_back(text);
  if (question.what == Ask::a) said.addresses.push_back(*Address::parse("192.0.2.1"));
  if (question.what == Ask::aaaa) said.end = LookupEnd::no_data;
  if (question.what == Ask::mx || question.what == Ask::ptr) said.names.push_back(*Name::parse("mail.example.com"));
  return said;
}

/// The judgement ends, and says something of the first text that was asked for.
template <class Judge>
auto judged_everywhere(std::string_view text, Judge judge) {
  Answers answers;
  for (std::size_t round = 0; round <= kMaxQuestions; ++round) {
    const auto facts = judge(answers);
    if (facts) return *facts;
    const auto wanted = answers.take_wanted();
    must(!wanted.empty());
    for (const Question& question : wanted) answers.tell(question, said_everywhere(question, text));
  }
  std::abort();
}

inline bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

inline void must_be_fit_to_show(const PolicyFacts& facts) {
  must(facts.looked_up && facts.notes.size() <= kMaxPolicyNotes);
  must(facts.present == !facts.mode.empty() || !facts.notes.empty());
  must(facts.text.size() <= kMaxPolicyText + 3 && is_printable(facts.text) && is_printable(facts.mode));
  for (const PolicyNote& note : facts.notes) must(!note.sentence.empty() && is_printable(note.sentence));
}

inline void examine_published(std::string_view text) {
  const Name domain = *Name::parse("mail.example.com");
  const Address sender = *Address::parse("192.0.2.1");
  must_be_fit_to_show(judged_everywhere(text, [&](Answers& a) { return judge_spf(domain, {sender}, a); }));
  must_be_fit_to_show(judged_everywhere(text, [&](Answers& a) { return judge_dkim(domain, {"s1"}, a); }));
  must_be_fit_to_show(
      judged_everywhere(text, [&](Answers& a) { return judge_dmarc(domain, &dnsbl::registered_domain, a); }));
  must_be_fit_to_show(
      judged_everywhere(text, [&](Answers& a) { return judge_bimi(domain, &dnsbl::registered_domain, a); }));
  const SpfQuery query{sender, domain.str(), "a.b-c@example.org", "client.example.org", {}, {}};
  const SpfOutcome outcome = judged_everywhere(text, [&](Answers& a) { return check_host(query, a); });
  must(outcome.lookups <= kMaxSpfLookups + 1 && outcome.voids <= kMaxSpfVoids + 1);
  must(is_printable(outcome.why) && is_printable(outcome.explanation));
}

}  // namespace mxhealth::policy::test
