#include "dns/query.hpp"

#include <gtest/gtest.h>

#include "packet.hpp"

namespace mxhealth::dns {
namespace {

using test::Octets;

Question mx_of_example() { return {*Name::parse("mail.example"), Type::mx}; }

TEST(DnsQuery, asks_with_recursion_authentic_data_and_a_dnssec_opt) {
  const Octets expected{0x12, 0x34, 0x01, 0x20, 0,    1, 0,   0,    0,   0,   0,   1,                         // header
                        4,    'm',  'a',  'i',  'l',  7, 'e', 'x',  'a', 'm', 'p', 'l', 'e', 0, 0, 15, 0, 1,  // MX IN
                        0,    0,    41,   0x04, 0xd0, 0, 0,   0x80, 0,   0,   0};  // OPT, 1232, DO
  EXPECT_EQ(make_query(mx_of_example(), {.id = 0x1234}), expected);
}

TEST(DnsQuery, without_edns_carries_no_opt) {
  const auto packet = make_query(mx_of_example(), {.id = 1, .edns = false});
  EXPECT_EQ(packet[11], 0);
  EXPECT_EQ(packet.size(), 12U + 14 + 4);
}

TEST(DnsQuery, checking_disabled_sets_cd_beside_ad) {
  EXPECT_EQ(make_query(mx_of_example(), {.id = 1, .checking_disabled = true})[3], 0x30);
}

TEST(DnsQuery, the_root_is_one_zero_octet) {
  const auto packet = make_query({Name{}, Type::ns}, {.id = 1, .edns = false});
  EXPECT_EQ(packet.size(), 12U + 1 + 4);
  EXPECT_EQ(packet[12], 0);
}

TEST(DnsQuery, the_longest_name_fits) {
  const std::string label(61, 'a');
  const auto name = Name::parse(label + "." + label + "." + label + "." + label + ".eeeee");
  ASSERT_TRUE(name);
  ASSERT_EQ(name->view().size(), kMaxName);
  EXPECT_EQ(make_query({*name, Type::a}, {.id = 1, .edns = false}).size(), 12U + 255 + 4);
}

TEST(DnsQuery, every_type_has_a_label) {
  EXPECT_EQ(label(Type::tlsa), "TLSA");
  EXPECT_EQ(label(static_cast<Type>(999)), "other");
}

}  // namespace
}  // namespace mxhealth::dns
