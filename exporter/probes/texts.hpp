// The TXT records at one name, as octets: what they say is for the rooms that read them.
#pragma once

#include <string>
#include <vector>

#include "model/dns_facts.hpp"
#include "net/await.hpp"

namespace mxhealth::net {
class Resolver;
}

namespace mxhealth::probes {

struct Texts {
  LookupEnd end = LookupEnd::cancelled;
  std::vector<std::string> texts{};  ///< the strings of each record joined
};

net::awaitable<Texts> look_up_texts(net::Resolver& resolver, Name owner, Duration max_age = Duration::max());

}  // namespace mxhealth::probes
