#include "forecast/verdict.hpp"

#include <gtest/gtest.h>

#include "forecast/routes.hpp"

namespace mxhealth::forecast {
namespace {

using namespace mxhealth::testing;

std::string text(const Judgement& judgement) {
  const std::string verdict(label(judgement.verdict));
  return judgement.cause ? verdict + " " + std::string(label(judgement.cause->cause)) : verdict;
}
std::string judged(std::string_view route) { return text(judge(route_from(route))); }
std::string submission(std::string_view route) { return text(judge_submission(route_from(route))); }

Route without_hosts(Cause cause) { return {diagnosis::found(cause), {}}; }

TEST(verdict, a_good_host_is_ok) { EXPECT_EQ(judged("10 ok"), "ok"); }

TEST(verdict, a_broken_backup_does_not_spoil_a_good_best_host) {
  EXPECT_EQ(judged("10 ok 20 refused"), "ok");
  EXPECT_EQ(judged("10 ok 20 tls_broken"), "ok");
  EXPECT_EQ(judged("10 ok 20 missing"), "ok");
}

TEST(verdict, a_flaw_of_the_best_preference_is_degraded) {
  EXPECT_EQ(judged("10 refused 20 ok"), "degraded connect_refused");
  EXPECT_EQ(judged("10 ok 10 refused"), "degraded connect_refused");
  EXPECT_EQ(judged("10 banner_rejected 20 ok"), "degraded banner_rejected");
  EXPECT_EQ(judged("10 missing 20 ok"), "degraded mx_target_missing");
  EXPECT_EQ(judged("10 ok 10 connect_timeout 10 banner_tempfail"), "degraded connect_timeout") << "the first";
}

TEST(verdict, a_failed_opportunistic_handshake_is_degraded) {
  EXPECT_EQ(judged("10 tls_broken"), "degraded tls_handshake_failed");
  EXPECT_EQ(judged("10 refused 20 tls_broken"), "degraded connect_refused");
}

TEST(verdict, some_orders_that_do_not_deliver_are_a_risk) {
  EXPECT_EQ(judged("10 refused 10 refused 10 refused 10 refused 10 refused 10 ok"), "at_risk connect_refused");
  EXPECT_EQ(judged("10 ehlo_rejected 10 ok"), "at_risk ehlo_rejected");
}

TEST(verdict, silence_everywhere_is_unreachable) {
  EXPECT_EQ(judged("10 refused"), "unreachable connect_refused");
  EXPECT_EQ(judged("10 refused 20 closed_before_banner"), "unreachable closed_before_banner") << "the last one tried";
  EXPECT_EQ(judged("10 connect_timeout 20 protocol_error"), "unreachable protocol_error");
  EXPECT_EQ(judged("10 mx_not_public"), "unreachable mx_not_public");
}

TEST(verdict, one_4xx_makes_it_a_deferral_that_was_said) {
  EXPECT_EQ(judged("10 banner_tempfail 20 refused"), "tempfail connect_refused");
  EXPECT_EQ(judged("10 refused 20 throttled"), "tempfail throttled");
  EXPECT_EQ(judged("10 banner_rejected 20 ehlo_tempfail"), "tempfail ehlo_tempfail");
}

TEST(verdict, a_failed_handshake_where_tls_is_required_is_a_deferral) {
  EXPECT_EQ(judged("10 tls_handshake_failed 20 refused"), "tempfail connect_refused");
  EXPECT_EQ(judged("10 starttls_missing"), "tempfail starttls_missing");
  EXPECT_EQ(judged("10 cert_expired"), "tempfail cert_expired");
}

TEST(verdict, one_5xx_and_no_4xx_is_a_rejection) {
  EXPECT_EQ(judged("10 banner_rejected"), "rejecting banner_rejected");
  EXPECT_EQ(judged("10 banner_rejected 20 refused"), "rejecting connect_refused");
}

TEST(verdict, a_refused_hello_ends_the_walk) {
  EXPECT_EQ(judged("10 ehlo_rejected 20 ok"), "rejecting ehlo_rejected");
  EXPECT_EQ(judged("10 banner_tempfail 20 ehlo_rejected 30 ok"), "rejecting ehlo_rejected");
  EXPECT_EQ(judged("10 refused 10 ehlo_rejected"), "rejecting ehlo_rejected");
}

TEST(verdict, a_sender_does_not_reach_the_sixth_address) {
  EXPECT_EQ(judged("10 refused 20 refused 30 refused 40 refused 50 connect_timeout 60 ok"),
            "unreachable connect_timeout");
  EXPECT_EQ(judged("10 refused 20 refused 30 refused 40 refused 50 refused 60 banner_tempfail"),
            "unreachable connect_refused");
}

TEST(verdict, among_equals_the_likeliest_last_cause_is_named) {
  EXPECT_EQ(judged("10 refused 10 connect_timeout 10 refused"), "unreachable connect_refused");
  EXPECT_EQ(judged("10 refused 10 connect_timeout"), "unreachable connect_timeout") << "the later of a tie";
}

TEST(verdict, hosts_without_addresses_count_only_when_none_has_one) {
  EXPECT_EQ(judged("10 missing 20 refused 30 servfail"), "unreachable connect_refused");
  EXPECT_EQ(judged("10 missing"), "unreachable mx_target_missing");
  EXPECT_EQ(judged("10 missing 20 servfail 30 missing"), "unreachable dns_servfail") << "soft outranks hard";
}

TEST(verdict, where_the_sender_meets_itself_nothing_is_delivered) {
  EXPECT_EQ(judged("10 loop"), "unreachable mx_loop");
  EXPECT_EQ(judged("10 localhost 20 ok"), "unreachable mx_loop");
  EXPECT_EQ(judged("10 loop 10 ok"), "unreachable mx_loop");
  EXPECT_EQ(judged("10 ok 20 loop"), "ok");
  EXPECT_EQ(judged("10 refused 20 loop"), "unreachable connect_refused");
}

TEST(verdict, a_failed_mx_lookup_is_unreachable) {
  for (const Cause cause : {Cause::dns_nxdomain, Cause::dns_servfail, Cause::dns_timeout, Cause::dns_no_address}) {
    const Judgement judgement = judge(without_hosts(cause));
    EXPECT_EQ(judgement.verdict, Verdict::unreachable);
    EXPECT_EQ(judgement.cause->cause, cause);
  }
}

TEST(verdict, a_null_mx_is_no_failure) {
  EXPECT_EQ(text(judge(without_hosts(Cause::mx_null))), "no_mail mx_null");
  EXPECT_EQ(deferral_probability(without_hosts(Cause::mx_null)), 0);
  EXPECT_EQ(deferral_probability(without_hosts(Cause::dns_servfail)), 1);
}

TEST(verdict, without_a_resolver_we_know_nothing) {
  EXPECT_EQ(text(judge(without_hosts(Cause::resolver_unreachable))), "undetermined resolver_unreachable");
  EXPECT_EQ(judge(Route{}).verdict, Verdict::undetermined);
}

TEST(verdict, what_we_do_not_know_matters_only_where_it_could_change_the_verdict) {
  EXPECT_EQ(judged("10 unknown"), "undetermined");
  EXPECT_EQ(judged("10 no_descriptor"), "undetermined local_resource");
  EXPECT_EQ(judged("10 ok 20 unknown"), "ok") << "nobody gets there";
  EXPECT_EQ(judged("10 ok 10 unknown"), "undetermined");
  EXPECT_EQ(judged("10 refused 20 unknown"), "undetermined");
  EXPECT_EQ(judged("10 refused 20 ok 30 unknown"), "degraded connect_refused");
  EXPECT_EQ(judged("10 refused 20 refused 30 refused 40 refused 50 refused 60 unknown"), "unreachable connect_refused");
  EXPECT_EQ(judged("10 ehlo_rejected 20 unknown"), "rejecting ehlo_rejected");
}

TEST(verdict, a_host_that_our_resolver_could_not_tell_is_unknown) {
  EXPECT_EQ(judged("10 resolver_gone"), "undetermined resolver_unreachable");
  EXPECT_EQ(judged("10 resolver_gone 20 ok"), "undetermined resolver_unreachable");
  EXPECT_EQ(judged("10 ok 20 resolver_gone"), "ok");
}

TEST(verdict, unknown_addresses_count_as_failing_in_the_probability) {
  EXPECT_EQ(deferral_probability(route_from("10 unknown")), 1);
  EXPECT_EQ(deferral_probability(route_from("10 unknown 20 ok")), 0);
}

TEST(submission_verdict, all_hosts_ok_is_ok_and_some_is_degraded) {
  EXPECT_EQ(submission("0 ok 0 ok"), "ok");
  EXPECT_EQ(submission("0 ok 0 refused"), "degraded connect_refused");
  EXPECT_EQ(submission("0 cert_expired 0 ok"), "degraded cert_expired");
  EXPECT_EQ(submission("0 missing 0 ok"), "degraded mx_target_missing");
  EXPECT_EQ(submission("0 ok 0 tls_broken"), "degraded tls_handshake_failed");
}

// A client does not walk: what would end a sender's walk is one broken host among others.
TEST(submission_verdict, a_refused_hello_is_one_broken_host) {
  EXPECT_EQ(submission("0 ehlo_rejected 0 ok"), "degraded ehlo_rejected");
}

TEST(submission_verdict, no_host_ok_is_judged_by_what_they_said) {
  EXPECT_EQ(submission("0 refused"), "unreachable connect_refused");
  EXPECT_EQ(submission("0 starttls_missing"), "tempfail starttls_missing");
  EXPECT_EQ(submission("0 banner_rejected 0 refused 0 refused"), "rejecting connect_refused");
  EXPECT_EQ(submission("0 auth_rejected"), "rejecting auth_rejected");
  EXPECT_EQ(submission("0 auth_tempfail"), "tempfail auth_tempfail");
  EXPECT_EQ(submission("0 missing 0 servfail"), "unreachable dns_servfail");
}

TEST(submission_verdict, what_we_do_not_know_makes_it_undetermined) {
  EXPECT_EQ(submission("0 unknown"), "undetermined");
  EXPECT_EQ(submission("0 ok 0 unknown"), "undetermined");
  EXPECT_EQ(submission("0 ok 0 refused 0 unknown"), "degraded connect_refused");
}

// --- DANE and enforced MTA-STS policies: others still deliver

std::string enforced(std::string_view route, std::initializer_list<std::pair<std::size_t, Cause>> hosts) {
  Route drawn = route_from(route);
  for (const auto& [host, cause] : hosts)
    for (RouteAddress& address : drawn.hosts[host].addresses) address.enforced = diagnosis::found(cause);
  return text(judge(drawn));
}

TEST(verdict, policies_that_fail_on_every_host_are_a_risk) {
  EXPECT_EQ(enforced("10 ok", {{0, Cause::dane_mismatch}}), "at_risk dane_mismatch");
  EXPECT_EQ(enforced("10 ok 20 ok", {{0, Cause::dane_mismatch}, {1, Cause::dane_lookup_failed}}),
            "at_risk dane_lookup_failed");
  EXPECT_EQ(enforced("10 ok", {{0, Cause::mta_sts_mismatch}}), "at_risk mta_sts_mismatch");
  EXPECT_EQ(enforced("10 refused 20 ok", {{1, Cause::dane_mismatch}}), "at_risk dane_mismatch")
      << "the only host that takes mail";
  EXPECT_EQ(enforced("10 tls_broken", {{0, Cause::dane_mismatch}}), "at_risk dane_mismatch");
}

TEST(verdict, policies_that_fail_on_one_best_host_are_degraded) {
  EXPECT_EQ(enforced("10 ok 10 ok", {{1, Cause::dane_mismatch}}), "degraded dane_mismatch");
  EXPECT_EQ(enforced("10 ok 20 ok", {{0, Cause::mta_sts_mismatch}}), "degraded mta_sts_mismatch");
  EXPECT_EQ(enforced("10 ok 20 ok", {{1, Cause::dane_mismatch}}), "ok") << "a backup";
}

TEST(verdict, policies_say_nothing_where_nothing_delivers_anyway) {
  EXPECT_EQ(enforced("10 refused", {{0, Cause::dane_mismatch}}), "unreachable connect_refused");
  EXPECT_EQ(enforced("10 ehlo_rejected 10 ok", {{1, Cause::dane_mismatch}}), "at_risk ehlo_rejected");
  EXPECT_EQ(enforced("10 ok 20 unknown", {{0, Cause::dane_mismatch}}), "degraded dane_mismatch")
      << "the other may match";
}

}  // namespace
}  // namespace mxhealth::forecast
