// Records for the tests of metrics and web: one full example of each kind, and random ones.
// Longer than other files: each kind of record is made here twice.
#pragma once

#include <random>
#include <string>

#include "metrics/page.hpp"
#include "model/record.hpp"

namespace mxhealth::metrics {

inline Name name(std::string_view text) { return Name::parse(text).value(); }
inline Wall at(std::int64_t unix_second) { return Wall(std::chrono::seconds(unix_second)); }

inline DomainRecord example_domain() {
  using namespace std::chrono_literals;
  DomainRecord r;
  r.key = {name("example.com"), Role::mx};
  r.interval = 60s;
  r.verdict = Verdict::unreachable;
  r.cause = CauseFound{Cause::connect_refused, "4.4.1", Side::theirs};
  r.reachable = false;
  r.since = at(1763816400);
  r.deferral_probability = 0.4;
  r.forecasts = {{Sender::postfix, DeliveryOutcome::defer, "4.4.1"}, {Sender::exim, DeliveryOutcome::bounce, "5.7.1"}};
  r.cycles = 12;
  r.unreachable_cycles = 3;
  r.last_cycle = at(1763816460);
  r.last_success = at(1763816400);
  r.servers = {{{name("mx1.example.com"), 25}, 10}, {{name("mx2.example.com"), 25}, 20}};
  r.servers_up = 1;
  r.mx = MxRecord{7, {{Cause::dns_timeout, 1}, {Cause::dns_servfail, 0}}, true, 2, at(1763810000), false, false};
  r.labels = {{"tier", "gold"}, {"note", "a \"b\" \\ c\nd"}};
  return r;
}

inline ServerRecord example_server() {
  using namespace std::chrono_literals;
  ServerRecord r;
  r.key = {name("mx1.example.com"), 25};
  r.up = true;
  r.probes = 20;
  r.failures = {{Cause::connect_timeout, 2}, {Cause::connect_refused, 0}};
  Histogram connect;
  connect.observe(7ms);
  connect.observe(400s);
  r.phases = {{Phase::connect, connect}, {Phase::banner, {}}};
  r.replies = {{Phase::banner, "220", "none", 18}, {Phase::ehlo, "250", "2.0.0", 18}};
  r.tls.starttls_advertised = r.tls.handshake_success = r.tls.hostname_ok = true;
  r.tls.chain_ok = false;
  r.tls.version = "TLSv1.3";
  r.tls.cipher = "TLS_AES_256_GCM_SHA384";
  r.tls.leaf_not_after = at(1770000000);
  r.tls.chain_not_after = at(1769000000);
  r.tls.last_handshake = at(1763816460);
  r.findings = {Finding::auth_before_tls, Finding::tarpit};
  r.auth_success = false;
  return r;
}

inline AddressRecord example_address() {
  using namespace std::chrono_literals;
  AddressRecord r;
  r.key = {name("mx1.example.com"), {Address::parse("2001:db8::1").value(), 25}};
  r.up = false;
  r.cause = CauseFound{Cause::banner_timeout, "4.4.2", Side::theirs};
  r.last_probe = at(1763816460);
  r.durations = {{Phase::connect, 12345678ns}, {Phase::banner, 2s}};
  return r;
}

inline ResolverRecord example_resolver() {
  using namespace std::chrono_literals;
  ResolverRecord r;
  r.resolver = "127.0.0.1:53";
  r.lookups = 100;
  r.failures = {{Cause::dns_timeout, 3}};
  r.duration.observe(20ms);
  return r;
}

inline EgressRecord example_egress() { return {{25, mxhealth::Family::ipv6}, true, 3, 2}; }

inline ListingRecord example_listing() {
  ListingRecord r;
  r.key = {Address::parse("2001:db8::25").value(), "zen"};
  r.state = ListingState::listed;
  r.since = at(1763816400);
  r.codes = {"127.0.0.2", "127.0.0.4"};
  r.meanings = {"spam source", "exploited host"};
  r.weight = 0.75;
  r.reason = "see https://example.net/lookup?q=\"<b>";
  return r;
}

inline ListingRecord example_vouching() {
  ListingRecord r;
  r.key = {name("example.com"), "dnswl"};
  r.allow_list = true;
  r.state = ListingState::listed;
  r.codes = {"127.0.5.2"};
  r.trust = 2;
  return r;
}

inline SubjectRecord example_subject() { return {{name("example.com")}, SubjectSource::configured}; }

inline ListRecord example_list() {
  ListRecord r;
  r.key = {"zen"};
  r.weight = 1;
  r.healthy = false;
  r.lookups = 40;
  r.failures = {{ListFailure::timeout, 3}, {ListFailure::servfail, 0}};
  r.last_check = at(1763816460);
  return r;
}

inline PolicyRecord example_policy() {
  PolicyRecord r;
  r.key = {name("example.com"), Policy::spf};
  r.facts.present = true;
  r.facts.mode = "fail";
  r.facts.notes = {{Gravity::broken, "12 lookups where 10 are allowed."}};
  r.facts.text = "v=spf1 mx -all";
  r.facts.dns_lookups = 12;
  r.changes = 2;
  r.last_check = at(1763816460);
  return r;
}

inline PtrRecord example_ptr() {
  PtrRecord r;
  r.key = {Address::parse("192.0.2.25").value()};
  r.source = PtrSource::configured;
  r.valid = true;
  r.facts = {true, {name("mx1.example.com")}, true, {}};
  return r;
}

template <class R>
Record share(R record) {
  return std::make_shared<const R>(std::move(record));
}

inline Feed example_feed() {
  return {{share(example_domain()), share(example_server()), share(example_address()), share(example_resolver()),
           share(example_egress()), share(example_listing()), share(example_vouching()), share(example_subject()),
           share(example_list()), share(example_policy()), share(example_ptr())},
          {},
          true};
}

/// A small world in which everything changes, comes and goes at random; the same seed gives the same feeds.
class RandomWorld {
 public:
  explicit RandomWorld(unsigned seed) : random_(seed) {}

  Record record() {
    switch (below(10)) {
      case 0: return domain();
      case 1: return server();
      case 2: return address();
      case 3: return egress();
      case 4: return listing();
      case 5: return subject();
      case 6: return list();
      case 7: return policy();
      case 8: return ptr();
      default: return resolver();
    }
  }

  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  bool coin() { return below(2) == 0; }

 private:
  std::uint64_t count() { return std::uint64_t{1} << below(40); }  // of every length of text
  Cause cause() { return static_cast<Cause>(below(kCauseCount)); }
  Name server_name() { return name("mx" + std::to_string(below(8)) + ".example.net"); }
  Wall wall() { return Wall(std::chrono::microseconds(1763816400000000 + random_() % 1000000000)); }
  template <class T>
  std::optional<T> maybe(T value) {
    return coin() ? std::optional<T>(value) : std::nullopt;
  }

  CauseCounts failures() {
    CauseCounts counts;
    for (unsigned i = 0; i < kCauseCount; ++i) {
      if (below(8) == 0) counts.emplace_back(static_cast<Cause>(i), count());
    }
    return counts;
  }

  Histogram histogram() {
    Histogram h;
    for (auto& bucket : h.counts) bucket = below(3) == 0 ? count() : 0;
    h.sum = static_cast<double>(random_()) / 1e7;
    return h;
  }

  Record domain() {
    DomainRecord r;
    r.key = {name("d" + std::to_string(below(12)) + ".example"), coin() ? Role::mx : Role::submission};
    r.interval = std::chrono::seconds(below(1000));
    r.verdict = maybe(static_cast<Verdict>(below(8)));
    r.reachable = maybe(coin());
    if (coin()) r.cause = CauseFound{cause(), "4.4.1", static_cast<Side>(below(5))};
    r.deferral_probability = maybe(below(7) / 6.0);
    if (coin()) r.forecasts.push_back({Sender::postfix, static_cast<DeliveryOutcome>(below(3)), "4.7.1"});
    if (coin()) r.forecasts.push_back({Sender::exim, static_cast<DeliveryOutcome>(below(3)), "2.0.0"});
    r.cycles = count();
    r.last_cycle = maybe(wall());
    for (unsigned i = below(4); i > 0; --i) {
      r.servers.push_back({{server_name(), 25}, static_cast<std::uint16_t>(below(3))});
    }
    if (coin()) r.mx = MxRecord{count(), failures(), maybe(coin()), count(), maybe(wall()), coin(), maybe(coin())};
    r.labels = {{"tier", r.key.domain.str().substr(0, 2)}};  // of the domain, not of the role
    r.own = r.key.domain.str().size() % 2 == 0;
    return share(std::move(r));
  }

  Record server() {
    ServerRecord r;
    r.key = {server_name(), static_cast<std::uint16_t>(coin() ? 25 : 587)};
    r.up = maybe(coin());
    r.probes = count();
    r.failures = failures();
    for (std::size_t i = 0; i < kPhaseCount; ++i) {
      if (coin()) r.phases.emplace_back(static_cast<Phase>(i), histogram());
    }
    for (unsigned i = 0; i < 3; ++i) {
      if (coin()) r.replies.push_back({static_cast<Phase>(i), "220", "none", count()});
    }
    if (coin()) r.tls.version = "TLSv1.3";
    r.tls.chain_ok = maybe(coin());
    r.tls.leaf_not_after = maybe(wall());
    return share(std::move(r));
  }

  Record address() {
    AddressRecord r;
    r.key = {server_name(), {Address::parse("192.0.2." + std::to_string(below(20))).value(), 25}};
    r.up = maybe(coin());
    if (coin()) r.cause = CauseFound{cause(), "4.4.2", Side::theirs};
    r.last_probe = maybe(wall());
    if (coin()) r.durations.emplace_back(Phase::connect, Duration(random_() % 1000000000));
    return share(std::move(r));
  }

  Record resolver() {
    ResolverRecord r;
    r.resolver = "127.0.0." + std::to_string(below(3)) + ":53";
    r.lookups = count();
    r.failures = failures();
    r.duration = histogram();
    return share(std::move(r));
  }

  Record egress() {
    EgressRecord r;
    r.key = {static_cast<std::uint16_t>(coin() ? 25 : 587), coin() ? mxhealth::Family::ipv4 : mxhealth::Family::ipv6};
    r.up = maybe(coin());
    r.canaries = below(21);
    r.canaries_up = below(12);
    return share(r);
  }

  Subject any_subject() {
    if (coin()) return Address::parse("192.0.2." + std::to_string(below(5))).value();
    return name("d" + std::to_string(below(5)) + ".example");
  }
  std::string list_name() { return "list" + std::to_string(below(3)); }

  Record listing() {
    ListingRecord r;
    r.key = {any_subject(), list_name()};
    r.allow_list = r.key.list == "list2";
    r.state = static_cast<ListingState>(below(5));
    if (r.state == ListingState::listed) r.weight = below(5) / 4.0;
    for (unsigned i = below(3); i > 0; --i) r.codes.push_back("127.0.0." + std::to_string(2 * i));
    if (coin()) r.trust = below(4);
    return share(std::move(r));
  }

  Record subject() {
    return share(SubjectRecord{{any_subject()}, coin() ? SubjectSource::target : SubjectSource::configured});
  }

  Record list() {
    ListRecord r;
    r.key = {list_name()};
    r.allow_list = r.key.list == "list2";
    r.weight = below(5) / 4.0;
    r.healthy = maybe(coin());
    r.lookups = count();
    for (const ListFailure failure : kListFailures) r.failures.emplace_back(failure, count());
    r.last_check = maybe(wall());
    return share(std::move(r));
  }

  Record policy() {
    PolicyRecord r;
    r.key = {name("d" + std::to_string(below(5)) + ".example"), kPolicies[below(6)]};
    r.facts.present = coin();
    if (r.facts.present) r.facts.mode = coin() ? "reject" : "none";
    if (coin()) r.facts.notes.push_back({static_cast<Gravity>(below(3)), "Something is odd."});
    if (r.key.policy == Policy::spf) r.facts.dns_lookups = maybe(below(20));
    if (r.key.policy == Policy::mta_sts) r.facts.not_after = maybe(wall());
    r.changes = count();
    r.last_check = maybe(wall());
    return share(std::move(r));
  }

  Record ptr() {
    PtrRecord r;
    r.key = {Address::parse("192.0.2." + std::to_string(below(5))).value()};
    r.source = static_cast<PtrSource>(below(3));
    r.valid = maybe(coin());
    return share(std::move(r));
  }

  std::mt19937_64 random_;
};

inline std::string joined(const Pages& pages) {
  std::string text;
  for (const auto& page : pages) text += page->text();
  return text;
}

}  // namespace mxhealth::metrics
