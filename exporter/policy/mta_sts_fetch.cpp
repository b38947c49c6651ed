#include "policy/mta_sts_fetch.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <system_error>

#include "policy/mta_sts.hpp"

namespace mxhealth::policy {
namespace {

constexpr unsigned kOk = 200;

std::string date(Wall when) {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::chrono::system_clock::to_time_t(when)));
}

std::string_view where(HttpsStep step) {
  switch (step) {
    case HttpsStep::connect: return "while connecting";
    case HttpsStep::tls: return "in the TLS handshake";
    case HttpsStep::header: return "before the answer's header was complete";
    case HttpsStep::body: return "in the middle of the policy";
  }
  return "";
}

std::string certificate_fault(const HttpsFacts& fetch, const ServerName& host) {
  if (!fetch.chain) return "shows no certificate";
  const ChainFacts& chain = *fetch.chain;
  switch (chain.verdict) {
    case ChainVerdict::expired: {
      const Wall end = chain.leaf_not_after <= chain.chain_not_after ? chain.leaf_not_after : chain.chain_not_after;
      return fmt::format("shows a certificate that has expired on {}; renew it", date(end));
    }
    case ChainVerdict::not_yet_valid:
      return fmt::format("shows a certificate that is valid only from {} on", date(chain.leaf_not_before));
    case ChainVerdict::untrusted:
      if (chain.self_signed) return "shows a certificate that nobody but itself has signed; senders want a public one";
      return "shows a certificate of an authority that is not trusted, or without the intermediate one";
    case ChainVerdict::trusted: break;
  }
  return fmt::format("shows a certificate that does not name {} among its subject alternative names", host.view());
}

FetchFault timed_out(const HttpsFacts& fetch) {
  if (fetch.began_to_answer) return {"began to answer, but so slowly that senders, who wait a minute, give up", false};
  return {fmt::format("did not answer in time, {}", where(fetch.step)), true};
}

FetchFault failed(const HttpsFacts& fetch) {
  const std::string why = std::error_code(fetch.error, std::generic_category()).message();
  if (fetch.error == ECONNREFUSED) return {"refuses connections for HTTPS", false};
  if (fetch.began_to_answer) return {fmt::format("cut the connection {}: {}", where(fetch.step), why), false};
  return {fmt::format("cannot be asked, {}: {}", where(fetch.step), why), true};
}

FetchFault answered(const HttpsFacts& fetch) {
  if (fetch.status >= 300 && fetch.status < 400)
    return {fmt::format("redirects ({}) to {}, which senders must not follow: the policy has to be served right here",
                        fetch.status, fetch.location.empty() ? "nowhere" : fetch.location),
            false};
  if (fetch.status == 404) return {"has no policy there (404): put the file at /.well-known/mta-sts.txt", false};
  if (fetch.status >= 500)
    return {fmt::format("answers with an error of its own ({}) instead of the policy", fetch.status), false};
  return {fmt::format("answers {} instead of 200", fetch.status), false};
}

FetchFault fault(const HttpsFacts& fetch, const ServerName& host) {
  switch (fetch.end) {
    case HttpsEnd::answered: return answered(fetch);
    case HttpsEnd::failed: return failed(fetch);
    case HttpsEnd::timed_out: return timed_out(fetch);
    case HttpsEnd::closed: return {fmt::format("closes the connection {}", where(fetch.step)), false};
    case HttpsEnd::tls_failed: return {"fails the TLS handshake: " + fetch.tls_error, false};
    case HttpsEnd::old_tls:
      return {fmt::format("speaks nothing newer than {}; senders want TLS 1.2", fetch.tls_version), false};
    case HttpsEnd::not_verified: return {certificate_fault(fetch, host), false};
    case HttpsEnd::unreadable:
      return {fetch.step == HttpsStep::body ? "sends a body that cannot be read as HTTP (chunks?)"
                                            : "sends something that is no HTTP",
              false};
    case HttpsEnd::header_too_long: return {"sends a header without end, or longer than is read here", false};
    case HttpsEnd::body_too_long:
      return {fmt::format("sends a policy longer than the {} octets that senders read", kMaxStsPolicy), false};
    case HttpsEnd::stopped: break;
  }
  return {"could not be asked, for this program ends", true};
}

}  // namespace

std::optional<FetchFault> fault_of_fetch(const HttpsFacts& fetch, const ServerName& host) {
  if (fetch.end == HttpsEnd::answered && fetch.status == kOk) return std::nullopt;
  FetchFault found = fault(fetch, host);
  found.for_now = found.for_now || fetch.ours;
  found.sentence = fmt::format("The policy host {} {}", host.view(), found.sentence);
  return found;
}

}  // namespace mxhealth::policy
