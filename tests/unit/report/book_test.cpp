#include "report/book.hpp"

#include <gtest/gtest.h>

#include "metrics/records.hpp"
#include "report/json_documents.hpp"

namespace mxhealth::report {
namespace {

using metrics::at;
using metrics::name;
using metrics::share;

DomainRecord judged(Verdict verdict, std::int64_t when) {
  DomainRecord record = metrics::example_domain();
  record.verdict = verdict;
  record.since = record.last_cycle = at(when);
  return record;
}

TEST(Book, finds_what_belongs_to_a_target_and_nothing_else) {
  Book book;
  DomainRecord other = metrics::example_domain();
  other.key.domain = name("example.org");
  ServerRecord stranger = metrics::example_server();
  stranger.key.server = name("mx1.example.comx");
  book.apply({{share(metrics::example_domain()), share(other), share(metrics::example_server()), share(stranger),
               share(metrics::example_address())},
              {},
              {}});
  const auto view = book.target(name("example.com"));
  ASSERT_TRUE(view);
  ASSERT_EQ(view->roles.size(), 1U);
  ASSERT_EQ(view->roles[0].servers.size(), 2U);
  EXPECT_EQ(view->roles[0].servers[0].record->key.server, name("mx1.example.com"));
  EXPECT_EQ(view->roles[0].servers[0].addresses.size(), 1U);
  EXPECT_EQ(view->roles[0].servers[1].record, nullptr) << "not probed yet";
  EXPECT_FALSE(book.target(name("example.net")));
}

TEST(Book, forgets_what_is_gone_with_its_history) {
  Book book;
  const DomainKey key = metrics::example_domain().key;
  book.apply({{share(metrics::example_domain())}, {}, {}});
  EXPECT_EQ(book.history(key).size(), 1U);
  book.apply({{}, {key}, {}});
  EXPECT_TRUE(book.history(key).empty());
  EXPECT_FALSE(book.target(key.domain));
}

TEST(History, notes_changes_and_keeps_a_day_of_them) {
  History history;
  history.see(judged(Verdict::ok, 0));
  history.see(judged(Verdict::ok, 60));
  EXPECT_EQ(history.changes().size(), 1U);
  history.see(judged(Verdict::unreachable, 120));
  EXPECT_EQ(history.changes().size(), 2U);
  history.see(judged(Verdict::ok, 120 + 86400));
  ASSERT_EQ(history.changes().size(), 2U) << "what ended more than a day ago is gone";
  EXPECT_EQ(history.changes().front().verdict, Verdict::unreachable);
}

TEST(History, is_bounded) {
  History history;
  for (std::size_t i = 0; i <= kMaxChanges; ++i)
    history.see(judged(i % 2 == 0 ? Verdict::ok : Verdict::degraded, static_cast<std::int64_t>(i)));
  EXPECT_EQ(history.changes().size(), kMaxChanges);
  EXPECT_EQ(history.changes().front().at, at(1));
}

TEST(JsonDocuments, say_what_the_records_say) {
  Book book;
  book.apply({{share(metrics::example_domain()), share(metrics::example_server()), share(metrics::example_address())},
              {},
              true});
  const std::string status = status_json(book, at(1763820000));
  EXPECT_TRUE(status.starts_with(
      R"({"schema_version":1,"generated_at":"2025-11-22T14:00:00Z","ready":true,"domains":[{"domain":"example.com",)"
      R"("role":"mx","verdict":"unreachable","reachable":false,"since":"2025-11-22T13:00:00Z","cause":{"cause":)"
      R"("connect_refused","class":"no_answer","side":"theirs","enhanced_status":"4.4.1"})"))
      << status;
  const std::string target = target_json(*book.target(name("example.com")), at(1763820000));
  EXPECT_NE(target.find(R"("server":"mx1.example.com","port":25,"preference":10,"up":true)"), std::string::npos);
  EXPECT_NE(target.find(R"("sessions":null)"), std::string::npos);
}

}  // namespace
}  // namespace mxhealth::report
