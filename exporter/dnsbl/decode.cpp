#include "dnsbl/decode.hpp"

#include <algorithm>
#include <array>
#include <iterator>

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

// Of lists that add up bits, the bit that refuses when it stands alone refuses in every sum: 127.0.0.1, so 127.0.0.9.
bool has_refusing_bit(const List& list, const Address& answer) {
  if (list.bits.empty() || !kBits.contains(answer)) return false;
  for (unsigned bit = 1; bit <= 128; bit *= 2) {
    const std::array<std::uint8_t, 4> alone{127, 0, 0, static_cast<std::uint8_t>(answer.bytes()[3] & bit)};
    if (any_contains(list.refusals, Address::v4(alone))) return true;
  }
  return false;
}

bool is_refusal(const List& list, const Address& answer) {
  return kRefusedEverywhere.contains(answer) || any_contains(list.refusals, answer) || has_refusing_bit(list, answer);
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

std::vector<Address> kept(std::vector<Address> answers) {
  std::ranges::sort(answers);
  answers.erase(std::unique(answers.begin(), answers.end()), answers.end());
  if (answers.size() > kMaxCodes) answers.resize(kMaxCodes);
  return answers;
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
  const bool refused = std::ranges::any_of(answers, [&](const Address& a) { return is_refusal(list, a); });
  std::vector<Mark> all;
  std::vector<Address> listing;
  bool unknown = false;
  for (const Address& answer : answers) {
    if (refused || any_contains(list.no_listing, answer)) continue;
    std::vector<Mark> some = marks(list, answer);
    if (!some.empty()) listing.push_back(answer);
    unknown |= some.empty();
    std::ranges::move(some, std::back_inserter(all));
  }
  reading.kind = refused            ? Reading::Kind::refused
                 : !listing.empty() ? Reading::Kind::listed
                 : unknown          ? Reading::Kind::unknown_code
                                    : Reading::Kind::clean;
  reading.answers = kept(listing.empty() ? std::vector<Address>(answers.begin(), answers.end()) : std::move(listing));
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
