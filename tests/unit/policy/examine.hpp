// What must hold whatever an SPF record says; used by the fuzz target and by the replay of its corpus.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>

#include "policy/spf_terms.hpp"

namespace mxhealth::policy::test {

inline void must(bool holds) {
  if (!holds) std::abort();
}

/// A record written out again, with every prefix length.
inline std::string written(const SpfRecord& record) {
  std::string text = "v=spf1";
  for (const SpfMechanism& one : record.mechanisms) {
    text += std::string(" ") + "+-~?"[static_cast<int>(one.qualifier)] + std::string(label(one.kind));
    if (!one.domain.empty()) text += ":" + one.domain;
    if (one.network) text += ":" + one.network->to_string();
    using Kind = SpfMechanism::Kind;
    const bool hosts = one.kind == Kind::a || one.kind == Kind::mx;
    if (hosts || one.kind == Kind::ip4) text += "/" + std::to_string(one.bits_v4);
    if (hosts || one.kind == Kind::ip6) text += (hosts ? "//" : "/") + std::to_string(one.bits_v6);
  }
  if (record.redirect) text += " redirect=" + *record.redirect;
  if (record.explanation) text += " exp=" + *record.explanation;
  for (const SpfModifier& one : record.unknown) text += " " + one.name + "=" + one.value;
  return text;
}

/// What is read says the same when it is written out; what is wrong is told in a short printable line.
inline void examine_spf(std::string_view text) {
  const auto parsed = parse_spf(text);
  if (const auto* error = std::get_if<SpfError>(&parsed)) {
    const std::string told = to_string(*error);
    must(!told.empty() && told.size() < 160);
    must(std::ranges::all_of(told, [](char c) { return c >= ' ' && c <= '~'; }));
    return;
  }
  must(is_spf(text) && text.size() <= kMaxSpfRecord);
  const auto& record = std::get<SpfRecord>(parsed);
  must(record.mechanisms.size() + record.unknown.size() <= kMaxSpfTerms);
  const std::string again = written(record);
  if (again.size() > kMaxSpfRecord) return;  // it was shorter without the lengths
  const auto second = parse_spf(again);
  must(std::holds_alternative<SpfRecord>(second) && std::get<SpfRecord>(second) == record);
}

}  // namespace mxhealth::policy::test
