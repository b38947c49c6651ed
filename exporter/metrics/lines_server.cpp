// What a server and port say over all addresses: attempts, phases, replies, TLS.
#include "metrics/lines.hpp"

namespace mxhealth::metrics {
namespace {

using Server = ServerRecord;

void replies(const Server& r, Lines& out) {
  for (const ReplyCount& reply : r.replies) {
    out.put(static_cast<double>(reply.count),
            {{"phase", label(reply.phase)}, {"code", reply.code}, {"enhanced_status", reply.enhanced_status}});
  }
}

void verified(const Server& r, Lines& out) {
  if (r.tls.chain_ok) out.put(*r.tls.chain_ok ? 1 : 0, {{"check", "chain"}});
  if (r.tls.hostname_ok) out.put(*r.tls.hostname_ok ? 1 : 0, {{"check", "hostname"}});
  if (r.tls.dane_ok) out.put(*r.tls.dane_ok ? 1 : 0, {{"check", "dane"}});
  if (r.tls.mta_sts_ok) out.put(*r.tls.mta_sts_ok ? 1 : 0, {{"check", "mta_sts"}});
}

void dane_states(const Server& r, Lines& out) {
  if (!r.tls.dane) return;
  for (std::size_t i = 0; i < kDaneStateLabels.size(); ++i)
    out.put(static_cast<DaneState>(i) == *r.tls.dane ? 1 : 0, {{"state", kDaneStateLabels[i]}});
}

constexpr Row<Server> kRows[] = {
    {{"endpoint_up", Type::gauge, "1 if some address of the server answers EHLO with 250 on this port."},
     [](const Server& r, Lines& out) { out.put(r.up); }},
    {{"endpoint_probes_total", Type::counter, "Probes of the server's addresses on this port."},
     [](const Server& r, Lines& out) { out.put(static_cast<double>(r.probes)); }},
    {{"endpoint_failures_total", Type::counter, "Probes that failed, by cause."},
     [](const Server& r, Lines& out) { out.put(r.failures); }},
    {{"phase_duration_seconds", Type::histogram, "Duration of completed phases.", "seconds"},
     [](const Server& r, Lines& out) {
       for (const auto& [phase, durations] : r.phases) out.put(durations, {"phase", label(phase)});
     }},
    {{"replies_total", Type::counter, "Replies of the server by phase, code and enhanced status."}, replies},
    {{"starttls_advertised", Type::gauge, "1 if every address offers STARTTLS."},
     [](const Server& r, Lines& out) { out.put(r.tls.starttls_advertised); }},
    {{"tls_handshake_success", Type::gauge, "1 if the last handshake with every address succeeded."},
     [](const Server& r, Lines& out) { out.put(r.tls.handshake_success); }},
    {{"tls_verify_success", Type::gauge, "1 if the certificate passes the check on every address."}, verified},
    {{"tls_info", Type::gauge, "Negotiated protocol version and cipher; always 1."},
     [](const Server& r, Lines& out) {
       if (!r.tls.version.empty()) out.info({{"version", r.tls.version}, {"cipher", r.tls.cipher}});
     }},
    {{"tls_oldest_version_info", Type::gauge, "The lowest protocol version that is still accepted; always 1."},
     [](const Server& r, Lines& out) {
       if (!r.tls.oldest_version.empty()) out.info({{"version", r.tls.oldest_version}});
     }},
    {{"dane_state", Type::gauge,
      "How the certificates stand with the TLSA records of the server; 1 for the present state."},
     dane_states},
    {{"tls_cert_mismatch", Type::gauge, "1 if addresses of the server serve different certificates."},
     [](const Server& r, Lines& out) { out.put(r.tls.cert_mismatch); }},
    {{"tls_cert_not_before_timestamp_seconds", Type::gauge, "Begin of the certificate's validity, as last seen.",
      "seconds"},
     [](const Server& r, Lines& out) { out.put(r.tls.leaf_not_before); }},
    {{"tls_cert_not_after_timestamp_seconds", Type::gauge, "End of the certificate's validity, as last seen.",
      "seconds"},
     [](const Server& r, Lines& out) { out.put(r.tls.leaf_not_after); }},
    {{"tls_chain_not_after_timestamp_seconds", Type::gauge, "Earliest end of validity in the chain, as last seen.",
      "seconds"},
     [](const Server& r, Lines& out) { out.put(r.tls.chain_not_after); }},
    {{"tls_last_handshake_timestamp_seconds", Type::gauge, "When a handshake last succeeded.", "seconds"},
     [](const Server& r, Lines& out) { out.put(r.tls.last_handshake); }},
    {{"endpoint_finding", Type::gauge, "What is odd about the server without keeping mail away; always 1."},
     [](const Server& r, Lines& out) {
       for (const Finding finding : r.findings) out.put(1, {{"finding", label(finding)}});
     }},
    {{"submission_auth_success", Type::gauge, "1 if the configured login was accepted, after confirmation."},
     [](const Server& r, Lines& out) { out.put(r.auth_success); }},
};

}  // namespace

Table<ServerRecord> server_table() {
  return {[](const Server& r, Lines& out) {
            out.labels({{"server", r.key.server.view()}, {"port", std::to_string(r.key.port)}});
          },
          kRows};
}

}  // namespace mxhealth::metrics
