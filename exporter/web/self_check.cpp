#include "web/self_check.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <string_view>

#include "config/web_config.hpp"
#include "web/listen.hpp"
#include "web/site.hpp"

namespace mxhealth::web {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMaxStatusLine = 128;

/// Where a socket that takes every address hears us too.
std::string reachable(const std::string& host) {
  return host.empty() || host == "::" || host == "0.0.0.0" ? "127.0.0.1" : host;
}

/// One question, by callbacks on a loop of its own that runs no longer than the deadline.
class Question {
 public:
  Question(const HostPort& at, std::string request, std::chrono::milliseconds deadline)
      : request_(std::move(request)), until_(std::chrono::steady_clock::now() + deadline) {
    tcp::resolver resolver(io_);
    error_code error;
    const auto found = resolver.resolve(reachable(at.host), at.port, tcp::resolver::numeric_service, error);
    if (!error) run([&](auto done) { asio::async_connect(socket_, found, [done](error_code e, auto) { done(e); }); });
    if (error) error_ = error;
  }

  void begin_tls() {
    if (error_) return;
    run([&](auto done) { tls_.async_handshake(asio::ssl::stream_base::client, done); });
    is_tls_ = !error_;
  }

  std::string first_line() {
    is_tls_ ? ask(tls_) : ask(socket_);
    return line_.substr(0, line_.find('\r'));
  }

  const error_code& error() const { return error_; }

 private:
  template <class Stream>
  void ask(Stream& stream) {
    if (error_) return;
    run([&](auto done) {
      asio::async_write(stream, asio::buffer(request_), [done](error_code e, std::size_t) { done(e); });
    });
    if (error_) return;
    run([&](auto done) {
      asio::async_read_until(stream, asio::dynamic_buffer(line_, kMaxStatusLine), '\n',
                             [done](error_code e, std::size_t) { done(e); });
    });
  }

  template <class Start>
  void run(Start start) {
    error_ = asio::error::timed_out;
    start([this](error_code e) { error_ = e; });
    io_.restart();
    io_.run_until(until_);
    if (error_ == asio::error::timed_out) socket_.close();
  }

  std::string request_;
  std::chrono::steady_clock::time_point until_;
  asio::io_context io_{1};
  asio::ssl::context context_{asio::ssl::context::tls_client};
  tcp::socket socket_{io_};
  asio::ssl::stream<tcp::socket&> tls_{socket_, context_};
  bool is_tls_ = false;
  std::string line_;
  error_code error_;
};

/// A server that wants to see a certificate lives.
bool asks_for_a_certificate(const error_code& error) {
  if (error.category() != asio::error::get_ssl_category()) return false;
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(error.value()));
  return reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED || reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE ||
         reason == SSL_R_SSLV3_ALERT_BAD_CERTIFICATE;
}

bool is_alive(std::string_view status_line) {
  static constexpr std::array<std::string_view, 3> kAlive{" 200 ", " 401 ", " 429 "};
  const auto says = [&](std::string_view status) { return status_line.find(status) != std::string_view::npos; };
  return status_line.starts_with("HTTP/") && std::ranges::any_of(kAlive, says);
}

}  // namespace

std::string self_check(const WebOptions& options, const std::filesystem::path& web_config_file,
                       std::chrono::milliseconds deadline) {
  if (options.listen_addresses.empty()) return "no address to ask";
  const std::string& address = options.listen_addresses.front();
  const auto at = split_address(address);
  if (!at) return "'" + address + "' is not an address and a port";
  config::LoadedWebConfig web;
  if (!web_config_file.empty()) web = config::load_web_config(web_config_file);
  const bool tls = web.config && web.config->tls;
  Question question(*at, "GET " + route_prefix(options) + "/-/healthy HTTP/1.0\r\nHost: localhost\r\n\r\n", deadline);
  if (tls) question.begin_tls();
  if (is_alive(question.first_line())) return {};
  if (tls && web.config->tls->client_auth != config::ClientAuth::none && asks_for_a_certificate(question.error()))
    return {};
  if (question.error()) return "asking " + address + ": " + question.error().message();
  return "asking " + address + ": the answer was not 200 OK";
}

}  // namespace mxhealth::web
