#include "web/listen.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace mxhealth::web {
namespace {

constexpr int kFirstPassed = 3;  // SD_LISTEN_FDS_START
constexpr int kMaxPassed = 64;

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port <= 65535;
}

std::string cannot(const std::string& address, std::string_view why) {
  return "cannot listen on " + address + ": " + std::string(why);
}

std::string bound_address(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(fd, address, &size) != 0 || ::getnameinfo(address, size, host.data(), host.size(), port.data(),
                                                              port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "unknown";
  }
  const std::string text(host.data());
  return (address->sa_family == AF_INET6 ? "[" + text + "]" : text) + ":" + port.data();
}

/// One socket, bound and listening; errno tells why not.
Descriptor open_at(const addrinfo& at, bool both_families) {
  Descriptor fd(::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return {};
  const int yes = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const int only = both_families ? 0 : 1;
  if (at.ai_family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  if (::bind(fd.get(), at.ai_addr, at.ai_addrlen) != 0 || ::listen(fd.get(), SOMAXCONN) != 0) {
    const int error = errno;
    fd = {};
    errno = error;
  }
  return fd;
}

Listened listen_at(const std::string& address, const HostPort& wanted) {
  const bool every = wanted.host.empty() || wanted.host == "::";
  addrinfo hints{};
  hints.ai_family = every ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(every ? "::" : wanted.host.c_str(), wanted.port.c_str(), &hints, &found);
  if (error != 0) return cannot(address, error == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(error));
  const Addresses addresses(found);
  Descriptor fd = open_at(*addresses, every);
  if (!fd) return cannot(address, std::strerror(errno));
  std::string bound = bound_address(fd.get());
  return Listening{std::move(fd), std::move(bound), addresses->ai_family == AF_INET6};
}

bool has_ipv6() {
  const Descriptor fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return static_cast<bool>(fd);
}

int option(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

Listened take_passed(int number) {
  Descriptor fd(number);
  const std::string name = "descriptor " + std::to_string(number) + " from systemd";
  const int family = option(number, SO_DOMAIN);
  if ((family != AF_INET && family != AF_INET6) || option(number, SO_TYPE) != SOCK_STREAM ||
      option(number, SO_ACCEPTCONN) != 1) {
    return cannot(name, "not a listening TCP socket");
  }
  ::fcntl(number, F_SETFD, FD_CLOEXEC);
  ::fcntl(number, F_SETFL, ::fcntl(number, F_GETFL) | O_NONBLOCK);
  return Listening{std::move(fd), bound_address(number), family == AF_INET6};
}

int number_in(const char* name) {
  const char* const text = std::getenv(name);
  if (text == nullptr) return -1;
  int number = -1;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), number);
  return error == std::errc() && *end == '\0' ? number : -1;
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

std::optional<HostPort> split_address(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || !is_port(address.substr(colon + 1))) return std::nullopt;
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || host.size() < 4) return std::nullopt;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // an IPv6 address needs its brackets
  }
  return HostPort{std::string(host), std::string(address.substr(colon + 1))};
}

Listened listen_on(const std::string& address) {
  auto wanted = split_address(address);
  if (!wanted) return cannot(address, "not an address and a port such as 127.0.0.1:25587, [::1]:25587 or :25587");
  if (wanted->host.empty() && !has_ipv6()) wanted->host = "0.0.0.0";
  return listen_at(address, *wanted);
}

std::vector<Listened> listen_from_systemd() {
  std::vector<Listened> taken;
  const int count = number_in("LISTEN_FDS");
  if (number_in("LISTEN_PID") != ::getpid() || count < 1 || count > kMaxPassed) {
    taken.emplace_back("cannot listen on sockets from systemd: none were passed (LISTEN_PID, LISTEN_FDS)");
    return taken;
  }
  for (int i = 0; i < count; ++i) taken.push_back(take_passed(kFirstPassed + i));
  return taken;
}

}  // namespace mxhealth::web
