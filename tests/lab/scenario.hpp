// A scenario as written: mail hosts, targets and DNS answers, and what the exporter must say about them. Read from YAML
// (format: README.md). Nothing runs yet; world.* plays it. Every mistake is a ScenarioError with file:line:column.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lab/blocklist.hpp"
#include "lab/dns_server.hpp"
#include "lab/dns_zone.hpp"
#include "lab/script.hpp"

namespace mxhealth::lab {

/// What a host serves; each has one port in a world.
enum class Service : std::uint8_t { mx, submission, submissions, https };
inline constexpr std::array<std::pair<std::string_view, Service>, 4> kServices{{{"mx", Service::mx},
                                                                                {"submission", Service::submission},
                                                                                {"submissions", Service::submissions},
                                                                                {"https", Service::https}}};

struct HostSpec {
  std::string name;
  std::map<Service, BehaviourPtr> serves;
  std::string same_as;        ///< the host whose address it shares
  std::string cname;          ///< the name is an alias of this one
  std::optional<Manner> dns;  ///< what questions about the name get instead of an address
  std::string ptr;            ///< what its address is called in reverse DNS; empty: as itself; "none": not at all
  bool ipv6 = false;          ///< AAAA only: the IPv4-mapped form of its address
  friend bool operator==(const HostSpec&, const HostSpec&) = default;
};

/// As in Answer, but placeholders in the records are still to be filled in.
struct AnswerSpec {
  Manner manner = Manner::records;
  std::vector<std::vector<std::string>> records;
  std::uint32_t ttl = 5;
  bool authentic_data = false;
  std::chrono::milliseconds delay{0};
  std::vector<AnswerSpec> sequence;
};

struct DnsSpec {
  std::string name;
  std::uint16_t type = DnsZone::kEveryType;
  AnswerSpec answer;
  std::string where;  ///< file:line:column
};

struct TargetSpec {
  std::string name;
  bool server = false;
  std::vector<std::pair<std::string, std::string>> mx;  ///< preference, host name
  std::string address;                                  ///< the host whose address the domain has itself
  std::string extra;                                    ///< YAML, put into the exporter's target as it is
  std::string where;
};

struct Expectation {
  std::string domain;
  std::string role = "mx";
  std::string verdict;
  std::string cause;  ///< empty: none
  std::string enhanced_status;
};

struct Scenario {
  std::string name;
  std::string about;
  std::string file;
  std::vector<std::string> needs;  ///< netns, ipv6
  std::vector<HostSpec> hosts;
  std::vector<TargetSpec> targets;
  std::vector<DnsSpec> dns;
  std::optional<BlocklistsSpec> blocklists;
  std::vector<Mood> resolvers;  ///< in the configuration's order; empty: one that answers
  std::string config;           ///< YAML, merged over the exporter's configuration
  bool companion = true;        ///< where nothing else is healthy, a domain that shows resolver and egress to work
  std::vector<Expectation> expect;
  std::vector<std::string> metrics;    ///< lines that must appear; labels left out match anything
  std::vector<std::string> absent;     ///< series that must not appear
  std::vector<std::string> undialled;  ///< hosts to which nobody may connect, whatever /probe is asked

  /// NAME.lab.test, below which relative host names live.
  std::string domain() const { return name + ".lab.test"; }
  /// It changes the configuration of everybody, so it needs a world of its own.
  bool alone() const { return !resolvers.empty() || !config.empty() || blocklists || !companion; }
  bool needs_netns() const;
};

/// One file, or all *.yml of a directory. A file of walks holds many scenarios. Throws ScenarioError.
std::vector<Scenario> load_scenarios(const std::filesystem::path& path);

/// The directory of this repository's scenarios, and the book of behaviours beside them.
std::filesystem::path scenario_directory();
std::filesystem::path oracle_file();  ///< what real senders did
const BehaviourBook& behaviour_book();

/// Scenarios that may share a world are put together; those that stand alone get one each.
std::vector<std::vector<Scenario>> worlds_of(std::vector<Scenario> scenarios);

}  // namespace mxhealth::lab
