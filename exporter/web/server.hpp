// The HTTP server: listens, reads requests under limits, answers from pages. It lives on the publishing loop, with the
// mirror; nothing here knows what a probe is. Routes are a table in web/routes; Beast parses requests in web/request.
// What can go wrong: an address in use (start() says so), no descriptors (idle connections are cut, accepting backs
// off), slow or hostile clients (each has deadlines, a header of 8 KiB and one of kMaxConnections places).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metrics/writer.hpp"
#include "watch/visit_result.hpp"

namespace boost::asio {
class io_context;
}

namespace mxhealth::web {

class Mirror;
struct Protection;

inline constexpr std::size_t kMaxHeader = 8 * 1024;  // octets of a request's line and header fields
inline constexpr std::size_t kMaxBody = 64 * 1024;   // octets of a body, which is read and thrown away
inline constexpr std::size_t kMaxConnections = 512;
// Who waits for an answer is not cut, so those who do must leave most connections to scrapers.
inline constexpr long kMaxWaitingReloads = 4;   // each keeps the worker busy
inline constexpr long kMaxWaitingProbes = 128;  // many may share one of probe_endpoint.in_flight
inline constexpr std::chrono::seconds kHeaderDeadline{
    5};  // from the first octet (or the accept) to the end of a request
inline constexpr std::chrono::seconds kIdleDeadline{120};   // between two requests: longer than usual scrape intervals
inline constexpr std::chrono::seconds kAnswerDeadline{30};  // for the client to take one answer
inline constexpr std::chrono::seconds kReloadDeadline{60};

/// The clock of one connection; tests shorten it.
struct Deadlines {
  std::chrono::milliseconds header = kHeaderDeadline;
  std::chrono::milliseconds idle = kIdleDeadline;
  std::chrono::milliseconds answer = kAnswerDeadline;
  std::chrono::milliseconds reload = kReloadDeadline;
};

struct WebOptions {
  std::vector<std::string> listen_addresses{
      ":25587"};  // "host:port", "[::1]:port", ":port" (every address, both families)
  std::string telemetry_path = "/metrics";
  std::string external_url;     // as people reach it; empty: links are relative to the route prefix
  std::string route_prefix;     // default: the path of the external URL
  bool systemd_socket = false;  // take the sockets of LISTEN_FDS instead of listen_addresses
  std::string version;          // for the landing page
  Deadlines deadlines{};
};

/// No value: reloaded. Else the sentence(s) that say why not. May be called from any thread, once, and late.
using ReloadAnswer = std::function<void(std::optional<std::string> error)>;

/// All are called on the publishing loop.
struct Callbacks {
  std::function<void(ReloadAnswer)> reload;
  /// Is told how many series the sheet holds.
  std::function<std::string(metrics::Format, std::size_t series)> own_metrics;
  std::function<void(std::function<void()>)> work = {};  // runs it on the worker; none: here
  /// One probe now. The answer comes on the publishing loop, once, and late.
  std::function<void(watch::VisitWish, watch::VisitAnswered)> probe = {};
};

class Server {
 public:
  Server(boost::asio::io_context& publishing, WebOptions options, Mirror& mirror, Callbacks callbacks);
  ~Server();  // with the io_context stopped or on its thread
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  struct Started {
    std::vector<std::string> addresses;  // as bound: "127.0.0.1:25587", "[::]:25587"
    std::string error;  // "cannot listen on 127.0.0.1:25587: Address already in use"; empty: all listen
    explicit operator bool() const { return error.empty(); }
  };
  Started start();

  /// TLS for connections from now on, users, headers and limits for requests from now on. Before: plain, for everybody.
  void protect(std::shared_ptr<const Protection> protection);

  /// /-/ready is 503 from now on, and every answer closes its connection; everything else goes on.
  void drain();
  /// Closes listeners and connections, so that the io_context runs out of work.
  void stop();

  struct State;  // for the sources of this room

 private:
  std::shared_ptr<State> state_;
};

}  // namespace mxhealth::web
