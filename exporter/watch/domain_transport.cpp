// A target's TLSA records and its MTA-STS policy: looked up, taken in, and told to the servers they are about.
#include "net/clock.hpp"
#include "probes/tlsa.hpp"
#include "watch/countdown.hpp"
#include "watch/domain_watch.hpp"

namespace mxhealth::watch {
namespace {

using net::now;

net::awaitable<void> look_up_one(std::shared_ptr<net::Generation> generation, TlsaQuestion question, TlsaFacts& into) {
  into = co_await probes::look_up_tlsa(generation->resolver(), std::move(question.server), question.port,
                                       std::move(question.host));
}

}  // namespace

net::awaitable<bool> DomainWatch::look_up_tlsa(RoleWatch& role) {
  const std::vector<TlsaQuestion> questions = role.tlsa_questions();
  role.keep_tlsa_of(questions);
  if (questions.empty()) co_return true;
  std::vector<TlsaFacts> facts(questions.size());
  Countdown countdown(io_);
  for (std::size_t i = 0; i < questions.size(); ++i) countdown.begin(look_up_one(generation_, questions[i], facts[i]));
  co_await countdown.all_done();
  if (left_) co_return true;
  bool settled = true;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const ServerKey server{questions[i].server, questions[i].port};
    settled = role.take(server, std::move(facts[i]), now(), host_.resolver_health(now())) && settled;
  }
  co_return settled;
}

void DomainWatch::tell_transports() {
  for (const auto& [key, role] : roles_)
    for (auto& [server, transport] : role->transports()) host_.transport_known(server, target_.name, transport);
}

void DomainWatch::take(const std::optional<MtaSts>& policy) {
  const auto role = roles_.find(Role::mx);
  if (role == roles_.end()) return;
  role->second->take(policy);
  tell_transports();
  endpoint_changed();
}

}  // namespace mxhealth::watch
