#include "diagnosis/standing.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "diagnosis/cause_of.hpp"
#include "diagnosis/runs.hpp"

namespace mxhealth::diagnosis {
namespace {

using namespace mxhealth::testing;
const Address kAddress = *Address::parse("192.0.2.1");
const ServerName kServer = *ServerName::parse("mx.example.net");

Standing stands(const SessionRun& run, TlsPolicy policy) { return standing(kAddress, &run, policy, kServer).standing; }

TEST(standing, nothing_observed_is_unknown) {
  const RouteAddress address = standing(kAddress, nullptr, TlsPolicy::opportunistic, kServer);
  EXPECT_EQ(address.standing, Standing::unknown);
  EXPECT_EQ(address.address, kAddress);
  EXPECT_FALSE(address.cause);
}

TEST(standing, a_cause_of_our_own_is_unknown_and_told) {
  const SessionRun run = unconnected({Ending::local_failure, EMFILE});
  const RouteAddress address = standing(kAddress, &run, TlsPolicy::opportunistic, kServer);
  EXPECT_EQ(address.standing, Standing::unknown);
  ASSERT_TRUE(address.cause);
  EXPECT_EQ(address.cause->cause, Cause::local_resource);
}

TEST(standing, one_observation_serves_every_policy) {
  const SessionRun plain = played({kGreeting, kPlainEhlo});
  EXPECT_EQ(stands(plain, TlsPolicy::opportunistic), Standing::good);
  EXPECT_EQ(stands(plain, TlsPolicy::required), Standing::failing);

  const SessionRun broken = played({kGreeting, kTlsEhlo, kGoAhead}, {Ending::tls_failed});
  EXPECT_EQ(stands(broken, TlsPolicy::opportunistic), Standing::impaired);
  EXPECT_EQ(stands(broken, TlsPolicy::required), Standing::failing);

  const SessionRun refused = played({kGreeting, kTlsEhlo, "454 4.7.0 no\r\n"});
  EXPECT_EQ(stands(refused, TlsPolicy::opportunistic), Standing::good);
  EXPECT_EQ(stands(refused, TlsPolicy::required), Standing::failing);
}

TEST(standing, a_connection_lost_at_starttls_delivers_nothing) {
  const SessionRun lost = played({kGreeting, kTlsEhlo}, {Ending::peer_closed});
  EXPECT_EQ(stands(lost, TlsPolicy::opportunistic), Standing::failing);
}

// Behind 421 nobody is left; where it goes on in clear text after all, so does a sender, and we do not see it.
TEST(standing, starttls_answered_421_delivers_nothing) {
  const SessionRun gone = played({kGreeting, kTlsEhlo, "421 4.3.2 bye\r\n"});
  EXPECT_EQ(stands(gone, TlsPolicy::opportunistic), Standing::failing);
}

TEST(standing, the_reply_is_quoted_as_a_sender_logs_it) {
  const auto quoted = [](std::string_view reply) {
    const SessionRun run = played({reply});
    const RouteAddress address = standing(kAddress, &run, TlsPolicy::opportunistic, kServer);
    return std::to_string(address.reply_code) + " " + address.reply_status;
  };
  EXPECT_EQ(quoted("554 5.7.1 no\r\n"), "554 5.7.1");
  EXPECT_EQ(quoted("554 no\r\n"), "554 5.0.0");
  EXPECT_EQ(quoted("450 5.7.1 no\r\n"), "450 4.0.0") << "a status of another class is none";
  EXPECT_EQ(quoted("450 4.9.99 no\r\n"), "450 other");
  const SessionRun silent = played({}, {Ending::timed_out});
  EXPECT_EQ(standing(kAddress, &silent, TlsPolicy::opportunistic, kServer).reply_code, 0);
}

TEST(standing, a_refused_starttls_is_quoted_where_tls_is_demanded) {
  const SessionRun run = played({kGreeting, kTlsEhlo, "502 5.5.1 no\r\n"});
  const RouteAddress address = standing(kAddress, &run, TlsPolicy::required, kServer);
  EXPECT_EQ(address.reply_code, 502);
  EXPECT_EQ(address.reply_status, "5.5.1");
}

TEST(standing, a_latest_run_that_asks_for_patience_is_told_beside_the_state) {
  const SessionRun good = played({kGreeting, kPlainEhlo});
  const SessionRun throttled = played({"421 4.7.0 too many\r\n"});
  const SessionRun down = unconnected({Ending::connect_failed, ECONNREFUSED});
  const auto with = [&](const SessionRun& latest) {
    return standing(kAddress, &good, TlsPolicy::opportunistic, kServer, &latest);
  };
  EXPECT_EQ(with(throttled).standing, Standing::good);
  ASSERT_TRUE(with(throttled).now);
  EXPECT_EQ(with(throttled).now->cause, Cause::throttled);
  EXPECT_EQ(with(throttled).reply_code, 421);
  EXPECT_FALSE(with(down).now) << "not confirmed yet";
  EXPECT_FALSE(with(good).now);
}

TEST(standing, the_name_of_this_target_is_asked_for) {
  const auto tls = tls_facts(ChainVerdict::trusted, "other.example.net", true);
  const SessionRun run = played({kGreeting, kTlsEhlo, kGoAhead, kPlainEhlo}, {}, tls);
  EXPECT_EQ(stands(run, TlsPolicy::verified), Standing::failing);
  EXPECT_EQ(standing(kAddress, &run, TlsPolicy::verified, tls.sni).standing, Standing::good);
}

TEST(standing, what_is_not_dialled_fails) {
  const RouteAddress loop = not_dialled(*Address::parse("127.0.0.1"));
  EXPECT_EQ(loop.standing, Standing::failing);
  EXPECT_EQ(loop.cause->cause, Cause::mx_loop);
  EXPECT_EQ(not_dialled(*Address::parse("10.0.0.1")).cause->cause, Cause::mx_not_public);
  EXPECT_EQ(not_dialled(*Address::parse("::ffff:127.0.0.1")).cause->cause, Cause::mx_loop);
}

TEST(standing, localhost_is_the_sender_itself) {
  EXPECT_EQ(never_dialled(*ServerName::parse("LocalHost."))->cause, Cause::mx_loop);
  EXPECT_FALSE(never_dialled(kServer));
}

TEST(standing, a_refused_starttls_is_quoted_though_an_envelope_followed) {
  smtp::DialoguePlan plan{.tls = smtp::TlsMode::if_offered,
                          .ehlo_name = "probe.example.net",
                          .envelopes = {{.from = "", .to = "postmaster@example.net"}}};
  const SessionRun run =
      played(plan, {kGreeting, kTlsEhlo, "454 4.7.0 no\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n"});
  EXPECT_EQ(standing(kAddress, &run, TlsPolicy::opportunistic, kServer).standing, Standing::good);
  const RouteAddress refused = standing(kAddress, &run, TlsPolicy::required, kServer);
  EXPECT_EQ(refused.cause->cause, Cause::starttls_refused);
  EXPECT_EQ(refused.reply_code, 454);
  EXPECT_EQ(refused.reply_status, "4.7.0");
  EXPECT_FALSE(refused.past_hello);
}

RouteAddress by_session(Standing standing, std::optional<CauseFound> cause = {}) {
  RouteAddress made;
  made.address = kAddress;
  made.standing = standing;
  made.cause = std::move(cause);
  return made;
}

TEST(standing, an_errand_is_asked_only_where_the_session_is_good) {
  const ErrandResult fine{};
  const ErrandResult refused{found(Cause::recipient_rejected), 550, "5.1.1"};
  const RouteAddress good = by_session(Standing::good);
  EXPECT_EQ(standing(good, fine), good);
  EXPECT_EQ(standing(good, std::nullopt).standing, Standing::unknown);
  const RouteAddress no_user = standing(good, refused);
  EXPECT_EQ(no_user.standing, Standing::failing);
  EXPECT_EQ(no_user.cause->cause, Cause::recipient_rejected);
  EXPECT_EQ(no_user.reply_code, 550);
  EXPECT_EQ(no_user.reply_status, "5.1.1");
  EXPECT_TRUE(no_user.past_hello);

  const RouteAddress impaired = by_session(Standing::impaired, found(Cause::tls_handshake_failed));
  EXPECT_EQ(standing(impaired, fine), impaired);
  EXPECT_EQ(standing(impaired, std::nullopt), impaired) << "the errand cannot get through either";
  EXPECT_EQ(standing(impaired, refused).cause->cause, Cause::recipient_rejected);

  const RouteAddress failing = by_session(Standing::failing, found(Cause::connect_refused));
  EXPECT_EQ(standing(failing, refused), failing);
  EXPECT_EQ(standing(failing, std::nullopt), failing);
}

TEST(standing, greylisting_that_does_not_count_is_told_to_forecasts) {
  const ErrandResult fine{};
  const ErrandResult later{found(Cause::greylisted), 450, "4.7.1"};
  const RouteAddress patient = standing(by_session(Standing::good), fine, later);
  EXPECT_EQ(patient.standing, Standing::good);
  EXPECT_EQ(patient.now->cause, Cause::greylisted);
  EXPECT_EQ(patient.reply_code, 450);
  EXPECT_EQ(standing(by_session(Standing::good), fine, fine), by_session(Standing::good));
  EXPECT_FALSE(standing(by_session(Standing::good), later, later).now) << "it counts already";
  const ErrandResult lost{found(Cause::connection_lost), 0, {}};
  EXPECT_FALSE(standing(by_session(Standing::good), fine, lost).now) << "not confirmed, and no matter of patience";
}

}  // namespace
}  // namespace mxhealth::diagnosis
