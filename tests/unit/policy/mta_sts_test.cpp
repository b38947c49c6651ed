// Longer than other files: both texts of MTA-STS, each with its good forms, its bad ones, and its bounds.
#include "policy/mta_sts.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace mxhealth::policy {
namespace {

using namespace std::chrono_literals;

Name name(std::string_view text) { return Name::parse(text).value(); }
const DomainName kDomain = name("example.com");

StsRecord record(std::vector<std::string> texts) { return read_sts_record(texts, kDomain); }

/// The gravest note, as "broken: sentence"; empty: none.
std::string gravest(std::vector<PolicyNote> notes) {
  notes = in_order(std::move(notes));
  if (notes.empty()) return {};
  constexpr std::string_view kWords[] = {"broken: ", "risky: ", "note: "};
  return std::string(kWords[static_cast<std::size_t>(notes.front().gravity)]) + notes.front().sentence;
}

bool says(const std::vector<PolicyNote>& notes, std::string_view gravity, std::string_view words) {
  const std::string found = gravest(notes);
  return found.starts_with(gravity) && found.find(words) != std::string::npos;
}

struct Case {
  std::string text;
  std::string_view gravity;  // of the gravest note; empty: nothing is wrong
  std::string_view words;
};

// --- the record ---

TEST(StsRecord, of_the_right_form_has_its_id) {
  for (const std::string text :
       {"v=STSv1; id=20160831085700Z;", "v=STSv1;id=20160831085700Z", "v=STSv1; id=20160831085700Z ; ",
        "v=STSv1;\tid=20160831085700Z;ext.one_-=some/value:here", "v=STSv1;;id=20160831085700Z"}) {
    const StsRecord found = record({text});
    EXPECT_TRUE(found.present);
    EXPECT_EQ(found.id, "20160831085700Z") << text;
    EXPECT_EQ(gravest(found.notes), "") << text;
  }
}

TEST(StsRecord, other_texts_beside_it_are_passed_over) {
  EXPECT_EQ(record({"hello", "v=spf1 -all", "v=STSv1; id=1;", "v=STSv10; id=2;"}).id, "1");
  EXPECT_FALSE(record({"hello", "v=spf1 -all"}).present);
  EXPECT_FALSE(record({}).present);
  EXPECT_FALSE(record({"", "   "}).present);
}

TEST(StsRecord, what_senders_cannot_use_is_told_by_its_fault) {
  const std::vector<Case> cases{
      {"v=STSv1", "broken", "no id"},
      {"v=STSv1;", "broken", "no id"},
      {"v=STSv1; id=;", "broken", "empty id"},
      {"v=STSv1; id=2016-08-31;", "broken", "other characters"},
      {"v=STSv1; id=a b;", "broken", "other characters"},
      {"v=STSv1; id=\"1\";", "broken", "other characters"},
      {"v=STSv1; ID=1;", "broken", "no id"},
      {"v=STSv1; id=1; nonsense;", "broken", "name=value"},
      {"v=STSv1; id=1; ext=a=b", "broken", "name=value"},
      {"v=STSv1; id=1; ext=", "broken", "name=value"},
      {"v=STSv1; id =1;", "broken", "name=value"},
      {"v=stsv1; id=1;", "broken", "does not begin with exactly"},
      {" v=STSv1; id=1;", "broken", "does not begin with exactly"},
      {"\"v=STSv1; id=1;\"", "broken", "does not begin with exactly"},
  };
  for (const Case& one : cases) {
    const StsRecord found = record({one.text});
    EXPECT_TRUE(found.present) << one.text;
    EXPECT_EQ(found.id, "") << one.text;
    EXPECT_TRUE(says(found.notes, one.gravity, one.words)) << one.text << " -> " << gravest(found.notes);
  }
}

TEST(StsRecord, some_oddities_are_only_risky) {
  const StsRecord space = record({"v=STSv1 ; id=1;"});
  EXPECT_EQ(space.id, "1");
  EXPECT_TRUE(says(space.notes, "risky", "semicolon")) << gravest(space.notes);
  const StsRecord twice = record({"v=STSv1; id=1; id=2"});
  EXPECT_EQ(twice.id, "1");
  EXPECT_TRUE(says(twice.notes, "risky", "two ids")) << gravest(twice.notes);
}

TEST(StsRecord, two_records_are_none) {
  const StsRecord found = record({"v=STSv1; id=1;", "v=STSv1; id=2;"});
  EXPECT_TRUE(found.present);
  EXPECT_EQ(found.id, "");
  EXPECT_TRUE(says(found.notes, "broken", "2 TXT records")) << gravest(found.notes);
  EXPECT_EQ(found.shown, "v=STSv1; id=1; | v=STSv1; id=2;");
}

TEST(StsRecord, an_id_has_at_most_32_characters) {
  EXPECT_EQ(record({"v=STSv1; id=" + std::string(kMaxStsId, 'a')}).id, std::string(kMaxStsId, 'a'));
  const StsRecord above = record({"v=STSv1; id=" + std::string(kMaxStsId + 1, 'a')});
  EXPECT_EQ(above.id, "");
  EXPECT_TRUE(says(above.notes, "broken", "33 characters")) << gravest(above.notes);
}

TEST(StsRecord, is_bounded_in_octets_and_fields) {
  const std::string begin = "v=STSv1; id=1; x=";
  EXPECT_EQ(record({begin + std::string(4096 - begin.size(), 'a')}).id, "1");
  EXPECT_TRUE(says(record({begin + std::string(4097 - begin.size(), 'a')}).notes, "broken", "4097 octets"));
  std::string fields = "v=STSv1; id=1;";
  for (int i = 0; i < 49; ++i) fields += "a=b;";
  EXPECT_EQ(record({fields}).id, "1");
  EXPECT_TRUE(says(record({fields + "a=b;"}).notes, "broken", "more than 50 fields"));
}

TEST(StsRecord, what_is_told_of_it_is_printable) {
  const StsRecord found = record({std::string("v=STSv1; id=\x01\xff\x1b[31m\0x;", 20)});
  EXPECT_EQ(found.id, "");
  for (const PolicyNote& note : found.notes)
    EXPECT_TRUE(std::ranges::all_of(note.sentence, [](char c) { return c >= 0x20 && c < 0x7f; })) << note.sentence;
  EXPECT_TRUE(std::ranges::all_of(found.shown, [](char c) { return c >= 0x20 && c < 0x7f; }));
}

// --- the policy file ---

const std::string kGood =
    "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmx: backupmx.example.com\nmax_age: "
    "604800\n";

std::string crlf(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.replace(at, 1, "\r\n");
  return text;
}

/// kGood with one line in place of another.
std::string with(std::string_view line, std::string_view instead) {
  std::string text = kGood;
  return text.replace(text.find(line), line.size(), instead);
}

void expect_good(const std::string& body) {
  const StsPolicy read = read_sts_policy(body);
  ASSERT_TRUE(read.policy) << gravest(read.notes);
  EXPECT_EQ(gravest(read.notes), "");
  EXPECT_EQ(read.policy->mode, StsMode::enforce);
  EXPECT_EQ(read.policy->mx, (std::vector<std::string>{"mail.example.com", "*.example.net", "backupmx.example.com"}));
  EXPECT_EQ(read.policy->max_age, 604800s);
}

TEST(StsPolicy, lines_end_with_lf_or_crlf_and_the_last_may_do_without) {
  expect_good(kGood);
  expect_good(crlf(kGood));
  expect_good(kGood.substr(0, kGood.size() - 1));
  expect_good(with("mode: enforce\n", "mode: enforce\r\n"));
}

TEST(StsPolicy, order_blanks_and_unknown_fields_do_not_matter) {
  expect_good(
      "max_age:604800  \nmode:\tenforce\nmx:mail.example.com\nmx: *.example.net \nmx:    backupmx.example.com\n"
      "version:STSv1\n");
  expect_good(kGood + "future_field.x-1: some value: with colons\n");
  expect_good(kGood +
              "note: gr\xc3\xbc\xc3\x9f"
              "e \xe2\x82\xac \xf0\x9f\x93\xa7\n");
}

TEST(StsPolicy, of_all_fields_but_mx_the_first_counts) {
  const StsPolicy read = read_sts_policy(kGood + "mode: none\nmax_age: nonsense\nversion: STSv2\n");
  ASSERT_TRUE(read.policy) << gravest(read.notes);
  EXPECT_EQ(read.policy->mode, StsMode::enforce);
  EXPECT_EQ(read.policy->max_age, 604800s);
  EXPECT_TRUE(says(read.notes, "risky", "several lines \"mode:\""));
}

TEST(StsPolicy, names_are_folded_and_told_once) {
  const StsPolicy read =
      read_sts_policy(with("mx: mail.example.com\n", "mx: MAIL.Example.com\nmx: mail.example.com\n"));
  ASSERT_TRUE(read.policy);
  EXPECT_EQ(read.policy->mx.front(), "mail.example.com");
  EXPECT_EQ(read.policy->mx.size(), 3U);
}

TEST(StsPolicy, of_mode_none_needs_no_hosts) {
  const StsPolicy read = read_sts_policy("version: STSv1\nmode: none\nmax_age: 86400\n");
  ASSERT_TRUE(read.policy) << gravest(read.notes);
  EXPECT_EQ(read.policy->mode, StsMode::none);
  EXPECT_TRUE(read_sts_policy("version: STSv1\nmode: none\nmax_age: 0\n").notes.empty());
}

TEST(StsPolicy, what_senders_cannot_use_is_told_by_its_fault) {
  using namespace std::string_literals;
  const std::vector<Case> cases{
      {"", "broken", "is empty"},
      {"\r\n\r\n", "broken", "is empty"},
      {"<!DOCTYPE html><html><body>404</body></html>", "broken", "HTML"},
      {"{\"version\": \"STSv1\"}", "broken", "JSON"},
      {"\xef\xbb\xbf" + kGood, "broken", "byte order mark"},
      {"v\0e\0r\0"s, "broken", "NUL"},
      {kGood + "\0"s, "broken", "NUL"},
      {with("version: STSv1\n", ""), "broken", "no line \"version: STSv1\""},
      {with("STSv1", "STSv2"), "broken", "\"STSv2\""},
      {with("version", "Version"), "broken", "no line \"version: STSv1\""},
      {with("mode: enforce\n", ""), "broken", "no line \"mode:\""},
      {with("enforce", "Enforce"), "broken", "\"Enforce\""},
      {with("enforce", "report"), "broken", "\"report\""},
      {with("max_age: 604800\n", ""), "broken", "no line \"max_age:\""},
      {with("604800", "1w"), "broken", "no number"},
      {with("604800", "-1"), "broken", "no number"},
      {with("604800", "604800.0"), "broken", "no number"},
      {with("mode: enforce", "mode enforce"), "broken", "not \"name: value\""},
      {with("mode: enforce", "mode : enforce"), "broken", "cannot be read"},
      {with("mode: enforce", "mode:"), "broken", "no readable value"},
      {with("mode: enforce", "# a comment: here\nmode: enforce"), "broken", "cannot be read"},
      {with("mode: enforce", "note: \xc3\x28\nmode: enforce"), "broken", "no readable value"},
      {with("mode: enforce", "note: \xed\xa0\x80\nmode: enforce"), "broken", "no readable value"},
      {with("mode: enforce", "note: a\x07\nmode: enforce"), "broken", "no readable value"},
      {with("mail.example.com", "*"), "broken", "neither a host name"},
      {with("mail.example.com", "*.*.example.com"), "broken", "neither a host name"},
      {with("mail.example.com", "mx*.example.com"), "broken", "neither a host name"},
      {with("mail.example.com", "mx.*.com"), "broken", "neither a host name"},
      {with("mail.example.com", ".example.com"), "broken", "neither a host name"},
      {with("mail.example.com", "mail.example.com."), "broken", "neither a host name"},
      {with("mail.example.com", "mail.example.com, b.example.com"), "broken", "neither a host name"},
      {with("mail.example.com", "m\xc3\xbcll.example.com"), "broken", "neither a host name"},
      {with("mail.example.com", "[192.0.2.1]"), "broken", "neither a host name"},
      {"version: STSv1\nmode: enforce\nmax_age: 604800\n", "broken", "no usable \"mx:\" line"},
      {"version: STSv1\nmode: testing\nmax_age: 604800\n", "broken", "no usable \"mx:\" line"},
      {"version: STSv1\rmode: enforce\rmx: mail.example.com\rmax_age: 604800\r", "broken", "no readable value"},
  };
  for (const Case& one : cases) {
    const StsPolicy read = read_sts_policy(one.text);
    EXPECT_FALSE(read.policy) << one.text;
    EXPECT_TRUE(says(read.notes, one.gravity, one.words)) << one.text << " -> " << gravest(read.notes);
  }
}

TEST(StsPolicy, an_age_under_a_day_or_over_a_year_is_risky) {
  const auto age = [](const std::string& text) { return read_sts_policy(with("604800", text)); };
  EXPECT_TRUE(age("86400").notes.empty());
  EXPECT_TRUE(says(age("86399").notes, "risky", "less than a day"));
  EXPECT_TRUE(says(age("0").notes, "risky", "less than a day"));
  EXPECT_TRUE(age("31557600").notes.empty());
  const StsPolicy above = age("31557601");
  EXPECT_TRUE(says(above.notes, "risky", "above 31557600"));
  EXPECT_EQ(above.policy.value().max_age, kMaxStsAge);
  EXPECT_EQ(age("99999999999999999999999").policy.value().max_age, kMaxStsAge);
}

TEST(StsPolicy, empty_lines_are_worth_a_note) {
  const StsPolicy read = read_sts_policy(with("mode", "\n \nmode"));
  EXPECT_TRUE(read.policy);
  EXPECT_TRUE(says(read.notes, "note", "empty lines"));
}

TEST(StsPolicy, is_bounded_in_octets) {
  std::string body = kGood;
  while (body.size() + 1001 <= kMaxStsPolicy) body += "x: " + std::string(997, 'a') + "\n";
  if (body.size() < kMaxStsPolicy) body += "x: " + std::string(kMaxStsPolicy - body.size() - 4, 'a') + "\n";
  ASSERT_EQ(body.size(), kMaxStsPolicy);
  expect_good(body);
  body.insert(body.size() - 1, "a");
  EXPECT_TRUE(says(read_sts_policy(body).notes, "broken", "longer than the 65536 octets"));
}

TEST(StsPolicy, is_bounded_in_the_length_of_a_line) {
  expect_good(kGood + "x: " + std::string(kMaxStsLine - 3, 'a') + "\n");
  EXPECT_TRUE(says(read_sts_policy(kGood + "x: " + std::string(kMaxStsLine - 2, 'a') + "\n").notes, "broken",
                   "line of 2049 octets"));
}

TEST(StsPolicy, is_bounded_in_lines_and_hosts) {
  std::string lines = kGood;
  for (std::size_t i = 6; i < kMaxStsLines; ++i) lines += "x: y\n";
  expect_good(lines);
  EXPECT_TRUE(says(read_sts_policy(lines + "x: y\n").notes, "broken", "more than 1000 lines"));

  std::string hosts = "version: STSv1\nmode: testing\nmax_age: 86400\n";
  for (std::size_t i = 0; i < kMaxStsMx; ++i) hosts += "mx: mx" + std::to_string(i) + ".example.com\n";
  EXPECT_EQ(read_sts_policy(hosts).policy.value().mx.size(), kMaxStsMx);
  EXPECT_TRUE(says(read_sts_policy(hosts + "mx: one.more\n").notes, "broken", "more than 200 \"mx:\" lines"));
}

// --- matching ---

TEST(StsMx, matches_a_name_or_one_label_in_place_of_the_star) {
  EXPECT_TRUE(mx_matches("mail.example.com", name("MAIL.example.com")));
  EXPECT_FALSE(mx_matches("mail.example.com", name("a.mail.example.com")));
  EXPECT_FALSE(mx_matches("mail.example.com", name("example.com")));
  EXPECT_TRUE(mx_matches("*.example.com", name("mx.example.com")));
  EXPECT_FALSE(mx_matches("*.example.com", name("a.mx.example.com")));
  EXPECT_FALSE(mx_matches("*.example.com", name("example.com")));
  EXPECT_FALSE(mx_matches("*.example.com", name("mx.badexample.com")));
  EXPECT_FALSE(mx_matches("", Name{}));
  EXPECT_FALSE(mx_matches("*.", Name{}));
}

TEST(StsMx, is_covered_by_any_pattern) {
  const MtaSts policy = read_sts_policy(kGood).policy.value();
  EXPECT_TRUE(covers(policy, name("mail.example.com")));
  EXPECT_TRUE(covers(policy, name("eu.example.net")));
  EXPECT_FALSE(covers(policy, name("mail2.example.com")));
}

}  // namespace
}  // namespace mxhealth::policy
