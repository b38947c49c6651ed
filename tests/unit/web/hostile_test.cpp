// The server and those who mean it ill, or know no better.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>

#include <deque>
#include <filesystem>

#include "metrics/records.hpp"
#include "web/client.hpp"
#include "web/server.hpp"

namespace mxhealth::web {
namespace {

using std::chrono::milliseconds;

std::string padded_to(std::size_t size) {
  const std::string begin = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nX: ";
  return begin + std::string(size - begin.size() - 4, 'x') + "\r\n\r\n";
}

TEST(Hostile, header_at_the_limit_passes_and_one_octet_more_does_not) {
  Running running;
  EXPECT_EQ(Client(running.port()).ask(padded_to(kMaxHeader)).status, 200U);
  Client client(running.port());
  EXPECT_EQ(client.ask(padded_to(kMaxHeader + 1)).status, 431U);
  EXPECT_TRUE(client.is_closed());
}

TEST(Hostile, endless_header_is_refused_while_it_still_comes) {
  Running running;
  Client client(running.port());
  ASSERT_TRUE(client.say("GET / HTTP/1.1\r\n"));
  for (int i = 0; i < 10000 && client.say("X-Endless: 0123456789\r\n"); ++i) {
  }
  EXPECT_EQ(client.hear().status, 431U);
}

TEST(Hostile, huge_target_is_refused) {
  Running running;
  EXPECT_EQ(Client(running.port()).ask("GET /" + std::string(100000, 'a')).status, 431U);
}

TEST(Hostile, what_is_no_request_is_a_bad_request) {
  Running running;
  for (const std::string& request : {
           std::string("\x16\x03\x01\x02\r\n\r\n", 8),                             // a TLS client hello
           std::string("EHLO mx.example.com\r\n\r\n"),                             //
           std::string("GET /\r\n\r\n"),                                           // HTTP/0.9
           std::string("GET / HTTP/1.1\r\n\r\n"),                                  // no Host
           std::string("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),            //
           std::string("GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n"),         //
           std::string("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"),  //
           std::string("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
           std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 29),
       }) {
    Client client(running.port());
    EXPECT_EQ(client.ask(request).status, 400U) << request;
    EXPECT_TRUE(client.is_closed()) << request;
  }
}

TEST(Hostile, other_methods_are_told_which_are_allowed) {
  Running running;
  for (const char* method : {"DELETE", "PUT", "POST", "OPTIONS", "PATCH", "TRACE", "BREW"}) {
    const Reply reply = Client(running.port()).ask(get("/metrics", "", method));
    EXPECT_EQ(reply.status, 405U) << method;
    EXPECT_TRUE(reply.has("Allow: GET, HEAD")) << method;
  }
  EXPECT_EQ(Client(running.port()).ask("CONNECT example.com:25 HTTP/1.1\r\nHost: a\r\n\r\n").status, 404U);
}

TEST(Hostile, body_at_the_limit_is_thrown_away_and_one_octet_more_refused) {
  Running running;
  const auto post = [](std::size_t size) {
    return get("/-/reload", "Content-Length: " + std::to_string(size) + "\r\n", "POST") + std::string(size, 'x');
  };
  Client client(running.port());
  EXPECT_EQ(client.ask(post(kMaxBody)).status, 200U);
  EXPECT_EQ(client.ask(get("/-/healthy")).status, 200U);  // the next request begins where the body ended
  EXPECT_EQ(client.ask(post(kMaxBody + 1)).status, 413U);
  EXPECT_TRUE(client.is_closed());
}

TEST(Hostile, chunked_body_is_measured_too) {
  Running running;
  const std::string begin = get("/-/reload", "Transfer-Encoding: chunked\r\n", "POST");
  Client good(running.port());
  EXPECT_EQ(good.ask(begin + "5\r\nhello\r\n0\r\n\r\n" + get("/-/healthy")).status, 200U);
  EXPECT_EQ(good.hear().body, "Healthy\n");
  Client endless(running.port());
  endless.say(begin);
  const std::string chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n";
  for (int i = 0; i < 1000 && endless.say(chunk); ++i) {
  }
  EXPECT_EQ(endless.hear().status, 413U);
}

TEST(Hostile, client_that_expects_a_continue_gets_one) {
  Running running;
  Client client(running.port());
  const Reply first = client.ask(get("/-/reload", "Content-Length: 5\r\nExpect: 100-continue\r\n", "POST"));
  EXPECT_EQ(first.status, 100U);
  EXPECT_EQ(client.ask("hello").status, 200U);
}

TEST(Hostile, half_a_request_is_cut_at_its_deadline) {
  WebOptions options;
  options.deadlines.header = milliseconds(100);
  Running running(options);
  Client silent(running.port());
  Client half(running.port());
  ASSERT_TRUE(half.say("GET / HTTP/1.1\r\nHo"));
  EXPECT_TRUE(silent.is_closed());
  EXPECT_TRUE(half.is_closed());
}

TEST(Hostile, dripping_octets_buys_no_time) {
  WebOptions options;
  options.deadlines.header = milliseconds(300);
  Running running(options);
  Client client(running.port());
  const auto begin = std::chrono::steady_clock::now();
  while (client.say("x") && std::chrono::steady_clock::now() - begin < std::chrono::seconds(8)) {
    pollfd nothing{-1, 0, 0};
    ::poll(&nothing, 1, 20);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Hostile, idle_client_is_cut_after_its_answer) {
  WebOptions options;
  options.deadlines.idle = milliseconds(100);
  Running running(options);
  Client client(running.port());
  EXPECT_EQ(client.ask(get("/-/healthy")).status, 200U);
  EXPECT_TRUE(client.is_closed());
}

TEST(Hostile, reader_that_does_not_read_is_cut) {
  WebOptions options;
  options.deadlines.answer = milliseconds(200);
  Callbacks callbacks;
  callbacks.own_metrics = [](metrics::Format, std::size_t) {
    return std::string(32 << 20, '#');
  };  // beyond what kernels buffer
  Running running(options, callbacks);
  Client client(running.port(), 4096);
  ASSERT_TRUE(client.say(get("/metrics")));
  const Reply cut = client.hear();  // reads only what was buffered: the rest never comes
  EXPECT_EQ(cut.body, "");
  EXPECT_EQ(Client(running.port()).ask(get("/-/healthy")).status, 200U);
}

TEST(Hostile, half_closed_client_still_gets_its_answer) {
  Running running;
  Client client(running.port());
  ASSERT_TRUE(client.say(get("/-/healthy")));
  client.finish();
  EXPECT_EQ(client.hear().status, 200U);
  EXPECT_TRUE(client.is_closed());
}

TEST(Hostile, thousand_idle_and_fifty_slow_clients_do_not_keep_a_scraper_out) {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 4000) GTEST_SKIP() << "needs 4000 descriptors";
  WebOptions options;
  options.deadlines.header = std::chrono::minutes(5);
  Running running(options);
  running.apply(metrics::example_feed());
  std::deque<Client> idle;
  for (int i = 0; i < 1000; ++i) idle.emplace_back(running.port());
  std::deque<Client> slow;
  for (int i = 0; i < 50; ++i) {
    slow.emplace_back(running.port());
    ASSERT_TRUE(slow.back().say("GET /metrics HTTP/1.1\r\nHo"));
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Client(running.port()).ask(get("/metrics")).status, 200U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_TRUE(idle.front().is_closed());  // the oldest went
  EXPECT_EQ(idle.back().ask(get("/-/healthy")).status, 200U);
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& one : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count - 1;  // the directory's own
}

/// UBSan opens pipes to look at objects, and calls them broken when it cannot.
bool sanitizer_needs_descriptors() {
#ifdef __SANITIZE_ADDRESS__
  return true;
#else
  return false;
#endif
}

/// Leaves no descriptor to this process, server included, until the end of its life.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &saved_);
    rlimit tight = saved_;
    tight.rlim_cur = open_descriptors();  // descriptors are given out without gaps
    ::setrlimit(RLIMIT_NOFILE, &tight);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &saved_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit saved_{};
};

TEST(Hostile, idle_clients_go_when_descriptors_run_out) {
  if (sanitizer_needs_descriptors()) GTEST_SKIP() << "not with sanitizers";
  Running running;
  Client idle(running.port());
  EXPECT_EQ(idle.ask(get("/-/healthy")).status, 200U);
  Client scraper;  // has its descriptor, the server's end has none
  const NoDescriptors none;
  ASSERT_TRUE(scraper.connect(running.port()));
  EXPECT_EQ(scraper.ask(get("/-/healthy")).status, 200U);
  EXPECT_TRUE(idle.is_closed());
}

TEST(Hostile, readers_that_do_not_read_go_when_descriptors_run_out) {
  if (sanitizer_needs_descriptors()) GTEST_SKIP() << "not with sanitizers";
  Callbacks callbacks;
  callbacks.own_metrics = [](metrics::Format, std::size_t) { return std::string(32 << 20, '#'); };
  Running running({}, callbacks);
  Client stuck(running.port(), 4096);
  ASSERT_TRUE(stuck.say(get("/metrics")));
  EXPECT_EQ(stuck.hear(false).status, 200U);  // its body has begun, and fills all buffers
  Client scraper;
  const NoDescriptors none;
  ASSERT_TRUE(scraper.connect(running.port()));
  EXPECT_EQ(scraper.ask(get("/-/healthy")).status, 200U);
  EXPECT_LT(stuck.drain(), std::size_t{32 << 20});
}

TEST(Hostile, accepting_goes_on_after_descriptors_ran_out) {
  if (sanitizer_needs_descriptors()) GTEST_SKIP() << "not with sanitizers";
  Running running;
  Client refused;
  Client later;
  {
    const NoDescriptors none;
    ASSERT_TRUE(refused.connect(running.port()));
    EXPECT_TRUE(refused.is_closed());  // nobody idle: it is let in only to be closed
  }
  ASSERT_TRUE(later.connect(running.port()));
  EXPECT_EQ(later.ask(get("/-/healthy")).status, 200U);
}

}  // namespace
}  // namespace mxhealth::web
