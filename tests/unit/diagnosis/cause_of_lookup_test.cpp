#include <gtest/gtest.h>

#include "diagnosis/cause_of.hpp"

namespace mxhealth::diagnosis {
namespace {

LookupFacts ended(LookupEnd end) {
  LookupFacts facts;
  facts.end = end;
  return facts;
}

HostFacts host(std::optional<LookupEnd> ipv4, std::optional<LookupEnd> ipv6, int addresses = 0) {
  HostFacts facts;
  if (ipv4) facts.ipv4 = ended(*ipv4);
  if (ipv6) facts.ipv6 = ended(*ipv6);
  facts.addresses.resize(static_cast<std::size_t>(addresses));
  return facts;
}

MxFacts mx(LookupEnd end) {
  MxFacts facts;
  facts.lookup = ended(end);
  return facts;
}

template <class... Facts>
std::string told(const Facts&... facts) {
  const auto cause = cause_of(facts...);
  return cause ? std::string(label(cause->cause)) + " " + cause->enhanced_status : "";
}

TEST(cause_of_lookup, each_end_has_its_cause) {
  EXPECT_EQ(told(ended(LookupEnd::records)), "");
  EXPECT_EQ(told(ended(LookupEnd::no_data)), "dns_no_address 5.4.4");
  EXPECT_EQ(told(ended(LookupEnd::nxdomain)), "dns_nxdomain 5.4.4");
  EXPECT_EQ(told(ended(LookupEnd::servfail)), "dns_servfail 4.4.3");
  EXPECT_EQ(told(ended(LookupEnd::refused)), "dns_refused 4.4.3");
  EXPECT_EQ(told(ended(LookupEnd::bogus)), "dns_bogus 4.4.3");
  EXPECT_EQ(told(ended(LookupEnd::malformed)), "dns_malformed 4.4.3");
  EXPECT_EQ(told(ended(LookupEnd::timed_out)), "dns_timeout 4.4.3");
  EXPECT_EQ(told(ended(LookupEnd::unreachable)), "resolver_unreachable 4.3.0");
  EXPECT_EQ(told(ended(LookupEnd::rewritten)), "resolver_rewrites 4.3.0");
  EXPECT_EQ(told(ended(LookupEnd::cancelled)), "probe_deadline 4.3.0");
}

TEST(cause_of_mx, a_set_with_hosts_has_none) {
  MxFacts facts = mx(LookupEnd::records);
  facts.hosts.push_back({10, *ServerName::parse("mx.example.net")});
  EXPECT_EQ(told(facts), "");
}

TEST(cause_of_mx, literals_are_hosts_to_postfix) {
  MxFacts facts = mx(LookupEnd::records);
  facts.literals.push_back(*Address::parse("192.0.2.1"));
  EXPECT_EQ(told(facts), "");
}

TEST(cause_of_mx, a_null_mx_is_a_statement_whatever_stands_beside_it) {
  MxFacts facts = mx(LookupEnd::records);
  facts.null_mx = true;
  facts.hosts.push_back({10, *ServerName::parse("mx.example.net")});
  EXPECT_EQ(told(facts), "mx_null 5.1.0");
}

TEST(cause_of_mx, targets_that_are_no_names_are_missing_targets) {
  MxFacts facts = mx(LookupEnd::records);
  facts.unusable_targets = 1;
  EXPECT_EQ(told(facts), "mx_target_missing 5.4.4");
}

TEST(cause_of_mx, a_failed_lookup_is_told) {
  EXPECT_EQ(told(mx(LookupEnd::nxdomain)), "dns_nxdomain 5.4.4");
  EXPECT_EQ(told(mx(LookupEnd::refused)), "dns_refused 4.4.3");
}

TEST(cause_of_host, one_address_is_enough) {
  EXPECT_EQ(told(host(LookupEnd::records, LookupEnd::servfail, 1)), "");
  EXPECT_EQ(told(host(LookupEnd::no_data, LookupEnd::records, 1)), "");
}

TEST(cause_of_host, a_name_without_address_is_a_missing_target) {
  EXPECT_EQ(told(host(LookupEnd::nxdomain, LookupEnd::nxdomain)), "mx_target_missing 5.4.4");
  EXPECT_EQ(told(host(LookupEnd::no_data, {})), "mx_target_missing 5.4.4");
}

TEST(cause_of_host, a_soft_failure_outranks_a_hard_one_and_ours_outranks_both) {
  EXPECT_EQ(told(host(LookupEnd::no_data, LookupEnd::servfail)), "dns_servfail 4.4.3");
  EXPECT_EQ(told(host(LookupEnd::timed_out, LookupEnd::nxdomain)), "dns_timeout 4.4.3");
  EXPECT_EQ(told(host(LookupEnd::no_data, LookupEnd::unreachable)), "resolver_unreachable 4.3.0");
  EXPECT_EQ(told(host(LookupEnd::unreachable, LookupEnd::servfail)), "resolver_unreachable 4.3.0");
}

TEST(cause_of_host, a_domain_without_mx_and_address_is_no_missing_target) {
  MxFacts implicit = mx(LookupEnd::no_data);
  implicit.implicit = true;
  implicit.hosts.push_back({0, *ServerName::parse("example.net")});
  EXPECT_EQ(told(implicit, host(LookupEnd::no_data, LookupEnd::no_data)), "dns_no_address 5.4.4");
  EXPECT_EQ(told(implicit, host(LookupEnd::nxdomain, {})), "dns_nxdomain 5.4.4");
  EXPECT_EQ(told(implicit, host(LookupEnd::no_data, LookupEnd::servfail)), "dns_servfail 4.4.3");
  EXPECT_EQ(told(implicit, host(LookupEnd::records, {}, 1)), "");
  EXPECT_EQ(told(mx(LookupEnd::records), host(LookupEnd::no_data, {})), "mx_target_missing 5.4.4");
}

}  // namespace
}  // namespace mxhealth::diagnosis
