#include "config/shard.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/load.hpp"

namespace mxhealth::config {
namespace {

constexpr int kTargets = 1000;

Config many_targets() {
  Config config;
  config.targets.resize(kTargets);
  int number = 0;
  for (Target& target : config.targets) target.name = *Name::parse("customer" + std::to_string(++number) + ".example");
  return config;
}

std::map<std::string, std::vector<std::size_t>> shards_of_targets(std::size_t count) {
  std::map<std::string, std::vector<std::size_t>> found;
  for (std::size_t index = 0; index < count; ++index) {
    Config config = many_targets();
    keep_own(config, {index, count});
    for (const Target& target : config.targets) found[target.name.str()].push_back(index);
  }
  return found;
}

TEST(Shard, each_of_1000_targets_is_probed_by_exactly_one_of_three) {
  const auto found = shards_of_targets(3);
  EXPECT_EQ(found.size(), static_cast<std::size_t>(kTargets));
  std::map<std::size_t, int> sizes;
  for (const auto& [name, shards] : found) {
    ASSERT_EQ(shards.size(), 1U) << name;
    ++sizes[shards.front()];
  }
  for (const auto& [shard, size] : sizes) {
    EXPECT_GT(size, 283) << shard;  // a third, and 3.4 standard deviations of chance
    EXPECT_LT(size, 384) << shard;
  }
}

TEST(Shard, a_fourth_takes_a_quarter_and_moves_nothing_between_the_others) {
  const auto before = shards_of_targets(3);
  int moved = 0;
  for (const auto& [name, shards] : shards_of_targets(4)) {
    if (shards == before.at(name)) continue;
    EXPECT_EQ(shards.front(), 3U) << name << " moved between shards that were there before";
    ++moved;
  }
  EXPECT_GT(moved, kTargets * 20 / 100);
  EXPECT_LT(moved, kTargets * 30 / 100);
}

TEST(Shard, every_build_agrees_on_the_hash) {
  std::vector<std::size_t> found;
  for (const char* name : {"example.com", "example.net", "example.org", "a.example", "b.example", "192.0.2.1/32"})
    found.push_back(shard_of(name, 8));
  EXPECT_EQ(found, (std::vector<std::size_t>{7, 5, 0, 1, 4, 7}));
}

TEST(Shard, a_single_one_keeps_everything) {
  Config config = many_targets();
  keep_own(config, {});
  EXPECT_EQ(config.targets.size(), static_cast<std::size_t>(kTargets));
  EXPECT_EQ(shard_of("example.com", 1), 0U);
}

TEST(Shard, configured_blocklist_subjects_are_shared_out_too) {
  const std::string text = R"(targets: [{domain: a.example}]
dnsbl:
  subjects:
    addresses: [192.0.2.1, 192.0.2.2, 192.0.2.3, 198.51.100.0/28, "2001:db8::1"]
    domains: [a.example, b.example, c.example, d.example, e.example]
)";
  std::multiset<std::string> seen;
  for (std::size_t index = 0; index < 3; ++index) {
    Loaded loaded = parse_config(text, "c.yml");
    ASSERT_TRUE(loaded.config.has_value());
    keep_own(*loaded.config, {index, 3});
    EXPECT_FALSE(loaded.config->dnsbl.lists.empty());
    EXPECT_LT(loaded.config->dnsbl.addresses.size() + loaded.config->dnsbl.domains.size(), 10U);
    for (const Network& network : loaded.config->dnsbl.addresses) seen.insert(network.address.to_string());
    for (const DomainName& name : loaded.config->dnsbl.domains) seen.insert(name.str());
  }
  EXPECT_EQ(seen, (std::multiset<std::string>{"192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.0", "2001:db8::1",
                                              "a.example", "b.example", "c.example", "d.example", "e.example"}));
}

TEST(Shard, an_index_is_a_number_or_the_end_of_a_pods_name) {
  EXPECT_EQ(shard_index("0"), 0U);
  EXPECT_EQ(shard_index("12"), 12U);
  EXPECT_EQ(shard_index("mxhealth-2"), 2U);
  EXPECT_EQ(shard_index("mx-health-exporter-10"), 10U);
  for (const char* wrong : {"", "-", "-1", "two", "mxhealth", "mxhealth-", "mxhealth-two", "mxhealth2", "2x", "1.5",
                            " 1", "mxhealth--", "99999999999999999999999"})
    EXPECT_FALSE(shard_index(wrong).has_value()) << wrong;
}

}  // namespace
}  // namespace mxhealth::config
