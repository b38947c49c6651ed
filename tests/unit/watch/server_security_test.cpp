// What a server's record says of its certificates, side by side and against the policies of its domains.
#include <algorithm>

#include "watch/server_ledger.hpp"
#include "watch/transport_fixture.hpp"

namespace mxhealth::watch {
namespace {

const DomainName kOther = name("other.example");
const Mono kBegin{1h};

class ServerSecurity : public TransportTest {
 protected:
  ServerSecurity() {
    on_attempt = [this](const Endpoint& which, const SessionRun& run, const std::optional<CauseFound>& cause,
                        const std::vector<ServerName>&) { ledger.count(which, run, cause); };
  }
  std::shared_ptr<Endpoint> counted(Peer peer) {
    auto one = met(peer);
    ledger.add(*one);
    return one;
  }
  void tell(TlsaFacts facts, const DomainName& by = kDomain, Mono at = kBegin) {
    ledger.take(by, {.tlsa = std::move(facts), .names = {kMx, by}}, at);
  }
  void cover(std::optional<bool> covered, const DomainName& by = kDomain) {
    ledger.take(by, {.names = {kMx, by}, .sts_covered = covered}, kBegin);
  }
  ServerTls tls() const { return ledger.record().tls; }
  bool finds(Finding finding) const {
    const auto all = ledger.record().findings;
    return std::ranges::find(all, finding) != all.end();
  }

  ServerLedger ledger{{kMx, 25}};
};

// --- DANE

TEST_F(ServerSecurity, nothing_is_said_of_dane_before_a_domain_tells) {
  Host host(with_tls(identity));
  const auto one = counted(host.peer());
  EXPECT_EQ(tls().dane, std::nullopt);
  EXPECT_EQ(tls().dane_ok, std::nullopt);
  tell(unsigned_host());
  EXPECT_EQ(tls().dane, DaneState::none);
  EXPECT_EQ(tls().dane_ok, std::nullopt) << "DANE does not apply";
}

TEST_F(ServerSecurity, a_match_a_mismatch_and_what_cannot_be_used_are_told_apart) {
  Host host(with_tls(identity));
  const auto one = counted(host.peer());
  tell(published({tlsa(3, 1, 1, leaf)}));
  EXPECT_EQ(tls().dane, DaneState::secure_match);
  EXPECT_EQ(tls().dane_ok, true);
  tell(published({tlsa(3, 1, 1, next)}));
  EXPECT_EQ(tls().dane, DaneState::mismatch);
  EXPECT_EQ(tls().dane_ok, false);
  tell(published({tlsa(0, 0, 1, authority)}));
  EXPECT_EQ(tls().dane, DaneState::unusable);
  EXPECT_EQ(tls().dane_ok, std::nullopt);
  EXPECT_TRUE(finds(Finding::tlsa_unusable));
}

TEST_F(ServerSecurity, a_failed_lookup_is_told_even_before_the_server_was_met) {
  tell(failed(LookupEnd::servfail));
  EXPECT_EQ(tls().dane, DaneState::lookup_failed);
  EXPECT_EQ(tls().dane_ok, false);
  tell(published({tlsa(3, 1, 1, leaf)}));
  EXPECT_EQ(tls().dane, std::nullopt) << "records, and no certificate yet to hold against them";
}

TEST_F(ServerSecurity, a_server_without_tls_matches_no_record) {
  Host host(answer_ok);
  const auto one = counted(host.peer());
  tell(published({tlsa(3, 1, 1, leaf)}));
  EXPECT_EQ(tls().dane, DaneState::mismatch);
}

TEST_F(ServerSecurity, of_several_addresses_the_one_that_does_not_match_speaks) {
  Host first(with_tls(identity), "127.0.0.2");
  const Identity renewed(next);
  Host second(with_tls(renewed), "127.0.0.3");
  const auto one = counted(first.peer());
  tell(published({tlsa(3, 1, 1, leaf)}));
  EXPECT_EQ(tls().dane, DaneState::secure_match);
  const auto two = counted(second.peer());
  EXPECT_EQ(tls().dane, DaneState::mismatch);
  EXPECT_EQ(tls().cert_mismatch, true);
  EXPECT_TRUE(finds(Finding::cert_mismatch));
  tell(published({tlsa(3, 1, 1, leaf), tlsa(3, 1, 1, next)}));
  EXPECT_EQ(tls().dane, DaneState::secure_match);
  EXPECT_FALSE(finds(Finding::tlsa_unmatched)) << "each record has an address";
}

TEST_F(ServerSecurity, how_far_a_rollover_has_come_is_a_finding) {
  Host host(with_tls(identity));
  const auto one = counted(host.peer());
  tell(published({tlsa(3, 1, 1, leaf)}));
  EXPECT_TRUE(finds(Finding::tlsa_no_next_key));
  EXPECT_FALSE(finds(Finding::tlsa_unmatched));
  tell(published({tlsa(3, 1, 1, leaf), tlsa(3, 1, 1, next)}));
  EXPECT_FALSE(finds(Finding::tlsa_no_next_key));
  EXPECT_TRUE(finds(Finding::tlsa_unmatched));
  tell(published({tlsa(3, 1, 1, leaf), tlsa(1, 1, 1, next)}));
  EXPECT_FALSE(finds(Finding::tlsa_unmatched)) << "what nobody can use misses no certificate";
}

TEST_F(ServerSecurity, a_domain_without_signed_records_does_not_speak_for_one_that_trusts_them) {
  Host host(with_tls(identity));
  const auto one = counted(host.peer());
  tell(published({tlsa(3, 1, 1, leaf)}));
  tell(unsigned_host(), kOther, kBegin + 59min);
  EXPECT_EQ(tls().dane, DaneState::secure_match);
  tell(unsigned_host(), kOther, kBegin + 61min);
  EXPECT_EQ(tls().dane, DaneState::none) << "nobody has confirmed them for an hour";
  tell(published({tlsa(3, 1, 1, leaf)}), kDomain, kBegin + 61min);
  EXPECT_EQ(tls().dane, DaneState::secure_match);
  tell(unsigned_host(), kDomain, kBegin + 62min);
  EXPECT_EQ(tls().dane, DaneState::none) << "who told of them says that they are gone";
}

TEST_F(ServerSecurity, who_uses_the_server_no_more_takes_along_what_it_told) {
  Host host(with_tls(identity));
  const auto one = counted(host.peer());
  tell(published({tlsa(3, 1, 1, leaf)}));
  cover(false, kOther);
  ledger.forget(kOther);
  EXPECT_EQ(tls().mta_sts_ok, std::nullopt);
  EXPECT_EQ(tls().dane, DaneState::secure_match);
  ledger.forget(kDomain);
  EXPECT_EQ(tls().dane, std::nullopt);
}

// --- MTA-STS

TEST_F(ServerSecurity, an_enforced_policy_is_met_by_a_covered_name_and_a_trusted_certificate) {
  Host host(with_tls(identity));
  const auto one = counted(host.peer());
  EXPECT_EQ(tls().mta_sts_ok, std::nullopt);
  cover(true);
  EXPECT_EQ(tls().mta_sts_ok, true);
  cover(false, kOther);
  EXPECT_EQ(tls().mta_sts_ok, false) << "one of its domains does not name it";
  cover(std::nullopt, kOther);
  EXPECT_EQ(tls().mta_sts_ok, true) << "no longer enforced";
}

TEST_F(ServerSecurity, an_enforced_policy_is_not_met_by_a_certificate_that_nobody_vouches_for) {
  const auto own = tls::testing::self_signed(valid_today(kMx.str()));
  const Identity self_signed(own);
  Host host(with_tls(self_signed));
  const auto one = counted(host.peer());
  cover(true);
  EXPECT_EQ(tls().mta_sts_ok, false);
}

TEST_F(ServerSecurity, an_enforced_policy_is_not_met_without_tls_and_unknown_before_the_server_was_met) {
  cover(true);
  EXPECT_EQ(tls().mta_sts_ok, std::nullopt);
  Host host(answer_ok);
  const auto one = counted(host.peer());
  EXPECT_EQ(tls().mta_sts_ok, false);
}

// --- side by side

TEST_F(ServerSecurity, certificates_are_compared_once_two_addresses_have_shown_one) {
  Host first(with_tls(identity), "127.0.0.2");
  Host second(with_tls(identity), "127.0.0.3");
  const auto one = counted(first.peer());
  EXPECT_EQ(tls().cert_mismatch, std::nullopt);
  const auto two = counted(second.peer());
  EXPECT_EQ(tls().cert_mismatch, false);
}

TEST_F(ServerSecurity, the_oldest_version_of_tls_is_that_of_the_worst_address) {
  Identity old(leaf), newer(leaf);
  old.at_most(TLS1_2_VERSION);
  newer.at_most(TLS1_2_VERSION);
  SSL_CTX_set_min_proto_version(newer.native(), TLS1_1_VERSION);
  Host first(with_tls(newer), "127.0.0.2");
  Host second(with_tls(old), "127.0.0.3");
  oldest_tls_wanted = true;
  const auto one = counted(first.peer());
  ASSERT_TRUE(run_until(io, [&] { return one->oldest_tls().has_value(); }));
  EXPECT_EQ(tls().oldest_version, "TLSv1.1");
  EXPECT_TRUE(finds(Finding::accepts_tls_1_1));
  const auto two = counted(second.peer());
  ASSERT_TRUE(run_until(io, [&] { return two->oldest_tls().has_value(); }));
  EXPECT_EQ(tls().oldest_version, "TLSv1");
  EXPECT_TRUE(finds(Finding::accepts_tls_1_0));
  EXPECT_FALSE(finds(Finding::accepts_tls_1_1));
}

}  // namespace
}  // namespace mxhealth::watch
