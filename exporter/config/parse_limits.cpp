#include "config/parse_limits.hpp"

#include <algorithm>
#include <map>
#include <variant>

#include "config/names.hpp"
#include "config/networks.hpp"
#include "config/values.hpp"

namespace mxhealth::config {
namespace {

constexpr std::uint16_t kDns = 53;
constexpr std::size_t kMaxResolvers = 8;
constexpr std::size_t kMaxCanaries = 20;
constexpr std::size_t kMaxAllowed = 1000;
constexpr int kUsualPerProvider = 4;  // limits.connections_per_provider

/// What an operator may change later, but not yet.
void expect_usual(const Section& section, std::string_view key, int usual, IntegerIn range) {
  int value = usual;
  if (section.read(key, value, range) && value != usual) section.get(key)->not_in_this_version(std::to_string(usual));
}

std::optional<Peer> resolver(const Field& field) {
  auto peer = PeerWithPort{kDns}(field);
  if (!peer || peer->address.scope() != AddressScope::unspecified) return peer;
  field.error("not an address that answers", "the address of a resolver");
  return std::nullopt;
}

std::optional<Canary> canary(const Field& field) {
  const auto section = Section::open(field, {"server", "port"});
  if (!section) return std::nullopt;
  if (section->get("server") == nullptr) field.fault("server is missing", "{server: HOST, port: 25}");
  Canary canary;
  const bool named = section->read("server", canary.server, name);
  section->read("port", canary.port, port);
  return named ? std::optional(canary) : std::nullopt;
}

/// The last canary of a port that has no other: when it fails, nobody can tell whose side it is.
void warn_of_lone_canaries(const Field& list, const std::vector<Canary>& canaries) {
  std::map<std::uint16_t, int> on_port;
  for (const Canary& one : canaries) ++on_port[one.port];
  for (const auto& [number, count] : on_port)
    if (count == 1)
      list.warn("one canary alone on port " + std::to_string(number) + " proves nothing when it fails",
                "two or more, of unrelated operators");
}

/// `example.net` stands for itself and what is below it.
using SuffixOrNetwork = std::variant<Name, Network>;
std::optional<SuffixOrNetwork> suffix_or_network(const Field& field) {
  const std::string& written = field.node().text;
  const bool is_network = written.find('/') != std::string::npos || Address::parse(written);
  if (is_network) {
    const auto network = NetworkOf{0, 0}(field);
    return network ? std::optional<SuffixOrNetwork>(*network) : std::nullopt;
  }
  const auto suffix = name(field);
  return suffix ? std::optional<SuffixOrNetwork>(*suffix) : std::nullopt;
}

}  // namespace

void parse_resolvers(const Field& field, std::vector<ResolverAddress>& out) {
  if (auto resolvers = ListOf{resolver, 0, kMaxResolvers}(field)) out = *std::move(resolvers);
}

void parse_limits(const Field& field, Limits& limits) {
  const auto section =
      Section::open(field, {"in_flight", "addresses_per_server", "connections_per_provider", "non_public_targets"});
  if (!section) return;
  section->read("in_flight", limits.in_flight, IntegerIn{1, 100'000});
  section->read("addresses_per_server", limits.addresses_per_server, IntegerIn{1, 32});
  section->read("non_public_targets", limits.non_public_targets, boolean);
  expect_usual(*section, "connections_per_provider", kUsualPerProvider, {1, 1000});
}

void parse_canaries(const Field& field, std::vector<Canary>& canaries) {
  auto list = ListOf{canary, 0, kMaxCanaries}(field);
  if (!list) return;
  canaries = *std::move(list);
  warn_of_lone_canaries(field, canaries);
}

void parse_probe_endpoint(const Field& field, ProbeEndpoint& endpoint) {
  const auto section = Section::open(field, {"allow", "in_flight"});
  if (!section) return;
  section->read("in_flight", endpoint.in_flight, IntegerIn{1, 1000});
  std::vector<SuffixOrNetwork> allowed;
  section->read("allow", allowed, ListOf{suffix_or_network, 0, kMaxAllowed});
  for (const SuffixOrNetwork& one : allowed) {
    if (const auto* suffix = std::get_if<Name>(&one)) endpoint.suffixes.push_back(*suffix);
    if (const auto* network = std::get_if<Network>(&one)) endpoint.networks.push_back(*network);
  }
}

}  // namespace mxhealth::config
