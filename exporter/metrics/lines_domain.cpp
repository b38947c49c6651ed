// What a domain's record says: its verdict and the SLI pair by role, its MX set, its labels.
#include <set>

#include "metrics/lines.hpp"

namespace mxhealth::metrics {
namespace {

using Domain = DomainRecord;

void verdict(const Domain& r, Lines& out) {
  if (!r.verdict) return;
  for (const std::string_view state : kVerdictLabels) {
    out.put(state == label(*r.verdict) ? 1 : 0, {{"verdict", state}});
  }
}

void cause(const Domain& r, Lines& out) {
  if (!r.cause) return;
  out.info({{"cause", label(r.cause->cause)},
            {"enhanced_status", r.cause->enhanced_status},
            {"side", label(r.cause->side)}});
}

void delivery(const Domain& r, Lines& out) {
  for (const Forecast& one : r.forecasts) {
    out.info(
        {{"sender", label(one.sender)}, {"outcome", label(one.outcome)}, {"enhanced_status", one.enhanced_status}});
  }
}

/// A server stands in the set once for each of its ports and preferences.
std::size_t distinct_servers(const Domain& r) {
  std::set<std::string_view> names;
  for (const DomainServer& server : r.servers) names.insert(server.key.server.view());
  return names.size();
}

constexpr Row<Domain> kDomainRows[] = {
    {{"domain_reachable", Type::gauge,
      "1 if the world can deliver to the domain, 0 if no order of trying hosts delivers."},
     [](const Domain& r, Lines& out) { out.put(r.reachable); }},
    {{"domain_verdict", Type::gauge, "The verdict of the last cycle: exactly one state is 1."}, verdict},
    {{"domain_cause_info", Type::gauge, "The dominant cause while the verdict is not ok; always 1."}, cause},
    {{"domain_deferral_probability", Type::gauge,
      "The share of the orders in which a sender may try the domain's hosts that do not deliver."},
     [](const Domain& r, Lines& out) { out.put(r.deferral_probability); }},
    {{"domain_delivery_info", Type::gauge,
      "What a sender that tries right now would do with a message, and the status it would log; always 1."},
     delivery},
    {{"domain_servers", Type::gauge, "Servers in the domain's set."},
     [](const Domain& r, Lines& out) { out.put(static_cast<double>(distinct_servers(r))); }},
    {{"domain_servers_up", Type::gauge, "Servers in the domain's set of which some address answers."},
     [](const Domain& r, Lines& out) { out.put(r.servers_up); }},
    {{"domain_cycles_total", Type::counter, "Cycles that ended in a verdict, undetermined ones left out."},
     [](const Domain& r, Lines& out) { out.put(static_cast<double>(r.cycles)); }},
    {{"domain_unreachable_cycles_total", Type::counter, "Cycles that ended in the verdict unreachable."},
     [](const Domain& r, Lines& out) { out.put(static_cast<double>(r.unreachable_cycles)); }},
    {{"domain_last_cycle_timestamp_seconds", Type::gauge, "When the last cycle ended.", "seconds"},
     [](const Domain& r, Lines& out) { out.put(r.last_cycle); }},
    {{"domain_last_success_timestamp_seconds", Type::gauge, "When a cycle last found the domain reachable.", "seconds"},
     [](const Domain& r, Lines& out) { out.put(r.last_success); }},
    {{"domain_probe_interval_seconds", Type::gauge, "Time from one cycle to the next.", "seconds"},
     [](const Domain& r, Lines& out) { out.put(seconds(r.interval)); }},
};

/// A server twice in the set would be the same series twice, and Prometheus refuses those.
bool seen_before(const Domain& r, std::size_t place) {
  for (std::size_t i = 0; i < place; ++i) {
    const DomainServer& other = r.servers[i];
    const DomainServer& one = r.servers[place];
    if (other.key.server != one.key.server) continue;
    if (r.key.role == Role::mx ? other.preference == one.preference : other.key.port == one.key.port) return true;
  }
  return false;
}

void mx_info(const Domain& r, Lines& out) {
  if (r.key.role != Role::mx) return;
  for (std::size_t i = 0; i < r.servers.size(); ++i) {
    if (seen_before(r, i)) continue;
    out.info({{"server", r.servers[i].key.server.view()}, {"preference", std::to_string(r.servers[i].preference)}});
  }
}

void submission_info(const Domain& r, Lines& out) {
  if (r.key.role != Role::submission) return;
  for (std::size_t i = 0; i < r.servers.size(); ++i) {
    if (seen_before(r, i)) continue;
    out.info({{"server", r.servers[i].key.server.view()}, {"port", std::to_string(r.servers[i].key.port)}});
  }
}

/// The MX facts, where there are any. They belong to role mx: the other role would repeat the series.
const MxRecord* mx(const Domain& r) { return r.key.role == Role::mx && r.mx ? &*r.mx : nullptr; }

constexpr Row<Domain> kSetRows[] = {
    {{"mx_info", Type::gauge, "The domain's mail hosts; always 1. Joins the series of servers to domains."}, mx_info},
    {{"submission_info", Type::gauge, "The domain's submission hosts; always 1."}, submission_info},
    {{"mx_set_changes_total", Type::counter, "How often the set of mail hosts changed."},
     [](const Domain& r, Lines& out) {
       if (const auto* facts = mx(r)) out.put(static_cast<double>(facts->set_changes));
     }},
    {{"mx_set_last_change_timestamp_seconds", Type::gauge, "When the set of mail hosts last changed.", "seconds"},
     [](const Domain& r, Lines& out) {
       if (const auto* facts = mx(r)) out.put(facts->last_change);
     }},
    {{"mx_set_matches_expected", Type::gauge,
      "1 if the set of mail hosts is the expected one (expect.mx), whatever the preferences."},
     [](const Domain& r, Lines& out) {
       if (const auto* facts = mx(r)) out.put(facts->matches_expected);
     }},
    {{"mx_set_held", Type::gauge, "1 while an older set of mail hosts is kept because lookups fail."},
     [](const Domain& r, Lines& out) {
       if (const auto* facts = mx(r)) out.put(facts->held ? 1 : 0);
     }},
    {{"mx_lookups_total", Type::counter, "Lookups of the domain's mail hosts."},
     [](const Domain& r, Lines& out) {
       if (const auto* facts = mx(r)) out.put(static_cast<double>(facts->lookups));
     }},
    {{"mx_lookup_failures_total", Type::counter, "Lookups of the domain's mail hosts that failed, by cause."},
     [](const Domain& r, Lines& out) {
       if (const auto* facts = mx(r)) out.put(facts->failures);
     }},
    {{"mx_lookup_authenticated", Type::gauge, "1 if the resolver vouched for the last answer by DNSSEC (AD bit)."},
     [](const Domain& r, Lines& out) {
       if (const auto* facts = mx(r)) out.put(facts->authenticated);
     }},
};

constexpr Row<Domain> kInfoRows[] = {
    {{"domain_info", Type::gauge, "The labels that the configuration gives to the domain; always 1."},
     [](const Domain& r, Lines& out) { out.info(r.labels); }},
    {{"domain_own", Type::gauge, "1 if the configuration calls the target ours (own: true)."},
     [](const Domain& r, Lines& out) { out.put(r.own ? 1 : 0); }},
};

}  // namespace

Table<DomainRecord> domain_table() {
  return {[](const Domain& r, Lines& out) {
            out.labels({{"domain", r.key.domain.view()}, {"role", label(r.key.role)}});
          },
          kDomainRows};
}

Table<DomainRecord> set_table() {
  return {[](const Domain& r, Lines& out) { out.labels({{"domain", r.key.domain.view()}}); }, kSetRows};
}

Table<DomainRecord> domain_info_table() {
  return {[](const Domain& r, Lines& out) { out.labels({{"domain", r.key.domain.view()}}); }, kInfoRows};
}

}  // namespace mxhealth::metrics
