#include "dns/forgery.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mxhealth::dns {
namespace {

Answer ended(LookupEnd end) {
  Answer answer;
  answer.end = end;
  return answer;
}

Answer addresses(const std::vector<std::string>& texts) {
  Answer answer = ended(LookupEnd::records);
  for (const std::string& text : texts) {
    const Address address = *Address::parse(text);
    answer.records.push_back({"x.example", address.family() == Family::ipv4 ? Type::a : Type::aaaa, 60, address});
  }
  return answer;
}

TEST(Forgery, believes_everything_before_it_has_learnt_something) {
  Forgery forgery;
  EXPECT_EQ(forgery.found(), std::nullopt);
  EXPECT_FALSE(forgery.is_made_up(addresses({"192.0.2.1"})));
  EXPECT_FALSE(forgery.learn({ended(LookupEnd::servfail), ended(LookupEnd::timed_out)}));
  EXPECT_FALSE(forgery.learn({}));
  EXPECT_EQ(forgery.found(), std::nullopt);
}

TEST(Forgery, an_honest_resolver_says_nxdomain_or_that_there_is_no_data) {
  Forgery forgery;
  EXPECT_TRUE(forgery.learn({ended(LookupEnd::nxdomain), ended(LookupEnd::no_data)}));
  EXPECT_EQ(forgery.found(), false);
  EXPECT_FALSE(forgery.learn({ended(LookupEnd::nxdomain)}));
}

TEST(Forgery, disbelieves_answers_of_made_up_addresses_alone) {
  Forgery forgery;
  EXPECT_TRUE(forgery.learn({addresses({"192.0.2.1", "192.0.2.2"}), ended(LookupEnd::no_data)}));
  EXPECT_EQ(forgery.found(), true);
  EXPECT_TRUE(forgery.is_made_up(addresses({"192.0.2.2"})));
  EXPECT_FALSE(forgery.is_made_up(addresses({"192.0.2.2", "198.51.100.1"})));
  EXPECT_FALSE(forgery.is_made_up(addresses({"198.51.100.1"})));
  EXPECT_FALSE(forgery.is_made_up(ended(LookupEnd::nxdomain)));
  Answer mx = ended(LookupEnd::records);
  mx.records.push_back({"x.example", Type::mx, 60, MxData{10, "mx.example"}});
  EXPECT_FALSE(forgery.is_made_up(mx));
}

TEST(Forgery, addresses_that_change_add_up_and_all_are_forgotten_when_it_ends) {
  Forgery forgery;
  forgery.learn({addresses({"192.0.2.1"})});
  EXPECT_TRUE(forgery.learn({addresses({"2001:db8::1"})}));
  EXPECT_FALSE(forgery.learn({addresses({"192.0.2.1"})}));
  EXPECT_TRUE(forgery.is_made_up(addresses({"192.0.2.1", "2001:db8::1"})));
  EXPECT_FALSE(forgery.learn({ended(LookupEnd::servfail)}));
  EXPECT_EQ(forgery.found(), true) << "silence proves nothing";
  EXPECT_TRUE(forgery.learn({ended(LookupEnd::nxdomain)}));
  EXPECT_EQ(forgery.found(), false);
  EXPECT_FALSE(forgery.is_made_up(addresses({"192.0.2.1"})));
}

TEST(Forgery, one_honest_resolver_does_not_excuse_another) {
  Forgery forgery;
  forgery.learn({ended(LookupEnd::nxdomain), addresses({"192.0.2.1"})});
  EXPECT_EQ(forgery.found(), true);
}

TEST(Forgery, remembers_a_bounded_number_of_addresses) {
  Forgery forgery;
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= kMaxMadeUp; ++i) many.push_back("192.0.2." + std::to_string(i));
  forgery.learn({addresses(many)});
  EXPECT_EQ(forgery.addresses().size(), kMaxMadeUp);
  EXPECT_FALSE(forgery.learn({addresses({"198.51.100.1"})}));
}

}  // namespace
}  // namespace mxhealth::dns
