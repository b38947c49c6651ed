// The section `dnsbl` and what it leads to; each of its rules has a file in invalid/, too.
#include <gtest/gtest.h>

#include <algorithm>

#include "config/list_book.hpp"
#include "config/public_resolvers.hpp"
#include "config/warn_dnsbl.hpp"
#include "fixture.hpp"

namespace mxhealth::config {
namespace {

using namespace std::chrono_literals;
using test::data;
using test::texts;
using Texts = std::vector<std::string>;

constexpr std::string_view kTarget = "targets: [{domain: example.com}]\n";
constexpr std::string_view kKey = "0123456789abcdef0123456789";

Name name(std::string_view text) { return Name::parse(text).value(); }
Address address(std::string_view text) { return Address::parse(text).value(); }

Dnsbl read(const std::string& section) {
  Loaded loaded = parse_config(section + "\n" + std::string(kTarget), "f");
  EXPECT_EQ(texts(loaded.problems), Texts{});
  return loaded.config.value_or(Config{}).dnsbl;
}

Texts names(const std::vector<dnsbl::List>& lists) {
  Texts all;
  for (const dnsbl::List& list : lists) all.push_back(list.name);
  return all;
}

TEST(Dnsbl, without_a_section_asks_the_default_lists_about_every_target) {
  const Dnsbl dnsbl = read("");
  EXPECT_EQ(dnsbl.interval, 1h);
  EXPECT_TRUE(dnsbl.targets);
  EXPECT_EQ(names(dnsbl.lists), names(ListBook::built_in().defaults()));
}

TEST(Dnsbl, can_be_off) { EXPECT_TRUE(read("dnsbl: off").lists.empty()); }

TEST(Dnsbl, reads_all_that_the_example_names) {
  const Loaded loaded = parse_config(test::read_all(data("valid/everything.yml")), "everything.yml");
  ASSERT_EQ(texts(loaded.problems), Texts{});
  const Dnsbl& dnsbl = loaded.config->dnsbl;
  EXPECT_EQ(dnsbl.interval, 2h);
  EXPECT_FALSE(dnsbl.targets);
  EXPECT_EQ(
      dnsbl.addresses,
      (std::vector<Network>{{address("192.0.2.10"), 32}, {address("198.51.100.0"), 28}, {address("2001:db8::"), 126}}));
  EXPECT_EQ(dnsbl.domains, (std::vector{name("example.net"), name("xn--bcher-kva.example")}));
  EXPECT_EQ(dnsbl.spf, std::vector{name("example.com")});
  EXPECT_EQ(names(dnsbl.lists), (Texts{"spamhaus_zen", "surbl", "dqs", "softer", "inhouse", "ours"}));
}

TEST(Dnsbl, takes_a_list_of_the_book_with_what_is_said_otherwise) {
  const Loaded loaded = parse_config(test::read_all(data("valid/everything.yml")), "everything.yml");
  ASSERT_TRUE(loaded.config);
  const dnsbl::List& dqs = loaded.config->dnsbl.lists[2];
  EXPECT_TRUE(dqs.keyed);
  EXPECT_EQ(dqs.zone, name("zen.dq.spamhaus.net"));
  const dnsbl::List& softer = loaded.config->dnsbl.lists[3];
  EXPECT_EQ(softer.zone, name("psbl.surriel.com"));
  EXPECT_EQ(softer.weight, 0.1);
  EXPECT_EQ(softer.codes, ListBook::built_in().find("psbl")->list.codes);
  EXPECT_EQ(softer.tests, ListBook::built_in().find("psbl")->list.tests);
}

TEST(Dnsbl, reads_every_field_of_an_own_list) {
  const Loaded loaded = parse_config(test::read_all(data("valid/everything.yml")), "everything.yml");
  ASSERT_TRUE(loaded.config);
  dnsbl::List expected;
  expected.name = "inhouse";
  expected.zone = name("bl.example.net");
  expected.kinds = {ListKind::ipv4, ListKind::domain};
  expected.codes = {{*dnsbl::CodePattern::parse("127.0.0.2"), "spam", 0.5, false},
                    {*dnsbl::CodePattern::parse("127.0.0.10-11"), "not a mail server", std::nullopt, true},
                    {*dnsbl::CodePattern::parse("127.0.*.3"), "worse", std::nullopt, false}};
  expected.bits = {{16, "phishing", std::nullopt}, {32, "malware", 1.0}};
  expected.refusals = {*dnsbl::CodePattern::parse("127.0.0.1")};
  expected.no_listing = {*dnsbl::CodePattern::parse("127.0.0.4")};
  expected.weight = 0.75;
  expected.needs_own_resolver = true;
  expected.registered_domains = true;
  expected.daily_queries = 5000;
  expected.terms = "Ask us.";
  expected.delisting = "https://bl.example.net/out";
  expected.tests[ListKind::ipv4] = {address("127.0.0.9"), address("127.0.0.8")};
  expected.tests[ListKind::domain] = {name("listed.example"), std::nullopt};
  EXPECT_EQ(loaded.config->dnsbl.lists[4], expected);
}

TEST(Dnsbl, fills_in_what_most_lists_are_where_an_own_list_says_little) {
  const auto lists = read("dnsbl: {lists: [{name: ours, zone: BL.example.net}]}").lists;
  ASSERT_EQ(lists.size(), 1U);
  dnsbl::List expected;
  expected.name = "ours";
  expected.zone = name("bl.example.net");
  expected.kinds = {ListKind::ipv4};
  expected.codes = {{*dnsbl::CodePattern::parse("127.0.0.2"), "listed", std::nullopt, false}};
  expected.weight = 0.25;
  expected.tests[ListKind::ipv4] = dnsbl::rfc5782_points(ListKind::ipv4);
  EXPECT_EQ(lists[0], expected);
}

TEST(Dnsbl, listings_on_an_allow_list_weigh_nothing) {
  const auto lists = read("dnsbl: {lists: [{name: ours, zone: good.example.net, allow_list: true}]}").lists;
  EXPECT_TRUE(lists.at(0).allow_list);
  EXPECT_EQ(lists.at(0).weight, 0);
  EXPECT_EQ(ListBook::built_in().find("dnswl")->list.weight, 0);
}

TEST(Dnsbl, an_own_list_of_bits_has_no_codes_beside_them) {
  EXPECT_TRUE(read("dnsbl: {lists: [{name: ours, zone: bl.example.net, bits: {2: black}}]}").lists[0].codes.empty());
}

TEST(Dnsbl, an_own_list_may_have_the_name_of_one_in_the_book_that_is_not_asked) {
  const auto lists = read("dnsbl: {lists: [psbl, {name: spamcop, zone: bl.example.net}]}").lists;
  EXPECT_EQ(names(lists), (Texts{"psbl", "spamcop"}));
  EXPECT_EQ(lists.at(1).zone, name("bl.example.net"));
}

TEST(Dnsbl, subjects_alone_are_something_to_do) {
  for (const char* subjects : {"addresses: [192.0.2.1]", "domains: [example.net]", "spf: [example.net]"}) {
    const Loaded loaded = parse_config("dnsbl: {subjects: {" + std::string(subjects) + "}}", "f");
    EXPECT_EQ(texts(loaded.problems), Texts{}) << subjects;
  }
}

TEST(Dnsbl, asks_own_lists_as_often_as_you_like) {
  EXPECT_EQ(read("dnsbl: {interval: 5s, lists: [{name: ours, zone: bl.example.net}]}").interval, 5s);
}

TEST(Dnsbl, counts_the_addresses_of_networks) {
  const Dnsbl dnsbl =
      read("dnsbl: {subjects: {addresses: [192.0.2.0/24, 198.51.100.1, \"2001:db8::/126\"], domains: [a.example]}}");
  EXPECT_EQ(configured_subjects(dnsbl, ListKind::ipv4), 257U);
  EXPECT_EQ(configured_subjects(dnsbl, ListKind::ipv6), 4U);
  EXPECT_EQ(configured_subjects(dnsbl, ListKind::domain), 1U);
}

class DnsblKey : public ::testing::Test {
 protected:
  Loaded load(std::string_view content) const {
    test::write_all(directory / "dqs.key", content);
    test::write_all(
        directory / "f.yml",
        "dnsbl: {lists: [psbl, {name: dqs, book: spamhaus_dqs, key_file: dqs.key}, {name: ours, zone: bl.example.net, "
        "key_file: dqs.key}]}\n" +
            std::string(kTarget));
    return load_config(directory / "f.yml");
  }
  test::Scratch directory;
};

TEST_F(DnsblKey, comes_from_a_file_beside_the_configuration) {
  const Loaded loaded = load(std::string(kKey) + "\n");
  ASSERT_EQ(texts(loaded.problems), Texts{});
  const auto& lists = loaded.config->dnsbl.lists;
  EXPECT_TRUE(lists.at(0).key.empty());
  EXPECT_EQ(lists.at(1).key.reveal(), kKey);
  EXPECT_EQ(lists.at(2).key.reveal(), kKey);
  EXPECT_TRUE(lists.at(2).keyed);
}

TEST_F(DnsblKey, that_is_no_label_is_refused_and_not_repeated) {
  const std::string long_one(64, 'k');
  for (const std::string& content :
       {std::string(kKey) + ".example", std::string(kKey) + ".", std::string(kKey) + " " + std::string(kKey),
        std::string(kKey) + "\n" + std::string(kKey), std::string(), long_one, std::string("kkkk!"),
        "kk\x01" + std::string(kKey)}) {
    const Loaded loaded = load(content);
    EXPECT_EQ(loaded.problems.size(), 2U) << content;
    EXPECT_FALSE(loaded.config);
    for (const std::string& text : texts(loaded.problems)) {
      EXPECT_EQ(text.find("0123456789"), std::string::npos) << text;
      EXPECT_EQ(text.find("kk"), std::string::npos) << text;
    }
  }
  EXPECT_TRUE(load(std::string(63, 'k')).config);
}

TEST_F(DnsblKey, whose_file_is_missing_is_an_error_without_its_name_repeated) {
  test::write_all(directory / "f.yml",
                  "dnsbl: {lists: [{book: spamhaus_dqs, key_file: 0123456789abcdef}]}\n" + std::string(kTarget));
  const Loaded loaded = load_config(directory / "f.yml");
  ASSERT_EQ(loaded.problems.size(), 1U);
  EXPECT_EQ(to_string(loaded.problems[0]).find("0123456789"), std::string::npos);
}

TEST(PublicResolvers, are_known_by_all_their_addresses) {
  for (const char* known :
       {"8.8.8.8", "1.1.1.1", "9.9.9.9", "208.67.222.222", "2001:4860:4860::8888", "2606:4700:4700::1111"})
    EXPECT_FALSE(public_resolver(address(known)).empty()) << known;
  for (const char* own : {"127.0.0.1", "::1", "192.0.2.1", "10.0.0.53", "0.0.0.0", "::"})
    EXPECT_TRUE(public_resolver(address(own)).empty()) << own;
}

TEST(PublicResolvers, matter_to_lists_that_refuse_them) {
  const auto& book = ListBook::built_in();
  EXPECT_TRUE(refused_through(address("9.9.9.9"), {book.find("uribl")->list}));
  EXPECT_FALSE(refused_through(address("9.9.9.9"), {book.find("psbl")->list}));
  EXPECT_FALSE(refused_through(address("127.0.0.1"), {book.find("uribl")->list}));
}

}  // namespace
}  // namespace mxhealth::config
