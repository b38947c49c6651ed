#include "diagnosis/confirm.hpp"

#include <gtest/gtest.h>

#include "diagnosis/cause_of.hpp"

namespace mxhealth::diagnosis {
namespace {

using namespace std::chrono_literals;

class confirm : public ::testing::Test {
 protected:
  Bearing fails(Cause cause) { return confirmation.observe(found(cause), now, settings); }
  Bearing works() { return confirmation.observe(std::nullopt, now, settings); }

  ConfirmSettings settings;
  Confirmation confirmation;
  Mono now{1h};
};

TEST_F(confirm, a_success_counts_at_once) { EXPECT_EQ(works(), Bearing::accept); }

TEST_F(confirm, a_failure_without_an_answer_counts_the_second_time) {
  works();
  now += 60s;
  EXPECT_EQ(fails(Cause::connect_timeout), Bearing::keep_and_probe);
  now += 5s;
  EXPECT_EQ(fails(Cause::connect_refused), Bearing::accept) << "another cause is a failure all the same";
  now += 60s;
  EXPECT_EQ(fails(Cause::connect_timeout), Bearing::accept) << "it stays down";
}

TEST_F(confirm, the_first_failure_ever_is_confirmed_as_well) {
  EXPECT_EQ(fails(Cause::connect_refused), Bearing::keep_and_probe);
  now += 5s;
  EXPECT_EQ(fails(Cause::connect_refused), Bearing::accept);
}

TEST_F(confirm, two_failures_inside_one_hiccup_are_one) {
  fails(Cause::connect_timeout);
  now += 4s;
  EXPECT_EQ(fails(Cause::connect_timeout), Bearing::keep_and_probe);
  now += 1s;
  EXPECT_EQ(fails(Cause::connect_timeout), Bearing::accept);
}

TEST_F(confirm, a_success_between_begins_anew) {
  fails(Cause::connect_timeout);
  now += 5s;
  EXPECT_EQ(works(), Bearing::accept);
  now += 60s;
  EXPECT_EQ(fails(Cause::connect_timeout), Bearing::keep_and_probe);
}

TEST_F(confirm, what_the_server_said_counts_at_once) {
  works();
  for (const Cause said : {Cause::banner_tempfail, Cause::banner_rejected, Cause::ehlo_rejected, Cause::auth_rejected})
    EXPECT_EQ(fails(said), Bearing::accept) << label(said);
}

TEST_F(confirm, silence_after_a_refusal_is_confirmed_on_its_own) {
  fails(Cause::banner_tempfail);
  now += 60s;
  EXPECT_EQ(fails(Cause::connect_timeout), Bearing::keep_and_probe);
}

TEST_F(confirm, tls_and_protocol_failures_are_confirmed) {
  for (const Cause cause : {Cause::tls_handshake_failed, Cause::tls_timeout, Cause::protocol_error}) {
    confirmation = {};
    works();
    now += 60s;
    EXPECT_EQ(fails(cause), Bearing::keep_and_probe) << label(cause);
  }
}

TEST_F(confirm, throttling_keeps_what_was_known) {
  works();
  EXPECT_EQ(fails(Cause::throttled), Bearing::keep);
  EXPECT_EQ(fails(Cause::greylisted), Bearing::keep);
  EXPECT_EQ(confirmation.throttled_in_row(), 2U);
  works();
  EXPECT_EQ(confirmation.throttled_in_row(), 0U);
}

TEST_F(confirm, throttling_is_the_state_where_nothing_was_known) {
  EXPECT_EQ(fails(Cause::throttled), Bearing::accept);
  EXPECT_EQ(fails(Cause::throttled), Bearing::keep);
}

TEST_F(confirm, an_unconfirmed_failure_is_nothing_known) {
  fails(Cause::connect_timeout);
  EXPECT_EQ(fails(Cause::throttled), Bearing::accept);
}

TEST_F(confirm, causes_of_our_own_say_nothing_about_the_address) {
  works();
  for (const Cause ours : {Cause::local_resource, Cause::local_policy, Cause::probe_deadline, Cause::egress_blocked})
    EXPECT_EQ(fails(ours), Bearing::unknown) << label(ours);
}

TEST_F(confirm, causes_of_our_own_neither_count_nor_reset) {
  fails(Cause::connect_timeout);
  now += 3s;
  EXPECT_EQ(fails(Cause::local_resource), Bearing::unknown);
  now += 2s;
  EXPECT_EQ(fails(Cause::connect_timeout), Bearing::accept);
}

TEST_F(confirm, a_row_that_a_blocked_egress_interrupts_begins_anew) {
  fails(Cause::connect_timeout);
  now += 5s;
  EXPECT_EQ(fails(Cause::egress_blocked), Bearing::unknown);
  now += 60s;
  EXPECT_EQ(fails(Cause::connect_timeout), Bearing::keep_and_probe);
}

TEST_F(confirm, what_was_confirmed_before_our_egress_was_blocked_stays_so) {
  fails(Cause::connect_timeout);
  now += 5s;
  EXPECT_EQ(fails(Cause::connect_timeout), Bearing::accept);
  EXPECT_EQ(fails(Cause::egress_blocked), Bearing::unknown);
  now += 60s;
  EXPECT_EQ(fails(Cause::connect_timeout), Bearing::accept);
}

TEST_F(confirm, one_probe_is_enough_where_configured) {
  settings.probes = 1;
  EXPECT_EQ(fails(Cause::connect_timeout), Bearing::accept);
}

TEST_F(confirm, three_probes_are_counted) {
  settings.probes = 3;
  for (const Bearing expected : {Bearing::keep_and_probe, Bearing::keep_and_probe, Bearing::accept, Bearing::accept}) {
    EXPECT_EQ(fails(Cause::connect_timeout), expected);
    now += 5s;
  }
}

TEST(backoff, doubles_up_to_an_hour) {
  EXPECT_EQ(backoff(60s, 0), 60s);
  EXPECT_EQ(backoff(60s, 1), 120s);
  EXPECT_EQ(backoff(60s, 5), 1920s);
  EXPECT_EQ(backoff(60s, 6), 1h);
  EXPECT_EQ(backoff(60s, 4'000'000'000U), 1h);
  EXPECT_EQ(backoff(2h, 3), 2h) << "never sooner than the interval";
}

}  // namespace
}  // namespace mxhealth::diagnosis
