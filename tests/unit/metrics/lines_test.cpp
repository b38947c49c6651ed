// The series of one full record of each kind, as people and dashboards read them.
#include "metrics/lines.hpp"

#include <gtest/gtest.h>

#include <set>

#include "metrics/records.hpp"
#include "metrics/sheet.hpp"

namespace mxhealth::metrics {
namespace {

template <class R>
std::string text_of(const R& record) {
  Sheet sheet;
  sheet.apply({{share(record)}, {}, {}});
  return joined(sheet.text());
}

void expect_lines(const std::string& text, std::initializer_list<const char*> lines) {
  for (const char* line : lines) EXPECT_NE(text.find("\n" + std::string(line) + "\n"), std::string::npos) << line;
}

TEST(Lines, of_a_domain) {
  expect_lines(
      text_of(example_domain()),
      {R"(mxhealth_domain_reachable{domain="example.com",role="mx"} 0)",
       R"(mxhealth_domain_verdict{domain="example.com",role="mx",verdict="unreachable"} 1)",
       R"(mxhealth_domain_verdict{domain="example.com",role="mx",verdict="undetermined"} 0)",
       R"(mxhealth_domain_cause_info{domain="example.com",role="mx",cause="connect_refused",enhanced_status="4.4.1",side="theirs"} 1)",
       R"(mxhealth_domain_servers{domain="example.com",role="mx"} 2)",
       R"(mxhealth_domain_servers_up{domain="example.com",role="mx"} 1)",
       R"(mxhealth_domain_cycles_total{domain="example.com",role="mx"} 12)",
       R"(mxhealth_domain_unreachable_cycles_total{domain="example.com",role="mx"} 3)",
       R"(mxhealth_domain_last_cycle_timestamp_seconds{domain="example.com",role="mx"} 1763816460)",
       R"(mxhealth_domain_last_success_timestamp_seconds{domain="example.com",role="mx"} 1763816400)",
       R"(mxhealth_domain_probe_interval_seconds{domain="example.com",role="mx"} 60)",
       R"(mxhealth_mx_info{domain="example.com",server="mx2.example.com",preference="20"} 1)",
       R"(mxhealth_mx_set_changes_total{domain="example.com"} 2)",
       R"(mxhealth_mx_set_last_change_timestamp_seconds{domain="example.com"} 1763810000)",
       R"(mxhealth_mx_set_matches_expected{domain="example.com"} 0)",
       R"(mxhealth_mx_lookups_total{domain="example.com"} 7)",
       R"(mxhealth_mx_lookup_failures_total{domain="example.com",cause="dns_servfail"} 0)",
       R"(mxhealth_mx_lookup_authenticated{domain="example.com"} 1)",
       R"(mxhealth_domain_info{domain="example.com",tier="gold",note="a \"b\" \\ c\nd"} 1)"});
}

TEST(Lines, of_submission_hosts) {
  DomainRecord record = example_domain();
  record.key.role = Role::submission;
  record.servers = {{{name("smtp.example.com"), 587}, 0}, {{name("smtp.example.com"), 465}, 0}};
  const std::string text = text_of(record);
  expect_lines(text, {R"(mxhealth_domain_servers{domain="example.com",role="submission"} 1)"});
  expect_lines(text, {R"(mxhealth_submission_info{domain="example.com",server="smtp.example.com",port="587"} 1)"});
  EXPECT_EQ(text.find("mxhealth_mx_"), std::string::npos);
}

TEST(Lines, of_a_server) {
  expect_lines(
      text_of(example_server()),
      {R"(mxhealth_endpoint_up{server="mx1.example.com",port="25"} 1)",
       R"(mxhealth_endpoint_probes_total{server="mx1.example.com",port="25"} 20)",
       R"(mxhealth_endpoint_failures_total{server="mx1.example.com",port="25",cause="connect_timeout"} 2)",
       R"(mxhealth_endpoint_failures_total{server="mx1.example.com",port="25",cause="connect_refused"} 0)",
       R"(mxhealth_phase_duration_seconds_bucket{server="mx1.example.com",port="25",phase="connect",le="0.005"} 0)",
       R"(mxhealth_phase_duration_seconds_bucket{server="mx1.example.com",port="25",phase="connect",le="0.01"} 1)",
       R"(mxhealth_phase_duration_seconds_bucket{server="mx1.example.com",port="25",phase="connect",le="300.0"} 1)",
       R"(mxhealth_phase_duration_seconds_bucket{server="mx1.example.com",port="25",phase="connect",le="+Inf"} 2)",
       R"(mxhealth_phase_duration_seconds_sum{server="mx1.example.com",port="25",phase="connect"} 400.007)",
       R"(mxhealth_phase_duration_seconds_count{server="mx1.example.com",port="25",phase="connect"} 2)",
       R"(mxhealth_replies_total{server="mx1.example.com",port="25",phase="banner",code="220",enhanced_status="none"} 18)",
       R"(mxhealth_starttls_advertised{server="mx1.example.com",port="25"} 1)",
       R"(mxhealth_tls_handshake_success{server="mx1.example.com",port="25"} 1)",
       R"(mxhealth_tls_verify_success{server="mx1.example.com",port="25",check="chain"} 0)",
       R"(mxhealth_tls_verify_success{server="mx1.example.com",port="25",check="hostname"} 1)",
       R"(mxhealth_tls_info{server="mx1.example.com",port="25",version="TLSv1.3",cipher="TLS_AES_256_GCM_SHA384"} 1)",
       R"(mxhealth_tls_cert_not_after_timestamp_seconds{server="mx1.example.com",port="25"} 1770000000)",
       R"(mxhealth_tls_chain_not_after_timestamp_seconds{server="mx1.example.com",port="25"} 1769000000)",
       R"(mxhealth_tls_last_handshake_timestamp_seconds{server="mx1.example.com",port="25"} 1763816460)",
       R"(mxhealth_endpoint_finding{server="mx1.example.com",port="25",finding="auth_before_tls"} 1)",
       R"(mxhealth_endpoint_finding{server="mx1.example.com",port="25",finding="tarpit"} 1)",
       R"(mxhealth_submission_auth_success{server="mx1.example.com",port="25"} 0)"});
}

TEST(Lines, of_a_server_with_transport_policies) {
  ServerRecord record;
  record.key = {name("mx1.example.com"), 25};
  record.tls.dane = DaneState::mismatch;
  record.tls.dane_ok = false;
  record.tls.mta_sts_ok = record.tls.cert_mismatch = true;
  record.tls.oldest_version = "TLSv1";
  record.tls.leaf_not_before = at(1760000000);
  expect_lines(text_of(record),
               {R"(mxhealth_tls_verify_success{server="mx1.example.com",port="25",check="dane"} 0)",
                R"(mxhealth_tls_verify_success{server="mx1.example.com",port="25",check="mta_sts"} 1)",
                R"(mxhealth_tls_oldest_version_info{server="mx1.example.com",port="25",version="TLSv1"} 1)",
                R"(mxhealth_dane_state{server="mx1.example.com",port="25",state="none"} 0)",
                R"(mxhealth_dane_state{server="mx1.example.com",port="25",state="mismatch"} 1)",
                R"(mxhealth_tls_cert_mismatch{server="mx1.example.com",port="25"} 1)",
                R"(mxhealth_tls_cert_not_before_timestamp_seconds{server="mx1.example.com",port="25"} 1760000000)"});
}

TEST(Lines, of_an_address) {
  expect_lines(
      text_of(example_address()),
      {R"(mxhealth_address_up{server="mx1.example.com",port="25",address="2001:db8::1",family="ipv6"} 0)",
       R"(mxhealth_address_cause_info{server="mx1.example.com",port="25",address="2001:db8::1",family="ipv6",cause="banner_timeout",side="theirs"} 1)",
       R"(mxhealth_address_last_probe_timestamp_seconds{server="mx1.example.com",port="25",address="2001:db8::1",family="ipv6"} 1763816460)",
       R"(mxhealth_address_last_duration_seconds{server="mx1.example.com",port="25",address="2001:db8::1",family="ipv6",phase="connect"} 0.012345678)"});
}

TEST(Lines, of_a_resolver) {
  expect_lines(text_of(example_resolver()),
               {R"(mxhealth_resolver_lookups_total{resolver="127.0.0.1:53"} 100)",
                R"(mxhealth_resolver_lookup_failures_total{resolver="127.0.0.1:53",cause="dns_timeout"} 3)",
                R"(mxhealth_resolver_lookup_duration_seconds_count{resolver="127.0.0.1:53"} 1)"});
}

TEST(Lines, of_a_policy_and_of_reverse_dns) {
  expect_lines(text_of(example_policy()), {R"(mxhealth_policy_valid{domain="example.com",policy="spf"} 0)",
                                           R"(mxhealth_policy_info{domain="example.com",policy="spf",mode="fail"} 1)",
                                           R"(mxhealth_policy_changes_total{domain="example.com",policy="spf"} 2)",
                                           R"(mxhealth_spf_dns_lookups{domain="example.com"} 12)"});
  expect_lines(text_of(example_ptr()), {R"(mxhealth_ptr_valid{address="192.0.2.25"} 1)",
                                        R"(mxhealth_ptr_subject_info{address="192.0.2.25",source="configured"} 1)"});
  PolicyRecord nothing_published;
  nothing_published.key = {name("new.example"), Policy::dmarc};
  for (const char* absent : {"policy_valid", "policy_info", "last_check"})
    EXPECT_EQ(text_of(nothing_published).find(absent), std::string::npos) << absent;
}

TEST(Lines, what_is_not_known_yields_none) {
  DomainRecord domain;
  domain.key = {name("new.example"), Role::mx};
  const std::string text = text_of(domain);
  for (const char* absent : {"domain_reachable", "domain_verdict", "domain_cause_info", "last_cycle", "last_success",
                             "mx_info", "mx_lookups", "mx_set"}) {
    EXPECT_EQ(text.find(absent), std::string::npos) << absent;
  }
  expect_lines(text, {R"(mxhealth_domain_cycles_total{domain="new.example",role="mx"} 0)",
                      R"(mxhealth_domain_info{domain="new.example"} 1)"});
  ServerRecord server;
  server.key = {name("mx.new.example"), 25};
  for (const char* absent : {"endpoint_up", "starttls_", "tls_", "replies", "phase_"}) {
    EXPECT_EQ(text_of(server).find(absent), std::string::npos) << absent;
  }
}

TEST(Catalogue, names_each_metric_once_and_well) {
  std::set<std::string_view> names;
  for (const Metric& metric : catalogue()) {
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_TRUE(metric.help.ends_with('.') || metric.help.ends_with("always 1.")) << metric.name;
    EXPECT_EQ(metric.name.ends_with("_total"), metric.type == Type::counter) << metric.name;
    EXPECT_EQ(metric.name.ends_with("_seconds"), metric.unit == "seconds") << metric.name;
  }
}

}  // namespace
}  // namespace mxhealth::metrics
