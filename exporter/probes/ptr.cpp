#include "probes/ptr.hpp"

#include "policy/reverse_dns.hpp"
#include "probes/ask_until_judged.hpp"

namespace mxhealth::probes {

net::awaitable<PtrFacts> look_up_ptr(net::Resolver& resolver, Address address, std::optional<Name> announced) {
  std::function<std::optional<PtrFacts>(policy::Answers&)> judge =
      [address, announced = std::move(announced)](policy::Answers& answers) {
        return policy::judge_reverse_dns(address, announced, answers);
      };
  return ask_until_judged<PtrFacts>(resolver, std::move(judge));
}

net::awaitable<std::vector<PolicyNote>> look_up_own_name(net::Resolver& resolver, Name ehlo,
                                                         std::vector<Address> sources) {
  Look look(resolver, Duration::max());
  for (;;) {
    auto notes = policy::judge_own_name(ehlo, sources, look.answers);
    if (notes) co_return *std::move(notes);
    const bool asked = co_await look.ask();
    if (!asked) co_return std::vector<PolicyNote>{};
  }
}

}  // namespace mxhealth::probes
