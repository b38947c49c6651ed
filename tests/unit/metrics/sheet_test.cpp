#include "metrics/sheet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "metrics/family.hpp"
#include "metrics/records.hpp"

namespace mxhealth::metrics {
namespace {

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string text_of(const Sheet& sheet) { return joined(sheet.text()); }

Feed changed(std::vector<Record> records) { return {std::move(records), {}, {}}; }
Feed gone(std::vector<RecordKey> keys) { return {{}, std::move(keys), {}}; }

TEST(Sheet, is_empty_without_records) {
  Sheet sheet;
  EXPECT_EQ(text_of(sheet), "");
  EXPECT_EQ(sheet.series(), 0U);
}

TEST(Sheet, counts_its_sample_lines) {
  Sheet sheet;
  sheet.apply(example_feed());
  std::size_t samples = 0;
  for (const std::string& line : sorted_lines(text_of(sheet))) samples += line.front() != '#' ? 1 : 0;
  EXPECT_EQ(sheet.series(), samples);
}

TEST(Sheet, follows_a_value_whatever_its_length) {
  Sheet sheet;
  ServerRecord server = example_server();
  for (const std::uint64_t probes : {9ULL, 10ULL, 99ULL, 5ULL, 1234567ULL, 1ULL}) {
    server.probes = probes;
    sheet.apply(changed({share(server)}));
    EXPECT_NE(text_of(sheet).find("mxhealth_endpoint_probes_total{server=\"mx1.example.com\",port=\"25\"} " +
                                  std::to_string(probes) + "\n"),
              std::string::npos);
  }
}

TEST(Sheet, takes_the_last_of_two_changes_in_one_feed) {
  Sheet sheet;
  ServerRecord first = example_server();
  ServerRecord second = first;
  first.probes = 100;
  second.probes = 21;
  sheet.apply(changed({share(example_server())}));
  sheet.apply(changed({share(first), share(second)}));
  Sheet fresh;
  fresh.apply(changed({share(second)}));
  EXPECT_EQ(text_of(sheet), text_of(fresh));
}

TEST(Sheet, loses_the_series_of_what_is_gone) {
  Sheet sheet;
  sheet.apply(example_feed());
  sheet.apply(gone({ServerKey{name("mx1.example.com"), 25}}));
  EXPECT_EQ(text_of(sheet).find("endpoint_"), std::string::npos);  // HELP and TYPE neither
  EXPECT_NE(text_of(sheet).find("domain_reachable"), std::string::npos);
  for (const Record& record : example_feed().changed) sheet.apply(gone({key_of(record)}));
  EXPECT_EQ(text_of(sheet), "");
  EXPECT_EQ(sheet.series(), 0U);
}

TEST(Sheet, forgets_what_is_both_changed_and_gone) {
  Sheet sheet;
  sheet.apply({{share(example_resolver())}, {RecordKey(std::string("127.0.0.1:53"))}, {}});
  EXPECT_EQ(text_of(sheet), "");
}

TEST(Sheet, keeps_one_domain_info_for_two_roles) {
  Sheet sheet;
  DomainRecord mx = example_domain();
  DomainRecord submission = mx;
  submission.key.role = Role::submission;
  sheet.apply(changed({share(mx), share(submission)}));
  const auto count = [&] {
    std::size_t found = 0;
    for (const std::string& line : sorted_lines(text_of(sheet))) {
      found += line.starts_with("mxhealth_domain_info{") ? 1 : 0;
    }
    return found;
  };
  EXPECT_EQ(count(), 1U);
  sheet.apply(gone({mx.key}));
  EXPECT_EQ(count(), 1U);
  sheet.apply(gone({submission.key}));
  EXPECT_EQ(count(), 0U);
}

TEST(Sheet, has_no_series_twice) {
  Sheet sheet;
  DomainRecord mx = example_domain();
  mx.servers.push_back(mx.servers.front());
  DomainRecord submission = mx;
  submission.key.role = Role::submission;
  sheet.apply(changed({share(mx), share(submission)}));
  const auto lines = sorted_lines(text_of(sheet));
  EXPECT_EQ(std::adjacent_find(lines.begin(), lines.end()), lines.end());
}

TEST(Sheet, leaves_pages_in_use_as_they_were) {
  Sheet sheet;
  ServerRecord server = example_server();
  sheet.apply(changed({share(server)}));
  const Pages held = sheet.text();
  const std::string before = joined(held);
  server.probes = 21;                         // patched in place otherwise
  server.tls.version = "TLSv1.2";             // a line goes, a line comes
  server.failures.front().second = 12345678;  // a longer value
  sheet.apply(changed({share(server)}));
  EXPECT_EQ(joined(held), before);
  EXPECT_NE(text_of(sheet), before);
  EXPECT_NE(text_of(sheet).find("probes_total{server=\"mx1.example.com\",port=\"25\"} 21\n"), std::string::npos);
}

TEST(Sheet, patches_pages_that_nobody_holds_in_place) {
  Sheet sheet;
  ServerRecord server = example_server();
  sheet.apply(changed({share(server)}));
  std::vector<const Page*> before;
  for (const auto& page : sheet.text()) before.push_back(page.get());
  server.probes = 21;
  sheet.apply(changed({share(server)}));
  std::vector<const Page*> after;
  for (const auto& page : sheet.text()) after.push_back(page.get());
  EXPECT_EQ(before, after);
}

TEST(Sheet, keeps_untouched_pages_over_scrapes) {
  Sheet sheet;
  sheet.apply(example_feed());
  const Pages first = sheet.text();
  ServerRecord server = example_server();
  server.probes = 21;
  sheet.apply(changed({share(server)}));
  const Pages second = sheet.text();
  ASSERT_EQ(first.size(), second.size());
  std::size_t replaced = 0;
  for (std::size_t i = 0; i < first.size(); ++i) replaced += first[i] != second[i] ? 1 : 0;
  EXPECT_EQ(replaced, 1U);
}

/// Every family in one piece, every histogram's lines side by side and in order.
void expect_well_grouped(const std::string& text) {
  std::set<std::string> families;
  std::set<std::string> histograms;
  std::string histogram;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("# HELP ")) {
      ASSERT_TRUE(families.insert(line.substr(0, line.find(' ', 7))).second) << line;
    }
    const auto bucket = line.find("_bucket{");
    if (bucket == std::string::npos) continue;
    const std::string of = line.substr(0, line.find(",le="));
    if (of != histogram) {
      ASSERT_TRUE(histograms.insert(of).second) << "torn apart: " << line;
    }
    histogram = of;
  }
}

TEST(Sheet, changed_step_by_step_equals_one_made_from_scratch) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    RandomWorld world(seed);
    Sheet sheet;
    std::map<RecordKey, Record> truth;
    Pages held;
    for (int step = 0; step < 60; ++step) {
      Feed feed;
      for (unsigned i = world.below(6); i > 0; --i) {
        Record record = world.record();
        truth.insert_or_assign(key_of(record), record);
        feed.changed.push_back(std::move(record));
      }
      for (auto i = truth.begin(); i != truth.end();) {
        if (world.below(20) != 0) {
          ++i;
          continue;
        }
        feed.gone.push_back(i->first);
        i = truth.erase(i);
      }
      sheet.apply(feed);
      if (world.coin()) held = sheet.text();
    }
    Feed all;
    for (const auto& [key, record] : truth) all.changed.push_back(record);
    Sheet fresh;
    fresh.apply(all);
    ASSERT_EQ(sorted_lines(text_of(sheet)), sorted_lines(text_of(fresh))) << "seed " << seed;
    ASSERT_EQ(sheet.series(), fresh.series());
    expect_well_grouped(text_of(sheet));
  }
}

TEST(Sheet, cuts_many_lines_into_pages_and_gives_the_room_back) {
  Sheet sheet;
  std::vector<RecordKey> keys;
  Feed feed;
  for (int i = 0; i < 2000; ++i) {
    ServerRecord server = example_server();
    server.key.server = name("mx" + std::to_string(i) + ".example.com");
    keys.emplace_back(server.key);
    feed.changed.push_back(share(server));
  }
  sheet.apply(feed);
  const std::size_t many = sheet.text().size();
  EXPECT_GT(many, 100U);
  for (const auto& page : sheet.text()) EXPECT_LT(page->text().size(), kPageSize + 4096);
  expect_well_grouped(text_of(sheet));
  Feed removal;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i % 50 != 0) removal.gone.push_back(keys[i]);
  }
  sheet.apply(removal);
  EXPECT_LT(sheet.text().size(), many / 3);  // 40 servers, not one thin page for each old full one
  expect_well_grouped(text_of(sheet));
  sheet.apply(feed);
  EXPECT_LE(sheet.text().size(), many + 20);
}

}  // namespace
}  // namespace mxhealth::metrics
