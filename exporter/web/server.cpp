// Talks to one client: requests in, answers out, one after the other. The only file that includes Beast, and of Beast
// only the request parser, fed with put(): its composed operations would cost a minute of compiling.
#include "web/server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/buffer_traits.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstring>
#include <string_view>

#include "web/negotiation.hpp"
#include "web/response.hpp"
#include "web/routes.hpp"
#include "web/server_state.hpp"

// g++ 12 at -O1 inlines only one half of Asio's frame allocation and takes the halves for strangers.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace mxhealth::web {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using net::as_values;

constexpr std::size_t kWorthPacking = 1024;        // octets; below, a packet more or less is not saved
constexpr std::size_t kPagesPerTurn = 16;          // deflated before others have their turn: some 10 ms
constexpr std::chrono::milliseconds kLetGo{1000};  // for a client to read our last words before the connection is cut

/// A body that the parser measures and nobody keeps.
struct Discarded {
  struct value_type {};
  struct reader {
    template <bool IsRequest, class Fields>
    reader(http::header<IsRequest, Fields>&, value_type&) {}
    void init(const boost::optional<std::uint64_t>&, error_code& error) { error = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& error) {
      error = {};
      return boost::beast::buffer_bytes(buffers);
    }
    void finish(error_code& error) { error = {}; }
  };
};
using Parser = http::request_parser<Discarded>;

constexpr unsigned kComplete = 200;  // a request was read
constexpr unsigned kGone = 0;        // the client is, or was cut

unsigned status_of(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  if (error == http::error::body_limit) return 413;
  return 400;
}

/// One request being read. Beast limits the first line and the fields apart, so their sum is kept here.
struct Reading {
  Parser parser;
  std::size_t header = 0;  // octets of it so far
  bool continued = false;  // 100 Continue was said
};

constexpr unsigned kMore = 0;  // more octets are needed

/// Feeds what has arrived: kComplete, kMore, or the status with which to refuse.
unsigned feed(Connection& client, Reading& reading) {
  Parser& parser = reading.parser;
  while (client.filled > 0) {
    const bool in_header = !parser.is_header_done();
    error_code error;
    const std::size_t used = parser.put(asio::buffer(client.buffer.data(), client.filled), error);
    client.filled -= used;
    std::memmove(client.buffer.data(), client.buffer.data() + used, client.filled);
    if (in_header) reading.header += used;
    if (reading.header > kMaxHeader) return 431;
    if (parser.is_done()) return kComplete;
    if (error && error != http::error::need_more) return status_of(error);
    if (error || used == 0) break;
  }
  if (!parser.is_header_done() && reading.header + client.filled >= kMaxHeader) return 431;
  return client.filled == client.buffer.size() ? 400 : kMore;
}

bool wants_continue(const Parser& parser) {
  return parser.is_header_done() && parser.get().version() >= 11 &&
         boost::beast::iequals(parser.get()[http::field::expect], "100-continue");
}

/// The values of a field that may be given several times, as one list.
std::string list_of(const Parser& parser, http::field name) {
  std::string all;
  const auto [begin, end] = parser.get().equal_range(name);
  for (auto field = begin; field != end; ++field) {
    if (!all.empty()) all += ',';
    all.append(field->value().data(), field->value().size());
  }
  return all;
}

/// Empty where RFC 9112 section 3.2 demands a refusal (HTTP/1.1 without a Host, or with two), and for a query that
/// cannot be read.
std::optional<Request> request_of(const Parser& parser) {
  const auto& message = parser.get();
  if (message.version() >= 11 && message.count(http::field::host) != 1) return std::nullopt;
  const auto target = message.target();
  const auto method = message.method_string();
  const auto [path, query] = split_target({target.data(), target.size()});
  auto parameters = parse_query(query);
  if (!parameters) return std::nullopt;
  const auto timeout = message["X-Prometheus-Scrape-Timeout-Seconds"];
  Request request;
  request.method = message.method() == http::verb::head ? "GET" : std::string(method.data(), method.size());
  request.path = path;
  request.query = std::move(*parameters);
  request.cross_site = message["Sec-Fetch-Site"] == "cross-site";
  request.scrape_timeout = scrape_timeout({timeout.data(), timeout.size()});
  request.format = format_for(list_of(parser, http::field::accept));
  request.gzip = accepts_gzip(list_of(parser, http::field::accept_encoding));
  return request;
}

/// kComplete, kGone, or the status with which to refuse.
net::awaitable<unsigned> read_request(Server::State& server, Connection& client, Reading& reading) {
  reading.parser.header_limit(kMaxHeader);
  reading.parser.body_limit(kMaxBody);
  for (;;) {
    if (client.filled > 0) {
      if (std::exchange(client.doing, Doing::reading) == Doing::waiting) {
        server.limit(client, server.options.deadlines.header);
      }
      if (const unsigned status = feed(client, reading); status != kMore) co_return status;
      if (wants_continue(reading.parser) && !std::exchange(reading.continued, true)) {
        static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
        std::vector<asio::const_buffer> go_on{asio::buffer(kContinue)};
        const bool taken = co_await client.wire.write(std::move(go_on));
        if (!taken) co_return kGone;
      }
    }
    const asio::mutable_buffer room(client.buffer.data() + client.filled, client.buffer.size() - client.filled);
    const std::size_t size = co_await client.wire.read_some(room);
    if (size == 0) co_return kGone;
    client.filled += size;
  }
}

bool is_worth_packing(const Answer& answer) {
  std::size_t size = 0;
  for (const auto& page : answer.pages) size += page->text().size();
  return size >= kWorthPacking;
}

/// A client's place in the list, given back whatever ends it.
class Place {
 public:
  Place(std::list<Connection*>& all, Connection& client) : all_(all), at_(all.insert(all.end(), &client)) {}
  ~Place() { all_.erase(at_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  void to_the_end() { all_.splice(all_.end(), all_, at_); }

 private:
  std::list<Connection*>& all_;
  std::list<Connection*>::iterator at_;
};

}  // namespace

net::awaitable<void> Server::State::serve(Socket accepted) {
  const auto self = shared_from_this();
  const auto client = std::make_unique<Connection>(std::move(accepted));
  Place place(connections, *client);
  error_code ignored;
  client->wire.socket().set_option(Tcp::no_delay(true), ignored);
  limit(*client, options.deadlines.header);
  const bool speaks = co_await begin_tls(*client);
  if (!speaks) co_return;
  limit(*client, options.deadlines.header);
  for (;;) {
    Reading reading;
    const unsigned status = co_await read_request(*this, *client, reading);
    if (status == kGone) co_return;
    client->doing = Doing::answering;
    limit(*client, options.deadlines.answer);
    auto request = status == kComplete ? request_of(reading.parser) : std::nullopt;
    Answer made = text_answer(status == kComplete ? 400 : status, "bad request\n");
    if (request) {
      std::string authorization(reading.parser.get()[http::field::authorization]);
      made = co_await answer_to(*client, *request, std::move(authorization));
    }
    client->doing = Doing::sending;
    made.gzip = request && request->gzip && is_worth_packing(made);
    const bool is_current = client->protection == doorkeeper.protection();
    const bool keep_alive = request && reading.parser.get().keep_alive() && is_current && !site.draining;
    const bool body = !request || reading.parser.get().method() != http::verb::head;
    if (!co_await send(*client, std::move(made), body, keep_alive)) co_return;
    if (!keep_alive) break;
    client->doing = Doing::waiting;
    place.to_the_end();
    limit(*client, options.deadlines.idle);
  }
  co_await let_go(*client);
}

net::awaitable<bool> Server::State::send(Connection& client, Answer answer, bool body, bool keep_alive) {
  // The pages are ours and do not change, so others can be served between two handfuls of them.
  for (std::size_t i = 0; answer.gzip && i < answer.pages.size(); ++i) {
    (void)answer.pages[i]->deflated();
    if (i % kPagesPerTurn == kPagesPerTurn - 1) co_await asio::post(executor, as_values);
  }
  Framing framing;
  framing.body = body;
  framing.persistence = keep_alive ? Persistence::keep_alive : Persistence::close;
  framing.now = std::chrono::system_clock::now();
  framing.security = doorkeeper.header_fields();
  const Response response(std::move(answer), framing);
  std::vector<asio::const_buffer> buffers;
  buffers.reserve(response.parts().size());
  for (const std::string_view part : response.parts()) buffers.emplace_back(part.data(), part.size());
  co_return co_await client.wire.write(std::move(buffers));
}

/// True at once where plain HTTP is spoken.
net::awaitable<bool> Server::State::begin_tls(Connection& client) {
  client.protection = doorkeeper.protection();
  SSL_CTX* const context = client.protection->tls.get();
  if (context == nullptr) co_return true;
  co_return co_await client.wire.shake_hands(context);
}

/// What the route says, if the doorkeeper lets the client in.
net::awaitable<Answer> Server::State::answer_to(Connection& client, Request request, std::string authorization) {
  Doorkeeper::Decision decision = doorkeeper.decide(authorization, std::chrono::steady_clock::now());
  if (decision.answer && decision.answer->later) {
    Later check = std::move(decision.answer->later);
    decision.answer = co_await wait_long(client, std::move(check), options.deadlines.reload);
    if (decision.answer->status == kComplete) {
      doorkeeper.remember(std::move(decision.token));
      decision.answer.reset();
    }
  }
  if (decision.answer) co_return std::move(*decision.answer);
  Answer made = answer(request, site);
  if (!made.later) co_return made;
  Later later = std::move(made.later);
  const auto patience = made.patience.count() > 0 ? made.patience : options.deadlines.reload;
  co_return co_await wait_long(client, std::move(later), patience);
}

net::awaitable<Answer> Server::State::wait_long(Connection& client, Later later, std::chrono::milliseconds patience) {
  limit(client, patience + options.deadlines.answer);
  Answer made = co_await wait_for(client, std::move(later), patience);
  limit(client, options.deadlines.answer);
  co_return made;
}

/// The answer to come, or a 504 when it does not. It may be delivered from any thread, and after this has given up:
/// others hold only a weak reference, which is looked at on this loop.
net::awaitable<Answer> Server::State::wait_for(Connection& client, Later later, std::chrono::milliseconds patience) {
  struct Expected {
    explicit Expected(const net::Executor& on) : timer(on) {}
    Timer timer;
    std::optional<Answer> answer;
  };
  const auto expected = std::make_shared<Expected>(executor);
  const std::weak_ptr<Expected> weak = expected;
  const net::Executor on = executor;
  expected->timer.expires_after(patience);
  later([weak, on](Answer answer) {
    asio::post(on, [weak, answer = std::move(answer)]() mutable {
      const auto waiting = weak.lock();
      if (!waiting || waiting->answer) return;
      waiting->answer = std::move(answer);
      waiting->timer.cancel();
    });
  });
  client.waits_for = &expected->timer;
  co_await expected->timer.async_wait(as_values);
  client.waits_for = nullptr;
  co_return expected->answer ? std::move(*expected->answer) : text_answer(504, "no answer in time\n");
}

/// Closes so that the client can read our last words: octets of its that we left unread would make the kernel reset the
/// connection, and take the answer with it (RFC 9112 section 9.6).
net::awaitable<void> Server::State::let_go(Connection& client) {
  client.doing = Doing::waiting;
  limit(client, kLetGo);
  co_await client.wire.finish();
  const asio::mutable_buffer room(client.buffer.data(), client.buffer.size());
  for (std::size_t thrown_away = 0; thrown_away < kMaxBody;) {
    const std::size_t size = co_await client.wire.read_some(room);
    if (size == 0) break;
    thrown_away += size;
  }
}

}  // namespace mxhealth::web
