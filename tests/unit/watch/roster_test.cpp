#include "watch/roster.hpp"

#include <gtest/gtest.h>

namespace mxhealth::watch {
namespace {

Address at(std::string_view text) { return *Address::parse(text); }

HostFacts host(const std::vector<std::string>& addresses) {
  HostFacts facts;
  for (const std::string& text : addresses) facts.addresses.push_back(at(text));
  return facts;
}

std::vector<std::string> texts(const std::vector<Address>& addresses) {
  std::vector<std::string> out;
  for (const Address& address : addresses) out.push_back(address.to_string());
  return out;
}

using Texts = std::vector<std::string>;

TEST(Roster, dials_both_families_in_order) {
  const Selected selected = select_addresses(host({"2001:4860::2", "9.9.9.9", "8.8.8.8"}), {}, {});
  EXPECT_EQ(texts(selected.dial), (Texts{"8.8.8.8", "9.9.9.9", "2001:4860::2"}));
  EXPECT_TRUE(selected.refuse.empty());
  EXPECT_EQ(selected.dropped, 0U);
}

TEST(Roster, leaves_out_the_family_that_is_not_wanted) {
  const HostFacts both = host({"8.8.8.8", "2001:4860::2"});
  EXPECT_EQ(texts(select_addresses(both, {}, {.families = config::Families::ipv4}).dial), Texts{"8.8.8.8"});
  EXPECT_EQ(texts(select_addresses(both, {}, {.families = config::Families::ipv6}).dial), Texts{"2001:4860::2"});
  EXPECT_TRUE(select_addresses(both, {}, {.families = config::Families::ipv6}).refuse.empty());
}

TEST(Roster, what_is_not_public_is_never_dialled_unless_allowed) {
  const HostFacts inside = host({"10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.9", "0.0.0.0",
                                 "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "224.0.0.1", "255.255.255.255"});
  EXPECT_TRUE(select_addresses(inside, {}, {}).dial.empty());
  EXPECT_EQ(select_addresses(inside, {}, {}).refuse.size(), inside.addresses.size());
  const Selected allowed = select_addresses(inside, {}, {.non_public = true, .per_server = 100});
  EXPECT_EQ(allowed.dial.size() + allowed.refuse.size(), inside.addresses.size());
}

TEST(Roster, an_mx_record_never_leads_to_ourselves_even_where_private_addresses_are_allowed) {
  const HostFacts ourselves = host({"127.0.0.1", "0.0.0.0", "::", "::1", "::ffff:127.0.0.1", "127.0.0.2"});
  const Selected by_record = select_addresses(ourselves, {}, {.non_public = true, .from_mx_record = true});
  EXPECT_EQ(texts(by_record.dial), Texts{"127.0.0.2"});
  EXPECT_EQ(by_record.refuse.size(), 5U);
  const Selected by_config = select_addresses(host({"127.0.0.1"}), {}, {.non_public = true, .from_mx_record = false});
  EXPECT_EQ(texts(by_config.dial), Texts{"127.0.0.1"});
}

TEST(Roster, the_cap_keeps_what_is_probed_already) {
  HostFacts many;
  for (std::uint8_t i = 1; i <= 12; ++i) many.addresses.push_back(at("8.8.8." + std::to_string(i)));
  const Selected first = select_addresses(many, {}, {});
  EXPECT_EQ(first.dial.size(), 8U);
  EXPECT_EQ(first.dropped, 4U);
  EXPECT_EQ(texts(first.dial).front(), "8.8.8.1");
  const std::vector<Address> kept{at("8.8.8.12"), at("8.8.8.9"), at("8.8.8.77")};
  const Selected later = select_addresses(many, kept, {});
  EXPECT_EQ(texts(later.dial),
            (Texts{"8.8.8.1", "8.8.8.2", "8.8.8.3", "8.8.8.4", "8.8.8.5", "8.8.8.6", "8.8.8.9", "8.8.8.12"}));
  EXPECT_EQ(later.dropped, 4U);
  EXPECT_EQ(texts(select_addresses(many, later.dial, {}).dial), texts(later.dial));  // stable
}

}  // namespace
}  // namespace mxhealth::watch
