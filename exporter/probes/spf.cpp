#include "probes/spf.hpp"

#include "config/network_addresses.hpp"
#include "policy/judge_spf.hpp"
#include "probes/ask_until_judged.hpp"

namespace mxhealth::probes {
namespace {

std::vector<Address> senders(const PolicySubject& subject) {
  std::vector<Address> all;
  for (const config::Network& network : subject.sending)
    for (const Address& address : addresses_of(network))
      if (all.size() < kMaxSendersChecked) all.push_back(address);
  return all;
}

}  // namespace

net::awaitable<PolicyFacts> look_up_spf(PolicyTools& tools, const PolicySubject& subject) {
  std::function<std::optional<PolicyFacts>(policy::Answers&)> judge =
      [domain = subject.domain, sending = senders(subject)](policy::Answers& answers) {
        return policy::judge_spf(domain, sending, answers);
      };
  return ask_until_judged<PolicyFacts>(tools.resolver, std::move(judge), tools.max_age);
}

}  // namespace mxhealth::probes
