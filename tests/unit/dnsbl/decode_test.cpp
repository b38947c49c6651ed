#include "dnsbl/decode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mxhealth::dnsbl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = Reading::Kind;

CodePattern pattern(std::string_view text) { return CodePattern::parse(text).value(); }

std::vector<Address> addresses(std::initializer_list<const char*> texts) {
  std::vector<Address> some;
  for (const char* text : texts) some.push_back(Address::parse(text).value());
  return some;
}

List codes_list() {
  List list;
  list.weight = 0.5;
  list.codes = {{pattern("127.0.0.2"), "spam source", std::nullopt, false},
                {pattern("127.0.0.3"), "worse", 1.0, false},
                {pattern("127.0.0.10-11"), "dynamic", 0.8, true}};
  list.refusals = {pattern("127.0.1.255")};
  list.no_listing = {pattern("127.0.0.20")};
  return list;
}

List bits_list() {
  List list;
  list.weight = 0.75;
  list.bits = {{2, "black", std::nullopt}, {8, "red", 0.25}, {128, "cracked", 0.25}};
  list.refusals = {pattern("127.0.0.1")};
  return list;
}

Reading read(const List& list, std::initializer_list<const char*> answers) {
  return decode(list, LookupEnd::records, addresses(answers));
}

TEST(Decode, takes_nxdomain_and_nothing_else_for_clean) {
  const std::pair<LookupEnd, Kind> rows[] = {
      {LookupEnd::nxdomain, Kind::clean},        {LookupEnd::no_data, Kind::no_data},
      {LookupEnd::records, Kind::no_data},       {LookupEnd::servfail, Kind::servfail},
      {LookupEnd::bogus, Kind::servfail},        {LookupEnd::refused, Kind::servfail},
      {LookupEnd::malformed, Kind::servfail},    {LookupEnd::timed_out, Kind::timed_out},
      {LookupEnd::unreachable, Kind::timed_out}, {LookupEnd::rewritten, Kind::cancelled},
      {LookupEnd::cancelled, Kind::cancelled}};
  for (const auto& [end, kind] : rows) EXPECT_EQ(decode(codes_list(), end, {}).kind, kind) << static_cast<int>(end);
}

TEST(Decode, does_not_look_at_addresses_that_are_no_answer) {
  const auto listed = addresses({"127.0.0.2"});
  EXPECT_EQ(decode(codes_list(), LookupEnd::rewritten, listed).kind, Kind::cancelled);
  EXPECT_EQ(decode(codes_list(), LookupEnd::nxdomain, listed).kind, Kind::clean);
}

TEST(Decode, names_a_listing_its_weight_and_its_code) {
  const Reading reading = read(codes_list(), {"127.0.0.2"});
  EXPECT_EQ(reading.kind, Kind::listed);
  EXPECT_EQ(reading.answers, addresses({"127.0.0.2"}));
  EXPECT_THAT(reading.meanings, ElementsAre("spam source"));
  EXPECT_EQ(reading.weight, 0.5);
  EXPECT_EQ(reading.weight_without_policy, 0.5);
}

TEST(Decode, puts_the_heaviest_of_several_first) {
  const Reading reading = read(codes_list(), {"127.0.0.11", "127.0.0.2", "127.0.0.3", "127.0.0.2", "127.0.0.10"});
  EXPECT_EQ(reading.kind, Kind::listed);
  EXPECT_EQ(reading.answers, addresses({"127.0.0.2", "127.0.0.3", "127.0.0.10", "127.0.0.11"}));
  EXPECT_THAT(reading.meanings, ElementsAre("worse", "dynamic", "spam source"));
  EXPECT_EQ(reading.weight, 1);
}

TEST(Decode, weighs_policy_apart) {
  const Reading alone = read(codes_list(), {"127.0.0.10"});
  EXPECT_EQ(alone.weight, 0.8);
  EXPECT_EQ(alone.weight_without_policy, 0);
  const Reading beside = read(codes_list(), {"127.0.0.10", "127.0.0.2"});
  EXPECT_EQ(beside.weight, 0.8);
  EXPECT_EQ(beside.weight_without_policy, 0.5);
}

TEST(Decode, does_not_guess_what_a_code_outside_the_table_means) {
  for (const char* unknown : {"127.0.0.1", "127.0.0.4", "127.0.0.0", "127.0.0.255", "127.1.0.2", "127.0.1.2"}) {
    const Reading reading = read(codes_list(), {unknown});
    EXPECT_EQ(reading.kind, Kind::unknown_code) << unknown;
    EXPECT_EQ(reading.answers, addresses({unknown}));
    EXPECT_THAT(reading.meanings, IsEmpty());
    EXPECT_EQ(reading.weight, 0);
  }
  EXPECT_EQ(read(List{}, {"127.0.0.2"}).kind, Kind::unknown_code);
}

TEST(Decode, takes_a_known_code_beside_an_unknown_one_for_what_it_is) {
  const Reading reading = read(codes_list(), {"127.0.0.99", "127.0.0.2"});
  EXPECT_EQ(reading.kind, Kind::listed);
  EXPECT_EQ(reading.answers, addresses({"127.0.0.2"}));
}

TEST(Decode, takes_one_refusal_among_several_answers_for_a_refusal) {
  for (const char* refusal :
       {"127.255.255.0", "127.255.255.252", "127.255.255.254", "127.255.255.255", "127.0.1.255"}) {
    EXPECT_EQ(read(codes_list(), {refusal}).kind, Kind::refused) << refusal;
    const Reading mixed = read(codes_list(), {"127.0.0.2", refusal, "127.0.0.3"});
    EXPECT_EQ(mixed.kind, Kind::refused) << refusal;
    EXPECT_EQ(mixed.answers.size(), 3U);
    EXPECT_EQ(mixed.weight, 0);
  }
}

TEST(Decode, lets_no_table_make_a_listing_of_the_refusals_that_all_lists_share) {
  List greedy;
  greedy.codes = {{pattern("127.*.*.*"), "anything", 1.0, false}};
  EXPECT_EQ(read(greedy, {"127.255.255.254"}).kind, Kind::refused);
  EXPECT_EQ(read(greedy, {"127.255.254.254"}).kind, Kind::listed);
}

TEST(Decode, takes_one_answer_outside_127_for_a_hijack) {
  for (const char* outside : {"192.0.2.1", "128.0.0.2", "126.255.255.255", "0.0.0.0", "::1", "::ffff:127.0.0.2"}) {
    EXPECT_EQ(read(codes_list(), {outside}).kind, Kind::hijacked) << outside;
    EXPECT_EQ(read(codes_list(), {"127.0.0.2", outside}).kind, Kind::hijacked) << outside;
    EXPECT_EQ(read(codes_list(), {outside, "127.255.255.254"}).kind, Kind::hijacked) << outside;
  }
  EXPECT_THAT(read(codes_list(), {"192.0.2.1"}).answers, IsEmpty());
}

TEST(Decode, takes_marks_that_are_no_listing_for_clean) {
  EXPECT_EQ(read(codes_list(), {"127.0.0.20"}).kind, Kind::clean);
  EXPECT_EQ(read(codes_list(), {"127.0.0.20", "127.0.0.2"}).kind, Kind::listed);
  EXPECT_EQ(read(codes_list(), {"127.0.0.20", "127.0.0.99"}).kind, Kind::unknown_code);
}

TEST(Decode, prefers_what_claims_less_where_a_table_contradicts_itself) {
  List list = codes_list();
  list.no_listing = {pattern("127.0.0.2")};
  list.refusals = {pattern("127.0.0.3")};
  EXPECT_EQ(read(list, {"127.0.0.2"}).kind, Kind::clean);
  EXPECT_EQ(read(list, {"127.0.0.3"}).kind, Kind::refused);
}

TEST(Decode, adds_up_bits) {
  const Reading reading = read(bits_list(), {"127.0.0.138"});
  EXPECT_EQ(reading.kind, Kind::listed);
  EXPECT_EQ(reading.answers, addresses({"127.0.0.138"}));
  EXPECT_THAT(reading.meanings, ElementsAre("black", "red", "cracked"));
  EXPECT_EQ(reading.weight, 0.75);
  EXPECT_EQ(reading.weight_without_policy, 0.75);
}

TEST(Decode, knows_no_bits_but_those_of_the_table) {
  for (const char* unknown : {"127.0.0.4", "127.0.0.0", "127.0.0.84", "127.0.1.2", "127.1.0.8"})
    EXPECT_EQ(read(bits_list(), {unknown}).kind, Kind::unknown_code) << unknown;
  EXPECT_THAT(read(bits_list(), {"127.0.0.12"}).meanings, ElementsAre("red"));
}

TEST(Decode, takes_the_bit_that_refuses_for_a_refusal_whatever_it_is_added_to) {
  for (const char* odd : {"127.0.0.1", "127.0.0.3", "127.0.0.9", "127.0.0.255"})
    EXPECT_EQ(read(bits_list(), {odd}).kind, Kind::refused) << odd;
}

TEST(Decode, lets_a_code_say_what_an_answer_means_before_its_bits_do) {
  List list = bits_list();
  list.codes = {{pattern("127.0.0.10"), "special", 0.1, false}};
  EXPECT_THAT(read(list, {"127.0.0.10"}).meanings, ElementsAre("special"));
}

std::vector<Address> many(unsigned count) {
  std::vector<Address> some;
  for (unsigned i = 0; i < count; ++i) {
    const std::array<std::uint8_t, 4> bytes{127, 0, static_cast<std::uint8_t>(i / 250),
                                            static_cast<std::uint8_t>(2 + i % 250)};
    some.push_back(Address::v4(bytes));
  }
  return some;
}

TEST(Decode, keeps_sixteen_answers_of_more) {
  List greedy;
  greedy.weight = 0.5;
  greedy.codes = {{pattern("127.0.*.*"), "anything", std::nullopt, false}};
  for (const unsigned count : {16U, 17U, 1000U}) {
    const Reading reading = decode(greedy, LookupEnd::records, many(count));
    EXPECT_EQ(reading.kind, Kind::listed);
    EXPECT_EQ(reading.answers.size(), kMaxCodes);
    EXPECT_EQ(reading.answers.front(), Address::parse("127.0.0.2"));
    EXPECT_THAT(reading.meanings, ElementsAre("anything"));
  }
}

TEST(Decode, sees_the_one_refusal_or_hijack_behind_a_thousand_answers) {
  List greedy;
  greedy.codes = {{pattern("127.0.*.*"), "anything", std::nullopt, false}};
  auto answers = many(1000);
  answers.push_back(*Address::parse("127.255.255.255"));
  EXPECT_EQ(decode(greedy, LookupEnd::records, answers).kind, Kind::refused);
  answers.push_back(*Address::parse("198.51.100.7"));
  EXPECT_EQ(decode(greedy, LookupEnd::records, answers).kind, Kind::hijacked);
}

TEST(Decode, counts_as_failures_what_teaches_nothing) {
  EXPECT_EQ(failure(Kind::clean), std::nullopt);
  EXPECT_EQ(failure(Kind::listed), std::nullopt);
  EXPECT_EQ(failure(Kind::cancelled), std::nullopt);
  EXPECT_EQ(failure(Kind::refused), ListFailure::refused_by_list);
  for (const Kind kind : {Kind::unknown_code, Kind::hijacked, Kind::no_data})
    EXPECT_EQ(failure(kind), ListFailure::bad_answer);
  EXPECT_EQ(failure(Kind::servfail), ListFailure::servfail);
  EXPECT_EQ(failure(Kind::timed_out), ListFailure::timeout);
}

TEST(CodePattern, reads_numbers_ranges_and_stars) {
  const auto inside = [](std::string_view written, const char* address) {
    return pattern(written).contains(Address::parse(address).value());
  };
  EXPECT_TRUE(inside("127.0.0.2", "127.0.0.2"));
  EXPECT_FALSE(inside("127.0.0.2", "127.0.0.3"));
  EXPECT_TRUE(inside("127.0.0.10-11", "127.0.0.11"));
  EXPECT_FALSE(inside("127.0.0.10-11", "127.0.0.12"));
  EXPECT_TRUE(inside("127.0.*.3", "127.0.255.3"));
  EXPECT_FALSE(inside("127.*.*.*", "::ffff:127.0.0.2"));
}

TEST(CodePattern, refuses_what_no_list_answers) {
  for (const char* text : {"",
                           ".",
                           "127",
                           "127.0.0",
                           "127.0.0.",
                           "127.0.0.2.",
                           "127.0.0.2.1",
                           "127.0.0.256",
                           "127.0.0.-1",
                           "127.0.0.2-",
                           "127.0.0.-",
                           "127.0.0.11-10",
                           "127.0.0.1-2-3",
                           "127.0.0.2 ",
                           " 127.0.0.2",
                           "127.0.0.0x2",
                           "127.0.0.**",
                           "127.0.0.*-2",
                           "127..0.2",
                           "128.0.0.2",
                           "*.0.0.2",
                           "126-127.0.0.2",
                           "10.0.0.2",
                           "::1",
                           "127.0.0.99999999999"})
    EXPECT_FALSE(CodePattern::parse(text)) << text;
}

TEST(TestPoints, are_those_of_the_rfc) {
  EXPECT_EQ(to_string(rfc5782_points(ListKind::ipv4).listed.value()), "127.0.0.2");
  EXPECT_EQ(to_string(rfc5782_points(ListKind::ipv4).clean.value()), "127.0.0.1");
  EXPECT_EQ(rfc5782_points(ListKind::ipv6).listed, Subject(Address::parse("::ffff:7f00:2").value()));
  EXPECT_EQ(rfc5782_points(ListKind::ipv6).clean, Subject(Address::parse("::ffff:7f00:1").value()));
  EXPECT_EQ(kind_of(rfc5782_points(ListKind::ipv6).listed.value()), ListKind::ipv6);
  EXPECT_EQ(to_string(rfc5782_points(ListKind::domain).listed.value()), "test");
  EXPECT_EQ(to_string(rfc5782_points(ListKind::domain).clean.value()), "invalid");
}

}  // namespace
}  // namespace mxhealth::dnsbl
