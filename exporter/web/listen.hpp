// Opens the sockets that the server listens on, from addresses as flags write them, or takes them from systemd.
// Plain sockets, no loop. A failure is a sentence for the person at the terminal.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mxhealth::web {

/// A descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

struct Listening {
  Descriptor socket;    // non-blocking, close-on-exec, listening
  std::string address;  // as bound: "127.0.0.1:25587", "[::]:25587"
  bool ipv6 = false;
};

struct HostPort {
  std::string host;  // without brackets; empty: every address
  std::string port;
};

/// "host:port", "[::1]:port" or ":port"; the port is a number.
std::optional<HostPort> split_address(std::string_view address);

using Listened = std::variant<Listening, std::string>;  // or the error's sentence

/// "host:port", "[::1]:port", ":port"; the last and "[::]:port" take both families where the host has them.
Listened listen_on(const std::string& address);

/// The sockets of LISTEN_FDS (sd_listen_fds(3)), each one checked to be a listening TCP socket.
std::vector<Listened> listen_from_systemd();

}  // namespace mxhealth::web
