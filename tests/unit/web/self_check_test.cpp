// The question that a container's health check asks, against running servers, dead ports and servers that never answer.
#include "web/self_check.hpp"

#include <gtest/gtest.h>

#include "web/client.hpp"
#include "web/listen.hpp"

namespace mxhealth::web {
namespace {

using namespace std::chrono_literals;

WebOptions at(const std::string& host, std::uint16_t port) {
  WebOptions options;
  options.listen_addresses = {host + ":" + std::to_string(port)};
  return options;
}

/// Takes connections in its backlog and says nothing.
struct Silent {
  Listened made = listen_on("127.0.0.1:0");
  std::string address = std::get<Listening>(made).address;
};

TEST(SelfCheck, finds_nothing_wrong_with_a_server_that_answers) {
  const Running running;
  EXPECT_EQ(self_check(at("127.0.0.1", running.port())), "");
}

TEST(SelfCheck, asks_on_loopback_where_the_server_takes_every_address) {
  const Running running;
  for (const char* every : {"", "0.0.0.0", "[::]"}) EXPECT_EQ(self_check(at(every, running.port())), "") << every;
}

TEST(SelfCheck, asks_below_the_route_prefix) {
  WebOptions options;
  options.external_url = "https://example.net/mx/";
  const Running running(options);
  WebOptions same = at("127.0.0.1", running.port());
  EXPECT_EQ(self_check(same), "asking " + same.listen_addresses.front() + ": the answer was not 200 OK");
  same.external_url = options.external_url;
  EXPECT_EQ(self_check(same), "");
}

TEST(SelfCheck, says_that_nobody_listens) {
  WebOptions options;
  options.listen_addresses = {Silent().address};  // closed again
  EXPECT_EQ(self_check(options), "asking " + options.listen_addresses.front() + ": Connection refused");
}

TEST(SelfCheck, waits_no_longer_than_its_deadline) {
  const Silent silent;
  WebOptions options;
  options.listen_addresses = {silent.address};
  const auto from = std::chrono::steady_clock::now();
  EXPECT_EQ(self_check(options, {}, 200ms), "asking " + silent.address + ": Connection timed out");
  EXPECT_LT(std::chrono::steady_clock::now() - from, 5s);
}

TEST(SelfCheck, needs_an_address_that_it_can_read) {
  EXPECT_EQ(self_check(at("::1", 1)), "'::1:1' is not an address and a port");
}

}  // namespace
}  // namespace mxhealth::web
