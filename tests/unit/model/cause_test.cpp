#include "model/cause.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "model/judgement.hpp"
#include "model/reply_code.hpp"

namespace mxhealth {
namespace {

TEST(cause, every_row_stands_where_its_value_says) {
  ASSERT_EQ(causes().size(), kCauseCount);
  for (std::size_t i = 0; i < kCauseCount; ++i) EXPECT_EQ(causes()[i].cause, static_cast<Cause>(i));
}

TEST(cause, labels_are_unique_and_lead_back) {
  std::set<std::string_view> seen;
  for (const CauseRow& r : causes()) {
    EXPECT_TRUE(seen.insert(r.label).second) << r.label;
    EXPECT_EQ(cause_of_label(r.label), r.cause);
    EXPECT_EQ(label(r.cause), r.label);
    EXPECT_EQ(r.label.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << r.label;
  }
  EXPECT_FALSE(cause_of_label("no_such_cause"));
}

TEST(cause, every_row_says_something) {
  for (const CauseRow& r : causes()) {
    EXPECT_TRUE(r.sentence.ends_with('.')) << r.label;
    for (const std::string_view check : r.first_checks) EXPECT_FALSE(check.empty()) << r.label;
  }
}

TEST(cause, every_status_can_be_a_label) {
  for (const CauseRow& r : causes()) {
    if (r.enhanced_status == "X.0.0") continue;
    EXPECT_EQ(enhanced_status_label(r.enhanced_status), r.enhanced_status) << r.label;
  }
}

TEST(cause, every_class_has_the_status_that_senders_log) {
  for (const CauseRow& r : causes()) {
    switch (r.cause_class) {
      case CauseClass::no_answer: EXPECT_EQ(r.enhanced_status, "4.4.1") << r.label; break;
      case CauseClass::bad_connection:
      case CauseClass::protocol: EXPECT_EQ(r.enhanced_status, "4.4.2") << r.label; break;
      case CauseClass::local: EXPECT_EQ(r.enhanced_status, "4.3.0") << r.label; break;
      case CauseClass::tls: EXPECT_TRUE(r.enhanced_status.starts_with("4.7.")) << r.label; break;
      case CauseClass::permfail: EXPECT_EQ(r.enhanced_status, "X.0.0") << r.label; break;
      case CauseClass::dns:
      case CauseClass::tempfail:
      case CauseClass::auth: break;
    }
  }
}

// Design section 3: whose side it is unless diagnosis learns better. An address that gives no sign of life may be down
// or cut off on the way; one that refuses is alive.
TEST(cause, every_row_is_on_the_side_of_who_can_mend_it) {
  const std::map<Cause, Side> others{{Cause::connect_refused, Side::theirs},
                                     {Cause::starttls_injection, Side::path},
                                     {Cause::dane_lookup_failed, Side::dns}};
  for (const CauseRow& r : causes()) {
    Side side = Side::theirs;
    if (r.cause_class == CauseClass::local) side = Side::ours;
    if (r.cause_class == CauseClass::dns) side = Side::dns;
    if (r.cause_class == CauseClass::no_answer) side = Side::path;
    if (const auto other = others.find(r.cause); other != others.end()) side = other->second;
    EXPECT_EQ(label(r.side), label(side)) << r.label;
  }
}

TEST(cause, every_class_and_side_has_a_label) {
  std::set<std::string_view> classes, sides;
  for (const CauseRow& r : causes()) classes.insert(label(r.cause_class)), sides.insert(label(r.side));
  EXPECT_EQ(classes.size(), 9U);
  EXPECT_EQ(label(CauseClass::no_answer), "no_answer");
  EXPECT_EQ(label(CauseClass::local), "local");
  EXPECT_EQ(label(Side::unknown), "unknown");
  EXPECT_EQ(label(Side::ours), "ours");
}

TEST(cause, what_is_ours_is_never_the_servers_saying) {
  for (const CauseRow& r : causes()) {
    if (r.cause_class != CauseClass::local) continue;
    EXPECT_EQ(r.side, Side::ours) << r.label;
    EXPECT_FALSE(is_said_by_server(r.cause)) << r.label;
  }
  EXPECT_TRUE(is_said_by_server(Cause::throttled));
  EXPECT_TRUE(is_said_by_server(Cause::ehlo_rejected));
  EXPECT_TRUE(is_said_by_server(Cause::auth_rejected));
  EXPECT_FALSE(is_said_by_server(Cause::connect_refused));
  EXPECT_FALSE(is_said_by_server(Cause::tls_timeout));
}

TEST(verdict_label, each_has_its_own_and_tells_whether_mail_arrives) {
  EXPECT_EQ(std::set<std::string_view>(kVerdictLabels.begin(), kVerdictLabels.end()).size(), kVerdictLabels.size());
  EXPECT_EQ(label(Verdict::undetermined), "undetermined");
  EXPECT_EQ(reachable(Verdict::at_risk), true);
  EXPECT_EQ(reachable(Verdict::tempfail), false);
  EXPECT_EQ(reachable(Verdict::rejecting), false);
  EXPECT_EQ(reachable(Verdict::no_mail), std::nullopt);
  EXPECT_EQ(reachable(Verdict::undetermined), std::nullopt);
}

}  // namespace
}  // namespace mxhealth
