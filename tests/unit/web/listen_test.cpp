#include "web/listen.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace mxhealth::web {
namespace {

std::string bound(const std::string& address) {
  const Listened made = listen_on(address);
  const auto* listening = std::get_if<Listening>(&made);
  return listening != nullptr ? listening->address : std::get<std::string>(made);
}

TEST(Listen, takes_addresses_as_flags_write_them) {
  EXPECT_TRUE(bound("127.0.0.1:0").starts_with("127.0.0.1:"));
  EXPECT_TRUE(bound("localhost:0").find("cannot") == std::string::npos);
  const std::string every = bound(":0");
  EXPECT_TRUE(every.starts_with("[::]:") || every.starts_with("0.0.0.0:")) << every;
  if (::access("/proc/net/if_inet6", R_OK) == 0) {
    EXPECT_TRUE(bound("[::1]:0").starts_with("[::1]:"));
  }
}

TEST(Listen, says_what_is_wrong_with_an_address) {
  for (const char* bad : {"", "25587", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:25587", "[]:1",
                          "[::1:1", "127.0.0.1:-1"}) {
    EXPECT_EQ(bound(bad), "cannot listen on " + std::string(bad) +
                              ": not an address and a port such as 127.0.0.1:25587, [::1]:25587 or :25587");
  }
  EXPECT_TRUE(bound("192.0.2.1:0").starts_with("cannot listen on 192.0.2.1:0: "));
}

/// Puts a socket at descriptor 3, as systemd would, and what stood there back at the end.
class Passed {
 public:
  explicit Passed(int socket) : saved_(::fcntl(3, F_DUPFD_CLOEXEC, 100)) {
    ::dup2(socket, 3);
    ::setenv("LISTEN_FDS", "1", 1);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  }
  ~Passed() {
    ::unsetenv("LISTEN_FDS");
    ::unsetenv("LISTEN_PID");
    if (saved_ >= 0) {
      ::dup2(saved_, 3);
      ::close(saved_);
    }
  }
  Passed(const Passed&) = delete;
  Passed& operator=(const Passed&) = delete;

 private:
  int saved_;
};

TEST(Listen, takes_a_socket_from_systemd) {
  Listened own = listen_on("127.0.0.1:0");
  auto& listening = std::get<Listening>(own);
  const Descriptor far(::fcntl(listening.socket.get(), F_DUPFD_CLOEXEC, 200));
  const std::string address = listening.address;
  listening.socket = Descriptor();
  const Passed passed(far.get());
  const auto taken = listen_from_systemd();
  ASSERT_EQ(taken.size(), 1U);
  ASSERT_TRUE(std::holds_alternative<Listening>(taken[0])) << std::get<std::string>(taken[0]);
  EXPECT_EQ(std::get<Listening>(taken[0]).address, address);
}

TEST(Listen, refuses_what_systemd_did_not_mean_for_us) {
  EXPECT_EQ(std::get<std::string>(listen_from_systemd().at(0)),
            "cannot listen on sockets from systemd: none were passed (LISTEN_PID, LISTEN_FDS)");
  const Descriptor datagram(::socket(AF_INET, SOCK_DGRAM, 0));
  const Descriptor far(::fcntl(datagram.get(), F_DUPFD_CLOEXEC, 200));
  const Passed passed(far.get());
  EXPECT_EQ(std::get<std::string>(listen_from_systemd().at(0)),
            "cannot listen on descriptor 3 from systemd: not a listening TCP socket");
}

}  // namespace
}  // namespace mxhealth::web
