#include "diagnosis/findings.hpp"

#include <algorithm>
#include <array>

namespace mxhealth::diagnosis {
namespace {

bool slow(const SessionRun& run, Phase phase) {
  return run.at(phase).completed && run.at(phase).duration >= kSlowReply;
}

bool auth_before_tls(const SessionRun& run) { return run.clear && !run.clear->auth.empty(); }

bool greet_delay(const SessionRun& run) { return slow(run, Phase::banner); }

// Not the handshake: its time is arithmetic too.
bool tarpit(const SessionRun& run) {
  constexpr std::array kReplies{Phase::ehlo, Phase::starttls, Phase::ehlo_tls, Phase::auth, Phase::mail, Phase::rcpt};
  return std::ranges::any_of(kReplies, [&](Phase phase) { return slow(run, phase); });
}

bool starttls_masked(const SessionRun& run) { return run.clear && run.clear->masked_starttls; }

bool helo_only(const SessionRun& run) { return run.clear && !run.clear->esmtp; }

struct Rule {
  Finding finding;
  bool (*holds)(const SessionRun&);
};
// What the certificates show stands in their facts.
constexpr std::array<Rule, 5> kRules{{
    {Finding::auth_before_tls, auth_before_tls},
    {Finding::greet_delay, greet_delay},
    {Finding::tarpit, tarpit},
    {Finding::starttls_masked, starttls_masked},
    {Finding::helo_only, helo_only},
}};

}  // namespace

std::vector<Finding> findings(const SessionRun& run) {
  std::vector<Finding> all;
  for (const Rule& rule : kRules)
    if (rule.holds(run)) all.push_back(rule.finding);
  return all;
}

// The greeting, else the answer to EHLO: each begins with a name (RFC 5321 sections 4.2 and 4.1.1.1).
Name announced_name(const SessionRun& run) {
  for (const ReplyFact& reply : run.replies) {
    if (reply.phase != Phase::banner && reply.phase != Phase::ehlo) break;
    const std::string_view text = reply.text;
    const auto name = Name::parse(text.substr(0, text.find(' ')));
    if (name && !name->is_single_label()) return *name;
  }
  return {};
}

}  // namespace mxhealth::diagnosis
