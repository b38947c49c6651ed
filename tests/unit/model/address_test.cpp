#include "model/address.hpp"

#include <gtest/gtest.h>

#include <unordered_set>

namespace mxhealth {
namespace {

Address at(std::string_view text) { return *Address::parse(text); }

TEST(address, text_goes_in_and_comes_out) {
  for (const std::string_view text : {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::", "::1"})
    EXPECT_EQ(at(text).to_string(), text);
  EXPECT_EQ(at("2001:DB8:0:0:0:0:0:1").to_string(), "2001:db8::1");
  EXPECT_EQ(at("192.0.2.1").family(), Family::ipv4);
  EXPECT_EQ(at("::1").family(), Family::ipv6);
  EXPECT_EQ(label(Family::ipv4), "ipv4");
  EXPECT_EQ(label(Family::ipv6), "ipv6");
}

TEST(address, what_is_no_address_is_refused) {
  for (const std::string_view text : {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "[::1]", "fe80::1%eth0",
                                      "1.2.3.4 ", "::1::", "mx.example.net", "12345::"})
    EXPECT_FALSE(Address::parse(text)) << text;
  EXPECT_FALSE(Address::parse(std::string(1000, '1')));
  EXPECT_FALSE(Address::parse("2001:db8::1" + std::string(100, ' ')));
}

TEST(address, only_global_addresses_are_dialled_unasked) {
  for (const std::string_view text :
       {"8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
        "192.0.1.0", "198.17.255.255", "223.255.255.255", "2a00:1450::1", "2001:200::1", "2003::1", "::ffff:8.8.8.8"})
    EXPECT_TRUE(at(text).is_global()) << text;
  for (const std::string_view text : {"0.0.0.1",
                                      "10.0.0.1",
                                      "100.64.0.1",
                                      "100.127.255.255",
                                      "169.254.169.254",
                                      "172.16.0.1",
                                      "172.31.255.255",
                                      "192.0.0.1",
                                      "192.0.2.1",
                                      "192.168.1.1",
                                      "198.18.0.1",
                                      "198.19.255.255",
                                      "198.51.100.1",
                                      "203.0.113.1",
                                      "224.0.0.1",
                                      "240.0.0.1",
                                      "255.255.255.255",
                                      "fe80::1",
                                      "fc00::1",
                                      "fd12::1",
                                      "ff02::1",
                                      "2001:db8::1",
                                      "2002::1",
                                      "2001::1",
                                      "64:ff9b::1",
                                      "3fff::1",
                                      "::ffff:10.0.0.1",
                                      "::ffff:169.254.169.254",
                                      "::2",
                                      "4000::1"})
    EXPECT_EQ(at(text).scope(), AddressScope::other) << text;
}

TEST(address, loopback_and_unspecified_are_told_also_when_mapped) {
  for (const std::string_view text : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"})
    EXPECT_EQ(at(text).scope(), AddressScope::loopback) << text;
  for (const std::string_view text : {"0.0.0.0", "::", "::ffff:0.0.0.0"})
    EXPECT_EQ(at(text).scope(), AddressScope::unspecified) << text;
}

TEST(address, a_sender_meets_itself_at_these) {
  for (const std::string_view text : {"127.0.0.1", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"})
    EXPECT_TRUE(at(text).is_this_host()) << text;
  for (const std::string_view text : {"127.0.0.2", "127.50.0.1", "192.0.2.1", "::2", "::ffff:127.0.0.2"})
    EXPECT_FALSE(at(text).is_this_host()) << text;
}

TEST(address, families_are_told_apart_in_order_and_hash) {
  EXPECT_NE(at("0.0.0.0"), at("::"));
  EXPECT_LT(at("255.255.255.255"), at("::"));
  const std::unordered_set<Address> set{at("192.0.2.1"), at("192.0.2.1"), at("::1")};
  EXPECT_EQ(set.size(), 2U);
}

TEST(peer, brackets_stand_around_ipv6) {
  EXPECT_EQ(to_string(Peer{at("192.0.2.1"), 25}), "192.0.2.1:25");
  EXPECT_EQ(to_string(Peer{at("2001:db8::1"), 587}), "[2001:db8::1]:587");
}

}  // namespace
}  // namespace mxhealth
