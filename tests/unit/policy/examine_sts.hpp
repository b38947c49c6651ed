// What must hold whatever an MTA-STS policy file or one of its records says; used by the fuzz target and by the replay
// of its corpus.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>

#include "policy/mta_sts.hpp"
#include "policy/tls_rpt.hpp"

namespace mxhealth::policy::test {

inline void must_hold(bool holds) {
  if (!holds) std::abort();
}

inline void examine_notes(const std::vector<PolicyNote>& notes) {
  must_hold(notes.size() <= 3 * kMaxPolicyNotes);  // the caller cuts them
  for (const PolicyNote& note : notes) {
    must_hold(!note.sentence.empty() && note.sentence.size() <= 2 * kMaxPolicyNote);
    must_hold(std::ranges::all_of(note.sentence, [](char c) { return c >= ' ' && c <= '~'; }));
  }
}

/// A policy that is taken says the same when it is written out; one that is not has a reason.
inline void examine_policy(std::string_view text) {
  const StsPolicy read = read_sts_policy(text);
  examine_notes(read.notes);
  const bool broken =
      std::ranges::any_of(read.notes, [](const PolicyNote& note) { return note.gravity == Gravity::broken; });
  must_hold(read.policy.has_value() != broken);
  if (!read.policy) return;
  must_hold(text.size() <= kMaxStsPolicy && read.policy->mx.size() <= kMaxStsMx);
  must_hold(read.policy->max_age.count() >= 0 && read.policy->max_age <= kMaxStsAge);
  std::string again = "version: STSv1\nmode: " + std::string(label(read.policy->mode)) +
                      "\nmax_age: " + std::to_string(read.policy->max_age.count()) + "\n";
  for (const std::string& pattern : read.policy->mx) again += "mx: " + pattern + "\n";
  const StsPolicy second = read_sts_policy(again);
  must_hold(second.policy && second.policy->mode == read.policy->mode && second.policy->mx == read.policy->mx &&
            second.policy->max_age == read.policy->max_age);
}

inline void examine_sts_records(const std::string& text) {
  static const DomainName kDomain = Name::parse("example.com").value();
  const StsRecord record = read_sts_record({text}, kDomain);
  examine_notes(record.notes);
  must_hold(record.id.size() <= kMaxStsId);
  must_hold(record.present || (record.id.empty() && record.notes.empty()));
  const PolicyFacts reports = judge_tls_rpt({text}, kDomain);
  examine_notes(reports.notes);
  must_hold(reports.text.size() <= kMaxPolicyText + 3);
}

inline void examine_sts(std::string_view text) {
  examine_policy(text);
  examine_sts_records(std::string(text));
}

}  // namespace mxhealth::policy::test
