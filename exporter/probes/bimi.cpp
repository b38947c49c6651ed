#include "probes/bimi.hpp"

#include "dnsbl/registered_domain.hpp"
#include "policy/bimi.hpp"
#include "probes/ask_until_judged.hpp"

namespace mxhealth::probes {

net::awaitable<PolicyFacts> look_up_bimi(PolicyTools& tools, const PolicySubject& subject) {
  std::function<std::optional<PolicyFacts>(policy::Answers&)> judge = [domain =
                                                                           subject.domain](policy::Answers& answers) {
    return policy::judge_bimi(domain, &dnsbl::registered_domain, answers);
  };
  return ask_until_judged<PolicyFacts>(tools.resolver, std::move(judge), tools.max_age);
}

}  // namespace mxhealth::probes
