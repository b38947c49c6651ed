#include "policy/reverse_dns.hpp"

#include "policy/facts.hpp"
#include "policy/zone.hpp"

namespace mxhealth::policy {
namespace {

using test::address;
using test::name;
using test::told;
using test::Zone;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kReverse = "10.2.0.192.in-addr.arpa";

PtrFacts judge(Zone zone, std::optional<Name> announced = std::nullopt, std::string_view ip = "192.0.2.10") {
  return *zone.settle([&](Answers& answers) { return judge_reverse_dns(address(ip), announced, answers); });
}

TEST(ReverseDns, of_an_address_whose_name_has_it_is_confirmed) {
  Zone zone;
  zone.ptr(kReverse, {"mail.example.com"}).a("mail.example.com", {"192.0.2.10", "192.0.2.11"});
  const PtrFacts facts = judge(zone, name("mail.example.com"));
  EXPECT_TRUE(facts.looked_up && facts.forward_confirmed);
  EXPECT_EQ(facts.names, std::vector{name("mail.example.com")});
  EXPECT_THAT(facts.notes, IsEmpty());
}

TEST(ReverseDns, of_ipv6_asks_by_nibbles_and_for_aaaa) {
  Zone zone;
  zone.ptr("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", {"mail.example.com"});
  zone.a("mail.example.com", {"2001:db8::1", "192.0.2.10"});
  EXPECT_TRUE(judge(zone, std::nullopt, "2001:db8::1").forward_confirmed);
}

TEST(ReverseDns, without_a_name_is_broken) {
  const PtrFacts facts = judge(Zone());
  EXPECT_TRUE(facts.looked_up);
  EXPECT_FALSE(facts.forward_confirmed);
  EXPECT_THAT(told(facts.notes, Gravity::broken), ElementsAre(HasSubstr("192.0.2.10 has no name in reverse DNS")));
}

TEST(ReverseDns, whose_name_has_another_address_or_none_is_broken) {
  Zone zone;
  zone.ptr(kReverse, {"mail.example.com"});
  EXPECT_THAT(told(judge(zone).notes, Gravity::broken), ElementsAre(HasSubstr("publish an A record")));
  zone.a("mail.example.com", {"192.0.2.11"});
  EXPECT_FALSE(judge(zone).forward_confirmed);
  EXPECT_THAT(told(judge(Zone().ptr(kReverse, {"."})).notes, Gravity::broken), ElementsAre(HasSubstr("no host name")));
}

TEST(ReverseDns, that_cannot_be_looked_up_is_not_known) {
  EXPECT_FALSE(judge(Zone().fails(kReverse, Ask::ptr)).looked_up);
  EXPECT_FALSE(judge(Zone().ptr(kReverse, {"a.example"}).fails("a.example", Ask::a)).looked_up);
  Zone one_of_two;
  one_of_two.ptr(kReverse, {"a.example", "b.example"}).fails("a.example", Ask::a).a("b.example", {"192.0.2.10"});
  EXPECT_TRUE(judge(one_of_two).looked_up);
  EXPECT_TRUE(judge(one_of_two).forward_confirmed);
}

TEST(ReverseDns, of_many_names_looks_at_the_first_ten) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i <= kMaxPtrNames; ++i) names.push_back("h" + std::to_string(i) + ".example");
  Zone zone;
  zone.ptr(kReverse, names).a(names.back(), {"192.0.2.10"});
  const PtrFacts facts = judge(zone);
  EXPECT_EQ(facts.names.size(), kMaxPtrNames);
  EXPECT_FALSE(facts.forward_confirmed);
  EXPECT_THAT(told(facts.notes, Gravity::note), ElementsAre(HasSubstr("has 11 names")));
}

TEST(ReverseDns, is_held_against_the_name_that_the_host_says) {
  Zone zone;
  zone.ptr(kReverse, {"mail.example.com"}).a("mail.example.com", {"192.0.2.10"}).a("mx.example.com", {"192.0.2.10"});
  EXPECT_THAT(told(judge(zone, name("mx.example.com")).notes, Gravity::note),
              ElementsAre(HasSubstr("make them the same")));
  EXPECT_THAT(told(judge(zone, name("other.example.com")).notes, Gravity::risky),
              ElementsAre(HasSubstr("The host calls itself other.example.com")));
  EXPECT_THAT(told(judge(zone, name("localhost")).notes, Gravity::risky), ElementsAre(HasSubstr("localhost")));
  zone.fails("unknown.example.com", Ask::a);
  EXPECT_THAT(judge(zone, name("unknown.example.com")).notes, IsEmpty());
}

TEST(ReverseDns, finds_names_made_of_the_address) {
  const Address v4 = address("192.0.2.10");
  for (const char* generic : {"192-0-2-10.pool.example", "10.2.0.192.dyn.example", "host192-0-2-10.example",
                              "c000020a.example", "ip192000002010.example", "static.10-2-0-192.example"})
    EXPECT_TRUE(looks_generic(name(generic), v4)) << generic;
  for (const char* own : {"mail.example.com", "mx10.example.com", "mail-192-0-2.example.com", "mx2.dc0.192.example",
                          "192-0-2-100.example"})
    EXPECT_FALSE(looks_generic(name(own), v4)) << own;
  const Address v6 = address("2001:db8::1");
  for (const char* generic : {"2001-db8--1.pool.example", "20010db8000000000000000000000001.example",
                              "2001-0db8-0000-0000-0000-0000-0000-0001.example"})
    EXPECT_TRUE(looks_generic(name(generic), v6)) << generic;
  EXPECT_FALSE(looks_generic(name("mail1.example.com"), v6));
}

TEST(ReverseDns, of_a_generic_name_is_noted) {
  Zone zone;
  zone.ptr(kReverse, {"192-0-2-10.pool.example"}).a("192-0-2-10.pool.example", {"192.0.2.10"});
  EXPECT_THAT(told(judge(zone).notes, Gravity::note), ElementsAre(HasSubstr("dynamic address")));
}

std::vector<std::string> own_name(Zone zone, const std::vector<Address>& sources) {
  const auto notes =
      zone.settle([&](Answers& answers) { return judge_own_name(name("probe.example.net"), sources, answers); });
  return told(*notes, Gravity::risky);
}

TEST(OwnName, needs_an_address_and_best_the_one_we_come_from) {
  EXPECT_THAT(own_name(Zone(), {}), ElementsAre(HasSubstr("probe.example.net has no address")));
  Zone zone;
  zone.a("probe.example.net", {"192.0.2.1"});
  EXPECT_THAT(own_name(zone, {}), IsEmpty());
  EXPECT_THAT(own_name(zone, {address("192.0.2.1")}), IsEmpty());
  EXPECT_THAT(own_name(zone, {address("192.0.2.2"), address("2001:db8::1")}),
              ElementsAre(HasSubstr("our source address 192.0.2.2"), HasSubstr("our source address 2001:db8::1")));
  EXPECT_THAT(own_name(Zone(zone).fails("probe.example.net", Ask::aaaa), {address("2001:db8::1")}), IsEmpty());
}

}  // namespace
}  // namespace mxhealth::policy
