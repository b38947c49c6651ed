#include "watch/errand.hpp"

#include <gtest/gtest.h>

#include "diagnosis/runs.hpp"
#include "watch/errand_book.hpp"

namespace mxhealth::watch {
namespace {

using namespace std::chrono_literals;
using namespace mxhealth::testing;

const ServerName kServer = *ServerName::parse("mx.example.net");
const diagnosis::ConfirmSettings kConfirm{.probes = 2, .after = 5s};
constexpr Mono kBegin{1h};
constexpr std::string_view kYes = "250 2.1.0 ok\r\n";
constexpr std::string_view kGrey = "450 4.7.1 greylisted\r\n";

std::shared_ptr<Errand> errand(const std::string& to = "postmaster@example.net") {
  return std::make_shared<Errand>(ErrandSpec{.server = kServer, .wish = Envelope{.from = "", .to = to}}, 5min);
}

// Sends the errand along in a session in which MAIL, RCPT and RSET get these answers.
bool ride(const std::shared_ptr<Errand>& one, Mono at, const std::vector<std::string_view>& answers, End end = {}) {
  Ride session({one}, at);
  smtp::DialoguePlan plan{.tls = smtp::TlsMode::if_offered, .ehlo_name = "probe.example.net"};
  session.ask(plan);
  std::vector<std::string_view> replies{kGreeting, kPlainEhlo};
  replies.insert(replies.end(), answers.begin(), answers.end());
  return session.take(played(plan, replies, end), at, kConfirm);
}

std::optional<Cause> cause(const Errand& one) {
  return one.result()->cause ? std::optional(one.result()->cause->cause) : std::nullopt;
}

TEST(errand, is_due_at_once_and_then_not_before_its_time) {
  const auto one = errand();
  EXPECT_TRUE(one->is_due(kBegin));
  EXPECT_FALSE(one->result());
  EXPECT_FALSE(ride(one, kBegin, {kYes, kYes, kYes}));
  ASSERT_TRUE(one->result());
  EXPECT_FALSE(one->result()->cause);
  EXPECT_FALSE(one->is_due(kBegin + 5min - 1ms));
  EXPECT_TRUE(one->is_due(kBegin + 5min));
}

TEST(errand, what_the_server_said_counts_at_once) {
  const auto one = errand();
  ride(one, kBegin, {kYes, kYes, kYes});
  EXPECT_FALSE(ride(one, kBegin + 5min, {kYes, "550 5.1.1 no\r\n", kYes})) << "and is not asked again early";
  EXPECT_EQ(cause(*one), Cause::recipient_rejected);
  EXPECT_FALSE(one->is_due(kBegin + 9min));
  ride(one, kBegin + 10min, {kYes, kYes, kYes});
  EXPECT_EQ(cause(*one), std::nullopt);
}

TEST(errand, a_lost_connection_counts_when_it_is_repeated_soon) {
  const auto one = errand();
  ride(one, kBegin, {kYes, kYes, kYes});
  EXPECT_TRUE(ride(one, kBegin + 5min, {}, {Ending::peer_closed}));
  EXPECT_EQ(cause(*one), std::nullopt);
  EXPECT_TRUE(one->is_due(kBegin + 5min + kConfirm.after));
  EXPECT_FALSE(ride(one, kBegin + 5min + kConfirm.after, {}, {Ending::peer_closed}));
  EXPECT_EQ(cause(*one), Cause::connection_lost);
}

TEST(errand, greylisting_keeps_what_was_known_and_makes_it_rarer) {
  const auto one = errand();
  ride(one, kBegin, {kYes, kYes, kYes});
  Mono now = kBegin + 5min;
  for (const Duration wait : {10min, 20min, 40min, 60min, 60min}) {
    ride(one, now, {kYes, kGrey, kYes});
    EXPECT_EQ(cause(*one), std::nullopt);
    EXPECT_EQ(one->latest()->cause->cause, Cause::greylisted);
    EXPECT_FALSE(one->is_due(now + wait - 1s));
    EXPECT_TRUE(one->is_due(now + wait));
    now += wait;
  }
  ride(one, now, {kYes, kYes, kYes});
  EXPECT_TRUE(one->is_due(now + 5min));
}

TEST(errand, greylisted_from_the_start_it_is_deferred) {
  const auto one = errand();
  ride(one, kBegin, {kYes, kGrey, kYes});
  EXPECT_EQ(cause(*one), Cause::greylisted);
  EXPECT_EQ(one->result()->reply_code, 450);
  EXPECT_EQ(one->result()->reply_status, "4.7.1");
}

TEST(errand, a_session_that_never_got_there_or_that_we_stopped_leaves_it_due) {
  const auto one = errand();
  Ride unlucky({one}, kBegin);
  EXPECT_FALSE(one->is_due(kBegin)) << "it is under way";
  EXPECT_FALSE(unlucky.take(unconnected({Ending::connect_failed, 111}), kBegin, kConfirm));
  EXPECT_FALSE(one->result());
  EXPECT_TRUE(one->is_due(kBegin));
  EXPECT_FALSE(ride(one, kBegin, {}, {Ending::stopped}));
  EXPECT_FALSE(one->result());
  EXPECT_TRUE(one->is_due(kBegin));
}

TEST(errand, equal_envelopes_share_a_ride_and_the_longest_waiting_go_first) {
  std::vector<std::shared_ptr<Errand>> many;
  for (std::size_t i = 0; i < smtp::kMaxEnvelopes + 3; ++i)
    many.push_back(errand("user" + std::to_string(i) + "@example.net"));
  ride(many[0], kBegin, {kYes, kYes, kYes});
  many.push_back(errand("user1@example.net"));
  const Ride session(many, kBegin + 5min);
  smtp::DialoguePlan plan;
  session.ask(plan);
  ASSERT_EQ(plan.envelopes.size(), smtp::kMaxEnvelopes);
  EXPECT_EQ(plan.envelopes.front().to, "user1@example.net") << "user0 has been asked about before";
  EXPECT_FALSE(many.back()->is_due(kBegin + 5min)) << "rides with its equal";
  EXPECT_TRUE(many.front()->is_due(kBegin + 5min)) << "goes with the next session";
}

// --- logins

std::shared_ptr<Errand> login(TlsPolicy tls = TlsPolicy::verified) {
  return std::make_shared<Errand>(
      ErrandSpec{.server = kServer, .wish = Login{.user = "probe", .password = Secret("hunter2")}, .tls = tls}, 5min);
}

// Sends the login along in a session behind TLS in which AUTH gets this answer.
bool log_in(const std::shared_ptr<Errand>& one, Mono at, std::string_view answer,
            const TlsFacts& tls = tls_facts(ChainVerdict::trusted, "mx.example.net", true)) {
  Ride session({one}, at);
  smtp::DialoguePlan plan{.tls = smtp::TlsMode::if_offered, .ehlo_name = "probe.example.net"};
  session.ask(plan);
  EXPECT_EQ(plan.auth->nonce.size(), 32U);
  const SessionRun run =
      played(plan, {kGreeting, kTlsEhlo, kGoAhead, "250-mx\r\n250 AUTH PLAIN\r\n", answer}, {Ending::stopped}, tls);
  return session.take(run, at, kConfirm);
}

TEST(errand, a_login_stops_after_three_rejections_in_a_row_until_it_is_forgiven) {
  const auto one = login();
  Mono now = kBegin;
  for (unsigned i = 0; i < kMaxRejections; ++i, now += 5min) {
    ASSERT_TRUE(one->is_due(now));
    log_in(one, now, "535 5.7.8 no\r\n");
  }
  EXPECT_EQ(cause(*one), Cause::auth_rejected);
  EXPECT_FALSE(one->is_due(now + 24h));
  one->forgive();
  EXPECT_TRUE(one->is_due(now + 5min));
}

TEST(errand, only_rejections_in_a_row_count) {
  const auto one = login();
  Mono now = kBegin;
  for (const std::string_view answer : {"535 no\r\n", "535 no\r\n", "235 ok\r\n", "535 no\r\n", "535 no\r\n"}) {
    log_in(one, now, answer);
    now += 5min;
  }
  EXPECT_TRUE(one->is_due(now));
}

TEST(errand, a_certificate_that_keeps_the_password_here_is_a_result_where_tls_is_not_asked_for_by_starttls) {
  const auto untrusted = tls_facts(ChainVerdict::untrusted, "mx.example.net", true);
  const auto implicit = login(TlsPolicy::implicit);
  EXPECT_TRUE(log_in(implicit, kBegin, "", untrusted));
  EXPECT_FALSE(log_in(implicit, kBegin + kConfirm.after, "", untrusted));
  ASSERT_TRUE(implicit->result());
  EXPECT_EQ(cause(*implicit), Cause::cert_untrusted);

  const auto required = login(TlsPolicy::required);
  log_in(required, kBegin, "235 ok\r\n", untrusted);
  ASSERT_TRUE(required->result());
  EXPECT_EQ(cause(*required), std::nullopt);
}

// Several names on one address: the session spoke to another one, ours has a session of its own.
TEST(errand, a_login_waits_for_a_session_under_its_own_name) {
  const auto one = login();
  auto other = tls_facts(ChainVerdict::trusted, "other.example.net", true);
  other.chain->names.push_back({kServer, false});
  EXPECT_FALSE(log_in(one, kBegin, "", other));
  EXPECT_FALSE(one->result());
  EXPECT_TRUE(one->is_due(kBegin));
}

TEST(errand, one_session_logs_in_once) {
  const auto one = login();
  const auto equal = login();
  const auto other = std::make_shared<Errand>(
      ErrandSpec{.server = kServer, .wish = Login{.user = "other", .password = Secret("x")}}, 5min);
  const Ride session({one, equal, other}, kBegin);
  EXPECT_FALSE(one->is_due(kBegin));
  EXPECT_FALSE(equal->is_due(kBegin));
  EXPECT_TRUE(other->is_due(kBegin));
}

TEST(errand_book, logins_go_to_every_server) {
  const ServerName second = *ServerName::parse("mx2.example.net");
  config::Module module{.name = "login", .role = Role::submission};
  module.auth = Login{.user = "probe", .password = Secret("hunter2")};
  ErrandBook book;
  book.list({module}, {kServer, second}, 5min);
  const Errand* one = book.find(module, kServer);
  ASSERT_NE(one, nullptr);
  EXPECT_NE(book.find(module, second), nullptr);
  const auto kept = book.due(module, kBegin);
  module.auth->password = Secret("hunter3");
  book.list({module}, {kServer, second}, 5min);
  EXPECT_NE(book.find(module, kServer), one) << "a new password is a new errand";
}

TEST(errand_book, holds_one_for_the_best_server_and_keeps_it_while_it_is_the_same) {
  const ServerName second = *ServerName::parse("mx2.example.net");
  config::Module module{.name = "inbox"};
  module.envelope = Envelope{.from = "", .to = "postmaster@example.net"};
  const config::Module plain{.name = "mx"};
  ErrandBook book;
  book.list({plain, module}, {kServer, second}, 5min);
  EXPECT_EQ(book.find(plain, kServer), nullptr);
  EXPECT_EQ(book.find(module, second), nullptr);
  const Errand* one = book.find(module, kServer);
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(book.due(module, kBegin).size(), 1U);
  EXPECT_TRUE(book.due(plain, kBegin).empty());

  book.list({module}, {kServer}, 5min);
  EXPECT_EQ(book.find(module, kServer), one);
  module.envelope->to = "abuse@example.net";
  const auto kept = book.due(module, kBegin);  // keeps the old one from its place
  book.list({module}, {kServer}, 5min);
  EXPECT_NE(book.find(module, kServer), one);
  book.list({module}, {}, 5min);
  EXPECT_EQ(book.find(module, kServer), nullptr);
}

}  // namespace
}  // namespace mxhealth::watch
