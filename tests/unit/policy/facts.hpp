// What tests ask of facts about a policy.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "model/policy.hpp"

namespace mxhealth::policy::test {

/// The sentences of one gravity.
inline std::vector<std::string> told(const std::vector<PolicyNote>& notes, Gravity gravity) {
  std::vector<std::string> sentences;
  for (const PolicyNote& note : notes)
    if (note.gravity == gravity) sentences.push_back(note.sentence);
  return sentences;
}
inline std::vector<std::string> broken(const PolicyFacts& facts) { return told(facts.notes, Gravity::broken); }
inline std::vector<std::string> risky(const PolicyFacts& facts) { return told(facts.notes, Gravity::risky); }
inline std::vector<std::string> noted(const PolicyFacts& facts) { return told(facts.notes, Gravity::note); }

/// All of them in one text, to look for words in.
inline std::string all(const PolicyFacts& facts) {
  std::string text;
  for (const PolicyNote& note : facts.notes)
    text += std::string(note.gravity == Gravity::broken  ? "broken: "
                        : note.gravity == Gravity::risky ? "risky: "
                                                         : "") +
            note.sentence + "\n";
  return text;
}

}  // namespace mxhealth::policy::test
