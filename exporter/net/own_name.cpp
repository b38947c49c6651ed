#include "net/own_name.hpp"

#include <netdb.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace mxhealth::net {

std::string own_full_name() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) return {};
  if (std::string_view(host.data()).find('.') != std::string_view::npos) return host.data();
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.data(), nullptr, &hints, &found) != 0) return host.data();
  const std::string name = found->ai_canonname != nullptr ? found->ai_canonname : host.data();
  ::freeaddrinfo(found);
  return name;
}

}  // namespace mxhealth::net
