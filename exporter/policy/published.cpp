#include "policy/published.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/transcript.hpp"

namespace mxhealth::policy {

std::string as_published(const std::vector<std::string>& texts, bool (*is_meant)(std::string_view)) {
  std::vector<std::string_view> meant;
  std::ranges::copy_if(texts, std::back_inserter(meant), is_meant);
  std::ranges::sort(meant);
  return printable(fmt::format("{}", fmt::join(meant, " | ")), kMaxPolicyText);
}

PolicyFacts not_looked_up(const Name& name, LookupEnd end) {
  PolicyFacts facts;
  facts.looked_up = false;
  facts.notes.push_back(
      {Gravity::note, fmt::format("{} cannot be looked up now ({}); what was known of it before is shown.", name.view(),
                                  trouble(end))});
  return facts;
}

}  // namespace mxhealth::policy
