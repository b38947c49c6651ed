// The record that says where senders are to report how TLS went (RFC 8460 section 3). Reads and judges; sends nothing
// and does not look whether anybody listens at the addresses.
#pragma once

#include <string>
#include <vector>

#include "model/policy.hpp"

namespace mxhealth::policy {

inline constexpr std::string_view kTlsRptVersion = "v=TLSRPTv1";
inline constexpr std::size_t kMaxReportAddresses = 20;
inline constexpr std::size_t kMaxReportAddress = 1024;  // octets of one

/// `texts`: the TXT records at _smtp._tls.<domain>. Mode "present", with the record as text.
PolicyFacts judge_tls_rpt(const std::vector<std::string>& texts, const DomainName& domain);

}  // namespace mxhealth::policy
