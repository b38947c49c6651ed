#include "watch/server_ledger.hpp"

#include "watch/fixture.hpp"

namespace mxhealth::watch {
namespace {

const ServerName kServer = name("mx.example.net");

class LedgerTest : public WatchTest {
 protected:
  LedgerTest() {
    on_attempt = [this](const Endpoint& which, const SessionRun& run, const std::optional<CauseFound>& cause,
                        const std::vector<ServerName>&) { ledger.count(which, run, cause); };
  }
  std::shared_ptr<Endpoint> counted(Peer peer, Duration interval = 60s) {
    auto one = endpoint(peer, {kServer}, interval);
    ledger.add(*one);
    one->begin(clock_now());
    return one;
  }
  std::uint64_t failures(Cause cause) const {
    for (const auto& [which, count] : ledger.record().failures)
      if (which == cause) return count;
    ADD_FAILURE() << "no counter for " << label(cause);
    return 0;
  }

  ServerLedger ledger{{kServer, 25}};
};

TEST_F(LedgerTest, every_cause_that_can_come_is_counted_from_zero) {
  const ServerRecord record = ledger.record();
  EXPECT_EQ(record.probes, 0U);
  EXPECT_FALSE(record.up.has_value());
  for (const Cause cause :
       {Cause::connect_timeout,      Cause::connect_refused,    Cause::host_unreachable, Cause::connect_reset,
        Cause::closed_before_banner, Cause::banner_timeout,     Cause::dialogue_timeout, Cause::connection_lost,
        Cause::banner_tempfail,      Cause::ehlo_tempfail,      Cause::throttled,        Cause::banner_rejected,
        Cause::ehlo_rejected,        Cause::protocol_error,     Cause::reply_too_long,   Cause::tls_handshake_failed,
        Cause::tls_timeout,          Cause::starttls_injection, Cause::local_resource,   Cause::local_policy})
    EXPECT_EQ(failures(cause), 0U);
  for (const auto& [cause, count] : record.failures) EXPECT_NE(class_of(cause), CauseClass::dns);
}

TEST_F(LedgerTest, counts_every_attempt_while_gauges_wait_for_confirmation) {
  const auto one = counted(closed_peer());
  ASSERT_TRUE(attempted(1));
  EXPECT_EQ(ledger.record().probes, 1U);
  EXPECT_EQ(failures(Cause::connect_refused), 1U);
  EXPECT_FALSE(ledger.up().has_value());
  EXPECT_FALSE(address_record(kServer, *one).up.has_value());
  EXPECT_TRUE(address_record(kServer, *one).last_probe.has_value());
  ASSERT_TRUE(attempted(2));
  EXPECT_EQ(failures(Cause::connect_refused), 2U);
  EXPECT_EQ(ledger.up(), false);
  const AddressRecord address = address_record(kServer, *one);
  EXPECT_EQ(address.up, false);
  EXPECT_EQ(address.cause->cause, Cause::connect_refused);
  EXPECT_TRUE(address.since.has_value());
}

TEST_F(LedgerTest, durations_and_replies_are_kept_by_phase) {
  Host host(greet_with("554 5.7.1 no"));
  const auto one = counted(host.peer());
  ASSERT_TRUE(attempted(1));
  const ServerRecord record = ledger.record();
  ASSERT_EQ(record.replies.size(), 1U);
  EXPECT_EQ(record.replies[0].phase, Phase::banner);
  EXPECT_EQ(record.replies[0].code, "554");
  EXPECT_EQ(record.replies[0].enhanced_status, "5.7.1");
  EXPECT_EQ(record.replies[0].count, 1U);
  std::set<Phase> seen;
  for (const auto& [phase, histogram] : record.phases) seen.insert(phase);
  EXPECT_TRUE(seen.contains(Phase::connect));
  EXPECT_TRUE(seen.contains(Phase::banner));
  EXPECT_FALSE(seen.contains(Phase::ehlo));
}

TEST_F(LedgerTest, no_text_of_a_server_becomes_a_label) {
  Host host(greet_with("599 5.999.77 \"} 1\\n"));
  const auto one = counted(host.peer());
  ASSERT_TRUE(attempted(1));
  ASSERT_EQ(ledger.record().replies.size(), 1U);
  EXPECT_EQ(ledger.record().replies[0].code, "other");
  EXPECT_EQ(ledger.record().replies[0].enhanced_status, "other");
}

TEST_F(LedgerTest, one_address_that_answers_is_enough_to_be_up) {
  Host host(answer_ok, "127.0.0.2");
  const auto bad = counted(closed_peer());
  const auto good = counted(host.peer());
  ASSERT_TRUE(attempted(3));
  EXPECT_EQ(ledger.up(), true);
}

TEST_F(LedgerTest, certificate_dates_survive_failures_and_the_earliest_address_counts) {
  auto wishes = valid_today("mx.example.net");
  const Wall late = wishes.until;
  wishes.until = late - std::chrono::hours(48);
  const auto early_leaf = tls::testing::self_signed(wishes);
  const auto late_wishes = valid_today("mx.example.net");
  const auto late_leaf = tls::testing::self_signed(late_wishes);
  const Identity early(early_leaf), later(late_leaf);
  std::atomic<bool> broken = false;
  Host first(
      [&](Talk& talk) {
        if (!broken) with_tls(early)(talk);
      },
      "127.0.0.2");
  Host second(with_tls(later), "127.0.0.3");
  const auto one = counted(first.peer(), 200ms);
  const auto two = counted(second.peer());
  ASSERT_TRUE(run_until(io, [&] { return one->latest() != nullptr && two->latest() != nullptr; }));
  ServerTls tls = ledger.record().tls;
  EXPECT_EQ(tls.leaf_not_after, wishes.until);
  EXPECT_EQ(tls.chain_not_after, wishes.until);
  EXPECT_EQ(tls.handshake_success, true);
  EXPECT_EQ(tls.chain_ok, false);  // of an authority that nobody trusts
  EXPECT_EQ(tls.hostname_ok, true);
  EXPECT_EQ(tls.starttls_advertised, true);
  const auto last_handshake = tls.last_handshake;
  broken = true;
  ASSERT_TRUE(run_until(io, [&] {
    const SessionRun* run = one->confirmed(kServer);
    return run != nullptr && run->ending == Ending::peer_closed;
  }));
  tls = ledger.record().tls;
  EXPECT_EQ(tls.leaf_not_after, wishes.until);
  EXPECT_TRUE(tls.last_handshake.has_value());
  EXPECT_GE(*tls.last_handshake, *last_handshake);
}

TEST_F(LedgerTest, an_address_that_leaves_takes_its_facts_unless_it_was_the_last) {
  auto wishes = valid_today("mx.example.net");
  wishes.until -= std::chrono::hours(48);
  const auto early_leaf = tls::testing::self_signed(wishes);
  const auto late_wishes = valid_today("mx.example.net");
  const auto late_leaf = tls::testing::self_signed(late_wishes);
  const Identity early(early_leaf), later(late_leaf);
  Host first(with_tls(early), "127.0.0.2");
  Host second(with_tls(later), "127.0.0.3");
  auto one = counted(first.peer());
  auto two = counted(second.peer());
  ASSERT_TRUE(attempted(2));
  ledger.remove(*one);
  one.reset();
  EXPECT_EQ(ledger.record().tls.leaf_not_after, late_wishes.until);
  ledger.remove(*two);
  two.reset();
  EXPECT_EQ(ledger.record().tls.leaf_not_after, late_wishes.until);
  EXPECT_FALSE(ledger.has_endpoints());
  EXPECT_EQ(ledger.record().probes, 2U);
}

TEST_F(LedgerTest, dns_times_have_a_phase_of_their_own) {
  ledger.observe_dns(30ms);
  const ServerRecord record = ledger.record();
  ASSERT_EQ(record.phases.size(), 1U);
  EXPECT_EQ(record.phases[0].first, Phase::dns);
  EXPECT_DOUBLE_EQ(record.phases[0].second.sum, .03);
}

}  // namespace
}  // namespace mxhealth::watch
