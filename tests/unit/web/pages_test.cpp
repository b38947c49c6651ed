// Pages of targets and causes, and what becomes of a hostile host's words on page and JSON.
#include <gtest/gtest.h>

#include <algorithm>

#include "metrics/records.hpp"
#include "model/session_run.hpp"
#include "report/json_documents.hpp"
#include "web/page_cause.hpp"
#include "web/page_landing.hpp"
#include "web/page_target.hpp"
#include "web/site.hpp"

namespace mxhealth::web {
namespace {

using metrics::at;
using metrics::name;
using metrics::share;

const Wall kNow = at(1763820000);

/// A banner with markup, terminal escapes, NULs, direction marks and 10 kB.
std::string hostile_banner() {
  std::string text = "220 <script>alert(1)</script>\x1b[2J\x1b]0;owned\x07";
  text += std::string("\0\0", 2) + "\xe2\x80\xae txt.exe \xe2\x81\xa6\" onload='x' &amp;";
  return text + std::string(10000, 'A');
}

struct World {
  explicit World(report::Transcripts transcripts = report::Transcripts::kept)
      : mirror(transcripts),
        site({}, mirror,
             {[](ReloadAnswer done) { done(std::nullopt); },
              [](metrics::Format, std::size_t) {
                return std::string("mxhealth_resolver_up 0\nmxhealth_series_dropped_total{limit=\"a\"} 3\n");
              }}) {
    const AddressRecord address = metrics::example_address();
    Feed feed{{share(metrics::example_domain()), share(metrics::example_server()), share(address)}, {}, {}};
    auto run = std::make_shared<SessionRun>();
    run->started = at(1763819000);
    run->transcript.add(std::chrono::milliseconds(1234), Speaker::server, hostile_banner());
    feed.sessions.push_back({address.key, run, address.cause, at(1763819001)});
    mirror.apply(feed);
  }
  std::string target() const { return target_page(site, *mirror.book().target(name("example.com")), kNow); }
  std::string document() const { return report::target_json(*mirror.book().target(name("example.com")), kNow); }

  Mirror mirror;
  Site site;
};

bool is_plain(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
}

TEST(TargetPage, tells_verdict_servers_addresses_and_certificates) {
  const std::string html = World().target();
  for (const char* piece : {"<h1>example.com</h1>", "unreachable", "mx1.example.com", "2001:db8::1", "Last 24 hours",
                            "role=\"img\"", "Certificate until", "Postfix: defer", "1.234 s"})
    EXPECT_NE(html.find(piece), std::string::npos) << piece;
}

TEST(TargetPage, a_hostile_banner_is_harmless_and_short) {
  World world;
  const std::string html = world.target();
  EXPECT_TRUE(is_plain(html));
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("220 &lt;script&gt;alert(1)&lt;/script&gt;?[2J"), std::string::npos);
  EXPECT_EQ(html.find(std::string(kMaxTranscriptLine + 1, 'A')), std::string::npos);
  const std::string json = world.document();
  EXPECT_TRUE(is_plain(json));
  EXPECT_EQ(json.find('<'), std::string::npos);
  EXPECT_NE(json.find("\\u003cscript\\u003e"), std::string::npos);
}

TEST(LandingPage, tells_what_receivers_cannot_use_even_where_mail_gets_through) {
  World world;
  EXPECT_EQ(landing_page(world.site, {}, kNow).find("Policies and"), std::string::npos) << "nothing was looked at";
  PolicyRecord spf = metrics::example_policy();
  spf.facts.notes = {{Gravity::broken, "two records & no sense"}};
  PtrRecord sender = metrics::example_ptr();
  sender.source = PtrSource::configured;
  sender.valid = false;
  sender.facts.notes = {{Gravity::broken, "it has no name"}};
  world.mirror.apply({{share(spf), share(sender)}, {}, {}});
  const std::string html = landing_page(world.site, {}, kNow);
  EXPECT_NE(html.find("2 that receivers cannot use"), std::string::npos);
  EXPECT_NE(html.find("<td class=\"bad\">reverse DNS</td><td>it has no name</td>"), std::string::npos);
  EXPECT_NE(html.find("two records &amp; no sense"), std::string::npos);
  spf.facts.notes.clear();
  sender.source = PtrSource::target;
  world.mirror.apply({{share(spf), share(sender)}, {}, {}});
  EXPECT_NE(landing_page(world.site, {}, kNow).find("Whatever is published can be used."), std::string::npos);
}

TEST(TargetPage, has_neither_styles_nor_scripts_of_its_own) {
  World world;
  for (const std::string& html :
       {world.target(), landing_page(world.site, {}, kNow), cause_page(world.site, Cause::connect_refused)}) {
    EXPECT_EQ(html.find("style="), std::string::npos);
    EXPECT_EQ(html.find("<script"), std::string::npos);
  }
}

TEST(TargetPage, keeps_no_transcripts_when_they_are_off) {
  World world(report::Transcripts::not_kept);
  EXPECT_EQ(world.target().find("alert(1)"), std::string::npos);
  EXPECT_EQ(world.document().find("alert(1)"), std::string::npos);
  EXPECT_NE(world.document().find("\"sessions\":null"), std::string::npos);
}

TEST(LandingPage, says_how_the_exporter_is) {
  const std::string html = landing_page(World().site, {}, kNow);
  EXPECT_NE(html.find("Our resolver answers nothing"), std::string::npos);
  EXPECT_NE(html.find("3 series dropped"), std::string::npos);
  EXPECT_NE(html.find("1 of 1 cannot be delivered to"), std::string::npos);
}

TEST(CausePage, every_cause_has_one) {
  World world;
  for (const CauseRow& row : causes()) {
    const std::string html = cause_page(world.site, row.cause);
    EXPECT_NE(html.find("Mend it"), std::string::npos) << row.label;
  }
}

}  // namespace
}  // namespace mxhealth::web
