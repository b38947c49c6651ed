#include "daemon/app.hpp"

#include <csignal>
#include <future>

#include "daemon/fixture.hpp"
#include "log/event.hpp"
#include "net/dns_fixture.hpp"
#include "net/loopback.hpp"
#include "web/client.hpp"

namespace mxhealth::daemon {
namespace {

using namespace mxhealth::test;
using net::test::Asked;
using net::test::Replies;

/// Every domain has the MX mx.DOMAIN, every mx.* the address 127.0.0.2; on a thread of its own.
class Resolver {
 public:
  Resolver() : thread_([this] { io_.run(); }) {}
  ~Resolver() {
    io_.stop();
    thread_.join();
  }
  std::string address() const { return to_string(server_.peer()); }
  std::atomic<bool> silent = false;
  std::atomic<int> asked = 0;

 private:
  Replies answer(const Asked& question) {
    ++asked;
    if (silent) return {};
    auto packet = question.reply();
    if (question.type == dns::Type::mx)
      packet.answer(question.name, question.type, 60, dns::test::mx_data(10, "mx." + question.name));
    else if (question.type == dns::Type::a)
      packet.answer(question.name, question.type, 60, {127, 0, 0, 2});
    else
      packet.authority("example", dns::Type::soa, 60, dns::test::soa_data("ns.example", 60));
    return {packet.opt().octets()};
  }
  asio::io_context io_{1};
  net::test::DnsServer server_{io_, [this](const Asked& question) { return answer(question); }};
  std::thread thread_;
};

void smile(Talk& talk) {
  talk.say("220 mx\r\n");
  talk.line();
  talk.say("250 mx\r\n");
  if (talk.line() == "QUIT") talk.say("221 bye\r\n");
  talk.rest();
}

class AppTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { log::configure(log::Level::error, log::Format::logfmt); }
  ~AppTest() override {
    if (running.joinable()) stop();
  }

  std::string config(std::uint16_t smtp, const std::string& domains, const std::string& more = {}) const {
    return "global: {ehlo_name: probe.example.org, interval: 5s, timeouts: {dns: 30s}}\nresolvers: [\"" +
           resolver.address() + "\"]\nmodules: {mx: {role: mx, port: " + std::to_string(smtp) +
           "}}\nlimits: {non_public_targets: true}\ndnsbl: off\ntargets: [" + domains + "]\n" + more;
  }
  AppOptions options() const {
    AppOptions made{.config_file = directory / "c.yml", .web = {}};
    made.web.listen_addresses = {"127.0.0.1:0"};
    return made;
  }
  /// Runs the program on a thread of its own; returns when it listens.
  void start() {
    app = std::make_unique<App>(options());
    std::promise<std::uint16_t> listening;
    running = std::thread([&] {
      code = app->run([&](const std::vector<std::string>& addresses) {
        const std::string& first = addresses.at(0);
        listening.set_value(static_cast<std::uint16_t>(std::stoi(first.substr(first.rfind(':') + 1))));
      });
    });
    port = listening.get_future().get();
  }
  Duration stop() {
    const Mono begun = clock_now();
    app->stop();
    running.join();
    return clock_now() - begun;
  }
  web::Reply ask(const std::string& path, const std::string& method = "GET") const {
    web::Client client(port);
    return client.ask(web::get(path, method == "POST" ? "Content-Length: 0\r\n" : "", method));
  }
  bool shows(const std::string& text, Duration limit = 12s) const { return becomes(text, true, limit); }
  bool hides(const std::string& text, Duration limit = 2s) const { return becomes(text, false, limit); }
  bool becomes(const std::string& text, bool wanted, Duration limit) const {
    const Mono end = clock_now() + limit;
    while (clock_now() < end) {
      if ((ask("/metrics").body.find(text) != std::string::npos) == wanted) return true;
      ::poll(nullptr, 0, 20);
    }
    return false;
  }

  Directory directory;
  Resolver resolver;
  std::unique_ptr<App> app;
  std::thread running;
  std::uint16_t port = 0;
  int code = -1;
};

TEST_F(AppTest, probes_serves_and_ends_when_told) {
  Host host(smile, "127.0.0.2");
  directory.write("c.yml", config(host.peer().port, "{domain: example.net}"));
  start();
  EXPECT_EQ(ask("/-/healthy").status, 200U);
  EXPECT_TRUE(shows("mxhealth_domain_reachable{domain=\"example.net\",role=\"mx\"} 1"));
  EXPECT_EQ(ask("/-/ready").status, 200U);
  EXPECT_LT(stop(), 2s);
  EXPECT_EQ(code, 0);
}

TEST_F(AppTest, a_wrong_configuration_or_address_is_said_by_the_exit_code) {
  EXPECT_EQ(App(options()).run(), 1);  // no file
  directory.write("c.yml", "targets: 7\n");
  EXPECT_EQ(App(options()).run(), 1);
  Host taken(smile);
  directory.write("c.yml", config(25, "{domain: example.net}"));
  AppOptions crowded = options();
  crowded.web.listen_addresses = {to_string(taken.peer())};
  EXPECT_EQ(App(crowded).run(), 1);
}

TEST_F(AppTest, it_may_go_without_having_run) { const App unused(options()); }

TEST_F(AppTest, a_good_reload_changes_targets_a_bad_one_changes_nothing_and_says_why) {
  Host host(smile, "127.0.0.2");
  directory.write("c.yml", config(host.peer().port, "{domain: example.net}"));
  start();
  ASSERT_TRUE(shows("mxhealth_domain_reachable{domain=\"example.net\""));
  directory.write("c.yml", config(host.peer().port, "{domain: example.net}, {domain: other.example}"));
  EXPECT_EQ(ask("/-/reload", "POST").status, 200U);
  EXPECT_TRUE(shows("mxhealth_domain_reachable{domain=\"other.example\""));
  directory.write("c.yml", "targets: [{domian: example.net}]\n");
  const web::Reply refused = ask("/-/reload", "POST");
  EXPECT_GE(refused.status, 400U);
  EXPECT_NE(refused.body.find("c.yml:1:"), std::string::npos) << refused.body;
  EXPECT_TRUE(shows("mxhealth_config_last_reload_successful 0"));
  EXPECT_TRUE(shows("mxhealth_domain_reachable{domain=\"other.example\""));
  directory.write("c.yml", config(host.peer().port, "{domain: example.net}"));
  EXPECT_EQ(ask("/-/reload", "POST").status, 200U);
  EXPECT_TRUE(shows("mxhealth_config_last_reload_successful 1"));
  EXPECT_TRUE(hides("other.example"));
  stop();
  EXPECT_EQ(code, 0);
}

TEST_F(AppTest, a_hangup_signal_reloads_and_a_termination_signal_ends) {
  Host host(smile, "127.0.0.2");
  directory.write("c.yml", config(host.peer().port, "{domain: example.net}"));
  start();
  directory.write("c.yml", config(host.peer().port, "{domain: signal.example}"));
  ::kill(::getpid(), SIGHUP);
  EXPECT_TRUE(shows("signal.example"));
  ::kill(::getpid(), SIGTERM);
  running.join();
  EXPECT_EQ(code, 0);
}

TEST_F(AppTest, hanging_sessions_do_not_keep_it_from_ending) {
  std::atomic<int> greeted = 0;
  Host host(
      [&](Talk& talk) {
        talk.say("220 mx\r\n");
        talk.line();
        ++greeted;
        talk.rest();
      },
      "127.0.0.2");
  std::string domains = "{domain: d0.example}";
  for (int i = 1; i < 20; ++i) domains += ", {domain: d" + std::to_string(i) + ".example}";
  directory.write("c.yml", config(host.peer().port, domains));
  start();
  const Mono end = clock_now() + 12s;
  while (greeted == 0 && clock_now() < end) ::poll(nullptr, 0, 10);
  ASSERT_GT(greeted, 0);
  EXPECT_LT(stop(), 5s);
  EXPECT_EQ(code, 0);
}

TEST_F(AppTest, neither_do_lookups_of_whatever_configuration_nor_clients_that_do_not_read) {
  resolver.silent = true;
  directory.write("c.yml", config(25, "{domain: example.net}"));
  start();
  const Mono end = clock_now() + 10s;
  while (resolver.asked == 0 && clock_now() < end) ::poll(nullptr, 0, 10);
  EXPECT_EQ(ask("/-/reload", "POST").status, 200U);
  web::Client idle(port), half(port), deaf(port, 1024);
  half.say("GET /metr");
  for (int i = 0; i < 50; ++i) deaf.say(web::get("/metrics"));
  EXPECT_LT(stop(), 5s);
  EXPECT_EQ(code, 0);
}

TEST_F(AppTest, it_can_be_told_to_end_at_once_and_while_it_reloads) {
  directory.write("c.yml", config(25, "{domain: example.net}"));
  start();
  EXPECT_LT(stop(), 2s);
  EXPECT_EQ(code, 0);
  start();
  for (int i = 0; i < 5; ++i) ::kill(::getpid(), SIGHUP);
  EXPECT_LT(stop(), 5s);
  EXPECT_EQ(code, 0);
}

TEST_F(AppTest, a_bug_leaves_run_as_an_exception) {
  directory.write("c.yml", config(25, "{domain: example.net}"));
  App buggy(options());
  EXPECT_THROW(buggy.run([](const std::vector<std::string>&) { throw std::logic_error("a bug"); }), std::logic_error);
}

TEST_F(AppTest, a_target_file_that_changes_is_read_again) {
  Host host(smile, "127.0.0.2");
  directory.write("more.yml", "targets: [{domain: first.example}]\n");
  directory.write("c.yml", config(host.peer().port, "{domain: example.net}", "target_files: [more.yml]\n"));
  start();
  ASSERT_TRUE(shows("first.example"));
  directory.write("more.yml", "targets: [{domain: second.example}]\n");
  EXPECT_TRUE(shows("second.example", 15s));
  stop();
}

}  // namespace
}  // namespace mxhealth::daemon
