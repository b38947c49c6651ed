// One GET over HTTPS for a small text: addresses tried in turn, certificate verified before anything is asked, header,
// body and time bounded, no redirects. Everything is told as facts, the certificate even when it is not good. One
// request per connection; whom to ask, and whether that is allowed, is decided by who calls.
#pragma once

#include <string>
#include <vector>

#include "model/https_facts.hpp"
#include "net/session_tools.hpp"

namespace mxhealth::net {

class Link;

inline constexpr std::size_t kMaxHttpsHeader = 16 * 1024;  // octets of status line and fields, and of trailers
inline constexpr std::size_t kMaxHttpsField = 200;         // octets kept of a field that is told
inline constexpr std::size_t kMaxHttpsAddresses = 4;       // tried; further ones are left alone

/// For whoever cannot wait for a request to end: cuts the one under way, and any that follows.
class HttpsStop {
 public:
  void stop();

 private:
  friend class HttpsVisit;
  bool stopped_ = false;
  Link* link_ = nullptr;  // of the request under way: one at a time
};

struct HttpsRequest {
  ServerName host;                              ///< SNI, Host, and the name that the certificate must have
  std::string path;                             ///< "/.well-known/mta-sts.txt"
  std::vector<Peer> peers;                      ///< in the order in which they are tried
  std::vector<Address> sources{};               ///< at most one per family
  Duration connect = std::chrono::seconds(10);  ///< of one address
  Duration total = std::chrono::seconds(60);    ///< of everything, however slowly octets drip
  std::size_t max_body = 64 * 1024;
  HttpsStop* stop = nullptr;  ///< outlives the request; null: nobody stops it
};

/// The next peer is tried only where the one before could not be connected to. No peers: `stopped`.
awaitable<HttpsFacts> https_get(SessionTools tools, HttpsRequest request);

}  // namespace mxhealth::net
