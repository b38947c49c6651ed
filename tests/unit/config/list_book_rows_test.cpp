// Answers of the lists of the book and what each means: one row per line of what is published about them. Written from
// the lists' own pages, not from lists.yaml, so that a slip there is seen here.
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "config/list_book.hpp"
#include "dnsbl/decode.hpp"

namespace mxhealth::config {
namespace {

using Kind = dnsbl::Reading::Kind;

const dnsbl::List& list(std::string_view alias) {
  const BookEntry* entry = ListBook::built_in().find(alias);
  if (entry == nullptr) throw std::invalid_argument(std::string(alias));
  return entry->list;
}

/// `answers`: separated by blanks.
dnsbl::Reading read(std::string_view alias, const std::string& answers) {
  std::istringstream words(answers);
  std::vector<Address> all;
  for (std::string word; words >> word;) all.push_back(Address::parse(word).value());
  return dnsbl::decode(list(alias), LookupEnd::records, all);
}

struct Row {
  const char* alias;
  Kind kind;
  std::vector<const char*> each;
};

void expect(const std::vector<Row>& rows) {
  for (const Row& row : rows)
    for (const char* answers : row.each)
      EXPECT_EQ(read(row.alias, answers).kind, row.kind) << row.alias << ": " << answers;
}

TEST(ListBookRows, listings_are_listings) {
  for (const char* alias : {"spamhaus_zen", "spamhaus_dqs"})
    expect({{alias,
             Kind::listed,
             {"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.9", "127.0.0.10", "127.0.0.11", "127.0.0.30",
              "127.0.0.2 127.0.0.9", "127.0.0.4 127.0.0.11"}}});
  for (const char* alias : {"spamhaus_dbl", "spamhaus_dqs_dbl"})
    expect({{alias,
             Kind::listed,
             {"127.0.1.2", "127.0.1.4", "127.0.1.5", "127.0.1.6", "127.0.1.102", "127.0.1.103", "127.0.1.104",
              "127.0.1.105", "127.0.1.106"}}});
  expect({
      {"spamcop", Kind::listed, {"127.0.0.2"}},
      {"barracuda", Kind::listed, {"127.0.0.2"}},
      {"psbl", Kind::listed, {"127.0.0.2"}},
      {"mailspike_rep", Kind::listed, {"127.0.0.10", "127.0.0.11", "127.0.0.12"}},
      {"mailspike_bl", Kind::listed, {"127.0.0.2", "127.0.0.10"}},
      {"mailspike_z", Kind::listed, {"127.0.0.2"}},
      {"nordspam_bl", Kind::listed, {"127.0.0.2"}},
      {"nordspam_dbl", Kind::listed, {"127.0.0.2"}},
      {"spamrats_dyna", Kind::listed, {"127.0.0.36"}},
      {"spamrats_noptr", Kind::listed, {"127.0.0.37"}},
      {"spamrats_spam", Kind::listed, {"127.0.0.38"}},
      {"spamrats_auth", Kind::listed, {"127.0.0.43"}},
      {"uceprotect_1", Kind::listed, {"127.0.0.2"}},
      {"uceprotect_2", Kind::listed, {"127.0.0.2"}},
      {"uceprotect_3", Kind::listed, {"127.0.0.2"}},
      {"s5h", Kind::listed, {"127.0.0.2"}},
      {"dronebl",
       Kind::listed,
       {"127.0.0.3", "127.0.0.5", "127.0.0.6", "127.0.0.8", "127.0.0.9", "127.0.0.10", "127.0.0.11", "127.0.0.13",
        "127.0.0.14", "127.0.0.16"}},
      {"blocklist_de", Kind::listed, {"127.0.0.2", "127.0.0.14", "127.0.0.255"}},
      {"surbl",
       Kind::listed,
       {"127.0.0.8", "127.0.0.16", "127.0.0.64", "127.0.0.128", "127.0.0.4", "127.0.0.32", "127.0.0.88",
        "127.0.0.252"}},
      {"uribl", Kind::listed, {"127.0.0.2", "127.0.0.4", "127.0.0.8", "127.0.0.14"}},
      {"hostkarma", Kind::listed, {"127.0.0.2", "127.0.0.4"}},
      {"senderscore", Kind::listed, {"127.0.0.2", "127.0.0.99"}},
  });
}

TEST(ListBookRows, refusals_are_refusals) {
  for (const char* alias : {"spamhaus_zen", "spamhaus_dqs", "spamhaus_dbl", "spamhaus_dqs_dbl"})
    expect({{alias,
             Kind::refused,
             {"127.255.255.252", "127.255.255.254", "127.255.255.255", "127.0.0.2 127.255.255.254",
              "127.255.255.255 127.0.1.2"}}});
  expect({
      {"spamhaus_dbl", Kind::refused, {"127.0.1.255"}},
      {"surbl", Kind::refused, {"127.0.0.1", "127.0.0.65"}},
      {"uribl", Kind::refused, {"127.0.0.1", "127.0.0.3", "127.0.0.255"}},
      {"dnswl", Kind::refused, {"127.0.0.255", "127.0.10.0", "127.0.10.3"}},
      {"senderscore", Kind::refused, {"127.255.255.255"}},
  });
  for (const std::string_view alias : ListBook::built_in().aliases())
    for (const char* answer : {"127.255.255.252", "127.255.255.254", "127.255.255.255"})
      EXPECT_EQ(read(alias, answer).kind, Kind::refused) << alias << ": " << answer;
}

TEST(ListBookRows, neutral_and_good_marks_are_no_listings) {
  expect({
      {"hostkarma", Kind::clean, {"127.0.0.1", "127.0.0.3", "127.0.0.5"}},
      {"mailspike_rep",
       Kind::clean,
       {"127.0.0.13", "127.0.0.14", "127.0.0.15", "127.0.0.16", "127.0.0.17", "127.0.0.18", "127.0.0.19",
        "127.0.0.20"}},
      {"mailspike_bl", Kind::clean, {"127.0.0.13", "127.0.0.20"}},
  });
}

TEST(ListBookRows, codes_that_nobody_published_are_unknown) {
  expect({
      {"spamhaus_zen",
       Kind::unknown_code,
       {"127.0.0.1", "127.0.0.5", "127.0.0.6", "127.0.0.7", "127.0.0.8", "127.0.0.12", "127.0.0.29", "127.0.1.2"}},
      {"spamhaus_dbl", Kind::unknown_code, {"127.0.0.2", "127.0.1.3", "127.0.1.101", "127.0.1.107"}},
      {"spamcop", Kind::unknown_code, {"127.0.0.1", "127.0.0.3"}},
      {"barracuda", Kind::unknown_code, {"127.0.0.1", "127.0.0.3"}},
      {"psbl", Kind::unknown_code, {"127.0.0.3"}},
      {"nordspam_bl", Kind::unknown_code, {"127.0.0.3"}},
      {"spamrats_dyna", Kind::unknown_code, {"127.0.0.2", "127.0.0.37", "127.0.0.1"}},
      {"spamrats_noptr", Kind::unknown_code, {"127.0.0.36"}},
      {"spamrats_spam", Kind::unknown_code, {"127.0.0.43"}},
      {"spamrats_auth", Kind::unknown_code, {"127.0.0.38"}},
      {"uceprotect_1", Kind::unknown_code, {"127.0.0.1", "127.0.0.3"}},
      {"s5h", Kind::unknown_code, {"127.0.0.3"}},
      {"dronebl", Kind::unknown_code, {"127.0.0.1", "127.0.0.2", "127.0.0.255"}},
      {"blocklist_de", Kind::unknown_code, {"127.0.0.1", "127.0.1.2"}},
      {"surbl", Kind::unknown_code, {"127.0.0.2", "127.0.1.8"}},
      {"uribl", Kind::unknown_code, {"127.0.0.16", "127.0.1.2"}},
      {"dnswl", Kind::unknown_code, {"127.0.5.4", "127.0.0.254", "127.1.5.3"}},
      {"hostkarma", Kind::unknown_code, {"127.0.0.6", "127.0.1.2"}},
      {"backscatterer", Kind::unknown_code, {"127.0.0.2"}},
  });
}

TEST(ListBookRows, no_list_is_believed_with_an_answer_from_elsewhere) {
  for (const std::string_view alias : ListBook::built_in().aliases())
    for (const char* answers : {"192.0.2.1", "127.0.0.2 192.0.2.1", "127.0.0.10 8.8.8.8", "128.0.0.2"})
      EXPECT_EQ(read(alias, answers).kind, Kind::hijacked) << alias << ": " << answers;
}

// 127.0.0.1 is what careless servers and resolvers answer to everything.
TEST(ListBookRows, none_lists_by_the_address_of_the_loopback) {
  for (const BookEntry& entry : ListBook::built_in().entries)
    EXPECT_TRUE(entry.list.allow_list || read(entry.list.name, "127.0.0.1").kind != Kind::listed) << entry.list.name;
}

TEST(ListBookRows, each_trust_of_dnswl_has_a_meaning_of_its_own) {
  std::set<std::string> meanings;
  for (const char* answer : {"127.0.5.0", "127.0.5.1", "127.0.5.2", "127.0.15.3"}) {
    const auto reading = read("dnswl", answer);
    EXPECT_EQ(reading.kind, Kind::listed) << answer;
    meanings.insert(reading.meanings.begin(), reading.meanings.end());
  }
  EXPECT_EQ(meanings.size(), 4U);
}

TEST(ListBookRows, policy_of_zen_weighs_nothing_where_mail_is_only_received) {
  for (const char* policy : {"127.0.0.10", "127.0.0.11", "127.0.0.10 127.0.0.11"}) {
    EXPECT_EQ(read("spamhaus_zen", policy).weight, 1) << policy;
    EXPECT_EQ(read("spamhaus_zen", policy).weight_without_policy, 0) << policy;
  }
  EXPECT_EQ(read("spamhaus_zen", "127.0.0.4 127.0.0.11").weight_without_policy, 1);
  for (const char* alias : {"spamrats_dyna", "spamrats_noptr"})
    EXPECT_EQ(read(alias, list(alias).name == "spamrats_dyna" ? "127.0.0.36" : "127.0.0.37").weight_without_policy, 0);
}

TEST(ListBookRows, a_domain_that_is_abused_weighs_less_than_one_that_abuses) {
  EXPECT_LT(read("spamhaus_dbl", "127.0.1.102").weight, read("spamhaus_dbl", "127.0.1.2").weight);
  EXPECT_LT(read("uribl", "127.0.0.4").weight, read("uribl", "127.0.0.2").weight);
}

}  // namespace
}  // namespace mxhealth::config
