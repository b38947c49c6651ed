#include "config/shard.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <vector>

namespace mxhealth::config {
namespace {

// FNV-1a, 64 bits.
std::uint64_t digest(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// The finalizer of splitmix64: FNV alone leaves names that differ at their end alike in the upper bits.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

std::uint64_t weight(std::uint64_t name, std::size_t shard) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
  return mixed(name ^ mixed((shard + 1) * kGolden));
}

std::string text_of(const Target& target) { return target.name.str(); }
std::string text_of(const DomainName& name) { return name.str(); }
std::string text_of(const Network& network) { return network.address.to_string() + "/" + std::to_string(network.bits); }

template <typename Item>
void keep(std::vector<Item>& items, const Shard& shard) {
  std::erase_if(items, [&](const Item& item) { return shard_of(text_of(item), shard.count) != shard.index; });
}

}  // namespace

std::optional<std::size_t> shard_index(std::string_view text) {
  const auto hyphen = text.rfind('-');
  if (hyphen == 0) return std::nullopt;  // a negative number, no name
  const std::string_view digits = hyphen == std::string_view::npos ? text : text.substr(hyphen + 1);
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return index;
}

std::size_t shard_of(std::string_view name, std::size_t count) {
  const std::uint64_t hash = digest(name);
  std::size_t best = 0;
  for (std::size_t shard = 1; shard < count; ++shard)
    if (weight(hash, shard) > weight(hash, best)) best = shard;
  return best;
}

void keep_own(Config& config, const Shard& shard) {
  if (shard.count <= 1) return;
  keep(config.targets, shard);
  keep(config.dnsbl.addresses, shard);
  keep(config.dnsbl.domains, shard);
  keep(config.dnsbl.spf, shard);
}

}  // namespace mxhealth::config
