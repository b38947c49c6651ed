#include "report/suspects.hpp"

namespace mxhealth::report {
namespace {

using enum Cause;

const std::vector<Suspect> kSuspects{
    {"server overload",
     "Rarely 4.4.1: only when the queue of new connections is full. Mostly it connects and then waits or is put off: "
     "4.4.2, or a 421.",
     {banner_timeout, closed_before_banner, banner_tempfail, connect_timeout},
     "mxhealth_phase_duration_seconds{phase=\"banner\"} rises beforehand"},
    {"wrong settings",
     "Yes: a service that is off or bound to another address refuses; an MX record can lead to a wrong host.",
     {connect_refused, mx_not_public, mx_target_missing, mx_loop},
     "mxhealth_mx_info shows where the MX records lead"},
    {"network",
     "Yes: routers say that there is no way, or packets just vanish.",
     {host_unreachable, net_unreachable, connect_timeout},
     "compare vantages; side is path"},
    {"firewall",
     "Yes: one that drops is silence, one that rejects is a refusal or \"no route\". The sender's own, or its "
     "provider's "
     "closed port 25, looks the same to the sender: then all domains fail.",
     {connect_timeout, connect_refused, host_unreachable, connect_reset, egress_blocked},
     "mxhealth_egress_up is 0 when it is our own port"},
    {"recipient server",
     "Yes, when it is down or its mail service is. Refused proves that the host is up; silence proves nothing.",
     {connect_refused, connect_timeout},
     "mxhealth_address_up tells which address of which host"},
    {"DNS",
     "No: a failed lookup is 4.4.3 or 5.4.4, and no connection is tried. Only a wrong address in DNS leads to 4.4.1.",
     {dns_servfail, dns_timeout, dns_nxdomain, mx_target_missing, mx_not_public},
     "mxhealth_resolver_up is 0 when it is our own resolver"},
    {"blocklisting",
     "Hardly: who refuses a listed client says so in words (4.7.1, 5.7.1). Only a ban in a firewall is silent; then it "
     "works from another address.",
     {banner_rejected, recipient_rejected, connect_timeout, connect_reset},
     "mxhealth_dnsbl_listed, mxhealth_dnsbl_listing_weight"},
    {"throttling",
     "No: it is said in words (421 4.7.0, 450, 451); at worst the connection is closed, which is 4.4.2.",
     {throttled, greylisted, closed_before_banner},
     "mxhealth_address_cause_info{cause=\"throttled\"}"},
};

std::string_view verdict(Cause cause) {
  switch (class_of(cause)) {
    case CauseClass::dns: return cause == mx_null ? "no_mail" : "unreachable";
    case CauseClass::no_answer:
    case CauseClass::bad_connection:
    case CauseClass::protocol: return "unreachable";
    case CauseClass::tempfail:
      return cause == throttled || cause == greylisted ? "the one before (tempfail without one)" : "tempfail";
    case CauseClass::permfail: return "rejecting";
    case CauseClass::tls: return "tempfail where TLS is demanded; else at_risk, degraded or ok";
    case CauseClass::auth: return "none of the mx role; the login has a metric of its own";
    case CauseClass::local: return "undetermined";
  }
  return "";
}

std::string by_cause(std::string_view metric, Cause cause) {
  return "mxhealth_" + std::string(metric) + "{cause=\"" + std::string(label(cause)) + "\"}";
}

std::string metric(Cause cause) {
  switch (cause) {
    case egress_blocked: return "mxhealth_egress_up is 0";
    case resolver_unreachable: return "mxhealth_resolver_up is 0";
    case resolver_rewrites: return "mxhealth_resolver_rewrites is 1";
    default: break;
  }
  if (class_of(cause) == CauseClass::dns) return by_cause("domain_cause_info", cause);
  if (class_of(cause) == CauseClass::auth) return "mxhealth_submission_auth_success is 0";
  return by_cause("domain_cause_info", cause) + ", " + by_cause("address_cause_info", cause);
}

}  // namespace

std::span<const Suspect> suspects() { return kSuspects; }

Shown shown(Cause cause) { return {verdict(cause), metric(cause)}; }

}  // namespace mxhealth::report
