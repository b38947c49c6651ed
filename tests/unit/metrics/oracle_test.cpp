// prometheus-cpp reads the same records and must write the same lines; promtool must find nothing to say.
// Longer than other files: every kind of record is told here a second time.
#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "metrics/lines.hpp"
#include "metrics/own.hpp"
#include "metrics/records.hpp"
#include "metrics/sheet.hpp"

namespace mxhealth::metrics {
namespace {

using prometheus::Labels;
using prometheus::Registry;

/// le="1.0", as OpenMetrics wants it and we write it in both formats, where prometheus-cpp has le="1".
std::string with_points(std::string text) {
  static const std::regex kWhole("le=\"([0-9]+)\"");
  return std::regex_replace(text, kWhole, "le=\"$1.0\"");
}

/// Both sides' values in the 16 digits that prometheus-cpp writes; series as they stand.
std::vector<std::string> comparable(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.front() != '#') {
      const auto blank = line.rfind(' ');
      std::array<char, 64> value{};
      std::snprintf(value.data(), value.size(), "%.16g", std::strtod(line.c_str() + blank, nullptr));
      line = line.substr(0, blank + 1) + value.data();
    }
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// The help that the catalogue has, so that the whole text can be compared.
std::string help(std::string_view full_name) {
  for (const Metric& metric : catalogue()) {
    if (std::string(kPrefix).append(metric.name) == full_name) return std::string(metric.help);
  }
  ADD_FAILURE() << full_name;
  return {};
}

class Oracle {
 public:
  void gauge(const std::string& name, const Labels& labels, double value) {
    prometheus::BuildGauge().Name(name).Help(help(name)).Register(registry_).Add(labels).Set(value);
  }
  void gauge(const std::string& name, const Labels& labels, std::optional<bool> value) {
    if (value) gauge(name, labels, *value ? 1.0 : 0.0);
  }
  void gauge(const std::string& name, const Labels& labels, std::optional<Wall> value) {
    if (value) gauge(name, labels, unix_seconds(*value));
  }
  void counter(const std::string& name, const Labels& labels, std::uint64_t value) {
    prometheus::BuildCounter()
        .Name(name)
        .Help(help(name))
        .Register(registry_)
        .Add(labels)
        .Increment(static_cast<double>(value));
  }
  void failures(const std::string& name, const Labels& labels, const CauseCounts& counts) {
    for (const auto& [cause, count] : counts)
      counter(name, with(labels, {{"cause", std::string(label(cause))}}), count);
  }
  void histogram(const std::string& name, const Labels& labels, const Histogram& h) {
    auto& made =
        prometheus::BuildHistogram()
            .Name(name)
            .Help(help(name))
            .Register(registry_)
            .Add(labels, prometheus::Histogram::BucketBoundaries(Histogram::kEdges.begin(), Histogram::kEdges.end()));
    made.ObserveMultiple({h.counts.begin(), h.counts.end()}, h.sum);
  }
  static Labels with(Labels labels, const Labels& more) {
    labels.insert(more.begin(), more.end());
    return labels;
  }
  std::string text() const { return prometheus::TextSerializer{}.Serialize(registry_.Collect()); }

 private:
  Registry registry_;
};

void tell(Oracle& o, const ServerRecord& r) {
  const Labels key{{"server", r.key.server.str()}, {"port", std::to_string(r.key.port)}};
  o.gauge("mxhealth_endpoint_up", key, r.up);
  o.counter("mxhealth_endpoint_probes_total", key, r.probes);
  o.failures("mxhealth_endpoint_failures_total", key, r.failures);
  for (const auto& [phase, h] : r.phases) {
    o.histogram("mxhealth_phase_duration_seconds", Oracle::with(key, {{"phase", std::string(label(phase))}}), h);
  }
  for (const ReplyCount& reply : r.replies) {
    o.counter("mxhealth_replies_total",
              Oracle::with(key, {{"phase", std::string(label(reply.phase))},
                                 {"code", reply.code},
                                 {"enhanced_status", reply.enhanced_status}}),
              reply.count);
  }
  o.gauge("mxhealth_starttls_advertised", key, r.tls.starttls_advertised);
  o.gauge("mxhealth_tls_handshake_success", key, r.tls.handshake_success);
  o.gauge("mxhealth_tls_verify_success", Oracle::with(key, {{"check", "chain"}}), r.tls.chain_ok);
  o.gauge("mxhealth_tls_verify_success", Oracle::with(key, {{"check", "hostname"}}), r.tls.hostname_ok);
  if (!r.tls.version.empty()) {
    o.gauge("mxhealth_tls_info", Oracle::with(key, {{"version", r.tls.version}, {"cipher", r.tls.cipher}}), 1.0);
  }
  o.gauge("mxhealth_tls_cert_not_after_timestamp_seconds", key, r.tls.leaf_not_after);
  o.gauge("mxhealth_tls_chain_not_after_timestamp_seconds", key, r.tls.chain_not_after);
  o.gauge("mxhealth_tls_last_handshake_timestamp_seconds", key, r.tls.last_handshake);
  for (const Finding finding : r.findings)
    o.gauge("mxhealth_endpoint_finding", Oracle::with(key, {{"finding", std::string(label(finding))}}), 1.0);
  o.gauge("mxhealth_submission_auth_success", key, r.auth_success);
}

void tell(Oracle& o, const DomainRecord& r) {
  const Labels domain{{"domain", r.key.domain.str()}};
  const Labels key = Oracle::with(domain, {{"role", std::string(label(r.key.role))}});
  o.gauge("mxhealth_domain_reachable", key, r.reachable);
  for (const std::string_view state : kVerdictLabels) {
    if (!r.verdict) break;
    o.gauge("mxhealth_domain_verdict", Oracle::with(key, {{"verdict", std::string(state)}}),
            state == label(*r.verdict));
  }
  if (r.cause) {
    o.gauge("mxhealth_domain_cause_info",
            Oracle::with(key, {{"cause", std::string(label(r.cause->cause))},
                               {"enhanced_status", r.cause->enhanced_status},
                               {"side", std::string(label(r.cause->side))}}),
            1.0);
  }
  std::set<Name> servers;
  for (const DomainServer& s : r.servers) servers.insert(s.key.server);
  if (r.deferral_probability) o.gauge("mxhealth_domain_deferral_probability", key, *r.deferral_probability);
  for (const Forecast& one : r.forecasts) {
    o.gauge("mxhealth_domain_delivery_info",
            Oracle::with(key, {{"sender", std::string(label(one.sender))},
                               {"outcome", std::string(label(one.outcome))},
                               {"enhanced_status", one.enhanced_status}}),
            1.0);
  }
  o.gauge("mxhealth_domain_servers", key, static_cast<double>(servers.size()));
  o.gauge("mxhealth_domain_servers_up", key, static_cast<double>(r.servers_up));
  o.counter("mxhealth_domain_cycles_total", key, r.cycles);
  o.counter("mxhealth_domain_unreachable_cycles_total", key, r.unreachable_cycles);
  o.gauge("mxhealth_domain_last_cycle_timestamp_seconds", key, r.last_cycle);
  o.gauge("mxhealth_domain_last_success_timestamp_seconds", key, r.last_success);
  o.gauge("mxhealth_domain_probe_interval_seconds", key, seconds(r.interval));
  const bool is_mx = r.key.role == Role::mx;
  for (const DomainServer& s : r.servers) {
    const Labels server = Oracle::with(domain, {{"server", s.key.server.str()}});
    if (is_mx) {
      o.gauge("mxhealth_mx_info", Oracle::with(server, {{"preference", std::to_string(s.preference)}}), 1.0);
    } else {
      o.gauge("mxhealth_submission_info", Oracle::with(server, {{"port", std::to_string(s.key.port)}}), 1.0);
    }
  }
  if (is_mx && r.mx) {
    o.counter("mxhealth_mx_set_changes_total", domain, r.mx->set_changes);
    o.gauge("mxhealth_mx_set_last_change_timestamp_seconds", domain, r.mx->last_change);
    o.gauge("mxhealth_mx_set_matches_expected", domain, r.mx->matches_expected);
    o.gauge("mxhealth_mx_set_held", domain, r.mx->held ? 1.0 : 0.0);
    o.counter("mxhealth_mx_lookups_total", domain, r.mx->lookups);
    o.failures("mxhealth_mx_lookup_failures_total", domain, r.mx->failures);
    o.gauge("mxhealth_mx_lookup_authenticated", domain, r.mx->authenticated);
  }
  o.gauge("mxhealth_domain_info", Oracle::with(domain, {r.labels.begin(), r.labels.end()}), 1.0);
  o.gauge("mxhealth_domain_own", domain, r.own ? 1.0 : 0.0);
}

void tell(Oracle& o, const AddressRecord& r) {
  const Labels key{{"server", r.key.server.str()},
                   {"port", std::to_string(r.key.peer.port)},
                   {"address", r.key.peer.address.to_string()},
                   {"family", std::string(label(r.key.peer.address.family()))}};
  o.gauge("mxhealth_address_up", key, r.up);
  if (r.cause) {
    o.gauge(
        "mxhealth_address_cause_info",
        Oracle::with(key, {{"cause", std::string(label(r.cause->cause))}, {"side", std::string(label(r.cause->side))}}),
        1.0);
  }
  o.gauge("mxhealth_address_last_probe_timestamp_seconds", key, r.last_probe);
  for (const auto& [phase, duration] : r.durations) {
    o.gauge("mxhealth_address_last_duration_seconds", Oracle::with(key, {{"phase", std::string(label(phase))}}),
            seconds(duration));
  }
}

void tell(Oracle& o, const ResolverRecord& r) {
  const Labels key{{"resolver", r.resolver}};
  o.counter("mxhealth_resolver_lookups_total", key, r.lookups);
  o.failures("mxhealth_resolver_lookup_failures_total", key, r.failures);
  o.histogram("mxhealth_resolver_lookup_duration_seconds", key, r.duration);
}

void tell(Oracle& o, const EgressRecord& r) {
  const Labels key{{"port", std::to_string(r.key.port)}, {"family", std::string(label(r.key.family))}};
  o.gauge("mxhealth_egress_up", key, r.up);
  o.gauge("mxhealth_egress_canaries", key, static_cast<double>(r.canaries));
  o.gauge("mxhealth_egress_canaries_up", key, static_cast<double>(r.canaries_up));
}

void tell(Oracle& o, const ListingRecord& r) {
  const std::string prefix = r.allow_list ? "mxhealth_allowlist_" : "mxhealth_dnsbl_";
  const Labels key{{"subject", to_string(r.key.subject)}, {"list", r.key.list}};
  for (const ListingState state : kListingStates)
    o.gauge(prefix + "state", Oracle::with(key, {{"state", std::string(label(state))}}), r.state == state ? 1.0 : 0.0);
  if (r.state != ListingState::clean && r.state != ListingState::listed) return;
  const bool listed = r.state == ListingState::listed;
  o.gauge(prefix + "listed", key, listed ? 1.0 : 0.0);
  if (r.allow_list) {
    if (listed && r.trust) o.gauge("mxhealth_allowlist_trust", key, static_cast<double>(*r.trust));
    return;
  }
  o.gauge("mxhealth_dnsbl_listing_weight", key, r.weight);
  if (!listed) return;
  for (const std::string& code : r.codes) o.gauge("mxhealth_dnsbl_code_info", Oracle::with(key, {{"code", code}}), 1.0);
}

void tell(Oracle& o, const SubjectRecord& r) {
  o.gauge("mxhealth_dnsbl_subject_info",
          {{"subject", to_string(r.key.subject)}, {"source", std::string(label(r.source))}}, 1.0);
}

void tell(Oracle& o, const ListRecord& r) {
  const Labels key{{"list", r.key.list}};
  if (!r.allow_list) o.gauge("mxhealth_dnsbl_list_weight", key, r.weight);
  o.gauge("mxhealth_dnsbl_list_healthy", key, r.healthy);
  o.counter("mxhealth_dnsbl_lookups_total", key, r.lookups);
  for (const auto& [failure, count] : r.failures)
    o.counter("mxhealth_dnsbl_lookup_failures_total", Oracle::with(key, {{"cause", std::string(label(failure))}}),
              count);
  o.gauge("mxhealth_dnsbl_last_check_timestamp_seconds", key, r.last_check);
}

void tell(Oracle& o, const PolicyRecord& r) {
  const Labels domain{{"domain", r.key.domain.str()}};
  const Labels key = Oracle::with(domain, {{"policy", std::string(label(r.key.policy))}});
  bool broken = false;
  for (const PolicyNote& note : r.facts.notes) broken = broken || note.gravity == Gravity::broken;
  if (r.facts.present) o.gauge("mxhealth_policy_valid", key, broken ? 0.0 : 1.0);
  if (!r.facts.mode.empty()) o.gauge("mxhealth_policy_info", Oracle::with(key, {{"mode", r.facts.mode}}), 1.0);
  o.counter("mxhealth_policy_changes_total", key, r.changes);
  o.gauge("mxhealth_policy_last_check_timestamp_seconds", key, r.last_check);
  if (r.facts.dns_lookups) o.gauge("mxhealth_spf_dns_lookups", domain, static_cast<double>(*r.facts.dns_lookups));
  o.gauge("mxhealth_mta_sts_policy_host_cert_not_after_timestamp_seconds", domain, r.facts.not_after);
}

void tell(Oracle& o, const PtrRecord& r) {
  const Labels key{{"address", r.key.address.to_string()}};
  o.gauge("mxhealth_ptr_valid", key, r.valid);
  o.gauge("mxhealth_ptr_subject_info", Oracle::with(key, {{"source", std::string(label(r.source))}}), 1.0);
}

/// prometheus-cpp orders labels by name, ours stand in the order of the design: both sorted, they are the same series.
std::string with_sorted_labels(const std::string& text) {
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    const auto open = line.find('{');
    const auto close = line.rfind('}');
    if (line.front() != '#' && open != std::string::npos) {
      std::vector<std::string> labels;
      std::size_t begin = open + 1;
      bool quoted = false;
      for (std::size_t i = begin; i <= close; ++i) {
        if (line[i] == '\\') {
          ++i;
        } else if (line[i] == '"') {
          quoted = !quoted;
        } else if (!quoted && (line[i] == ',' || i == close)) {
          labels.push_back(line.substr(begin, i - begin));
          begin = i + 1;
        }
      }
      std::sort(labels.begin(), labels.end());
      std::string sorted;
      for (const auto& one : labels) sorted += (sorted.empty() ? "" : ",") + one;
      line = line.substr(0, open + 1) + sorted + line.substr(close);
    }
    out += line + "\n";
  }
  return out;
}

void expect_equal(const std::vector<Record>& records) {
  Sheet sheet;
  sheet.apply({records, {}, {}});
  Oracle oracle;
  for (const Record& record : records) std::visit([&](const auto& r) { tell(oracle, *r); }, record);
  EXPECT_EQ(comparable(with_sorted_labels(joined(sheet.text()))),
            comparable(with_sorted_labels(with_points(oracle.text()))));
}

TEST(Oracle, writes_the_same_lines_for_one_record_of_each_kind) { expect_equal(example_feed().changed); }

TEST(Oracle, writes_the_same_lines_for_random_records) {
  for (unsigned seed = 100; seed < 120; ++seed) {
    RandomWorld world(seed);
    std::map<RecordKey, Record> unique;
    for (int i = 0; i < 25; ++i) {
      const Record record = world.record();
      unique.insert_or_assign(key_of(record), record);
    }
    std::vector<Record> records;
    for (const auto& [key, record] : unique) records.push_back(record);
    expect_equal(records);
  }
}

TEST(Promtool, has_nothing_to_say) {
  if (std::system("promtool --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  Sheet sheet;
  sheet.apply(example_feed());
  Own own({"1.0.0", "abc", "g++"});
  const std::string file = testing::TempDir() + "exposition.txt";
  std::ofstream(file) << joined(sheet.text()) << own.text();
  FILE* const checked = ::popen(("promtool check metrics < " + file + " 2>&1").c_str(), "r");
  ASSERT_NE(checked, nullptr);
  std::array<char, 4096> said{};
  const std::size_t size = std::fread(said.data(), 1, said.size(), checked);
  EXPECT_EQ(::pclose(checked), 0);
  EXPECT_EQ(std::string(said.data(), size), "");
  std::remove(file.c_str());
}

}  // namespace
}  // namespace mxhealth::metrics
