#include "lab/world.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

namespace mxhealth::lab {
namespace {

constexpr int kPortTries = 50;
constexpr std::uint32_t kLoopback = 127U << 24;
constexpr std::uint32_t kUnreachable = (198U << 24) | (18U << 16);  // RFC 2544: nobody's, and no loopback

/// A place in 127/8 for this world: far enough from 127.0.x.y, where other software lives.
std::uint32_t random_start() {
  std::random_device random;
  return kLoopback | std::uniform_int_distribution<std::uint32_t>(16U << 16, 0xf00000U)(random);
}

std::uint16_t free_port(asio::io_context& io, const asio::ip::address& at) {
  return listen_on(io, tcp::endpoint(at, 0), 1).local_endpoint().port();
}

bool is_unreachable(const HostSpec& host) {
  const auto mx = host.serves.find(Service::mx);
  return mx != host.serves.end() && mx->second->network >= Network::host_unreachable;
}

constexpr const char* kCompanionHost = "mx.companion.lab.test";

}  // namespace

World::World(asio::io_context& io, std::vector<Scenario> scenarios, WorldPlaces places)
    : io_(io), scenarios_(std::move(scenarios)), given_(std::move(places)), last_address_(random_start()) {
  if (scenarios_.size() > 1 && std::any_of(scenarios_.begin(), scenarios_.end(), [](auto& s) { return s.alone(); }))
    throw std::invalid_argument("a scenario that stands alone cannot share a world");
  add_companion();
  place_hosts();
  open_services();
  publish_hosts();
  for (const Scenario& scenario : scenarios_) publish(scenario);
  open_resolvers();
}

World::~World() = default;

void World::add_companion() {
  const auto needs_none = [](const Scenario& scenario) {
    return !scenario.companion || std::any_of(scenario.expect.begin(), scenario.expect.end(),
                                              [](const Expectation& expected) { return expected.verdict == "ok"; });
  };
  if (std::any_of(scenarios_.begin(), scenarios_.end(), needs_none)) return;
  Scenario companion;
  companion.name = "companion";
  companion.about = "A healthy domain: our resolver and our way out work.";
  HostSpec host;
  host.name = kCompanionHost;
  host.serves.emplace(Service::mx, behaviour_book().find("ok"));
  companion.hosts.push_back(host);
  TargetSpec target;
  target.name = companion.domain();
  target.mx.emplace_back("10", host.name);
  companion.targets.push_back(target);
  Expectation expected;
  expected.domain = target.name;
  expected.verdict = "ok";
  companion.expect.push_back(expected);
  scenarios_.push_back(std::move(companion));
}

// --- addresses and ports ---

asio::ip::address_v4 World::next_address() {
  do ++last_address_;
  while ((last_address_ & 0xffU) == 0 || (last_address_ & 0xffU) == 255);
  return asio::ip::address_v4(last_address_);
}

void World::place_hosts() {
  for (const Scenario& scenario : scenarios_)
    for (const HostSpec& host : scenario.hosts) place(host);
  for (auto& [name, place] : places_) {
    if (place.spec.same_as.empty()) continue;
    const auto original = places_.find(place.spec.same_as);
    if (original == places_.end()) throw ScenarioError(name + ": same_as names no host: " + place.spec.same_as);
    place.address = original->second.address;
  }
}

void World::place(const HostSpec& spec) {
  const auto [entry, fresh] = places_.try_emplace(spec.name, Place{spec, {}});
  if (!fresh && !(entry->second.spec == spec))
    throw ScenarioError(spec.name + ": two scenarios give this host different behaviours");
  if (!fresh || !spec.same_as.empty() || !spec.cname.empty() || spec.dns) return;
  entry->second.address = next_address();
  if (is_unreachable(spec)) entry->second.address = asio::ip::address_v4(kUnreachable | (last_address_ & 0xffffU));
}

const World::Place& World::place_of(const std::string& host) const {
  const auto found = places_.find(host);
  if (found == places_.end()) throw ScenarioError("no host is named " + host);
  return found->second;
}

void World::open_services() {
  for (const auto& [word, service] : kServices) {
    for (int tries = 1;; ++tries) {
      try {
        open_service(service);
        break;
      } catch (const boost::system::system_error& error) {
        if (given_.ports.contains(service) || tries == kPortTries || error.code() != asio::error::address_in_use) throw;
      }
    }
  }
}

/// All hosts of a service listen on one port; it stands for 25, 587, 465 or 443.
void World::open_service(Service service) {
  std::vector<std::unique_ptr<MailHost>> opened;
  const auto given = given_.ports.find(service);
  const std::uint16_t port =
      given != given_.ports.end() ? given->second : free_port(io_, asio::ip::address_v4(last_address_));
  for (const auto& [name, place] : places_) {
    const auto behaviour = place.spec.serves.find(service);
    if (behaviour == place.spec.serves.end()) continue;
    const tcp::endpoint at(place.address, port);
    opened.push_back(std::make_unique<MailHost>(io_, name, at, behaviour->second, certificates_));
  }
  ports_[service] = port;
  for (auto& host : opened) {
    by_name_[{host->name(), service}] = host.get();
    mail_.push_back(std::move(host));
  }
}

MailHost* World::host(std::string_view name, Service service) {
  const auto found = by_name_.find({std::string(name), service});
  return found == by_name_.end() ? nullptr : found->second;
}

std::uint16_t World::port(Service service) const { return ports_.at(service); }

std::string World::address_of(std::string_view host) const {
  const auto found = places_.find(host);
  if (found == places_.end() || found->second.address.is_unspecified()) return {};
  const std::string address = found->second.address.to_string();
  return found->second.spec.ipv6 ? "::ffff:" + address : address;
}

// --- DNS ---

void World::publish_hosts() {
  for (const auto& [name, place] : places_) {
    const HostSpec& spec = place.spec;
    if (spec.dns) zone_->set_manner(name, *spec.dns);
    if (!spec.cname.empty()) zone_->add(name, kCname, wire_name(spec.cname));
    const std::string address = address_of(name);
    if (address.empty()) continue;
    const std::uint16_t type = spec.ipv6 ? kAaaa : kA;
    zone_->add(name, type, wire_address(type, address));
    if (spec.ptr == "none") continue;
    const auto octets = place.address.to_bytes();
    std::string reverse;
    for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) reverse += std::to_string(*octet) + ".";
    zone_->add(reverse + "in-addr.arpa", kPtr, wire_name(spec.ptr.empty() ? name : spec.ptr));
  }
}

void World::publish(const Scenario& scenario) {
  for (const TargetSpec& target : scenario.targets) {
    for (const auto& [preference, host] : target.mx) {
      try {
        zone_->add(target.name, kMx, wire_data(kMx, {preference, fill_in(host, scenario)}));
      } catch (const std::invalid_argument& error) {
        throw ScenarioError(target.where + ": " + error.what());
      }
    }
    if (!target.address.empty()) {
      place_of(target.address);
      zone_->add(target.name, kA, wire_address(kA, address_of(target.address)));
    }
  }
  for (const DnsSpec& spec : scenario.dns) {
    try {
      zone_->set(fill_in(spec.name, scenario), spec.type, answer(spec.answer, spec.type, scenario));
    } catch (const std::invalid_argument& error) {
      throw ScenarioError(spec.where + ": " + error.what());
    }
  }
  if (scenario.blocklists) publish_lists(scenario);
}

Answer World::answer(const AnswerSpec& spec, std::uint16_t type, const Scenario& scenario) const {
  Answer answer;
  answer.manner = spec.manner;
  answer.ttl = spec.ttl;
  answer.authentic_data = spec.authentic_data;
  answer.delay = spec.delay;
  for (std::vector<std::string> fields : spec.records) {
    for (std::string& field : fields) field = fill_in(field, scenario);
    answer.data.push_back(wire_data(type, fields));
  }
  for (const AnswerSpec& next : spec.sequence) answer.sequence.push_back(this->answer(next, type, scenario));
  return answer;
}

void World::open_resolvers() {
  std::vector<Mood> moods{Mood::answers};
  if (!scenarios_.empty() && !scenarios_.front().resolvers.empty()) moods = scenarios_.front().resolvers;
  for (const Mood mood : moods) {
    const udp::endpoint at =
        resolvers_.empty() && given_.resolver ? *given_.resolver : udp::endpoint(next_address(), 0);
    resolvers_.push_back(std::make_unique<DnsServer>(io_, at, zone_, mood));
  }
}

std::vector<std::string> World::netns_commands() const {
  std::vector<std::string> commands;
  for (const auto& [name, place] : places_) {
    if (!is_unreachable(place.spec)) continue;
    const Network network = place.spec.serves.at(Service::mx)->network;
    const char* const type = network == Network::host_unreachable  ? "host-unreachable"
                             : network == Network::net_unreachable ? "net-unreachable"
                                                                   : "admin-prohibited";
    // TCP alone: the ICMP answer goes to the same address, which the sender has too.
    commands.push_back("nft add rule ip mxlab in ip daddr " + place.address.to_string() +
                       " ip protocol tcp reject with icmp type " + type);
  }
  if (commands.empty()) return commands;
  commands.insert(commands.begin(),
                  {"ip link set lo up", "ip route add local 198.18.0.0/15 dev lo", "nft add table ip mxlab",
                   "nft add chain ip mxlab in '{ type filter hook input priority 0; }'"});
  return commands;
}

}  // namespace mxhealth::lab
