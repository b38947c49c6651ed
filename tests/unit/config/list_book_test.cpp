#include "config/list_book.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "dnsbl/book_text.hpp"
#include "fixture.hpp"

namespace mxhealth::config {
namespace {

using Texts = std::vector<std::string>;

Name name(std::string_view text) { return Name::parse(text).value(); }
Address address(std::string_view text) { return Address::parse(text).value(); }

const dnsbl::List& list(std::string_view alias) {
  const BookEntry* entry = ListBook::built_in().find(alias);
  if (entry == nullptr) throw std::invalid_argument(std::string(alias));
  return entry->list;
}

TEST(ListBook, is_read_without_a_complaint) {
  EXPECT_EQ(test::texts(parse_list_book(dnsbl::book_text(), "lists.yaml").problems), Texts{});
}

TEST(ListBook, holds_every_list_that_was_looked_into) {
  const Texts expected{"spamhaus_zen",   "spamhaus_dbl",  "spamhaus_dqs",  "spamhaus_dqs_dbl", "spamcop",
                       "psbl",           "mailspike_bl",  "nordspam_bl",   "nordspam_dbl",     "surbl",
                       "uribl",          "barracuda",     "mailspike_z",   "mailspike_rep",    "spamrats_dyna",
                       "spamrats_noptr", "spamrats_spam", "spamrats_auth", "uceprotect_1",     "s5h",
                       "dronebl",        "blocklist_de",  "dnswl",         "uceprotect_2",     "uceprotect_3",
                       "hostkarma",      "senderscore",   "backscatterer"};
  Texts aliases;
  for (const auto alias : ListBook::built_in().aliases()) aliases.emplace_back(alias);
  EXPECT_EQ(aliases, expected);
}

TEST(ListBook, asks_by_default_what_needs_neither_key_nor_registration) {
  Texts names;
  const auto defaults = ListBook::built_in().defaults();
  for (const dnsbl::List& each : defaults) {
    names.push_back(each.name);
    EXPECT_FALSE(each.keyed) << each.name;
    EXPECT_FALSE(each.allow_list) << each.name;
    for (const ListKind kind : each.kinds) {
      ASSERT_TRUE(each.tests.contains(kind)) << each.name;
      EXPECT_TRUE(each.tests.at(kind).listed && each.tests.at(kind).clean) << each.name;
    }
  }
  EXPECT_EQ(names, (Texts{"spamhaus_zen", "spamhaus_dbl", "spamcop", "psbl", "mailspike_bl", "nordspam_bl",
                          "nordspam_dbl", "surbl", "uribl"}));
}

TEST(ListBook, names_each_zone_once_and_says_of_each_list_what_it_demands) {
  std::set<Name> zones;
  const ListBook& book = ListBook::built_in();
  for (const BookEntry& entry : book.entries) {
    const dnsbl::List& each = entry.list;
    EXPECT_TRUE(zones.insert(each.zone).second) << each.name;
    EXPECT_EQ(book.dead(each.zone), nullptr) << each.name;
    EXPECT_EQ(each.verified, "2026-11-22") << each.name;
    EXPECT_FALSE(each.terms.empty() || each.delisting.empty() || each.kinds.empty()) << each.name;
    EXPECT_TRUE(each.key.empty()) << each.name;
  }
}

TEST(ListBook, never_takes_a_refusal_or_the_control_point_for_a_listing) {
  const ListBook& book = ListBook::built_in();
  for (const BookEntry& entry : book.entries) {
    for (const dnsbl::Code& code : entry.list.codes) {
      EXPECT_FALSE(code.answers.contains(address("127.255.255.254"))) << entry.list.name;
      EXPECT_FALSE(code.answers.contains(address("127.0.0.1")) && !entry.list.allow_list) << entry.list.name;
    }
    for (const dnsbl::BitCode& bit : entry.list.bits) EXPECT_NE(bit.bit, 1) << entry.list.name;
  }
}

std::vector<std::string> meanings(const dnsbl::List& of, std::string_view answer) {
  std::vector<std::string> some;
  for (const dnsbl::Code& code : of.codes)
    if (code.answers.contains(address(answer))) some.push_back(code.meaning);
  return some;
}

bool any(const std::vector<dnsbl::CodePattern>& patterns, std::string_view answer) {
  return std::ranges::any_of(patterns, [&](const auto& pattern) { return pattern.contains(address(answer)); });
}

TEST(ListBook, knows_the_codes_of_zen) {
  const dnsbl::List& zen = list("spamhaus_zen");
  EXPECT_EQ(zen.zone, name("zen.spamhaus.org"));
  EXPECT_EQ(zen.kinds, (std::vector{ListKind::ipv4, ListKind::ipv6}));
  EXPECT_EQ(meanings(zen, "127.0.0.2"), Texts{"SBL: spam source or spam service"});
  EXPECT_EQ(meanings(zen, "127.0.0.11"), Texts{"PBL: address that should not send mail directly"});
  for (const char* unused : {"127.0.0.5", "127.0.0.7", "127.0.0.12", "127.0.1.2"})
    EXPECT_EQ(meanings(zen, unused), Texts{});
  const auto pbl = std::ranges::find_if(zen.codes, &dnsbl::Code::policy);
  ASSERT_NE(pbl, zen.codes.end());
  EXPECT_TRUE(pbl->answers.contains(address("127.0.0.10")));
  EXPECT_TRUE(zen.needs_own_resolver);
  EXPECT_EQ(zen.daily_queries, 300000U);
  EXPECT_TRUE(any(zen.refusals, "127.255.255.252"));
}

TEST(ListBook, knows_lists_that_add_up_bits) {
  const std::vector<dnsbl::BitCode> expected{{2, "black", std::nullopt}, {4, "grey", 0.25}, {8, "red", 0.25}};
  EXPECT_EQ(list("uribl").bits, expected);
  EXPECT_TRUE(any(list("uribl").refusals, "127.0.0.1"));
  EXPECT_TRUE(list("uribl").registered_domains);
  EXPECT_EQ(list("surbl").bits.size(), 6U);
}

TEST(ListBook, tells_good_marks_from_bad_ones) {
  const dnsbl::List& hostkarma = list("hostkarma");
  for (const char* good : {"127.0.0.1", "127.0.0.3", "127.0.0.5"}) {
    EXPECT_TRUE(any(hostkarma.no_listing, good)) << good;
    EXPECT_EQ(meanings(hostkarma, good), Texts{}) << good;
  }
  const dnsbl::TestPoints points = hostkarma.tests.at(ListKind::ipv4);
  EXPECT_TRUE(points.listed.has_value());
  EXPECT_FALSE(points.clean.has_value());
  EXPECT_TRUE(any(list("mailspike_rep").no_listing, "127.0.0.18"));
  EXPECT_TRUE(list("dnswl").allow_list);
  EXPECT_EQ(meanings(list("dnswl"), "127.0.5.3"), Texts{"trust high"});
  EXPECT_TRUE(any(list("dnswl").refusals, "127.0.10.3"));
}

TEST(ListBook, never_wakes_anybody_for_what_neighbours_do) {
  for (const char* alias : {"uceprotect_2", "uceprotect_3", "backscatterer"}) EXPECT_EQ(list(alias).weight, 0) << alias;
}

TEST(ListBook, has_the_dead_and_what_lies_below_them) {
  const ListBook& book = ListBook::built_in();
  EXPECT_EQ(book.dead_zones.size(), 15U);
  for (const char* zone :
       {"dnsbl.sorbs.net", "sorbs.net", "ix.dnsbl.manitu.net", "dnsbl.ahbl.org", "combined.njabl.org",
        "bl.spamcannibal.org", "dul.ru", "dnsbl.inps.de", "ubl.unsubscore.com", "db.wpbl.info", "dnsbl.cyberlogic.net",
        "virbl.bit.nl", "wormrbl.imp.ch", "dsn.rfc-ignorant.org", "list.dsbl.org", "relays.ordb.org"}) {
    const DeadZone* dead = book.dead(name(zone));
    ASSERT_NE(dead, nullptr) << zone;
    EXPECT_FALSE(dead->date.empty() || dead->reason.empty()) << zone;
  }
  for (const char* zone : {"notsorbs.net", "dnsbl.manitu.net", "net", "sorbs.net.example.org"})
    EXPECT_EQ(book.dead(name(zone)), nullptr) << zone;
}

TEST(ListBook, complains_of_an_entry_that_is_not_complete) {
  const auto problems = parse_list_book(
                            "lists:\n  no_terms: {zone: bl.example.net, kinds: [ipv4], weight: 1, test_points: none,"
                            " delisting: https://example.net/, verified: yesterday}\n"
                            "dead: {bl.example.org: {date: 2020}}\n",
                            "book")
                            .problems;
  EXPECT_EQ(
      test::texts(problems),
      (Texts{"book:2:13: error: lists.no_terms: terms is missing",
             "book:2:124: error: lists.no_terms.verified: not a date, found \"yesterday\"; allowed: 2026-11-22, 2026, "
             "by 2026-11-22",
             "book:3:24: error: dead.\"bl.example.org\": date or reason is missing"}));
}

}  // namespace
}  // namespace mxhealth::config
