// Scenarios, running: every mail host on an address of its own in 127/8, all on one port per service; DNS servers that
// know them; and the exporter configuration that points at it all. One io_context from outside, no threads.
// A world that cannot bind throws boost::system::system_error; contradicting scenarios throw ScenarioError.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/certs.hpp"
#include "lab/dns_server.hpp"
#include "lab/mail_host.hpp"
#include "lab/scenario.hpp"

namespace YAML {
class Node;
}

namespace mxhealth::lab {

/// What `${password_file}` holds: for logins, and for tests that look for it where it must not be.
inline constexpr std::string_view kPassword = "correct-horse-battery-staple";

struct ConfigOptions {
  using milliseconds = std::chrono::milliseconds;

  milliseconds interval{5000};
  milliseconds dns{1000};
  milliseconds connect{1500};
  milliseconds banner{2000};
  milliseconds reply{1500};
  milliseconds tls{1500};
  milliseconds session{15000};
  milliseconds confirm_after{500};
  int confirm_probes = 2;
};

/// Where to listen, for those who cannot be told another place: real mail servers know but port 25 and
/// /etc/resolv.conf.
struct WorldPlaces {
  std::map<Service, std::uint16_t> ports;  ///< those not named: one that is free
  std::optional<udp::endpoint> resolver;   ///< the first; the others, and without this all, get a free one
};

class World {
 public:
  World(asio::io_context& io, std::vector<Scenario> scenarios, WorldPlaces places = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// The exporter's configuration for this world.
  std::string config_yaml(const ConfigOptions& options) const;

  const std::vector<Scenario>& scenarios() const { return scenarios_; }
  /// `text` with ${domain}, ${host.NAME.address}, ${host.NAME.name}, ${port}, ${port.submission}, ${port.submissions},
  /// ${port.https}, ${password_file}, ${key_file}, ${tlsa.3.1.1.NAME} filled in, as seen from a scenario. Throws
  /// std::invalid_argument for an unknown
  /// placeholder.
  std::string fill_in(std::string text, const Scenario& scenario) const;

  /// A list's subjects, of its kinds, with the states that are right for them.
  ExpectedStates expected_states(const BlocklistSpec& list, const Scenario& scenario) const;

  /// Null where nothing is played.
  MailHost* host(std::string_view name, Service service = Service::mx);
  const std::vector<std::unique_ptr<MailHost>>& hosts() const { return mail_; }
  /// Empty for names without an address.
  std::string address_of(std::string_view host) const;
  std::uint16_t port(Service service) const;

  DnsZone& dns() { return *zone_; }
  DnsServer& resolver(std::size_t index = 0) { return *resolvers_.at(index); }

  /// What root must run in a network namespace of its own for hosts that are unreachable (nft); empty without such.
  std::vector<std::string> netns_commands() const;

 private:
  struct Place {
    HostSpec spec;
    asio::ip::address_v4 address;
  };

  void add_companion();
  void place_hosts();
  void place(const HostSpec& spec);
  const Place& place_of(const std::string& host) const;
  void open_services();
  void open_service(Service service);
  void publish_hosts();
  void publish(const Scenario& scenario);
  void publish_lists(const Scenario& scenario);
  YAML::Node blocklists_config(const Scenario& scenario) const;
  std::filesystem::path secret_file(const char* name, std::string_view secret) const;
  Answer answer(const AnswerSpec& spec, std::uint16_t type, const Scenario& scenario) const;
  void open_resolvers();
  asio::ip::address_v4 next_address();

  asio::io_context& io_;
  std::vector<Scenario> scenarios_;
  mutable Certificates certificates_;  // made when first asked for
  WorldPlaces given_;
  std::uint32_t last_address_;
  std::map<std::string, Place, std::less<>> places_;
  std::map<Service, std::uint16_t> ports_;
  std::vector<std::unique_ptr<MailHost>> mail_;
  std::map<std::pair<std::string, Service>, MailHost*> by_name_;
  std::shared_ptr<DnsZone> zone_ = std::make_shared<DnsZone>();
  std::vector<std::unique_ptr<DnsServer>> resolvers_;
};

}  // namespace mxhealth::lab
