// Routes and pages as values, without a socket.
#include "web/routes.hpp"

#include <gtest/gtest.h>

#include "metrics/records.hpp"
#include "web/page_landing.hpp"
#include "web/site.hpp"

namespace mxhealth::web {
namespace {

using metrics::example_domain;
using metrics::name;
using metrics::share;

struct World {
  explicit World(WebOptions options = {})
      : site(options, mirror,
             {[](ReloadAnswer done) { done(std::nullopt); }, [](metrics::Format, std::size_t) { return "own 1\n"; }}) {}

  Answer ask(std::string path, std::string method = "GET") {
    Request request;
    request.path = std::move(path);
    request.method = std::move(method);
    return answer(request, site);
  }
  std::string body(std::string path) { return metrics::joined(ask(std::move(path)).pages); }
  std::string location(std::string path) {
    for (const auto& [field, value] : ask(std::move(path)).fields) {
      if (field == "Location") return value;
    }
    return {};
  }

  Mirror mirror;
  Site site;
};

WebOptions behind(std::string external, std::string prefix = {}, std::string telemetry = "/metrics") {
  WebOptions options;
  options.external_url = std::move(external);
  options.route_prefix = std::move(prefix);
  options.telemetry_path = std::move(telemetry);
  return options;
}

TEST(Routes, what_is_not_there_is_not_found) {
  World world;
  for (const char* path : {"/targets/example.com", "/targets/..", "/api/v1/targets/example.com", "/causes/nothing",
                           "/metrics/", "//metrics", "metrics", ""}) {
    EXPECT_EQ(world.ask(path).status, 404U) << path;
  }
}

TEST(Routes, stand_behind_the_external_path) {
  World world(behind("https://mon.example.com/mx/"));
  EXPECT_EQ(world.ask("/mx/metrics").status, 200U);
  EXPECT_EQ(world.ask("/mx/-/healthy").status, 200U);
  EXPECT_EQ(world.ask("/metrics").status, 404U);
  EXPECT_EQ(world.ask("/mxmetrics").status, 404U);
  EXPECT_EQ(world.location("/"), "/mx/");
  EXPECT_EQ(world.location("/mx"), "/mx/");
  EXPECT_NE(world.body("/mx/").find("href=\"/mx/metrics\""), std::string::npos);
}

TEST(Routes, a_prefix_that_a_proxy_takes_off_stays_in_links) {
  World world(behind("https://mon.example.com/mx/", "/"));
  EXPECT_EQ(world.ask("/metrics").status, 200U);
  EXPECT_NE(world.body("/").find("href=\"/mx/metrics\""), std::string::npos);
}

TEST(Routes, telemetry_stands_where_it_is_told_to) {
  World world(behind("", "", "stats"));
  EXPECT_EQ(world.ask("/stats").status, 200U);
  EXPECT_EQ(world.ask("/metrics").status, 404U);
  World root(behind("", "", "/"));
  EXPECT_EQ(root.ask("/").content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST(LandingPage, shows_the_worst_first_with_words) {
  World world;
  DomainRecord good = example_domain();
  good.key.domain = name("aaa.example");
  good.verdict = Verdict::ok;
  good.cause.reset();
  DomainRecord waiting = good;
  waiting.key.domain = name("aab.example");
  waiting.verdict.reset();
  world.mirror.apply({{share(good), share(waiting), share(example_domain())}, {}, {}});
  const std::string html = world.body("/");
  const auto bad_at = html.find(">example.com</a>");
  const auto good_at = html.find(">aaa.example</a>");
  const auto waiting_at = html.find(">aab.example</a>");
  ASSERT_NE(bad_at, std::string::npos);
  EXPECT_LT(bad_at, good_at);
  EXPECT_LT(good_at, waiting_at);
  EXPECT_NE(html.find("Postfix would queue and log 4.4.1, Exim would bounce and log 5.7.1."), std::string::npos);
  EXPECT_NE(html.find("side: theirs"), std::string::npos);
  EXPECT_NE(html.find("2025-11-22 13:00 UTC"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
}

TEST(LandingPage, forgets_what_is_gone_and_says_how_many_are_left_out) {
  World world;
  Feed feed;
  for (std::size_t i = 0; i <= kMaxRows; ++i) {
    DomainRecord record = example_domain();
    record.key.domain = name("d" + std::to_string(i) + ".example");
    feed.changed.push_back(share(record));
  }
  world.mirror.apply(feed);
  EXPECT_NE(world.body("/").find("Only the first 1000 are shown"), std::string::npos);
  world.mirror.apply({{}, {DomainKey{name("d7.example"), Role::mx}}, {}});
  EXPECT_EQ(world.body("/").find("Only the first"), std::string::npos);
  EXPECT_EQ(world.body("/").find(">d7.example<"), std::string::npos);
}

TEST(LandingPage, shows_only_what_is_asked_for) {
  World world;
  DomainRecord good = example_domain();
  good.key.domain = name("aaa.example");
  good.verdict = Verdict::ok;
  good.cause.reset();
  world.mirror.apply({{share(good), share(example_domain())}, {}, {}});
  const Wall now = metrics::at(1763816460);
  EXPECT_EQ(landing_page(world.site, {.text = "AAA"}, now).find(">example.com<"), std::string::npos);
  EXPECT_NE(landing_page(world.site, {.text = "connect_ref"}, now).find(">example.com<"), std::string::npos);
  EXPECT_EQ(landing_page(world.site, {.verdict = "unreachable"}, now).find(">aaa.example<"), std::string::npos);
  const std::string hostile = landing_page(world.site, {.text = "\"><script>"}, now);
  EXPECT_EQ(hostile.find("<script>"), std::string::npos);
  EXPECT_NE(hostile.find("0 of 2 shown"), std::string::npos);
}

TEST(LandingPage, escapes_what_it_is_told) {
  WebOptions options = behind("http://x/\"><script>");
  options.version = "<b>&'";
  World world(options);
  const std::string html = landing_page(world.site, {}, metrics::at(1763816460));
  EXPECT_EQ(html.find("<script>"), std::string::npos);
  EXPECT_NE(html.find("&lt;b&gt;&amp;&#39;"), std::string::npos);
}

}  // namespace
}  // namespace mxhealth::web
