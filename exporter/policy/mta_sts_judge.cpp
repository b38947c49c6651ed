#include "policy/mta_sts_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "model/transcript.hpp"
#include "policy/mta_sts.hpp"
#include "policy/mta_sts_fetch.hpp"
#include "policy/published.hpp"
#include "policy/versioned_record.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::size_t kMaxUncovered = 5;  // mail hosts told one by one

bool is_plain_text(std::string_view content_type) {
  const std::string_view type = without_blanks(content_type.substr(0, content_type.find(';')));
  constexpr std::string_view kWanted = "text/plain";
  return std::equal(type.begin(), type.end(), kWanted.begin(), kWanted.end(),
                    [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

bool same_policy(const MtaSts& a, const MtaSts& b) {
  return a.mode == b.mode && a.max_age == b.max_age && a.mx == b.mx;
}

/// In one line, the same for the same policy however it is written.
std::string shown(const MtaSts& policy) {
  std::string text = fmt::format("version: STSv1 | mode: {}", label(policy.mode));
  for (const std::string& pattern : policy.mx) text += " | mx: " + pattern;
  return text + fmt::format(" | max_age: {}", policy.max_age.count());
}

class Judgement {
 public:
  explicit Judgement(const StsLook& look) : look_(look), host_("mta-sts." + look.domain.str()) {}

  PolicyFacts run() {
    if (look_.fetch && look_.fetch->chain) facts_.not_after = look_.fetch->chain->leaf_not_after;
    if (!is_answer(look_.record_end)) return without_answer();
    record_ = read_sts_record(look_.texts, look_.domain);
    facts_.present = record_.present;
    if (!facts_.present) return without_record();
    facts_.notes = record_.notes;
    judge_host();
    if (!facts_.looked_up) return finish();
    if (policy_) {
      judge_changes();
      policy_->id = record_.id;
      policy_->fetched = look_.now;
      judge_coverage();
      // Without a usable record no sender looks at the policy.
      if (!record_.id.empty()) facts_.mta_sts = policy_;
    }
    return finish();
  }

 private:
  PolicyFacts without_answer() {
    const auto owner = Name::parse("_mta-sts." + look_.domain.str());
    facts_ = not_looked_up(owner.value_or(look_.domain), look_.record_end);
    return finish();
  }

  /// A policy that nobody is told of. That the host does not exist is how it is for most domains.
  PolicyFacts without_record() {
    if (look_.fetch && !fault_of_fetch(*look_.fetch, policy_host()) && read_sts_policy(look_.fetch->body).policy)
      add(Gravity::risky,
          fmt::format("{} serves an MTA-STS policy, but no TXT record at _mta-sts.{} tells senders of it", host_,
                      look_.domain.view()));
    else
      facts_.not_after.reset();  // of somebody's web server
    return finish();
  }

  void judge_host() {
    if (!look_.host.addresses.empty() && look_.not_public)
      return broken(fmt::format("The policy host {} has only addresses that are not public", host_));
    if (look_.host.addresses.empty()) return judge_missing_host();
    if (!look_.fetch)
      return for_now(fmt::format("The policy host {} has no address that can be reached from here", host_));
    if (const auto fault = fault_of_fetch(*look_.fetch, policy_host())) {
      if (fault->for_now) return for_now(fault->sentence);
      return broken(fault->sentence);
    }
    read_policy();
  }

  void judge_missing_host() {
    const auto failed = [](const std::optional<LookupFacts>& lookup) { return lookup && !is_answer(lookup->end); };
    if (failed(look_.host.ipv4) || failed(look_.host.ipv6))
      return for_now(fmt::format("The addresses of the policy host {} could not be looked up", host_));
    broken(
        fmt::format("The policy host {} does not exist or has no address, though a TXT record at _mta-sts.{} "
                    "announces a policy",
                    host_, look_.domain.view()));
  }

  void read_policy() {
    const HttpsFacts& fetch = *look_.fetch;
    if (!fetch.content_encoding.empty() && fetch.content_encoding != "identity")
      return broken(fmt::format("The policy host {} sends the policy compressed ({}) though nobody asked for that",
                                host_, fetch.content_encoding));
    StsPolicy read = read_sts_policy(fetch.body);
    facts_.notes.insert(facts_.notes.end(), read.notes.begin(), read.notes.end());
    policy_ = std::move(read.policy);
    if (fetch.content_type.empty())
      add(Gravity::risky, fmt::format("The policy host {} sends the policy without a Content-Type; some senders take "
                                      "only text/plain",
                                      host_));
    else if (!is_plain_text(fetch.content_type))
      add(Gravity::risky, fmt::format("The policy host {} sends the policy as {}; some senders take only text/plain",
                                      host_, fetch.content_type));
  }

  void judge_changes() {
    if (!look_.last || record_.id.empty() || look_.last->id != record_.id || same_policy(*look_.last, *policy_)) return;
    add(Gravity::risky,
        fmt::format("The policy has changed, but the id of the TXT record at _mta-sts.{} is still {}: senders keep "
                    "the old policy for up to {} s; give it a new id",
                    look_.domain.view(), record_.id, look_.last->max_age.count()));
  }

  /// Section 4.1; what it costs depends on the mode.
  void judge_coverage() {
    if (policy_->mode == StsMode::none) {
      add(Gravity::note, "The policy's mode is none: senders forget that there ever was one");
      return;
    }
    std::size_t uncovered = 0;
    std::string names;
    for (const ServerName& mx : look_.mx) {
      if (covers(*policy_, mx)) continue;
      if (++uncovered <= kMaxUncovered) names += (names.empty() ? "" : ", ") + mx.str();
    }
    if (uncovered > kMaxUncovered) names += fmt::format(" and {} more", uncovered - kMaxUncovered);
    if (uncovered == 0) return;
    const bool enforced = policy_->mode == StsMode::enforce;
    add(enforced ? Gravity::broken : Gravity::risky,
        fmt::format("No \"mx:\" line of the policy covers {} of the {} mail hosts ({}): {}", uncovered, look_.mx.size(),
                    names,
                    enforced ? "senders that know the policy do not deliver there"
                             : "they will get no mail once the mode is enforce"));
  }

  PolicyFacts finish() {
    keep_what_senders_hold();
    const MtaSts* held = facts_.mta_sts ? &*facts_.mta_sts : nullptr;
    if (facts_.present) {
      facts_.text = record_.shown;
      if (policy_)
        facts_.text += " | " + shown(*policy_);
      else if (held != nullptr)
        facts_.text += " | " + shown(*held);
      facts_.text = printable(facts_.text, kMaxPolicyText);
      if (policy_)
        facts_.mode = label(policy_->mode);
      else if (held != nullptr)
        facts_.mode = label(held->mode);
    }
    facts_.notes = as_sentences(std::move(facts_.notes));
    return std::move(facts_);
  }

  /// A sender that has a policy goes by it until it is too old, whatever becomes of record and host (section 3.3, 5.1).
  void keep_what_senders_hold() {
    if (facts_.mta_sts || !look_.last) return;
    if (look_.last->fetched + look_.last->max_age <= look_.now) return;
    facts_.mta_sts = look_.last;
    if (!facts_.looked_up || look_.last->mode == StsMode::none) return;
    const bool announced = !record_.id.empty() && record_.id != look_.last->id;
    if (announced && !policy_)
      add(Gravity::broken,
          fmt::format("The TXT record announces a new policy (id {}), which cannot be fetched: senders "
                      "stay with the old one (id {}, mode {})",
                      record_.id, look_.last->id, label(look_.last->mode)));
    else
      add(Gravity::note,
          fmt::format("Senders that fetched the policy before (id {}, mode {}) go by it until it is {} s old",
                      look_.last->id, label(look_.last->mode), look_.last->max_age.count()));
  }

  ServerName policy_host() const { return sts_policy_host(look_.domain).value_or(ServerName{}); }
  void add(Gravity gravity, std::string sentence) { facts_.notes.push_back({gravity, std::move(sentence)}); }
  void broken(std::string sentence) { add(Gravity::broken, std::move(sentence)); }
  /// Teaches nothing, unless the record alone is enough to know that senders have no use for it.
  void for_now(std::string sentence) {
    add(Gravity::note, std::move(sentence));
    if (record_.id.empty()) return;
    facts_.looked_up = false;
    facts_.notes = {facts_.notes.back()};
  }

  const StsLook& look_;
  std::string host_;
  StsRecord record_;
  std::optional<MtaSts> policy_;
  PolicyFacts facts_;
};

}  // namespace

PolicyFacts judge_mta_sts(const StsLook& look) { return Judgement(look).run(); }

std::optional<ServerName> sts_policy_host(const DomainName& domain) { return Name::parse("mta-sts." + domain.str()); }

}  // namespace mxhealth::policy
