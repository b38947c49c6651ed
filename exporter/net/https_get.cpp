#include "net/https_get.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstring>
#include <memory>
#include <optional>

#include "model/transcript.hpp"
#include "net/clock.hpp"
#include "net/link.hpp"
#include "net/tls_link.hpp"

// g++ 12 at -O1 inlines only one half of Asio's frame allocation and takes the halves for strangers.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace mxhealth::net {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint16_t kHttpsPort = 443;
constexpr unsigned kOk = 200;
constexpr int kMaxInterim = 5;  // answers with 1xx before the one that counts

// A body in chunks of one octet is six times its size on the wire: more than this is no body but a flood.
constexpr std::size_t wire_limit(std::size_t max_body) { return kMaxHttpsHeader + 8 * max_body; }

HttpsEnd end_of(const IoResult& result) {
  switch (result.end) {
    case IoEnd::timed_out: return HttpsEnd::timed_out;
    case IoEnd::closed: return HttpsEnd::closed;
    case IoEnd::stopped: return HttpsEnd::stopped;
    case IoEnd::ok:
    case IoEnd::would_block:
    case IoEnd::failed: break;
  }
  return HttpsEnd::failed;
}

std::string question(const HttpsRequest& request, std::uint16_t port) {
  std::string text = "GET " + request.path + " HTTP/1.1\r\nHost: " + request.host.str();
  if (port != kHttpsPort) text += ":" + std::to_string(port);
  return text +
         "\r\nUser-Agent: mxhealth_exporter\r\nAccept: text/plain\r\nAccept-Encoding: identity\r\nConnection: "
         "close\r\n\r\n";
}

/// The answer as its octets come: fed until it is over, one way or another.
class Answer {
 public:
  Answer(HttpsFacts& facts, std::size_t max_body)
      : facts_(facts), max_body_(max_body), wire_limit_(wire_limit(max_body)) {
    begin();
  }

  /// False: it is over, and `facts.end` says how.
  bool feed(std::string_view octets) {
    facts_.began_to_answer = true;
    received_ += octets.size();
    pending_ += octets;
    error_code error;
    do {
      const std::size_t used = parser_->put(boost::asio::buffer(pending_), error);
      pending_.erase(0, used);
    } while (is_interim());
    if (interim_ > kMaxInterim) return give_up(HttpsEnd::unreadable);
    if (parser_->is_header_done() && facts_.step == HttpsStep::header && take_header()) return false;
    if (parser_->is_done()) return complete();
    if (error && error != http::error::need_more) return give_up(end_of(error));
    if (received_ > wire_limit_) return give_up(HttpsEnd::body_too_long);
    // What is not used is part of a header, of a chunk's head or of trailers: each is as bounded as a header.
    if (pending_.size() > kMaxHttpsHeader) return give_up(HttpsEnd::header_too_long);
    return true;
  }

  /// The peer has ended it. `politely`: inside TLS, so that nobody else can have cut it.
  void finish(bool politely) {
    if (parser_->is_header_done() && politely) {
      error_code error;
      parser_->put_eof(error);
      if (!error && parser_->is_done()) {
        complete();
        return;
      }
    }
    facts_.end = HttpsEnd::closed;
  }

 private:
  void begin() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(kMaxHttpsHeader));
    parser_->body_limit(max_body_);
    parser_->eager(true);
  }

  /// A 1xx: the answer is still to come (RFC 9110 section 15.2). Begins anew then, and is false at the last that
  /// counts.
  bool is_interim() {
    if (!parser_->is_header_done() || parser_->get().result_int() / 100 != 1) return false;
    begin();
    return ++interim_ <= kMaxInterim;
  }

  /// True: the status is all there is to learn.
  bool take_header() {
    facts_.step = HttpsStep::body;
    const auto& answer = parser_->get();
    const auto text = [&](http::field field) {
      const auto value = answer[field];
      return printable({value.data(), value.size()}, kMaxHttpsField);
    };
    facts_.status = answer.result_int();
    facts_.location = text(http::field::location);
    facts_.content_type = text(http::field::content_type);
    facts_.content_encoding = text(http::field::content_encoding);
    if (facts_.status == kOk) return false;
    facts_.end = HttpsEnd::answered;
    return true;
  }

  bool complete() {
    facts_.body = std::move(parser_->get().body());
    facts_.end = HttpsEnd::answered;
    return false;
  }

  bool give_up(HttpsEnd end) {
    facts_.end = end;
    return false;
  }

  static HttpsEnd end_of(const error_code& error) {
    if (error == http::error::header_limit) return HttpsEnd::header_too_long;
    if (error == http::error::body_limit) return HttpsEnd::body_too_long;
    return HttpsEnd::unreadable;
  }

  HttpsFacts& facts_;
  std::size_t max_body_;
  std::optional<Parser> parser_;
  std::string pending_;
  std::size_t received_ = 0;
  int interim_ = 0;
  std::size_t wire_limit_;
};

}  // namespace

/// One connection to one peer.
class HttpsVisit {
 public:
  HttpsVisit(SessionTools tools, const HttpsRequest& request, HttpsFacts& facts)
      : tools_(tools), request_(request), facts_(facts), link_(tools.io, tools.wheel) {
    if (request_.stop == nullptr) return;
    request_.stop->link_ = &link_;
    if (request_.stop->stopped_) link_.stop();
  }
  ~HttpsVisit() {
    if (request_.stop != nullptr) request_.stop->link_ = nullptr;
  }
  HttpsVisit(const HttpsVisit&) = delete;
  HttpsVisit& operator=(const HttpsVisit&) = delete;

  awaitable<void> run(Peer peer, Mono until) {
    facts_ = HttpsFacts{};
    facts_.peer = peer;
    link_.set_total(until);
    co_await connect(peer);
    if (facts_.step == HttpsStep::tls) co_await shake_hands();
    if (facts_.step == HttpsStep::header) co_await ask(peer.port);
    secure_.reset();
    link_.close();
  }

 private:
  awaitable<void> connect(Peer peer) {
    std::optional<Address> source;
    for (const Address& own : request_.sources)
      if (own.family() == peer.address.family()) source = own;
    link_.set_step(request_.connect);
    const Connected connected = co_await link_.connect(peer, source);
    if (connected.result.end != IoEnd::ok) {
      lost(connected.result);
      facts_.ours = connected.never_left;
      co_return;
    }
    facts_.step = HttpsStep::tls;
  }

  awaitable<void> shake_hands() {
    link_.set_step(request_.total);
    secure_ = std::make_unique<TlsLink>(link_, tools_.tls);
    const Handshake shake = co_await secure_->handshake(request_.host);
    if (shake.result.end != IoEnd::ok) {
      lost(shake.result);
      co_return;
    }
    judge_peer();
  }

  /// Goes on to the question only where all is as it must be.
  void judge_peer() {
    const SSL* ssl = secure_->ssl();
    facts_.tls_version = SSL_get_version(ssl);
    const tls::Chain chain = tls::Chain::served_to(ssl);
    if (!chain.empty()) {
      const std::array<ServerName, 1> names{request_.host};
      facts_.chain = tools_.judge.judge(chain, names, std::chrono::system_clock::now());
      facts_.name_matches = is_named_in(chain.leaf());
    }
    if (SSL_version(ssl) < TLS1_2_VERSION) {
      facts_.end = HttpsEnd::old_tls;
    } else if (!facts_.name_matches || facts_.chain->verdict != ChainVerdict::trusted) {
      facts_.end = HttpsEnd::not_verified;
    } else {
      facts_.step = HttpsStep::header;
    }
  }

  // RFC 8461 section 3.3: a DNS-ID; the subject's CN counts for nothing.
  bool is_named_in(X509* leaf) const {
    const std::string& host = request_.host.str();
    const unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    return X509_check_host(leaf, host.data(), host.size(), flags, nullptr) == 1;
  }

  awaitable<void> ask(std::uint16_t port) {
    const std::string text = question(request_, port);
    IoResult moved = co_await secure_->write_all(text);
    Answer answer(facts_, request_.max_body);
    while (moved.end == IoEnd::ok) {
      moved = co_await secure_->read_some(tools_.scratch);
      if (moved.end != IoEnd::ok) break;
      if (!answer.feed({tools_.scratch.data(), moved.size})) {
        secure_->say_goodbye();
        co_return;
      }
    }
    lost(moved);
    if (moved.end == IoEnd::closed) answer.finish((SSL_get_shutdown(secure_->ssl()) & SSL_RECEIVED_SHUTDOWN) != 0);
  }

  void lost(const IoResult& result) {
    facts_.end = end_of(result);
    facts_.error = result.error;
    if (secure_ && result.end == IoEnd::failed && result.error == 0) {
      facts_.end = facts_.step == HttpsStep::tls ? HttpsEnd::tls_failed : HttpsEnd::unreadable;
      facts_.tls_error = secure_->tls_error();
    }
  }

  SessionTools tools_;
  const HttpsRequest& request_;
  HttpsFacts& facts_;
  Link link_;
  std::unique_ptr<TlsLink> secure_;
};

void HttpsStop::stop() {
  stopped_ = true;
  if (link_ != nullptr) link_->stop();
}

awaitable<HttpsFacts> https_get(SessionTools tools, HttpsRequest request) {
  HttpsFacts facts;
  const Mono until = now() + request.total;
  const std::size_t count = std::min(request.peers.size(), kMaxHttpsAddresses);
  for (std::size_t i = 0; i < count; ++i) {
    HttpsVisit visit(tools, request, facts);
    co_await visit.run(request.peers[i], until);
    if (facts.step != HttpsStep::connect || facts.end == HttpsEnd::stopped || now() >= until) break;
  }
  co_return facts;
}

}  // namespace mxhealth::net
