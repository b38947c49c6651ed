// One question over all resolvers until one answers it: which is asked when, and which failure is told when all fail.
// The first real answer (NOERROR or NXDOMAIN) counts. Who said no (SERVFAIL, REFUSED, nonsense) is not asked twice; who
// said nothing is, since one packet may get lost. Where all that was heard is SERVFAIL, one of those who said so is
// asked once more without DNSSEC validation: an answer then means that the zone is bogus.
#pragma once

#include <memory>
#include <vector>

#include "net/upstream.hpp"

namespace mxhealth::net {

class Failover {
 public:
  /// `timeout` is what a lookup may take altogether; each ask gets its share of it.
  Failover(asio::io_context&, const std::vector<Peer>& servers, Duration timeout);

  /// Follows CNAMEs from answer to answer where a server leaves that to us.
  awaitable<dns::Answer> resolve(dns::Question, std::shared_ptr<Patience>);

  /// What each server says, asked one after the other and once.
  awaitable<std::vector<dns::Answer>> ask_each(dns::Question, std::shared_ptr<Patience>);

  std::vector<ResolverRecord> records() const;

 private:
  awaitable<dns::Answer> ask_servers(dns::Question, std::shared_ptr<Patience>);
  /// Whether the answer would be there if nobody checked its signatures (the CD bit, RFC 4035 section 3.2.2).
  awaitable<bool> is_there_unvalidated(Upstream& upstream, dns::Question question, std::shared_ptr<Patience> patience);

  std::vector<std::unique_ptr<Upstream>> servers_;
  std::size_t preferred_ = 0;  // the one that answered last
};

}  // namespace mxhealth::net
