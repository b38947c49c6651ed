#include "net/system_resolvers.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "net/resolver.hpp"

namespace mxhealth::net {

std::vector<Peer> system_resolvers(const std::string& path) {
  constexpr std::size_t kMaxLines = 1000;
  std::vector<Peer> found;
  std::ifstream file(path);
  std::string line;
  for (std::size_t lines = 0; lines < kMaxLines && std::getline(file, line); ++lines) {
    std::istringstream words(line);
    std::string key;
    std::string value;
    words >> key >> value;
    if (key != "nameserver") continue;
    const auto address = Address::parse(value);
    if (!address || found.size() >= kMaxSystemResolvers) continue;
    const Peer peer{*address, kDnsPort};
    if (std::ranges::find(found, peer) == found.end()) found.push_back(peer);
  }
  return found;
}

}  // namespace mxhealth::net
