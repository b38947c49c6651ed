#include "report/journal.hpp"

#include <gtest/gtest.h>

#include "metrics/records.hpp"
#include "model/session_run.hpp"

namespace mxhealth::report {
namespace {

using metrics::at;
using metrics::name;

const AddressKey kKey{name("mx.example.com"), {Address::parse("192.0.2.1").value(), 25}};
const AddressKey kOther{name("mx.example.net"), {Address::parse("192.0.2.2").value(), 25}};

SessionNote note(std::int64_t when, std::optional<Cause> cause = {}, const AddressKey& key = kKey) {
  auto run = std::make_shared<SessionRun>();
  run->transcript.add({}, Speaker::server, std::string(400, 'x'));
  std::optional<CauseFound> found;
  if (cause) found = CauseFound{*cause, "4.4.1", Side::theirs};
  return {key, std::move(run), found, at(when)};
}

TEST(Journal, keeps_the_latest_sessions_and_no_more) {
  Journal journal;
  for (std::int64_t i = 0; i <= static_cast<std::int64_t>(kKeptSessions); ++i) journal.add(note(i));
  ASSERT_EQ(journal.find(kKey)->latest.size(), kKeptSessions);
  EXPECT_EQ(journal.find(kKey)->latest.front().ended, at(1));
  EXPECT_TRUE(journal.find(kKey)->failures.empty());
}

TEST(Journal, keeps_failures_longer_than_successes) {
  Journal journal;
  journal.add(note(0, Cause::connect_refused));
  for (std::int64_t i = 1; i < 100; ++i) journal.add(note(i));
  ASSERT_EQ(journal.find(kKey)->failures.size(), 1U);
  EXPECT_EQ(journal.find(kKey)->failures.front().first.ended, at(0));
}

TEST(Journal, a_failure_that_repeats_is_its_first_its_latest_and_a_count) {
  Journal journal;
  for (std::int64_t i = 0; i < 10; ++i) journal.add(note(i, Cause::connect_refused));
  const FailureRow& row = journal.find(kKey)->failures.back();
  EXPECT_EQ(journal.find(kKey)->failures.size(), 1U);
  EXPECT_EQ(row.count, 10U);
  EXPECT_EQ(row.first.ended, at(0));
  EXPECT_EQ(row.latest.ended, at(9));
  journal.add(note(10));
  journal.add(note(11, Cause::connect_refused));
  EXPECT_EQ(journal.find(kKey)->failures.size(), 2U) << "a success in between ends a row";
}

TEST(Journal, keeps_so_many_rows_of_failures_and_no_more) {
  Journal journal;
  for (std::int64_t i = 0; i <= static_cast<std::int64_t>(kKeptFailures); ++i)
    journal.add(note(i, i % 2 == 0 ? Cause::connect_refused : Cause::connect_timeout));
  EXPECT_EQ(journal.find(kKey)->failures.size(), kKeptFailures);
  EXPECT_EQ(journal.find(kKey)->failures.front().first.ended, at(1));
}

TEST(Journal, above_its_octets_successes_go_first_and_the_oldest_of_them) {
  const std::size_t one = octets_of(*note(0).run);
  Journal journal(4 * one);
  journal.add(note(0, Cause::connect_refused, kOther));
  journal.add(note(1));
  journal.add(note(2));
  journal.add(note(3));
  EXPECT_EQ(journal.octets(), 4 * one);
  EXPECT_EQ(journal.find(kKey)->latest.size(), 3U);
  journal.add(note(4, {}, kOther));
  EXPECT_LE(journal.octets(), 4 * one);
  EXPECT_EQ(journal.find(kOther)->failures.size(), 1U);
  EXPECT_LT(journal.find(kKey)->latest.size(), 3U);
  EXPECT_EQ(journal.find(kKey)->latest.back().ended, at(3));
}

TEST(Journal, counts_a_session_that_names_share_once_and_forgets_whole) {
  Journal journal;
  SessionNote shared = note(1, Cause::connect_refused);
  journal.add(shared);
  const std::size_t before = journal.octets();
  shared.key = kOther;
  journal.add(shared);
  EXPECT_EQ(journal.octets(), before);
  journal.forget(kKey);
  EXPECT_EQ(journal.octets(), before);
  journal.forget(kOther);
  EXPECT_EQ(journal.octets(), 0U);
  EXPECT_EQ(journal.find(kOther), nullptr);
}

}  // namespace
}  // namespace mxhealth::report
