#include "diagnosis/standing.hpp"

#include <gtest/gtest.h>

#include <cerrno>

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

}  // namespace
}  // namespace mxhealth::diagnosis
