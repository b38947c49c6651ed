// What the status page of a thousand domains costs its reader: time from the request to the last octet over loopback,
// against a bare server that sends the same octets, rendered beforehand. Both in the same run; their ratio counts.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

#include "unit/metrics/records.hpp"
#include "unit/web/client.hpp"

namespace {

using namespace mxhealth;
using metrics::name;
using metrics::share;

constexpr int kDomains = 1'000;
constexpr int kRounds = 21;

/// Every fifth domain is broken, every server has two addresses.
Feed world() {
  Feed feed;
  feed.ready = true;
  for (int i = 0; i < kDomains; ++i) {
    const std::string number = std::to_string(i);
    DomainRecord domain = metrics::example_domain();
    domain.key.domain = name("d" + number + ".example");
    if (i % 5 != 0) {
      domain.verdict = Verdict::ok;
      domain.cause.reset();
    }
    ServerRecord server = metrics::example_server();
    server.key.server = name("mx" + number + ".example");
    domain.servers = {{server.key, 10}};
    for (std::uint8_t last = 1; last <= 2; ++last) {
      AddressRecord address = metrics::example_address();
      address.key.server = server.key.server;
      const std::array<std::uint8_t, 4> octets{198, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i),
                                               last};
      address.key.peer.address = Address::v4(octets);
      feed.changed.push_back(share(address));
    }
    feed.changed.push_back(share(domain));
    feed.changed.push_back(share(server));
  }
  return feed;
}

/// Takes a request, sends the same octets to each; one connection at a time.
class Bare {
 public:
  explicit Bare(std::string answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof at;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || ::listen(listener_, 1) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &length) != 0)
      throw std::runtime_error("the bare server cannot listen");
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Bare() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  void serve() {
    for (int client = 0; (client = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(client)) {
      std::array<char, 4096> request;
      while (::recv(client, request.data(), request.size(), 0) > 0)
        for (std::size_t sent = 0; sent < answer_.size();) {
          const ssize_t n = ::send(client, answer_.data() + sent, answer_.size() - sent, MSG_NOSIGNAL);
          if (n <= 0) break;
          sent += static_cast<std::size_t>(n);
        }
    }
  }

  std::string answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

/// The median of milliseconds.
double median_ms(const std::function<void()>& once) {
  std::vector<double> took;
  for (int i = 0; i < kRounds; ++i) {
    const auto from = std::chrono::steady_clock::now();
    once();
    took.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - from).count());
  }
  std::ranges::nth_element(took, took.begin() + kRounds / 2);
  return took[kRounds / 2];
}

void measure(web::Running& ours, const std::string& path) {
  web::Client client(ours.port());
  const std::string request = web::get(path);
  const web::Reply shown = client.ask(request);
  if (shown.status != 200) throw std::runtime_error(path + " is not there");
  const Bare bare(shown.head + shown.body);
  web::Client of_bare(bare.port());
  const double our_ms = median_ms([&] { client.ask(request); });
  const double bare_ms = median_ms([&] { of_bare.ask(request); });
  std::printf("%-28s %8zu octets   %8.2f ms   bare %6.2f ms   ratio %7.1f\n", path.c_str(), shown.body.size(), our_ms,
              bare_ms, our_ms / bare_ms);
}

}  // namespace

int main() {
  web::Running ours;
  ours.apply(world());
  std::printf("%d domains, medians of %d answers over loopback\n", kDomains, kRounds);
  for (const char* path : {"/", "/?verdict=unreachable", "/targets/d7.example", "/api/v1/status", "/metrics"})
    measure(ours, path);
  return 0;
}
