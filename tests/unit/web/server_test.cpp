// The server as scrapers, people and operators meet it.
#include "web/server.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "metrics/records.hpp"
#include "web/client.hpp"

namespace mxhealth::web {
namespace {

using metrics::example_feed;

std::string gunzip(const std::string& packed) {
  z_stream stream{};
  EXPECT_EQ(::inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string text(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  ::inflateEnd(&stream);
  return text;
}

TEST(Server, gives_the_exposition_with_its_own_metrics_behind) {
  Running running;
  running.apply(example_feed());
  const Reply reply = Client(running.port()).ask(get("/metrics"));
  EXPECT_EQ(reply.status, 200U);
  EXPECT_TRUE(reply.has("Content-Type: text/plain; version=0.0.4; charset=utf-8")) << reply.head;
  EXPECT_NE(reply.body.find("\nmxhealth_endpoint_up{server=\"mx1.example.com\",port=\"25\"} 1\n"), std::string::npos);
  EXPECT_TRUE(reply.body.ends_with("\nown 1\n"));
  EXPECT_EQ(reply.head.find("Content-Encoding"), std::string::npos);
}

TEST(Server, packs_the_exposition_for_those_who_take_it) {
  Running running;
  running.apply(example_feed());
  Client client(running.port());
  const Reply plain = client.ask(get("/metrics"));
  const Reply packed = client.ask(get("/metrics", "Accept-Encoding: br\r\nAccept-Encoding: gzip;q=0.5\r\n"));
  EXPECT_TRUE(packed.has("Content-Encoding: gzip")) << packed.head;
  EXPECT_LT(packed.body.size(), plain.body.size());
  EXPECT_EQ(gunzip(packed.body), plain.body);
}

TEST(Server, gives_openmetrics_to_those_who_ask_for_it) {
  Running running;
  running.apply(example_feed());
  Client client(running.port());
  const Reply plain = client.ask(get("/metrics", "Accept: */*\r\n"));
  const Reply open =
      client.ask(get("/metrics", "Accept: text/plain;q=0.5\r\nAccept: application/openmetrics-text\r\n"));
  EXPECT_TRUE(open.has("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8")) << open.head;
  EXPECT_TRUE(open.body.ends_with("\nown 1\n# EOF\n"));
  for (const Reply& reply : {plain, open}) EXPECT_TRUE(reply.has("Vary: Accept, Accept-Encoding")) << reply.head;
  const Reply packed = client.ask(get("/metrics", "Accept: application/openmetrics-text\r\nAccept-Encoding: gzip\r\n"));
  EXPECT_EQ(gunzip(packed.body), open.body);
}

TEST(Server, tells_its_own_metrics_how_many_series_there_are) {
  std::size_t told = 0;
  Callbacks callbacks;
  callbacks.own_metrics = [&](metrics::Format, std::size_t series) {
    told = series;
    return std::string();
  };
  Running running({}, callbacks);
  running.apply(example_feed());
  const Reply reply = Client(running.port()).ask(get("/metrics"));
  std::size_t samples = 0;
  for (std::size_t at = 0; (at = reply.body.find("\nmxhealth_", at)) != std::string::npos; ++at) ++samples;
  EXPECT_EQ(told, samples);
}

TEST(Server, stays_connected_and_answers_a_hundred_pipelined_requests_in_order) {
  Running running;
  Client client(running.port());
  std::string all;
  for (int i = 0; i < 100; ++i) all += get(i % 2 == 0 ? "/-/healthy" : "/nowhere");
  ASSERT_TRUE(client.say(all));
  for (int i = 0; i < 100; ++i) {
    const Reply reply = client.hear();
    ASSERT_EQ(reply.status, i % 2 == 0 ? 200U : 404U) << i;
    ASSERT_TRUE(reply.has("Connection: keep-alive"));
  }
}

TEST(Server, leaves_the_body_out_for_head) {
  Running running;
  Client client(running.port());
  ASSERT_TRUE(client.say(get("/metrics", "", "HEAD") + get("/-/healthy")));
  const Reply head = client.hear(false);
  EXPECT_EQ(head.status, 200U);
  EXPECT_TRUE(head.has("Content-Length: 6")) << head.head;
  EXPECT_EQ(client.hear().body, "Healthy\n");
}

TEST(Server, closes_after_http_1_0_and_on_demand) {
  Running running;
  Client old(running.port());
  EXPECT_EQ(old.ask("GET /-/healthy HTTP/1.0\r\n\r\n").status, 200U);
  EXPECT_TRUE(old.is_closed());
  Client polite(running.port());
  EXPECT_TRUE(polite.ask(get("/-/healthy", "Connection: close\r\n")).has("Connection: close"));
  EXPECT_TRUE(polite.is_closed());
}

TEST(Server, is_ready_when_the_feed_says_so_and_not_while_draining) {
  Running running;
  Client client(running.port());
  EXPECT_EQ(client.ask(get("/-/ready")).status, 503U);
  running.apply(example_feed());
  EXPECT_EQ(client.ask(get("/-/ready")).status, 200U);
  running.on_loop([&] { running.server().drain(); });
  const Reply draining = client.ask(get("/-/ready"));
  EXPECT_EQ(draining.status, 503U);
  EXPECT_TRUE(draining.has("Connection: close"));
  EXPECT_EQ(Client(running.port()).ask(get("/-/healthy")).status, 200U);
  EXPECT_EQ(Client(running.port()).ask(get("/metrics")).status, 200U);
}

TEST(Server, carries_its_security_headers_everywhere) {
  Running running;
  for (const char* path : {"/", "/metrics", "/nowhere"}) {
    const Reply reply = Client(running.port()).ask(get(path));
    EXPECT_TRUE(reply.has("X-Content-Type-Options: nosniff")) << path;
    EXPECT_TRUE(reply.has("Referrer-Policy: no-referrer")) << path;
    EXPECT_NE(reply.head.find("Content-Security-Policy: default-src 'none'"), std::string::npos) << path;
  }
}

TEST(Server, reads_past_a_query_and_refuses_a_broken_one) {
  Running running;
  Client client(running.port());
  EXPECT_EQ(client.ask(get("/-/healthy?a=b%20c&d")).status, 200U);
  EXPECT_EQ(client.ask(get("/-/healthy?a=%zz")).status, 400U);
}

TEST(Server, reloads_on_post_only) {
  int reloads = 0;
  Callbacks callbacks;
  callbacks.reload = [&](ReloadAnswer done) {
    ++reloads;
    done(std::nullopt);
  };
  Running running({}, callbacks);
  Client client(running.port());
  const Reply refused = client.ask(get("/-/reload"));
  EXPECT_EQ(refused.status, 405U);
  EXPECT_TRUE(refused.has("Allow: POST")) << refused.head;
  EXPECT_EQ(reloads, 0);
  EXPECT_EQ(client.ask(get("/-/reload", "Sec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n", "POST")).status, 403U);
  EXPECT_EQ(reloads, 0) << "any page that the operator looks at could ask for it";
  EXPECT_EQ(client.ask(get("/-/reload", "Content-Length: 0\r\n", "POST")).status, 200U);
  EXPECT_EQ(reloads, 1);
}

TEST(Server, tells_why_a_reload_failed_and_serves_others_meanwhile) {
  std::promise<ReloadAnswer> asked;
  Callbacks callbacks;
  callbacks.reload = [&](ReloadAnswer done) { asked.set_value(std::move(done)); };
  Running running({}, callbacks);
  Client operator_(running.port());
  ASSERT_TRUE(operator_.say(get("/-/reload", "", "POST")));
  ReloadAnswer done = asked.get_future().get();
  EXPECT_EQ(Client(running.port()).ask(get("/-/healthy")).status, 200U);
  done("mxhealth.yml:3:1: unknown key");  // from this thread, not the loop's
  const Reply reply = operator_.hear();
  EXPECT_EQ(reply.status, 500U);
  EXPECT_EQ(reply.body, "mxhealth.yml:3:1: unknown key\n");
}

TEST(Server, gives_up_on_a_reload_that_never_ends) {
  ReloadAnswer kept;
  Callbacks callbacks;
  callbacks.reload = [&](ReloadAnswer done) { kept = std::move(done); };
  WebOptions options;
  options.deadlines.reload = std::chrono::milliseconds(50);
  Running running(options, callbacks);
  Client client(running.port());
  EXPECT_EQ(client.ask(get("/-/reload", "", "POST")).status, 504U);
  kept(std::nullopt);  // too late, and nobody is hurt
  EXPECT_EQ(client.ask(get("/-/healthy")).status, 200U);
}

TEST(Server, outlives_an_exception_in_one_connection) {
  bool broken = true;
  Callbacks callbacks;
  callbacks.own_metrics = [&](metrics::Format, std::size_t) -> std::string {
    if (std::exchange(broken, false)) throw std::runtime_error("no numbers today");
    return {};
  };
  Running running({}, callbacks);
  Client first(running.port());
  EXPECT_EQ(first.ask(get("/metrics")).status, 0U);
  EXPECT_EQ(Client(running.port()).ask(get("/metrics")).status, 200U);
}

TEST(Server, says_in_one_sentence_why_it_cannot_listen) {
  Running running;
  boost::asio::io_context io;
  Mirror mirror;
  WebOptions options;
  options.listen_addresses = {"127.0.0.1:0", "127.0.0.1:" + std::to_string(running.port())};
  Server second(io, options, mirror, {});
  const auto started = second.start();
  EXPECT_FALSE(started);
  EXPECT_EQ(started.error, "cannot listen on " + options.listen_addresses[1] + ": Address already in use");
}

}  // namespace
}  // namespace mxhealth::web
