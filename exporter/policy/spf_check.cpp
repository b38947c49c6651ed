#include "policy/spf_check.hpp"

#include <algorithm>

#include "model/transcript.hpp"
#include "policy/networks.hpp"
#include "policy/spf_expand.hpp"
#include "policy/spf_macros.hpp"
#include "policy/spf_terms.hpp"

namespace mxhealth::policy {
namespace {

using Kind = SpfMechanism::Kind;

enum class Match : std::uint8_t { no, yes, temperror, permerror, waits };

SpfResult result_of(SpfQualifier qualifier) {
  switch (qualifier) {
    case SpfQualifier::pass: return SpfResult::pass;
    case SpfQualifier::fail: return SpfResult::fail;
    case SpfQualifier::softfail: return SpfResult::softfail;
    case SpfQualifier::neutral: return SpfResult::neutral;
  }
  return SpfResult::neutral;
}

/// Where the record is that decides: its own, or one that stands in for another's.
enum class Level : std::uint8_t { own, included };

/// One evaluation, from the start. A Match::waits, or no result, means that an answer is missing.
class Check {
 public:
  Check(const SpfQuery& query, Answers& answers) : query_(query), answers_(answers) { query_.ip = unmapped(query.ip); }
  std::optional<SpfOutcome> run();

 private:
  std::optional<SpfResult> host(const Name& domain, Level level);
  std::optional<SpfResult> of_terms(const SpfRecord& record, const Name& domain, Level level);
  std::optional<SpfResult> redirected(const std::string& spec, const Name& domain, Level level);
  Match match(const SpfMechanism& term, const Name& domain);
  Match asked(const SpfMechanism& term, const Name& domain);
  Match include(const Name& target);
  Match has_address(const Name& name, const SpfMechanism& term);
  Match exists(const Name& name);
  Match has_exchange(const Name& name, const SpfMechanism& term);
  Match has_name(const Name& target);
  Match found(const Said& said, const SpfMechanism& term) const;
  bool may_ask_on();
  bool is_beyond_voids(bool is_void);
  Match broken(std::string why);
  Match fails(std::string why);
  std::optional<std::string> explanation();
  MacroValues at(const Name& domain) const { return {query_, domain.view()}; }
  Ask address_type() const { return query_.ip.family() == Family::ipv4 ? Ask::a : Ask::aaaa; }

  SpfQuery query_;
  Answers& answers_;
  SpfOutcome outcome_;
  std::string explanation_spec_;
  Name explanation_domain_;
};

std::optional<SpfOutcome> Check::run() {
  const auto domain = Name::parse(query_.domain);
  if (!domain || domain->is_root() || domain->is_single_label()) {
    outcome_.why = "no domain that could have a record";
    return outcome_;
  }
  const auto result = host(*domain, Level::own);
  if (!result) return std::nullopt;
  outcome_.result = *result;
  if (outcome_.result == SpfResult::fail) {
    auto text = explanation();
    if (!text) return std::nullopt;
    outcome_.explanation = *std::move(text);
  }
  return outcome_;
}

/// Sections 4.4 and 4.5: the one record of a domain.
std::optional<SpfResult> Check::host(const Name& domain, Level level) {
  const Said* said = answers_.find(domain, Ask::txt);
  if (said == nullptr) return std::nullopt;
  if (said->failed()) {
    outcome_.why = "the record of " + domain.str() + " cannot be looked up";
    return SpfResult::temperror;
  }
  const auto records = std::ranges::count_if(said->texts, is_spf);
  if (records == 0) {
    outcome_.why = domain.str() + " has no record";
    return SpfResult::none;
  }
  if (records > 1) {
    outcome_.why = domain.str() + " has " + std::to_string(records) + " records";
    return SpfResult::permerror;
  }
  const auto parsed = parse_spf(*std::ranges::find_if(said->texts, is_spf));
  if (const auto* error = std::get_if<SpfError>(&parsed)) {
    outcome_.why = "record of " + domain.str() + ": " + to_string(*error);
    return SpfResult::permerror;
  }
  return of_terms(std::get<SpfRecord>(parsed), domain, level);
}

std::optional<SpfResult> Check::of_terms(const SpfRecord& record, const Name& domain, Level level) {
  for (const SpfMechanism& term : record.mechanisms) {
    switch (match(term, domain)) {
      case Match::no: continue;
      case Match::waits: return std::nullopt;
      case Match::temperror: return SpfResult::temperror;
      case Match::permerror: return SpfResult::permerror;
      case Match::yes: break;
    }
    outcome_.why = to_string(term);
    if (level == Level::own) {
      explanation_spec_ = record.explanation.value_or("");
      explanation_domain_ = domain;
    }
    return result_of(term.qualifier);
  }
  if (record.redirect) return redirected(*record.redirect, domain, level);
  outcome_.why = "no term of " + domain.str() + " matches";
  return SpfResult::neutral;
}

/// Section 6.1.
std::optional<SpfResult> Check::redirected(const std::string& spec, const Name& domain, Level level) {
  if (!may_ask_on()) return SpfResult::permerror;
  const auto target = expand_domain(spec, at(domain), answers_);
  if (!target) return std::nullopt;
  const auto result = target->is_root() ? SpfResult::none : host(*target, level);
  if (result != SpfResult::none) return result;
  broken("redirect=" + printable(spec, kMaxName) + " leads to no record");
  return SpfResult::permerror;
}

Match Check::match(const SpfMechanism& term, const Name& domain) {
  switch (term.kind) {
    case Kind::all: return Match::yes;
    case Kind::ip4: return within(query_.ip, *term.network, term.bits_v4) ? Match::yes : Match::no;
    case Kind::ip6: return within(query_.ip, *term.network, term.bits_v6) ? Match::yes : Match::no;
    case Kind::include:
    case Kind::a:
    case Kind::mx:
    case Kind::ptr:
    case Kind::exists: break;
  }
  return may_ask_on() ? asked(term, domain) : Match::permerror;
}

Match Check::asked(const SpfMechanism& term, const Name& domain) {
  const auto target = term.domain.empty() ? std::optional(domain) : expand_domain(term.domain, at(domain), answers_);
  if (!target) return Match::waits;
  if (target->is_root()) return term.kind == Kind::include ? broken(to_string(term) + " is no domain") : Match::no;
  switch (term.kind) {
    case Kind::include: return include(*target);
    case Kind::a: return has_address(*target, term);
    case Kind::exists: return exists(*target);
    case Kind::mx: return has_exchange(*target, term);
    case Kind::ptr: return has_name(*target);
    case Kind::all:
    case Kind::ip4:
    case Kind::ip6: break;
  }
  return Match::no;
}

/// Section 5.2.
Match Check::include(const Name& target) {
  const auto result = host(target, Level::included);
  if (!result) return Match::waits;
  switch (*result) {
    case SpfResult::pass: return Match::yes;
    case SpfResult::fail:
    case SpfResult::softfail:
    case SpfResult::neutral: return Match::no;
    case SpfResult::temperror: return Match::temperror;
    case SpfResult::none: return broken("include:" + target.str() + " leads to no record");
    case SpfResult::permerror: break;
  }
  return Match::permerror;
}

Match Check::found(const Said& said, const SpfMechanism& term) const {
  const auto fits = [&](const Address& address) {
    return within(query_.ip, address, address.family() == Family::ipv4 ? term.bits_v4 : term.bits_v6);
  };
  return std::ranges::any_of(said.addresses, fits) ? Match::yes : Match::no;
}

Match Check::has_address(const Name& name, const SpfMechanism& term) {
  const Said* said = answers_.find(name, address_type());
  if (said == nullptr) return Match::waits;
  if (said->failed()) return fails("the addresses of " + name.str() + " cannot be looked up");
  if (is_beyond_voids(said->is_void())) return Match::permerror;
  return found(*said, term);
}

/// Section 5.7: an A record, whatever the family of the client.
Match Check::exists(const Name& name) {
  const Said* said = answers_.find(name, Ask::a);
  if (said == nullptr) return Match::waits;
  if (said->failed()) return fails(name.str() + " cannot be looked up");
  if (is_beyond_voids(said->is_void())) return Match::permerror;
  return said->addresses.empty() ? Match::no : Match::yes;
}

/// Section 5.4: the hosts of MX records only, never the domain itself where there are none.
Match Check::has_exchange(const Name& name, const SpfMechanism& term) {
  const Said* said = answers_.find(name, Ask::mx);
  if (said == nullptr) return Match::waits;
  if (said->failed()) return fails("the MX of " + name.str() + " cannot be looked up");
  if (said->names.size() > kMaxSpfNames) return broken(name.str() + " has more than 10 MX");
  if (is_beyond_voids(said->is_void())) return Match::permerror;
  bool waits = false;
  for (const Name& host : said->names) waits |= !host.is_root() && answers_.find(host, address_type()) == nullptr;
  if (waits) return Match::waits;
  for (const Name& host : said->names) {
    if (host.is_root()) continue;
    const Said* addresses = answers_.find(host, address_type());
    if (addresses->failed()) return fails("the addresses of " + host.str() + " cannot be looked up");
    if (found(*addresses, term) == Match::yes) return Match::yes;
  }
  return Match::no;
}

/// Section 5.5: what fails on the way matches nothing.
Match Check::has_name(const Name& target) {
  const auto names = validated_names(query_.ip, answers_);
  if (!names) return Match::waits;
  const auto fits = [&](const Name& name) { return is_at_or_below(name, target); };
  return std::ranges::any_of(*names, fits) ? Match::yes : Match::no;
}

bool Check::may_ask_on() {
  if (++outcome_.lookups <= kMaxSpfLookups) return true;
  broken("more than 10 terms that ask");
  return false;
}

bool Check::is_beyond_voids(bool is_void) {
  outcome_.voids += is_void ? 1 : 0;
  if (outcome_.voids <= kMaxSpfVoids) return false;
  broken("more than 2 terms that ask for what does not exist");
  return true;
}

Match Check::broken(std::string why) {
  outcome_.why = std::move(why);
  return Match::permerror;
}

Match Check::fails(std::string why) {
  outcome_.why = std::move(why);
  return Match::temperror;
}

/// Section 6.2: whatever is wrong with it, there is none. It costs no lookup.
std::optional<std::string> Check::explanation() {
  if (explanation_spec_.empty()) return "";
  const auto name = expand_domain(explanation_spec_, at(explanation_domain_), answers_);
  if (!name) return std::nullopt;
  if (name->is_root()) return "";
  const Said* said = answers_.find(*name, Ask::txt);
  if (said == nullptr) return std::nullopt;
  if (said->texts.size() != 1) return "";
  std::string words = said->texts.front();
  if (std::ranges::any_of(words, [](char c) { return c < ' ' || c > '~'; })) return "";
  std::ranges::replace(words, ' ', '!');  // fault_of_macros knows no spaces
  if (fault_of_macros(words, MacroLetters::of_explanations)) return "";
  const auto text = expand_macros(said->texts.front(), at(explanation_domain_), answers_);
  return text ? std::optional(printable(*text, kMaxExplanation)) : std::nullopt;
}

}  // namespace

std::string_view label(SpfResult result) {
  switch (result) {
    case SpfResult::none: return "none";
    case SpfResult::neutral: return "neutral";
    case SpfResult::pass: return "pass";
    case SpfResult::fail: return "fail";
    case SpfResult::softfail: return "softfail";
    case SpfResult::temperror: return "temperror";
    case SpfResult::permerror: return "permerror";
  }
  return "none";
}

std::optional<SpfOutcome> check_host(const SpfQuery& query, Answers& answers) { return Check(query, answers).run(); }

}  // namespace mxhealth::policy
