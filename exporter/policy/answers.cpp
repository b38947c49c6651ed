#include "policy/answers.hpp"

#include <algorithm>
#include <utility>

namespace mxhealth::policy {

std::string_view trouble(LookupEnd end) {
  switch (end) {
    case LookupEnd::servfail: return "SERVFAIL";
    case LookupEnd::bogus: return "its DNSSEC signatures do not validate";
    case LookupEnd::refused: return "REFUSED";
    case LookupEnd::malformed: return "an answer that cannot be read";
    case LookupEnd::timed_out: return "no answer in time";
    case LookupEnd::unreachable: return "our resolver cannot be reached";
    case LookupEnd::rewritten: return "our resolver makes answers up";
    case LookupEnd::cancelled: return "we stopped asking";
    case LookupEnd::records:
    case LookupEnd::no_data:
    case LookupEnd::nxdomain: break;
  }
  return "an answer";
}

const Said* Answers::find(const Name& name, Ask what) {
  static const Said kGivenUp{};
  const Question question{name, what};
  if (const auto known = known_.find(question); known != known_.end()) return &known->second;
  if (std::ranges::find(wanted_, question) != wanted_.end()) return nullptr;
  if (known_.size() + wanted_.size() >= kMaxQuestions) return &kGivenUp;
  wanted_.push_back(question);
  return nullptr;
}

void Answers::tell(Question question, Said said) { known_.insert_or_assign(std::move(question), std::move(said)); }

std::vector<Question> Answers::take_wanted() { return std::exchange(wanted_, {}); }

}  // namespace mxhealth::policy
