#include "probes/tls_rpt.hpp"

#include "policy/published.hpp"
#include "policy/tls_rpt.hpp"
#include "probes/texts.hpp"

namespace mxhealth::probes {

net::awaitable<PolicyFacts> look_up_tls_rpt(PolicyTools& tools, const PolicySubject& subject) {
  const auto owner = Name::parse("_smtp._tls." + subject.domain.str());
  if (!owner) co_return PolicyFacts{};  // a domain so long that it cannot have one
  const Texts record = co_await look_up_texts(tools.resolver, *owner, tools.max_age);
  if (!is_answer(record.end)) co_return policy::not_looked_up(*owner, record.end);
  co_return policy::judge_tls_rpt(record.texts, subject.domain);
}

}  // namespace mxhealth::probes
