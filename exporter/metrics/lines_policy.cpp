// What domains publish about their mail, and what reverse DNS says of addresses.
#include "metrics/lines.hpp"

namespace mxhealth::metrics {
namespace {

Label policy(const PolicyRecord& r) { return {"policy", label(r.key.policy)}; }

constexpr Row<PolicyRecord> kPolicyRows[] = {
    {{"policy_valid", Type::gauge,
      "1 if the policy that the domain publishes is one that receivers can use; absent where none is published."},
     [](const PolicyRecord& r, Lines& out) {
       if (const auto valid = is_valid(r.facts)) out.put(*valid ? 1 : 0, {policy(r)});
     }},
    {{"policy_info", Type::gauge, "What the domain's policy asks for; always 1."},
     [](const PolicyRecord& r, Lines& out) {
       if (!r.facts.mode.empty()) out.info({policy(r), {"mode", r.facts.mode}});
     }},
    {{"policy_changes_total", Type::counter, "How often the policy was seen to change."},
     [](const PolicyRecord& r, Lines& out) { out.put(static_cast<double>(r.changes), {policy(r)}); }},
    {{"policy_last_check_timestamp_seconds", Type::gauge, "When a look at the policy last taught something.",
      "seconds"},
     [](const PolicyRecord& r, Lines& out) {
       if (r.last_check) out.put(unix_seconds(*r.last_check), {policy(r)});
     }},
    {{"spf_dns_lookups", Type::gauge, "Lookups that the domain's SPF record costs; 10 is the limit of RFC 7208."},
     [](const PolicyRecord& r, Lines& out) {
       if (r.facts.dns_lookups) out.put(*r.facts.dns_lookups);
     }},
    {{"mta_sts_policy_host_cert_not_after_timestamp_seconds", Type::gauge,
      "End of validity of the certificate of the host that serves the MTA-STS policy, as last seen.", "seconds"},
     [](const PolicyRecord& r, Lines& out) { out.put(r.facts.not_after); }},
};

constexpr Row<PtrRecord> kPtrRows[] = {
    {{"ptr_valid", Type::gauge, "1 if the address has a name in reverse DNS that has this address (FCrDNS)."},
     [](const PtrRecord& r, Lines& out) { out.put(r.valid); }},
    {{"ptr_subject_info", Type::gauge, "Whose address it is whose reverse DNS is looked at."},
     [](const PtrRecord& r, Lines& out) {
       out.info({{"source", label(r.source)}});
     }},
};

}  // namespace

Table<PolicyRecord> policy_table() {
  return {[](const PolicyRecord& r, Lines& out) { out.labels({{"domain", r.key.domain.view()}}); }, kPolicyRows};
}

Table<PtrRecord> ptr_table() {
  return {[](const PtrRecord& r, Lines& out) { out.labels({{"address", r.key.address.to_string()}}); }, kPtrRows};
}

}  // namespace mxhealth::metrics
