// The sender models where the oracle does not look: equal preferences, limits, loops, statuses, what we do not know.
// Where a comment says "seen", a real Postfix 3.7.11 or Exim 4.96 did so.
#include <gtest/gtest.h>

#include "forecast/forecast.hpp"
#include "forecast/routes.hpp"
#include "forecast/verdict.hpp"

namespace mxhealth::forecast {
namespace {

using namespace mxhealth::testing;

std::string told(const Route& route, Sender sender) {
  const auto one = forecast(route, sender);
  return one ? std::string(label(one->outcome)) + " " + one->enhanced_status : "unknown";
}
std::string postfix(const Route& route) { return told(route, Sender::postfix); }
std::string exim(const Route& route) { return told(route, Sender::exim); }
std::string postfix(std::string_view text) { return postfix(route_from(text)); }
std::string exim(std::string_view text) { return exim(route_from(text)); }

RouteAddress& address(Route& route, std::size_t host) { return route.hosts.at(host).addresses.front(); }

// --- Postfix

TEST(postfix_model, a_greeting_of_5xx_defers_and_a_hello_of_5xx_bounces_at_once) {
  EXPECT_EQ(postfix("10 banner_rejected"), "defer 4.0.0");
  EXPECT_EQ(postfix("10 ehlo_rejected 20 ok"), "bounce 5.0.0");
}

TEST(postfix_model, the_last_failure_tried_is_named) {
  EXPECT_EQ(postfix("10 banner_rejected 20 refused"), "defer 4.4.1");
  EXPECT_EQ(postfix("10 tls_broken 20 refused"), "defer 4.4.1");
  EXPECT_EQ(postfix("10 refused 20 tls_broken"), "defer 4.7.5");
}

TEST(postfix_model, two_sessions_past_hello_are_the_limit) {  // seen
  EXPECT_EQ(postfix("10 deferred_sender 20 deferred_recipient 30 ok"), "defer 4.2.2");
  EXPECT_EQ(postfix("10 deferred_recipient 20 refused 30 deferred_sender 40 ok"), "defer 4.3.0");
  EXPECT_EQ(postfix("10 deferred_recipient 20 refused 30 ok"), "deliver 2.0.0");
  EXPECT_EQ(postfix("10 ehlo_tempfail 20 ehlo_tempfail 30 ehlo_tempfail 40 ok"), "deliver 2.0.0");
}

TEST(postfix_model, a_rejected_recipient_bounces_though_a_good_host_follows) {
  EXPECT_EQ(postfix("10 recipient_rejected 20 ok"), "bounce 5.0.0");
  EXPECT_EQ(postfix("10 sender_rejected 20 ok"), "bounce 5.0.0");
}

TEST(postfix_model, a_lookup_that_may_pass_makes_those_behind_it_soft) {  // seen
  EXPECT_EQ(postfix("10 missing 20 servfail"), "defer 4.4.3");
  EXPECT_EQ(postfix("10 servfail 20 missing"), "defer 4.4.4");
  EXPECT_EQ(postfix("10 missing 20 missing"), "bounce 5.4.4");
}

TEST(postfix_model, meeting_itself_is_a_loop_unless_a_better_host_is_unknown) {
  EXPECT_EQ(postfix("10 loop 20 ok"), "bounce 5.4.6");
  EXPECT_EQ(postfix("10 refused 20 loop 30 ok"), "defer 4.4.1");
  EXPECT_EQ(postfix("10 missing 20 loop"), "defer 4.4.4");
}

TEST(postfix_model, a_reply_without_status_reads_x_0_0) {  // seen
  Route route = route_from("10 starttls_refused 20 ok");
  address(route, 0).reply_code = 454;
  address(route, 0).reply_status = "4.0.0";
  EXPECT_EQ(postfix(route), "deliver 2.0.0");
  route.hosts.pop_back();
  EXPECT_EQ(postfix(route), "defer 4.0.0");
  address(route, 0).reply_code = 550;
  address(route, 0).reply_status = "5.0.0";
  EXPECT_EQ(postfix(route), "bounce 5.0.0");
}

TEST(postfix_model, a_reply_of_a_class_that_is_not_due_is_a_hard_failure) {  // seen
  Route route = route_from("10 protocol_error 20 ok");
  EXPECT_EQ(postfix(route), "deliver 2.0.0") << "no reply at all";
  address(route, 0).reply_code = 354;
  EXPECT_EQ(postfix(route), "bounce 5.5.0");
  EXPECT_EQ(exim(route), "deliver 2.0.0");
}

TEST(postfix_model, an_unregistered_status_reads_other) {
  Route route = route_from("10 banner_rejected");
  address(route, 0).reply_code = 554;
  address(route, 0).reply_status = "other";
  EXPECT_EQ(postfix(route), "defer other");
}

TEST(postfix_model, clear_text_behind_the_reply_to_starttls_is_thrown_away) {  // seen
  EXPECT_EQ(postfix("10 starttls_injection"), "deliver 2.0.0");
}

TEST(postfix_model, starttls_answered_421_is_a_lost_session_where_tls_is_optional) {  // seen
  Route route = route_from("10 starttls_refused");
  address(route, 0).reply_code = 421;
  address(route, 0).reply_status = "4.3.2";
  EXPECT_EQ(postfix(route), "defer 4.4.2");
  EXPECT_EQ(exim(route), "defer 4.3.2");
  address(route, 0).policy = TlsPolicy::required;
  EXPECT_EQ(postfix(route), "defer 4.3.2");
}

TEST(postfix_model, tls_before_1_2_does_not_do_where_it_verifies) {  // seen
  Route route = route_from("10 ok");
  address(route, 0).old_tls = true;
  address(route, 0).policy = TlsPolicy::required;
  EXPECT_EQ(postfix(route), "deliver 2.0.0");
  address(route, 0).policy = TlsPolicy::verified;
  EXPECT_EQ(postfix(route), "defer 4.7.5");
  EXPECT_EQ(exim(route), "deliver 2.0.0");
}

// --- Exim

TEST(exim_model, a_5xx_bounces_only_at_the_end_of_the_list) {  // seen
  EXPECT_EQ(exim("10 refused 20 banner_rejected"), "bounce 5.0.0");
  EXPECT_EQ(exim("10 banner_rejected 20 refused"), "defer 4.4.1");
  EXPECT_EQ(exim("10 ehlo_rejected 20 ok"), "deliver 2.0.0");
  EXPECT_EQ(exim("10 banner_rejected 20 missing"), "defer 4.0.0") << "a host without address is the last one";
  EXPECT_EQ(exim("10 missing 20 banner_rejected"), "bounce 5.0.0");
}

TEST(exim_model, a_5xx_of_the_fifth_try_defers_while_others_follow) {  // seen
  const std::string five =
      "10 banner_rejected 10 banner_rejected 10 banner_rejected 10 banner_rejected 10 banner_rejected";
  EXPECT_EQ(exim(five), "bounce 5.0.0");
  EXPECT_EQ(exim(five + " 10 banner_rejected"), "defer 4.0.0");
}

TEST(exim_model, from_the_fifth_try_on_one_of_each_preference_is_tried) {  // seen
  const std::string five = "10 refused 10 refused 10 refused 10 refused 10 refused";
  EXPECT_EQ(exim(five + " 20 ok"), "deliver 2.0.0");
  EXPECT_EQ(postfix(five + " 20 ok"), "defer 4.4.1");
  EXPECT_EQ(exim(five + " 20 refused 30 refused 40 ok"), "deliver 2.0.0");
  EXPECT_EQ(exim(five + " 20 refused 20 refused 20 ok"), "defer 4.4.1") << "two of three do not meet it";
  EXPECT_EQ(exim(five + " 20 refused 20 ok 20 ok"), "deliver 2.0.0");
}

TEST(exim_model, fifty_tries_are_the_end) {
  std::string many;
  for (int i = 1; i <= 50; ++i) many += std::to_string(i) + " refused ";
  EXPECT_EQ(exim(many + "60 ok"), "defer 4.4.1");
  many = many.substr(many.find("2 refused"));
  EXPECT_EQ(exim(many + "60 ok"), "deliver 2.0.0");
}

TEST(exim_model, no_limit_of_sessions) {
  EXPECT_EQ(exim("10 deferred_sender 20 deferred_recipient 30 ok"), "deliver 2.0.0");
}

TEST(exim_model, a_failed_handshake_falls_back_to_clear_text_unless_tls_is_demanded) {
  EXPECT_EQ(exim("10 tls_broken"), "deliver 2.0.0");
  EXPECT_EQ(exim("10 tls_handshake_failed"), "defer 4.7.5");
}

TEST(exim_model, inside_tls_the_answer_to_ehlo_does_not_matter) {  // seen
  Route route = route_from("10 ehlo_rejected");
  address(route, 0).ended_in = Phase::ehlo_tls;
  address(route, 0).reply_code = 550;
  EXPECT_EQ(exim(route), "deliver 2.0.0");
  address(route, 0).reply_code = 421;
  EXPECT_NE(exim(route), "deliver 2.0.0");
  route = route_from("10 connection_lost");
  address(route, 0).ended_in = Phase::ehlo_tls;
  EXPECT_EQ(exim(route), "deliver 2.0.0");
  address(route, 0).policy = TlsPolicy::required;
  EXPECT_EQ(exim(route), "defer 4.4.2");
}

TEST(exim_model, an_ip_literal_is_a_host_without_address) {  // seen
  EXPECT_EQ(exim("10 literal"), "bounce 5.4.4");
  EXPECT_EQ(postfix("10 literal"), "deliver 2.0.0");
  EXPECT_EQ(exim("10 literal 20 ok"), "deliver 2.0.0");
  EXPECT_EQ(exim("10 literal 20 servfail"), "defer 4.4.3");
  Route route = route_from("10 literal 20 ok");
  address(route, 0).standing = Standing::failing;
  address(route, 0).cause = diagnosis::found(Cause::mx_loop);
  EXPECT_EQ(exim(route), "deliver 2.0.0") << "nor is it a loop";
  EXPECT_EQ(postfix(route), "bounce 5.4.6");
}

TEST(exim_model, a_null_mx_beside_others_is_a_host_without_address) {  // seen
  Route route = route_from("10 ok");
  route.dns = diagnosis::found(Cause::mx_null);
  EXPECT_EQ(exim(route), "deliver 2.0.0");
  EXPECT_EQ(postfix(route), "bounce 5.1.0");
  EXPECT_EQ(judge(route).verdict, Verdict::no_mail);
  route = route_from("10 banner_rejected 20 missing");
  route.dns = route.hosts.back().dns = diagnosis::found(Cause::mx_null);
  EXPECT_EQ(exim(route), "defer 4.0.0");
  EXPECT_EQ(exim(Route{diagnosis::found(Cause::mx_null), {}}), "bounce 5.1.0");
}

TEST(exim_model, meeting_itself_bounces_if_it_is_the_best_host) {
  EXPECT_EQ(exim("10 loop 20 ok"), "bounce 5.4.6");
  EXPECT_EQ(exim("10 refused 20 loop 30 ok"), "defer 4.4.1");
  EXPECT_EQ(exim("10 banner_rejected 20 loop 30 ok"), "bounce 5.0.0") << "the list ends before the loop";
}

// Of a host with several addresses all are tried in a row: its one chance of coming first is as good as the other's.
TEST(exim_model, addresses_of_a_host_are_tried_together) {
  Route route = route_from("10 recipient_rejected 10 ok");
  route.hosts[1].addresses.resize(3, address(route, 1));
  EXPECT_EQ(exim(route), "bounce 5.0.0");
  EXPECT_EQ(postfix(route), "deliver 2.0.0") << "three of four come first";
}

TEST(exim_model, ipv6_goes_before_ipv4) {
  Route route = route_from("10 recipient_rejected 10 ok 10 ok");
  address(route, 0).address = *Address::parse("2001:db8::1");
  EXPECT_EQ(exim(route), "bounce 5.0.0");
  EXPECT_EQ(postfix(route), "deliver 2.0.0");
}

// --- What both have in common

TEST(senders, of_random_orders_the_likeliest_outcome_is_told_ties_to_the_worse) {
  EXPECT_EQ(postfix("10 ehlo_rejected 10 ok 10 ok"), "deliver 2.0.0");
  EXPECT_EQ(postfix("10 ehlo_rejected 10 ok"), "bounce 5.0.0");
  EXPECT_EQ(exim("10 banner_rejected 10 refused"), "bounce 5.0.0");  // seen: 17 bounces, 19 deferrals
  EXPECT_EQ(exim("10 banner_rejected 10 missing 10 missing"), "defer 4.0.0");
  EXPECT_EQ(postfix("10 connect_timeout 10 banner_tempfail 10 banner_tempfail"), "defer 4.0.0");
}

TEST(senders, failed_lookups_of_the_domain_defer_or_bounce_at_once) {
  for (const Sender sender : {Sender::postfix, Sender::exim}) {
    EXPECT_EQ(told({diagnosis::found(Cause::dns_servfail), {}}, sender), "defer 4.4.3");
    EXPECT_EQ(told({diagnosis::found(Cause::dns_bogus), {}}, sender), "defer 4.4.3");
    EXPECT_EQ(told({diagnosis::found(Cause::dns_nxdomain), {}}, sender), "bounce 5.4.4");
    EXPECT_EQ(told({diagnosis::found(Cause::resolver_unreachable), {}}, sender), "unknown");
    EXPECT_EQ(told({}, sender), "unknown");
  }
}

TEST(senders, what_we_do_not_know_is_told_only_where_it_does_not_matter) {
  EXPECT_EQ(postfix("10 unknown"), "unknown");
  EXPECT_EQ(postfix("10 ok 20 unknown"), "deliver 2.0.0");
  EXPECT_EQ(postfix("10 ok 10 unknown"), "unknown");
  EXPECT_EQ(postfix("10 ehlo_rejected 20 unknown"), "bounce 5.0.0");
  EXPECT_EQ(exim("10 ehlo_rejected 20 unknown"), "unknown");
  EXPECT_EQ(postfix("10 refused 20 refused 30 refused 40 refused 50 refused 60 unknown"), "defer 4.4.1");
  EXPECT_EQ(postfix("10 resolver_gone"), "unknown");
}

TEST(senders, the_latest_reply_counts_though_the_state_is_kept) {
  Route route = route_from("10 ok");
  address(route, 0).now = CauseFound{Cause::throttled, "4.7.0", Side::theirs};
  EXPECT_EQ(judge(route).verdict, Verdict::ok);
  EXPECT_EQ(judge(route).deferral_probability, 0);
  EXPECT_EQ(postfix(route), "defer 4.7.0");
  EXPECT_EQ(exim(route), "defer 4.7.0");
}

TEST(senders, are_told_in_the_order_asked_for) {
  const std::array both{Sender::exim, Sender::postfix};
  const auto told = forecasts(route_from("10 banner_rejected"), both);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0], (Forecast{Sender::exim, DeliveryOutcome::bounce, "5.0.0"}));
  EXPECT_EQ(told[1], (Forecast{Sender::postfix, DeliveryOutcome::defer, "4.0.0"}));
}

}  // namespace
}  // namespace mxhealth::forecast
