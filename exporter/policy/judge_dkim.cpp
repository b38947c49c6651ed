#include "policy/judge_dkim.hpp"

#include <fmt/format.h>

#include "model/transcript.hpp"
#include "policy/dkim_key.hpp"
#include "policy/published.hpp"

namespace mxhealth::policy {
namespace {

/// Adds what is known of one selector to the facts about all of them.
class Judging {
 public:
  void take(const std::string& selector, const Name& at, const Said& said);
  PolicyFacts facts();

 private:
  void take_key(const std::string& selector, const std::string& record);
  void tell(const std::string& selector, Gravity gravity, std::string_view sentence) {
    facts_.notes.push_back({gravity, fmt::format("Selector {}: {}.", printable(selector, kMaxName), sentence)});
  }

  PolicyFacts facts_;
  bool testing_ = false;
  bool revoked_ = false;
  bool rsa_ = false;
  bool ed25519_ = false;
};

void Judging::take(const std::string& selector, const Name& at, const Said& said) {
  facts_.present = true;
  if (said.texts.empty())
    return tell(selector, Gravity::broken,
                fmt::format("there is no key at {}, so signatures with it fail: publish it, or correct dkim_selectors",
                            at.view()));
  if (!facts_.text.empty()) facts_.text += " | ";
  facts_.text += selector + ": " + as_published(said.texts, [](std::string_view) { return true; });
  if (said.texts.size() > 1)
    return tell(selector, Gravity::broken,
                fmt::format("there are {} records and verifiers may take any of them: leave one", said.texts.size()));
  take_key(selector, said.texts[0]);
}

void Judging::take_key(const std::string& selector, const std::string& record) {
  const DkimKey key = read_dkim_key(record);
  for (const PolicyNote& note : key.notes) tell(selector, note.gravity, note.sentence);
  testing_ |= key.testing;
  revoked_ |= key.revoked;
  rsa_ |= key.bits > 0 && key.type == DkimKey::Type::rsa;
  ed25519_ |= key.bits > 0 && key.type == DkimKey::Type::ed25519;
}

PolicyFacts Judging::facts() {
  if (ed25519_ && !rsa_)
    facts_.notes.push_back({Gravity::risky,
                            "All keys are ed25519, which many verifiers do not know yet: sign with an RSA key "
                            "of 2048 bits, too."});
  if (rsa_ || ed25519_) facts_.mode = testing_ ? "testing" : "ok";
  if (revoked_) facts_.mode = "revoked";
  facts_.text = printable(facts_.text, kMaxPolicyText);
  facts_.notes = in_order(std::move(facts_.notes));
  return std::move(facts_);
}

}  // namespace

std::optional<PolicyFacts> judge_dkim(const Name& domain, const std::vector<std::string>& selectors, Answers& answers) {
  Judging judging;
  std::optional<PolicyFacts> trouble;
  bool waits = false;
  for (const std::string& selector : selectors) {
    const auto at = Name::parse(selector + "._domainkey." + domain.str());
    if (!at) continue;  // the configuration refuses those
    const Said* said = answers.find(*at, Ask::txt);
    waits |= said == nullptr;
    if (said == nullptr) continue;
    if (said->failed())
      trouble = not_looked_up(*at, said->end);
    else
      judging.take(selector, *at, *said);
  }
  if (waits) return std::nullopt;
  return trouble ? *std::move(trouble) : judging.facts();
}

}  // namespace mxhealth::policy
