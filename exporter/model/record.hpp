// What the publishing side sees of the probing side: immutable records, and the feed that carries what changed.
// A record is made anew whenever something in it changed; counters and buckets inside are plain integers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "model/address.hpp"
#include "model/dane.hpp"
#include "model/finding.hpp"
#include "model/histogram.hpp"
#include "model/judgement.hpp"
#include "model/listing.hpp"
#include "model/name.hpp"
#include "model/phase.hpp"
#include "model/policy.hpp"
#include "model/time.hpp"

namespace mxhealth {

struct SessionRun;

using CauseCounts = std::vector<std::pair<Cause, std::uint64_t>>;  // with 0 for every cause that can come

struct DomainKey {
  DomainName domain;  // a `server:` target is its own domain
  Role role = Role::mx;
  friend auto operator<=>(const DomainKey&, const DomainKey&) = default;
};

struct ServerKey {
  ServerName server;
  std::uint16_t port = 0;
  friend auto operator<=>(const ServerKey&, const ServerKey&) = default;
};

struct AddressKey {
  ServerName server;
  Peer peer;
  friend auto operator<=>(const AddressKey&, const AddressKey&) = default;
};

/// MX resolution of one domain.
struct MxRecord {
  std::uint64_t lookups = 0;
  CauseCounts failures;
  std::optional<bool> authenticated;  ///< AD bit of the last answer
  std::uint64_t set_changes = 0;
  std::optional<Wall> last_change;
  bool held = false;                     ///< the set is an older one, kept since lookups fail
  std::optional<bool> matches_expected;  ///< the set and `expect.mx`; none without either
};

struct DomainServer {
  ServerKey key;
  std::uint16_t preference = 0;  ///< role mx only
};

struct DomainRecord {
  DomainKey key;
  Duration interval{};
  std::optional<Verdict> verdict;  ///< none before the first
  std::optional<CauseFound> cause;
  std::optional<bool> reachable;  ///< keeps its last value while undetermined
  std::optional<Wall> since;      ///< of the verdict
  std::optional<double> deferral_probability;
  std::vector<Forecast> forecasts;
  std::uint64_t cycles = 0;  ///< SLI pair; undetermined ones are in neither
  std::uint64_t unreachable_cycles = 0;
  std::optional<Wall> last_cycle;
  std::optional<Wall> last_success;
  std::vector<DomainServer> servers;
  std::uint32_t servers_up = 0;
  std::optional<MxRecord> mx;                               ///< domains whose MX records are looked up
  std::vector<std::pair<std::string, std::string>> labels;  ///< of the configuration, for domain_info
  bool is_server_target = false;
  bool own = false;  ///< the configuration calls it ours
};

struct ReplyCount {
  Phase phase = Phase::banner;
  std::string code;             ///< from the closed list, else "other"
  std::string enhanced_status;  ///< from the closed list, "none" without one, else "other"
  std::uint64_t count = 0;
};

/// The TLS facts of a server and port over its addresses: minimum for yes/no and dates, last known for dates.
struct ServerTls {
  std::optional<bool> starttls_advertised;  ///< none on an implicit-TLS port
  std::optional<bool> handshake_success;    ///< none before the first attempt
  std::optional<bool> chain_ok;
  std::optional<bool> hostname_ok;
  std::string version;  ///< empty: none yet
  std::string cipher;
  std::optional<bool> dane_ok;        ///< none where DANE does not apply
  std::optional<bool> mta_sts_ok;     ///< none where no domain enforces a policy
  std::optional<DaneState> dane;      ///< none before the first answer
  std::optional<bool> cert_mismatch;  ///< addresses serve different certificates; none before two have served one
  std::string oldest_version;         ///< the lowest version still accepted, where that is looked for
  std::optional<Wall> leaf_not_before;
  std::optional<Wall> leaf_not_after;
  std::optional<Wall> chain_not_after;
  std::optional<Wall> last_handshake;
};

struct ServerRecord {
  ServerKey key;
  std::optional<bool> up;  ///< some address answered EHLO with 250
  std::uint64_t probes = 0;
  CauseCounts failures;
  std::vector<std::pair<Phase, Histogram>> phases;  ///< completed phases
  std::vector<ReplyCount> replies;
  ServerTls tls;
  std::vector<Finding> findings;     ///< of any address, each once
  std::optional<bool> auth_success;  ///< none where no login is asked for, or before its first result
};

struct AddressRecord {
  AddressKey key;
  std::optional<bool> up;
  std::optional<CauseFound> cause;  ///< confirmed, absent when up
  std::optional<Wall> since;
  std::optional<Wall> last_probe;
  std::vector<std::pair<Phase, Duration>> durations;  ///< of the last session, completed phases
};

struct ResolverRecord {
  std::string resolver;  ///< address:port
  std::uint64_t lookups = 0;
  CauseCounts failures;
  Histogram duration;
};

struct EgressKey {
  std::uint16_t port = 0;
  Family family = Family::ipv4;
  friend auto operator<=>(const EgressKey&, const EgressKey&) = default;
};

/// Our own ability to open connections.
struct EgressRecord {
  EgressKey key;
  std::optional<bool> up;  ///< none before anything has been shown
  std::uint32_t canaries = 0;
  std::uint32_t canaries_up = 0;
  friend bool operator==(const EgressRecord&, const EgressRecord&) = default;
};

struct ListingKey {
  Subject subject;
  std::string list;  ///< the alias
  friend auto operator<=>(const ListingKey&, const ListingKey&) = default;
};

/// What one list says of one subject.
struct ListingRecord {
  ListingKey key;
  bool allow_list = false;
  ListingState state = ListingState::unknown;
  std::optional<Wall> since;          ///< of the state
  std::vector<std::string> codes;     ///< while listed: answers in 127.0.0.0/8, each once
  std::vector<std::string> meanings;  ///< of the codes, heaviest first
  double weight = 0;                  ///< while listed: of the heaviest code, 0 to 1
  std::optional<unsigned> trust;      ///< an allow-list's, while listed: 0 to 3 (the last octet of dnswl.org's answers)
  std::string reason;                 ///< the list's TXT record: printable, never a label
  std::string delisting;              ///< the list's page about listings
};

struct SubjectKey {
  Subject subject;
  friend auto operator<=>(const SubjectKey&, const SubjectKey&) = default;
};

/// Who is looked up on lists, and why.
struct SubjectRecord {
  SubjectKey key;
  SubjectSource source = SubjectSource::target;
};

struct ListKey {
  std::string list;
  friend auto operator<=>(const ListKey&, const ListKey&) = default;
};

/// A list itself: whether it can be believed, and what asking it cost.
struct ListRecord {
  ListKey key;
  bool allow_list = false;
  double weight = 0;
  std::optional<bool> healthy;  ///< for all kinds that are asked; none before the first test
  std::string ailment;          ///< one sentence, empty while healthy
  std::uint64_t lookups = 0;
  std::vector<std::pair<ListFailure, std::uint64_t>> failures;  ///< with 0 for each that can come
  std::optional<Wall> last_check;
};

struct PolicyKey {
  DomainName domain;
  Policy policy = Policy::spf;
  friend auto operator<=>(const PolicyKey&, const PolicyKey&) = default;
};

/// One policy of one domain: what was last known of it, kept while lookups fail.
struct PolicyRecord {
  PolicyKey key;
  PolicyFacts facts{};                ///< of the last look that taught something
  std::vector<PolicyNote> trouble{};  ///< why the latest look taught nothing; empty where it did
  std::uint64_t changes = 0;
  std::optional<Wall> last_change{};
  std::optional<Wall> last_check{};  ///< that taught something
};

struct PtrKey {
  Address address;
  friend auto operator<=>(const PtrKey&, const PtrKey&) = default;
};

/// Reverse DNS of one address.
struct PtrRecord {
  PtrKey key;
  PtrSource source = PtrSource::target;
  std::optional<bool> valid{};  ///< a name that has this address; none before the first answer
  PtrFacts facts{};
};

using Record = std::variant<std::shared_ptr<const DomainRecord>, std::shared_ptr<const ServerRecord>,
                            std::shared_ptr<const AddressRecord>, std::shared_ptr<const ResolverRecord>,
                            std::shared_ptr<const EgressRecord>, std::shared_ptr<const ListingRecord>,
                            std::shared_ptr<const SubjectRecord>, std::shared_ptr<const ListRecord>,
                            std::shared_ptr<const PolicyRecord>, std::shared_ptr<const PtrRecord>>;
using RecordKey = std::variant<DomainKey, ServerKey, AddressKey, std::string, EgressKey, ListingKey, SubjectKey,
                               ListKey, PolicyKey, PtrKey>;

RecordKey key_of(const Record&);

/// A session with an address that has ended: no record, for each one is told once.
struct SessionNote {
  AddressKey key;
  std::shared_ptr<const SessionRun> run;
  std::optional<CauseFound> cause;  ///< as endpoint metrics see it
  Wall ended{};
};

/// One batch, posted from probing to publishing every 100 ms at most.
struct Feed {
  std::vector<Record> changed;
  std::vector<RecordKey> gone;
  std::optional<bool> ready;            ///< every target has its first result, or the wait is over; none: unchanged
  std::vector<SessionNote> sessions{};  ///< in the order they ended
};

}  // namespace mxhealth
