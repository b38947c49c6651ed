// THE table: every cause that a probe, a lookup or a verdict can name, with all that is ever said about it.
// Label values, `mxhealth_cause_info`, `mxhealthctl explain`, the status page and the runbooks come from these rows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mxhealth {

enum class CauseClass : std::uint8_t { dns, no_answer, bad_connection, tempfail, permfail, protocol, tls, auth, local };

enum class Side : std::uint8_t { ours, path, theirs, dns, unknown };

enum class Cause : std::uint8_t {
  dns_timeout,
  dns_servfail,
  dns_bogus,
  dns_refused,
  dns_malformed,
  dns_nxdomain,
  dns_no_address,
  mx_target_missing,
  mx_null,
  mx_loop,
  mx_not_public,
  connect_timeout,
  connect_refused,
  host_unreachable,
  net_unreachable,
  connect_reset,
  closed_before_banner,
  banner_timeout,
  dialogue_timeout,
  connection_lost,
  banner_tempfail,
  ehlo_tempfail,
  throttled,
  greylisted,
  sender_tempfail,
  recipient_tempfail,
  banner_rejected,
  ehlo_rejected,
  sender_rejected,
  recipient_rejected,
  protocol_error,
  reply_too_long,
  starttls_missing,
  starttls_refused,
  starttls_injection,
  tls_timeout,
  tls_handshake_failed,
  cert_untrusted,
  cert_expired,
  cert_not_yet_valid,
  cert_name_mismatch,
  dane_mismatch,
  dane_lookup_failed,
  mta_sts_mismatch,
  auth_missing,
  auth_tempfail,
  auth_rejected,
  egress_blocked,
  resolver_unreachable,
  resolver_rewrites,
  local_resource,
  local_policy,
  probe_deadline,
  internal,
};
inline constexpr std::size_t kCauseCount = static_cast<std::size_t>(Cause::internal) + 1;

struct CauseRow {
  Cause cause;
  std::string_view label;
  CauseClass cause_class;
  std::string_view enhanced_status;  // RFC 3463; what stands where the server said nothing itself
  Side side;                         // whose it is unless diagnosis learns better
  std::string_view sentence;         // one sentence, for the page and `explain`
  std::array<std::string_view, 3> first_checks;
};

std::span<const CauseRow> causes();  // in the order of the enumeration
const CauseRow& row(Cause);
std::optional<Cause> cause_of_label(std::string_view);

inline std::string_view label(Cause cause) { return row(cause).label; }
inline CauseClass class_of(Cause cause) { return row(cause).cause_class; }
std::string_view label(CauseClass);
std::string_view label(Side);

/// A failure that the server *said*: confirmed at once and never probed again early (design section 2, Confirm).
bool is_said_by_server(Cause);

}  // namespace mxhealth
