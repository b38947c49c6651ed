#include "policy/spf_survey.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "policy/spf_check.hpp"
#include "policy/spf_terms.hpp"

namespace mxhealth::policy {
namespace {

using Kind = SpfMechanism::Kind;

constexpr unsigned kMaxLookupsCounted = 200;

/// Whether what a record says of everybody else is said for the domain that is surveyed.
enum class Part : std::uint8_t { own, included };

std::string_view mode_of(SpfQualifier qualifier) {
  switch (qualifier) {
    case SpfQualifier::pass: return "pass";
    case SpfQualifier::fail: return "fail";
    case SpfQualifier::softfail: return "softfail";
    case SpfQualifier::neutral: return "neutral";
  }
  return "none";
}

bool has_macros(const std::string& domain) { return domain.find('%') != std::string::npos; }

class Survey {
 public:
  Survey(const Name& domain, Answers& answers) : domain_(domain), answers_(answers) {}
  std::optional<SpfSurvey> run(const std::string& text);

 private:
  void read(const Name& domain, const std::string& text, Part part);
  void take_terms(const SpfRecord& record, const Name& domain, Part part);
  void take_all(const SpfRecord& record, std::size_t at, const Name& domain, Part part);
  void take_term(const SpfMechanism& term, const Name& domain);
  void take_redirect(const SpfRecord& record, const Name& domain, Part part);
  void follow(const std::string& target, const std::string& term, Part part);
  void take_hosts(const SpfMechanism& term, const Name& host);
  void take_exchanges(const SpfMechanism& term, const Name& domain);
  void take_exists(const SpfMechanism& term, const Name& name);
  void take_void(const SpfMechanism& term, std::string_view lacks);
  void take_failure(std::string term, LookupEnd end);
  bool count_lookup();
  void judge_counts();
  const Said* find(const Name& name, Ask what);
  void tell(Gravity gravity, std::string sentence) { survey_.notes.push_back({gravity, std::move(sentence)}); }
  std::string in(const Name& domain) const { return domain == domain_ ? "" : " in the record of " + domain.str(); }

  const Name& domain_;
  Answers& answers_;
  SpfSurvey survey_;
  std::vector<Name> path_;
  std::size_t records_ = 0;
  unsigned voids_ = 0;
  bool waits_ = false;
};

std::optional<SpfSurvey> Survey::run(const std::string& text) {
  read(domain_, text, Part::own);
  if (waits_) return std::nullopt;
  judge_counts();
  return std::move(survey_);
}

const Said* Survey::find(const Name& name, Ask what) {
  const Said* said = answers_.find(name, what);
  waits_ |= said == nullptr;
  return said;
}

void Survey::read(const Name& domain, const std::string& text, Part part) {
  if (++records_ > kMaxSpfRecordsRead) {
    survey_.is_whole = false;
    return;
  }
  const auto parsed = parse_spf(text);
  if (const auto* error = std::get_if<SpfError>(&parsed)) {
    tell(Gravity::broken,
         fmt::format("Syntax error{}: {}; every receiver answers permerror, as if there were no usable "
                     "record: correct it.",
                     in(domain), to_string(*error)));
    return;
  }
  path_.push_back(domain);
  take_terms(std::get<SpfRecord>(parsed), domain, part);
  path_.pop_back();
}

void Survey::take_terms(const SpfRecord& record, const Name& domain, Part part) {
  for (std::size_t at = 0; at < record.mechanisms.size(); ++at) {
    const SpfMechanism& term = record.mechanisms[at];
    if (term.kind == Kind::all) return take_all(record, at, domain, part);
    if (asks(term.kind) && !count_lookup()) return;
    take_term(term, domain);
  }
  if (record.redirect) return take_redirect(record, domain, part);
  if (part == Part::own)
    tell(Gravity::risky,
         "The record does not end in `all`, so it says nothing of hosts that it does not name: end it in "
         "`~all` or `-all`.");
}

void Survey::take_all(const SpfRecord& record, std::size_t at, const Name& domain, Part part) {
  const SpfQualifier qualifier = record.mechanisms[at].qualifier;
  if (part == Part::own) survey_.mode = mode_of(qualifier);
  if (qualifier == SpfQualifier::pass)
    tell(Gravity::broken,
         fmt::format("`+all`{} lets every host of the world send as {}: replace it by `~all` or `-all`.", in(domain),
                     domain_.view()));
  if (part == Part::own && qualifier == SpfQualifier::neutral)
    tell(Gravity::risky,
         "`?all` says nothing of hosts that the record does not name, as if it did not end in `all`: "
         "prefer `~all` or `-all`.");
  if (at + 1 < record.mechanisms.size())
    tell(Gravity::risky,
         fmt::format("`{}`{} stands behind `all`, where no receiver looks: move it before `all`, or take "
                     "it out.",
                     to_string(record.mechanisms[at + 1]), in(domain)));
  if (record.redirect)
    tell(Gravity::note, fmt::format("`redirect`{} counts for nothing beside `all`: take out one of them.", in(domain)));
}

void Survey::take_term(const SpfMechanism& term, const Name& domain) {
  if (term.kind == Kind::ptr)
    return tell(Gravity::risky,
                fmt::format("`ptr`{} is slow, and some receivers pass over it (RFC 7208 section 5.5 says "
                            "not to publish it): name the addresses or hosts instead.",
                            in(domain)));
  if (!asks(term.kind) || has_macros(term.domain)) return;
  if (term.kind == Kind::include) return follow(term.domain, to_string(term), Part::included);
  const Name target = term.domain.empty() ? domain : Name::parse(term.domain).value_or(Name{});
  if (target.is_root())
    return tell(Gravity::risky, fmt::format("`{}` names no host that can exist: correct it.", to_string(term)));
  if (term.kind == Kind::a) return take_hosts(term, target);
  if (term.kind == Kind::mx) return take_exchanges(term, target);
  take_exists(term, target);
}

void Survey::take_redirect(const SpfRecord& record, const Name& domain, Part part) {
  if (!count_lookup() || has_macros(*record.redirect)) return;
  follow(*record.redirect, "redirect=" + *record.redirect + in(domain), part);
}

void Survey::follow(const std::string& target, const std::string& term, Part part) {
  const Name name = Name::parse(target).value_or(Name{});
  if (std::ranges::find(path_, name) != path_.end())
    return tell(Gravity::broken, fmt::format("`{}` leads back to a record that it comes from, a loop in which every "
                                             "receiver gives up: take it out.",
                                             term));
  static const Said kNothing{LookupEnd::nxdomain};
  const Said* said = name.is_root() ? &kNothing : find(name, Ask::txt);
  if (said == nullptr) return;
  if (said->failed()) return take_failure(term, said->end);
  const auto records = std::ranges::count_if(said->texts, is_spf);
  if (records == 1) return read(name, *std::ranges::find_if(said->texts, is_spf), part);
  tell(Gravity::broken, fmt::format("`{}` leads to {}, which is a permerror for every receiver that gets there: {}.",
                                    term, records == 0 ? "no SPF record" : "more than one SPF record",
                                    records == 0 ? "take it out" : "tell who publishes them"));
}

void Survey::take_hosts(const SpfMechanism& term, const Name& host) {
  const Said* v4 = find(host, Ask::a);
  const Said* v6 = find(host, Ask::aaaa);
  if (v4 == nullptr || v6 == nullptr) return;
  for (const Said* said : {v4, v6})
    if (said->failed()) return take_failure(to_string(term), said->end);
  if (v4->is_void() && v6->is_void()) take_void(term, "names a host that has no address");
}

void Survey::take_exchanges(const SpfMechanism& term, const Name& domain) {
  const Said* said = find(domain, Ask::mx);
  if (said == nullptr) return;
  if (said->failed()) return take_failure(to_string(term), said->end);
  if (said->is_void()) return take_void(term, "names a domain that has no MX records");
  if (said->names.size() > kMaxSpfNames)
    tell(Gravity::broken, fmt::format("`{}` leads to {} mail hosts and receivers allow 10: name addresses instead.",
                                      to_string(term), said->names.size()));
}

void Survey::take_exists(const SpfMechanism& term, const Name& name) {
  const Said* said = find(name, Ask::a);
  if (said == nullptr) return;
  if (said->failed()) return take_failure(to_string(term), said->end);
  if (said->is_void()) take_void(term, "asks for a name that does not exist");
}

void Survey::take_void(const SpfMechanism& term, std::string_view lacks) {
  ++voids_;
  tell(Gravity::risky, fmt::format("`{}` {}; receivers allow only 2 such terms: take it out.", to_string(term), lacks));
}

void Survey::take_failure(std::string term, LookupEnd end) {
  survey_.is_whole = false;
  tell(Gravity::risky,
       fmt::format("What `{}` leads to cannot be looked up ({}); receivers that get there defer the mail: "
                   "if this lasts, take it out.",
                   term, trouble(end)));
}

bool Survey::count_lookup() {
  if (survey_.lookups >= kMaxLookupsCounted) survey_.is_whole = false;
  return survey_.lookups < kMaxLookupsCounted && ++survey_.lookups > 0;
}

void Survey::judge_counts() {
  const unsigned lookups = survey_.lookups;
  if (lookups > kMaxSpfLookups)
    tell(Gravity::broken,
         fmt::format("The record takes {} DNS lookups and receivers stop at 10 with a permerror: replace "
                     "`include`, `a` and `mx` by addresses, or take out what sends no more.",
                     lookups));
  else if (lookups == kMaxSpfLookups)
    tell(Gravity::note,
         "The record takes all 10 DNS lookups that receivers allow: one more, even in an included record "
         "of somebody else, breaks it.");
  if (voids_ > kMaxSpfVoids)
    tell(Gravity::broken, fmt::format("{} terms ask for what does not exist and receivers stop at the third with a "
                                      "permerror: take them out.",
                                      voids_));
}

}  // namespace

std::optional<SpfSurvey> survey_spf(const Name& domain, const std::string& text, Answers& answers) {
  return Survey(domain, answers).run(text);
}

}  // namespace mxhealth::policy
