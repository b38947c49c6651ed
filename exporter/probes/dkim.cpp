#include "probes/dkim.hpp"

#include "policy/judge_dkim.hpp"
#include "probes/ask_until_judged.hpp"

namespace mxhealth::probes {

net::awaitable<PolicyFacts> look_up_dkim(PolicyTools& tools, const PolicySubject& subject) {
  std::function<std::optional<PolicyFacts>(policy::Answers&)> judge =
      [domain = subject.domain, selectors = subject.dkim_selectors](policy::Answers& answers) {
        return policy::judge_dkim(domain, selectors, answers);
      };
  return ask_until_judged<PolicyFacts>(tools.resolver, std::move(judge), tools.max_age);
}

}  // namespace mxhealth::probes
