// What the operator asked for, as plain values: every default filled in, every name resolved to what it means.
// Made by load.hpp, which also says what is wrong with a file; nothing here is checked again. Keys as in the file.
// What this version cannot honour yet has no field: the file that asks for it is refused.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dnsbl/list.hpp"
#include "model/address.hpp"
#include "model/errand.hpp"
#include "model/judgement.hpp"
#include "model/name.hpp"
#include "model/phase.hpp"
#include "model/time.hpp"

namespace mxhealth::config {

/// The time limits of a probe, each the total of its step; `session` is the total of everything.
struct Timeouts {
  Duration dns = std::chrono::seconds(5);
  Duration connect = std::chrono::seconds(30);
  Duration banner = std::chrono::seconds(60);
  Duration reply = std::chrono::seconds(30);
  Duration tls = std::chrono::seconds(30);
  Duration session = std::chrono::seconds(300);
};

/// A failure without an answer counts after `probes` failures in a row, each `after` the one before.
struct Confirm {
  int probes = 2;
  Duration after = std::chrono::seconds(5);
};

enum class Families : std::uint8_t { ipv4, ipv6, both };
constexpr bool includes(Families families, Family family) {
  return families == Families::both || (families == Families::ipv4) == (family == Family::ipv4);
}

struct Global {
  Duration interval = std::chrono::seconds(60);
  Name ehlo_name;                         // the root: the caller fills in this host's own name
  std::vector<Address> source_addresses;  // at most one per family
  Timeouts timeouts;
  Families families = Families::both;
  std::filesystem::path tls_ca_file;  // empty: the system's trust store
  std::vector<Sender> sender_models{Sender::postfix};
  Confirm confirm;
  Duration mx_hold = std::chrono::hours(1);
  std::uint16_t mta_sts_port = 443;  // of the hosts that serve MTA-STS policies; only a lab has reason to change it
};

using ResolverAddress = Peer;

struct ResolverCheck {
  Name name;  // must exist, without a wildcard below it; the root: nothing is checked
};

/// A named way to probe a port.
struct Module {
  std::string name;
  Role role = Role::mx;
  std::uint16_t port = 25;
  TlsPolicy tls = TlsPolicy::opportunistic;
  std::optional<Envelope> envelope = {};  // in a target's walk `to` is complete; in `modules` maybe a local part
  std::optional<Login> auth = {};         // its password read from the file that the module names
  bool oldest_tls = false;                // look for the oldest version of TLS that is still accepted
  friend bool operator==(const Module&, const Module&) = default;
};

enum class HostSource : std::uint8_t { mx_records, named_hosts };

/// How a target's hosts of one role are found, and with which modules each of them is probed.
struct Walk {
  Role role = Role::mx;
  HostSource source = HostSource::mx_records;
  std::vector<Name> hosts;       // named_hosts only, in the file's order
  std::vector<Module> modules;   // never empty; the target's `expect.starttls` is already in them
  std::vector<Name> expected{};  // `expect.mx`: of role mx of a domain only; empty: nothing is expected
};

/// Where in which file something was written, from 1.
struct Mark {
  std::string file;
  int line = 0;
  int column = 0;
};

struct Target {
  enum class Kind : std::uint8_t { domain, server };

  Name name;
  Kind kind = Kind::domain;
  bool own = false;
  Duration interval = std::chrono::seconds(60);  // its own, or the global one
  std::vector<Walk> walks;                       // at most one per role, never empty
  std::map<std::string, std::string> labels;
  std::vector<std::string> dkim_selectors{};  // lower case; of a domain only
  Mark mark;
};

/// A host known to answer: where several of them do not, it is our own egress that fails.
struct Canary {
  Name server;
  std::uint16_t port = 25;
  friend auto operator<=>(const Canary&, const Canary&) = default;
};

/// An address range, as 192.0.2.0/24 or an address alone.
struct Network {
  Address address;
  int bits = 0;
  friend auto operator<=>(const Network&, const Network&) = default;
};

/// Blocklists: whom to look up, and where.
struct Dnsbl {
  Duration interval = std::chrono::hours(1);
  bool targets = true;               // every target's name, and its servers' addresses
  std::vector<Network> addresses{};  // at most 256 each
  std::vector<DomainName> domains{};
  std::vector<DomainName> spf{};     // the addresses that these domains' SPF records name are looked up, too
  std::vector<dnsbl::List> lists{};  // names are unique; empty: `dnsbl: off`
};

/// What domains publish about their mail (SPF, DMARC, DKIM, MTA-STS, TLS reports, BIMI), and reverse DNS.
struct Policies {
  bool on = true;
  Duration interval = std::chrono::hours(1);
};

struct Limits {
  int in_flight = 5000;  // before the caller fits it to RLIMIT_NOFILE
  int addresses_per_server = 8;
  bool non_public_targets = false;
  std::vector<Network> also_dialled{};  // though not public: no key of the file, a visit's own (watch/visit)
};

/// What /probe may be asked beyond the configured targets.
struct ProbeEndpoint {
  std::vector<Name> suffixes{};  // a name allows itself and what is below it
  std::vector<Network> networks{};
  int in_flight = 20;
};

struct Config {
  Global global;
  std::vector<ResolverAddress> resolvers;  // empty: the system's
  ResolverCheck resolver_check;
  std::map<std::string, Module> modules;  // the built-in ones too
  std::vector<Target> targets;            // those of the target files too; names are unique
  std::vector<Canary> canaries;           // each server and port once
  Dnsbl dnsbl;
  Policies policies;
  Limits limits;
  ProbeEndpoint probe_endpoint;
  std::vector<std::filesystem::path> target_files;  // the patterns, relative ones under the file's directory
};

}  // namespace mxhealth::config
