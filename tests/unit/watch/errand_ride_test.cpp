// Errands in the sessions of an endpoint.
#include "watch/errand.hpp"
#include "watch/fixture.hpp"

namespace mxhealth::watch {
namespace {

const ServerName kServer = name("a.example.net");

class ErrandRideTest : public WatchTest {
 protected:
  ErrandRideTest() {
    errands = {std::make_shared<Errand>(
        ErrandSpec{.server = kServer, .wish = Envelope{.from = "", .to = "postmaster@example.net"}}, kErrandsApart)};
  }
};

TEST_F(ErrandRideTest, it_rides_in_one_session_and_not_in_the_next) {
  Host host(answer_to_mail("550 5.7.1 not you\r\n"));
  const auto one = endpoint(host.peer(), {kServer}, 300ms);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(1));
  ASSERT_TRUE(errands[0]->result());
  EXPECT_EQ(errands[0]->result()->cause->cause, Cause::sender_rejected);
  EXPECT_EQ(attempts[0].cause, std::nullopt) << "the endpoint answered";
  EXPECT_EQ(one->confirmed(kServer)->envelopes.size(), 1U);
  ASSERT_TRUE(attempted(2));
  EXPECT_TRUE(one->confirmed(kServer)->envelopes.empty());
  EXPECT_EQ(errands[0]->result()->cause->cause, Cause::sender_rejected) << "and stays as it was";
}

TEST_F(ErrandRideTest, a_connection_lost_on_it_is_looked_at_again_soon) {
  Host host(answer_to_mail(""));
  const auto one = endpoint(host.peer(), {kServer});
  one->begin(clock_now());
  ASSERT_TRUE(attempted(2));
  EXPECT_GE(attempts[1].at - attempts[0].at, 100ms);
  ASSERT_TRUE(errands[0]->result());
  EXPECT_EQ(errands[0]->result()->cause->cause, Cause::connection_lost);
  run_for(io, 300ms);
  EXPECT_EQ(attempts.size(), 2U);
}

}  // namespace
}  // namespace mxhealth::watch
