#include "model/policy.hpp"

#include <algorithm>

#include "model/transcript.hpp"

namespace mxhealth {

std::optional<bool> is_valid(const PolicyFacts& facts) {
  if (!facts.present) return std::nullopt;
  return std::ranges::none_of(facts.notes, [](const PolicyNote& note) { return note.gravity == Gravity::broken; });
}

std::vector<PolicyNote> in_order(std::vector<PolicyNote> notes) {
  std::ranges::stable_sort(notes, {}, &PolicyNote::gravity);
  if (notes.size() > kMaxPolicyNotes) notes.resize(kMaxPolicyNotes);
  for (PolicyNote& note : notes) note.sentence = printable(note.sentence, kMaxPolicyNote);
  return notes;
}

}  // namespace mxhealth
