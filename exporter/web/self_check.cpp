#include "web/self_check.hpp"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <string_view>

#include "web/listen.hpp"
#include "web/site.hpp"

namespace mxhealth::web {
namespace {

constexpr std::size_t kMaxStatusLine = 128;

/// Where a socket that takes every address hears us too.
std::string reachable(const std::string& host) {
  return host.empty() || host == "::" || host == "0.0.0.0" ? "127.0.0.1" : host;
}

}  // namespace

std::string self_check(const WebOptions& options, std::chrono::milliseconds deadline) {
  if (options.listen_addresses.empty()) return "no address to ask";
  const std::string& address = options.listen_addresses.front();
  const auto at = split_address(address);
  if (!at) return "'" + address + "' is not an address and a port";
  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(deadline);
  stream.connect(reachable(at->host), at->port);
  stream << "GET " << route_prefix(options) << "/-/healthy HTTP/1.0\r\nHost: localhost\r\n\r\n" << std::flush;
  std::array<char, kMaxStatusLine> line{};
  stream.getline(line.data(), line.size());
  const std::string_view status(line.data());
  if (status.starts_with("HTTP/") && status.find(" 200 ") != std::string_view::npos) return {};
  if (stream.error()) return "asking " + address + ": " + stream.error().message();
  return "asking " + address + ": the answer was not 200 OK";
}

}  // namespace mxhealth::web
