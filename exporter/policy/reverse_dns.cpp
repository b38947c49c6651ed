#include "policy/reverse_dns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/reverse_name.hpp"
#include "model/transcript.hpp"

namespace mxhealth::policy {
namespace {

/// Whether a name has the address; where that is not known, because it failed or is not asked yet.
struct Holds {
  bool yes = false;
  bool failed = false;
  bool waits = false;
};

Holds holds(const Name& name, const Address& address, Answers& answers) {
  const Said* said = answers.find(name, address.family() == Family::ipv4 ? Ask::a : Ask::aaaa);
  if (said == nullptr) return {false, false, true};
  return {std::ranges::find(said->addresses, address) != said->addresses.end(), said->failed(), false};
}

/// The names of an address, gone through one by one.
class Judging {
 public:
  Judging(const Address& address, Answers& answers) : address_(address), answers_(answers) {}
  std::optional<PtrFacts> run(const std::optional<Name>& announced);

 private:
  void take_names(const Said& said);
  void confirm();
  void compare(const Name& announced);
  void fail(std::string_view name, std::string_view why);
  void tell(Gravity gravity, std::string sentence) { facts_.notes.push_back({gravity, std::move(sentence)}); }

  const Address& address_;
  Answers& answers_;
  PtrFacts facts_;
  bool waits_ = false;
};

std::optional<PtrFacts> Judging::run(const std::optional<Name>& announced) {
  const Name at = reverse_name(address_);
  const Said* said = answers_.find(at, Ask::ptr);
  if (said == nullptr) return std::nullopt;
  if (said->failed()) {
    fail(at.view(), trouble(said->end));
    return std::move(facts_);
  }
  take_names(*said);
  confirm();
  if (announced && facts_.looked_up) compare(*announced);
  if (waits_) return std::nullopt;
  facts_.notes = in_order(std::move(facts_.notes));
  return std::move(facts_);
}

void Judging::take_names(const Said& said) {
  if (said.names.empty())
    return tell(Gravity::broken, fmt::format("{} has no name in reverse DNS, and many receivers take no mail from such "
                                             "addresses: have whoever runs the network publish a PTR record.",
                                             address_.to_string()));
  for (const Name& name : said.names) {
    if (facts_.names.size() >= kMaxPtrNames) break;
    if (!name.is_root()) facts_.names.push_back(name);
  }
  if (facts_.names.empty())
    tell(Gravity::broken,
         fmt::format("The PTR record of {} leads to no host name: have it corrected.", address_.to_string()));
  if (said.names.size() > 1)
    tell(Gravity::note,
         fmt::format("{} has {} names in reverse DNS, of which receivers look at some: keep the one that the "
                     "host calls itself.",
                     address_.to_string(), said.names.size()));
}

void Judging::confirm() {
  bool failed = false;
  bool waits = false;
  for (const Name& name : facts_.names) {
    const Holds held = holds(name, address_, answers_);
    waits |= held.waits;
    failed |= held.failed;
    facts_.forward_confirmed |= held.yes;
    if (looks_generic(name, address_))
      tell(Gravity::note,
           fmt::format("{} looks like the name of a dynamic address, from which many receivers take no mail: "
                       "have {} given a name of its own.",
                       name.view(), address_.to_string()));
  }
  waits_ |= waits;
  if (waits || facts_.forward_confirmed || facts_.names.empty()) return;
  if (failed) return fail(facts_.names[0].view(), "no answer");
  tell(Gravity::broken,
       fmt::format("{} is called {} in reverse DNS, but that name does not have this address: publish an {} "
                   "record for it, or have the PTR record corrected.",
                   address_.to_string(), facts_.names[0].view(), address_.family() == Family::ipv4 ? "A" : "AAAA"));
}

void Judging::compare(const Name& announced) {
  if (announced.is_root() || facts_.names.empty()) return;
  if (std::ranges::find(facts_.names, announced) != facts_.names.end()) return;
  const Holds held = announced.is_single_label() ? Holds{} : holds(announced, address_, answers_);
  waits_ |= held.waits;
  if (held.failed) return;
  if (held.yes)
    tell(Gravity::note,
         fmt::format("The host calls itself {} and reverse DNS calls it {}; both have the address, but some "
                     "receivers want one name: make them the same.",
                     announced.view(), facts_.names[0].view()));
  else
    tell(Gravity::risky,
         fmt::format("The host calls itself {}, which neither is its name in reverse DNS ({}) nor has its "
                     "address: set the host's name to the one in DNS.",
                     announced.view(), facts_.names[0].view()));
}

void Judging::fail(std::string_view name, std::string_view why) {
  facts_.looked_up = false;
  tell(Gravity::note, fmt::format("{} cannot be looked up now ({}).", name, why));
}

/// The decimal numbers that stand in a name, in order.
std::vector<unsigned> numbers_of(std::string_view text) {
  std::vector<unsigned> numbers;
  bool inside = false;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !inside) numbers.push_back(0);
    if (digit) numbers.back() = std::min(numbers.back() * 10 + static_cast<unsigned>(c - '0'), 100'000U);
    inside = digit;
  }
  return numbers;
}

std::string without(std::string_view text, std::string_view left_out) {
  std::string kept;
  for (const char c : text)
    if (left_out.find(c) == std::string_view::npos) kept += c;
  return kept;
}

bool holds_octets(std::string_view name, const Address& address) {
  const auto bytes = address.bytes();
  std::array<unsigned, 4> octets{bytes[0], bytes[1], bytes[2], bytes[3]};
  const std::vector<unsigned> numbers = numbers_of(name);
  const auto hold_them = [&] {  // std::ranges::search is more than clang 14 can read of this library
    return std::search(numbers.begin(), numbers.end(), octets.begin(), octets.end()) != numbers.end();
  };
  bool found = hold_them();
  std::ranges::reverse(octets);
  found |= hold_them();
  const std::string packed = fmt::format("{:02x}{:02x}{:02x}{:02x}", bytes[0], bytes[1], bytes[2], bytes[3]);
  const std::string padded = fmt::format("{:03}{:03}{:03}{:03}", bytes[0], bytes[1], bytes[2], bytes[3]);
  return found || name.find(packed) != std::string_view::npos || name.find(padded) != std::string_view::npos;
}

/// All nibbles in order or turned round, or the address as it is written, with hyphens for colons.
bool holds_nibbles(std::string_view name, const Address& address) {
  const std::string backwards = without(reversed_labels(address), ".");
  const std::string forwards(backwards.rbegin(), backwards.rend());
  const std::string run = without(name, ".-");
  std::string written = address.to_string();
  std::ranges::replace(written, ':', '-');
  const auto has = [](std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
  };
  return has(run, backwards) || has(run, forwards) || has(name, written);
}

}  // namespace

std::optional<PtrFacts> judge_reverse_dns(const Address& address, const std::optional<Name>& announced,
                                          Answers& answers) {
  return Judging(address, answers).run(announced);
}

std::optional<std::vector<PolicyNote>> judge_own_name(const Name& ehlo, const std::vector<Address>& sources,
                                                      Answers& answers) {
  const Said* v4 = answers.find(ehlo, Ask::a);
  const Said* v6 = answers.find(ehlo, Ask::aaaa);
  if (v4 == nullptr || v6 == nullptr) return std::nullopt;
  std::vector<PolicyNote> notes;
  if (v4->is_void() && v6->is_void()) {
    notes.push_back(
        {Gravity::risky, fmt::format("our own EHLO name {} has no address, and some servers refuse such clients: "
                                     "publish one, or set global.ehlo_name",
                                     ehlo.view())});
    return notes;
  }
  for (const Address& source : sources) {
    const Said& said = source.family() == Family::ipv4 ? *v4 : *v6;
    if (said.failed() || std::ranges::find(said.addresses, source) != said.addresses.end()) continue;
    notes.push_back(
        {Gravity::risky, fmt::format("our own EHLO name {} does not have our source address {}, and some servers "
                                     "distrust such clients: publish it, or correct global.ehlo_name",
                                     ehlo.view(), source.to_string())});
  }
  return notes;
}

bool looks_generic(const Name& name, const Address& address) {
  return address.family() == Family::ipv4 ? holds_octets(name.view(), address) : holds_nibbles(name.view(), address);
}

}  // namespace mxhealth::policy
