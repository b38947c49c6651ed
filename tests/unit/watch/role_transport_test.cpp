// What DANE and MTA-STS make of a domain's route.
#include "watch/role_watch.hpp"
#include "watch/transport_fixture.hpp"

namespace mxhealth::watch {
namespace {

const ServerName kBackup = name("mx2.example.net");
constexpr std::string_view kAt = "127.0.0.2";  // 127.0.0.1 is a loop, never dialled for an MX record
const Instant kBegin{Mono(1h), Wall(100h)};

class RoleTransport : public TransportTest {
 protected:
  static config::Walk walk(std::uint16_t port, TlsPolicy policy = TlsPolicy::opportunistic) {
    return {.role = Role::mx,
            .source = config::HostSource::mx_records,
            .hosts = {},
            .modules = {{.name = "mx", .role = Role::mx, .port = port, .tls = policy}}};
  }
  void use(std::uint16_t port, TlsPolicy policy = TlsPolicy::opportunistic) {
    role.use(walk(port, policy),
             {.hold = {.probes = 2, .hold = 1h}, .rules = {.non_public = true}, .senders = {Sender::postfix}});
  }
  void take_mx(const std::vector<MxHost>& hosts, bool authenticated = true) {
    MxFacts facts;
    facts.lookup.end = LookupEnd::records;
    facts.lookup.authenticated = authenticated;
    facts.hosts = hosts;
    role.take(facts, kBegin);
  }
  void take_host(const ServerName& server, const Address& at) {
    HostFacts facts;
    facts.ipv4 = LookupFacts{.end = LookupEnd::records, .authenticated = true};
    facts.addresses = {at};
    role.take(server, facts, kBegin.mono);
  }
  /// A domain with one host, which has been met.
  std::shared_ptr<Endpoint> one_host(const Host& host, TlsPolicy policy = TlsPolicy::opportunistic) {
    use(host.peer().port, policy);
    take_mx({{10, kMx}});
    take_host(kMx, host.peer().address);
    return know(met(host.peer()));
  }
  std::shared_ptr<Endpoint> know(std::shared_ptr<Endpoint> one) {
    known[one->key()] = one;
    return one;
  }
  void take(TlsaFacts facts, const ServerName& server = kMx) {
    role.take({server, role.walk().modules.front().port}, std::move(facts), kBegin.mono);
  }
  /// "verdict cause"
  std::string judged(ResolverHealth resolver = ResolverHealth::well) {
    const FindEndpoint find = [this](const EndpointKey& key) -> const Endpoint* {
      const auto found = known.find(key);
      return found == known.end() ? nullptr : found->second.get();
    };
    role.judge(find, resolver, kBegin.wall);
    const DomainRecord& record = role.record();
    if (!record.verdict) return "nothing yet";
    return std::string(label(*record.verdict)) + (record.cause ? " " + std::string(label(record.cause->cause)) : "");
  }

  RoleWatch role{{kDomain, Role::mx}, walk(25)};
  std::map<EndpointKey, std::shared_ptr<Endpoint>> known;
};

// --- TLSA records: what is asked

TEST_F(RoleTransport, records_are_asked_for_where_the_mx_set_is_signed_and_tls_is_wanted) {
  use(25);
  take_mx({{10, kMx}}, false);
  take_host(kMx, address("127.0.0.2"));
  EXPECT_TRUE(role.tlsa_questions().empty()) << "an attacker could have named the host";
  take_mx({{10, kMx}});
  ASSERT_EQ(role.tlsa_questions().size(), 1U);
  EXPECT_EQ(role.tlsa_questions()[0].server, kMx);
  EXPECT_EQ(role.tlsa_questions()[0].port, 25);
  use(25, TlsPolicy::off);
  EXPECT_TRUE(role.tlsa_questions().empty());
}

TEST_F(RoleTransport, records_of_hosts_that_are_no_longer_asked_about_are_forgotten) {
  Host host(with_tls(identity), kAt);
  const auto one = one_host(host);
  take(published({tlsa(3, 1, 1, next)}));
  EXPECT_EQ(judged(), "at_risk dane_mismatch");
  role.keep_tlsa_of({});
  EXPECT_EQ(judged(), "ok");
}

// --- DANE

TEST_F(RoleTransport, a_host_whose_certificate_matches_is_well) {
  Host host(with_tls(identity), kAt);
  const auto one = one_host(host);
  EXPECT_EQ(judged(), "ok") << "nothing is known of records";
  take(published({tlsa(3, 1, 1, leaf)}));
  EXPECT_EQ(judged(), "ok");
  take(published({tlsa(2, 0, 1, authority)}));
  EXPECT_EQ(judged(), "at_risk dane_mismatch") << "the authority's certificate was not served";
}

TEST_F(RoleTransport, where_no_host_matches_some_senders_do_not_deliver) {
  Host host(with_tls(identity), kAt);
  const auto one = one_host(host);
  take(published({tlsa(3, 1, 1, next)}));
  EXPECT_EQ(judged(), "at_risk dane_mismatch");
}

TEST_F(RoleTransport, where_one_of_two_hosts_matches_they_deliver_to_that) {
  Host good(with_tls(identity), "127.0.0.2");
  const auto other_leaf = certificate(kBackup);
  const Identity other(other_leaf);
  Host bad(with_tls(other), "127.0.0.3", good.peer().port);
  use(good.peer().port);
  take_mx({{10, kMx}, {10, kBackup}});
  take_host(kMx, good.peer().address);
  take_host(kBackup, bad.peer().address);
  know(met(good.peer()));
  know(met(bad.peer(), {kBackup}));
  take(published({tlsa(3, 1, 1, leaf)}));
  take(published({tlsa(3, 1, 1, next)}), kBackup);
  EXPECT_EQ(judged(), "degraded dane_mismatch");
}

TEST_F(RoleTransport, a_host_without_tls_matches_no_record) {
  Host host(answer_ok, kAt);
  const auto one = one_host(host);
  EXPECT_EQ(judged(), "ok");
  take(published({tlsa(3, 1, 1, leaf)}));
  EXPECT_EQ(judged(), "at_risk dane_mismatch");
}

TEST_F(RoleTransport, records_that_nobody_can_use_or_trust_change_nothing) {
  Host host(with_tls(identity), kAt);
  const auto one = one_host(host);
  take(published({tlsa(1, 1, 1, next)}));
  EXPECT_EQ(judged(), "ok") << "unusable: TLS is demanded, and there";
  TlsaFacts insecure = published({tlsa(3, 1, 1, next)});
  insecure.authenticated = false;
  take(insecure);
  EXPECT_EQ(judged(), "ok");
  take(unsigned_host());
  EXPECT_EQ(judged(), "ok");
}

TEST_F(RoleTransport, a_failed_lookup_counts_once_it_is_confirmed) {
  Host host(with_tls(identity), kAt);
  const auto one = one_host(host);
  take(published({tlsa(3, 1, 1, leaf)}));
  take(failed(LookupEnd::servfail));
  EXPECT_EQ(judged(), "ok");
  take(failed(LookupEnd::servfail));
  EXPECT_EQ(judged(), "at_risk dane_lookup_failed");
  EXPECT_EQ(judged(ResolverHealth::down), "ok") << "our own resolver's fault: what was held counts";
  take(published({tlsa(3, 1, 1, leaf)}));
  EXPECT_EQ(judged(), "ok");
}

// Names that share an address, and not the certificate: until a session of its own name has told, nothing is held
// against the second.
TEST_F(RoleTransport, a_session_that_spoke_to_another_name_says_nothing_of_this_one) {
  std::atomic<int> session = 0;
  Host host(
      [&](Talk& talk) {
        if (session++ == 0) with_tls(identity)(talk);  // the one with the other name's SNI comes to nothing
      },
      kAt);
  use(host.peer().port);
  take_mx({{10, kBackup}});
  take_host(kBackup, host.peer().address);
  know(met(host.peer(), {kMx, kBackup}));
  take(published({tlsa(3, 1, 1, next)}), kBackup);
  role.take(policy("*.example.net"));
  EXPECT_EQ(judged(), "ok");
  role.take(policy("mx.example.net"));
  EXPECT_EQ(judged(), "at_risk mta_sts_mismatch") << "the policy does not name it, whatever it serves";
}

TEST_F(RoleTransport, a_session_of_its_own_name_tells) {
  Host host(with_tls(identity), kAt);
  use(host.peer().port);
  take_mx({{10, kBackup}});
  take_host(kBackup, host.peer().address);
  const auto one = know(met(host.peer(), {kMx, kBackup}));
  ASSERT_TRUE(run_until(io, [&] { return one->last_known(kBackup)->tls->sni == kBackup; }));
  role.take(policy("*.example.net"));
  EXPECT_EQ(judged(), "at_risk mta_sts_mismatch");
  role.take(std::nullopt);
  take(published({tlsa(3, 1, 1, next)}), kBackup);
  EXPECT_EQ(judged(), "at_risk dane_mismatch");
}

// --- MTA-STS

TEST_F(RoleTransport, an_enforced_policy_wants_its_hosts_named_and_verified) {
  Host host(with_tls(identity), kAt);
  const auto one = one_host(host);
  role.take(policy("mx.example.net"));
  EXPECT_EQ(judged(), "ok");
  role.take(policy("*.example.net"));
  EXPECT_EQ(judged(), "ok");
  role.take(policy("mx.example.org"));
  EXPECT_EQ(judged(), "at_risk mta_sts_mismatch");
  role.take(policy("mx.example.org", StsMode::testing));
  EXPECT_EQ(judged(), "ok") << "reported by senders, not enforced";
  role.take(policy("mx.example.org", StsMode::none));
  EXPECT_EQ(judged(), "ok");
  role.take(std::nullopt);
  EXPECT_EQ(judged(), "ok");
}

TEST_F(RoleTransport, an_enforced_policy_fails_with_a_certificate_that_nobody_vouches_for) {
  const auto own = tls::testing::self_signed(valid_today(kMx.str()));
  const Identity self_signed(own);
  Host host(with_tls(self_signed), kAt);
  const auto one = one_host(host);
  EXPECT_EQ(judged(), "ok");
  role.take(policy("mx.example.net"));
  EXPECT_EQ(judged(), "at_risk mta_sts_mismatch");
}

TEST_F(RoleTransport, an_enforced_policy_fails_with_a_certificate_for_another_name) {
  const auto others_leaf = certificate(kBackup);
  const Identity others(others_leaf);
  Host host(with_tls(others), kAt);
  const auto one = one_host(host);
  role.take(policy("mx.example.net"));
  EXPECT_EQ(judged(), "at_risk mta_sts_mismatch");
}

TEST_F(RoleTransport, an_enforced_policy_fails_without_tls_unless_the_operator_turned_it_off) {
  Host host(answer_ok, kAt);
  const auto one = one_host(host);
  role.take(policy("mx.example.net"));
  EXPECT_EQ(judged(), "at_risk mta_sts_mismatch");
  use(host.peer().port, TlsPolicy::off);
  EXPECT_EQ(judged(), "ok") << "no session tried it: nothing can be said";
}

TEST_F(RoleTransport, a_host_that_nobody_has_met_yet_is_not_judged) {
  use(25);
  take_mx({{10, kMx}});
  take_host(kMx, address("127.0.0.2"));
  take(published({tlsa(3, 1, 1, leaf)}));
  role.take(policy("mx.example.org"));
  EXPECT_EQ(judged(), "nothing yet");
}

// --- what servers are told

TEST_F(RoleTransport, servers_are_told_of_records_of_names_and_whether_an_enforced_policy_covers_them) {
  use(25);
  take_mx({{10, kMx}});
  take_host(kMx, address("127.0.0.2"));
  const ServerKey key{kMx, 25};
  EXPECT_FALSE(role.transports().at(key).tlsa.secure_host);
  EXPECT_EQ(role.transports().at(key).sts_covered, std::nullopt);
  EXPECT_EQ(role.transports().at(key).names, (std::vector<Name>{kMx, kDomain}));
  TlsaFacts of_alias = published({tlsa(3, 1, 1, leaf)});
  of_alias.base = name("host.example.org");
  take(of_alias);
  EXPECT_EQ(role.transports().at(key).tlsa, of_alias);
  EXPECT_EQ(role.transports().at(key).names, (std::vector<Name>{kMx, name("host.example.org"), kDomain}));
  role.take(policy("mx.example.org"));
  EXPECT_EQ(role.transports().at(key).sts_covered, false);
  role.take(policy("*.example.net"));
  EXPECT_EQ(role.transports().at(key).sts_covered, true);
  role.take(policy("*.example.net", StsMode::testing));
  EXPECT_EQ(role.transports().at(key).sts_covered, std::nullopt);
}

}  // namespace
}  // namespace mxhealth::watch
