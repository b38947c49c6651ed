#include "config/parse_limits.hpp"

#include <algorithm>

#include "config/names.hpp"
#include "config/networks.hpp"
#include "config/values.hpp"

namespace mxhealth::config {
namespace {

constexpr std::uint16_t kDns = 53;
constexpr std::size_t kMaxResolvers = 8;
constexpr std::size_t kMaxCanaries = 20;
constexpr std::size_t kMaxAllowed = 1000;
constexpr int kUsualProbes = 20;      // probe_endpoint.in_flight
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

void parse_canary(const Field& field) {
  const auto section = Section::open(field, {"server", "port"});
  if (!section) return;
  if (section->get("server") == nullptr) field.fault("server is missing", "{server: HOST, port: 25}");
  Name server;
  std::uint16_t number = 25;
  section->read("server", server, name);
  section->read("port", number, port);
}

/// `example.net` stands for itself and what is below it.
std::optional<std::string> suffix_or_network(const Field& field) {
  const std::string& written = field.node().text;
  const bool network = written.find('/') != std::string::npos || Address::parse(written);
  if (network) return NetworkOf{0, 0}(field) ? std::optional(written) : std::nullopt;
  const auto suffix = name(field);
  return suffix ? std::optional(suffix->str()) : std::nullopt;
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

void parse_canaries(const Field& field) {
  const auto items = field.items();
  if (!items) return;
  if (items->size() > kMaxCanaries) field.fault("more than 20 canaries");
  for (const Field& item : *items) parse_canary(item);
  if (!items->empty()) field.not_in_this_version("[]");
}

void parse_probe_endpoint(const Field& field) {
  const auto section = Section::open(field, {"allow", "in_flight"});
  if (!section) return;
  expect_usual(*section, "in_flight", kUsualProbes, {1, 1000});
  const Field* allow = section->get("allow");
  if (allow == nullptr) return;
  const auto allowed = ListOf{suffix_or_network, 0, kMaxAllowed}(*allow);
  if (allowed && !allow->node().children.empty()) allow->not_in_this_version("[]");
}

}  // namespace mxhealth::config
