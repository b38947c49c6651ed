#include "dnsbl/decode.hpp"

#include <algorithm>

namespace mxhealth::dnsbl {
namespace {

constexpr CodePattern kRefusedEverywhere{{{{127, 127}, {255, 255}, {255, 255}, {0, 255}}}};
constexpr CodePattern kAnyAnswer{{{{127, 127}, {0, 255}, {0, 255}, {0, 255}}}};
constexpr CodePattern kBits{{{{127, 127}, {0, 0}, {0, 0}, {0, 255}}}};  // where lists that add up bits answer

Reading::Kind without_answers(LookupEnd end) {
  switch (end) {
    case LookupEnd::nxdomain: return Reading::Kind::clean;
    case LookupEnd::no_data:
    case LookupEnd::records: return Reading::Kind::no_data;
    case LookupEnd::servfail:
    case LookupEnd::bogus:
    case LookupEnd::refused:
    case LookupEnd::malformed: return Reading::Kind::servfail;
    case LookupEnd::timed_out:
    case LookupEnd::unreachable: return Reading::Kind::timed_out;
    case LookupEnd::rewritten:
    case LookupEnd::cancelled: return Reading::Kind::cancelled;
  }
  return Reading::Kind::cancelled;
}

bool any_contains(const std::vector<CodePattern>& patterns, const Address& answer) {
  return std::ranges::any_of(patterns, [&](const CodePattern& p) { return p.contains(answer); });
}

bool is_refusal(const List& list, const Address& answer) {
  return kRefusedEverywhere.contains(answer) || any_contains(list.refusals, answer);
}

/// One thing that an answer says.
struct Mark {
  std::string meaning;
  double weight;
  bool policy;
};

// An answer that is a code means that; else the bits of its last octet, each on its own, mean what the table says.
std::vector<Mark> marks(const List& list, const Address& answer) {
  std::vector<Mark> all;
  for (const Code& code : list.codes)
    if (code.answers.contains(answer)) all.push_back({code.meaning, code.weight.value_or(list.weight), code.policy});
  if (!all.empty() || !kBits.contains(answer)) return all;
  for (const BitCode& one : list.bits)
    if ((answer.bytes()[3] & one.bit) != 0) all.push_back({one.meaning, one.weight.value_or(list.weight), false});
  return all;
}

void describe(Reading& reading, std::vector<Mark> all) {
  std::ranges::stable_sort(all, std::ranges::greater{}, &Mark::weight);
  for (const Mark& mark : all) {
    reading.weight = std::max(reading.weight, mark.weight);
    if (!mark.policy) reading.weight_without_policy = std::max(reading.weight_without_policy, mark.weight);
    if (std::ranges::find(reading.meanings, mark.meaning) == reading.meanings.end())
      reading.meanings.push_back(mark.meaning);
  }
}

}  // namespace

Reading decode(const List& list, LookupEnd end, std::span<const Address> answers) {
  Reading reading;
  reading.kind = without_answers(end);
  if (end != LookupEnd::records || answers.empty()) return reading;
  if (!std::ranges::all_of(answers, [](const Address& a) { return kAnyAnswer.contains(a); })) {
    reading.kind = Reading::Kind::hijacked;
    return reading;
  }
  reading.answers.assign(answers.begin(), answers.end());
  std::ranges::sort(reading.answers);
  reading.answers.erase(std::unique(reading.answers.begin(), reading.answers.end()), reading.answers.end());
  const bool refused = std::ranges::any_of(reading.answers, [&](const Address& a) { return is_refusal(list, a); });
  if (reading.answers.size() > kMaxCodes) reading.answers.resize(kMaxCodes);
  if (refused) {
    reading.kind = Reading::Kind::refused;
    return reading;
  }
  const auto no_listing = [&](const Address& a) { return any_contains(list.no_listing, a); };
  std::vector<Mark> all;
  for (const Address& answer : reading.answers)
    if (!no_listing(answer)) std::ranges::move(marks(list, answer), std::back_inserter(all));
  reading.kind = !all.empty()                                       ? Reading::Kind::listed
                 : std::ranges::all_of(reading.answers, no_listing) ? Reading::Kind::clean
                                                                    : Reading::Kind::unknown_code;
  describe(reading, std::move(all));
  return reading;
}

std::optional<ListFailure> failure(Reading::Kind kind) {
  switch (kind) {
    case Reading::Kind::clean:
    case Reading::Kind::listed:
    case Reading::Kind::cancelled: return std::nullopt;
    case Reading::Kind::refused: return ListFailure::refused_by_list;
    case Reading::Kind::unknown_code:
    case Reading::Kind::hijacked:
    case Reading::Kind::no_data: return ListFailure::bad_answer;
    case Reading::Kind::servfail: return ListFailure::servfail;
    case Reading::Kind::timed_out: return ListFailure::timeout;
  }
  return std::nullopt;
}

}  // namespace mxhealth::dnsbl
