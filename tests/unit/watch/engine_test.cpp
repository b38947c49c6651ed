// Longer than other files, since one fixture serves every turn that this source can take.
#include "watch/engine_fixture.hpp"

namespace mxhealth::watch {
namespace {

TEST_F(EngineTest, from_a_target_to_its_records) {
  Host host(answer_ok, "127.0.0.2");
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {host.peer().address};
  use({target(kDomain, host.peer().port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::ok));
  const ServerKey server_key{name("mx.example.net"), host.peer().port};
  ASSERT_TRUE(run_until(io, [&] {
    const auto& domain = shown.domains.at({kDomain, Role::mx});
    return domain->cycles >= 2 && shown.servers.contains(server_key) && shown.servers.at(server_key)->probes >= 2;
  }));
  EXPECT_EQ(shown.servers.at(server_key)->up, true);
  const AddressKey address_key{server_key.server, host.peer()};
  ASSERT_TRUE(shown.addresses.contains(address_key));
  EXPECT_EQ(shown.addresses.at(address_key)->up, true);
  EXPECT_TRUE(shown.resolvers.contains(to_string(server.peer())));
  EXPECT_EQ(shown.ready, true);
  EXPECT_EQ(host.most_open(), 1);
}

TEST_F(EngineTest, targets_that_share_a_host_share_its_sessions) {
  Host host(answer_ok, "127.0.0.2");
  std::vector<config::Target> targets;
  for (int i = 0; i < 10; ++i) {
    const std::string domain = "d" + std::to_string(i) + ".example";
    zone.mx[domain] = {{10, "mx" + std::to_string(i % 2) + ".hoster.example"}};  // two names, one address
    targets.push_back(target(name(domain), host.peer().port, 60s));
  }
  for (const char* mx : {"mx0.hoster.example", "mx1.hoster.example"}) zone.a[mx] = {host.peer().address};
  use(std::move(targets));
  ASSERT_TRUE(run_until(
      io, [&] { return shown.ready == true; }, 15s));
  for (const auto& [key, domain] : shown.domains) EXPECT_EQ(domain->verdict, Verdict::ok);
  EXPECT_LE(host.sessions(), 2);  // one; a second where the other name's targets came later
  EXPECT_EQ(host.most_open(), 1);
  EXPECT_EQ(shown.servers.size(), 2U);
}

TEST_F(EngineTest, it_is_ready_when_every_target_has_its_first_result) {
  Host good(answer_ok, "127.0.0.2");
  Host slow(
      [](Talk& talk) {
        talk.silent_for(500ms);
        answer_ok(talk);
      },
      "127.0.0.3", good.peer().port);
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.mx["other.example"] = {{10, "mx.other.example"}};
  zone.a["mx.example.net"] = {good.peer().address};
  zone.a["mx.other.example"] = {slow.peer().address};
  use({target(kDomain, good.peer().port), target(kOther, good.peer().port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::ok));
  ASSERT_TRUE(run_until(io, [&] { return shown.ready.has_value(); }));
  EXPECT_EQ(verdict(kOther), Verdict::ok);
}

TEST_F(EngineTest, a_dead_host_is_confirmed_before_it_is_said) {
  const Peer nobody = closed_peer();
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {address("127.0.0.2")};
  use({target(kDomain, nobody.port)});
  ASSERT_TRUE(run_until(io, [&] { return verdict(kDomain).has_value(); }));
  EXPECT_EQ(verdict(kDomain), Verdict::unreachable);
  EXPECT_GE(shown.servers.at({name("mx.example.net"), nobody.port})->probes, 2U);
}

// --- reload

TEST_F(EngineTest, a_target_that_stays_keeps_its_counters_and_one_that_goes_loses_its_series_at_once) {
  Host host(answer_ok, "127.0.0.2");
  Host other(answer_ok, "127.0.0.3", host.peer().port);
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.mx["other.example"] = {{10, "mx.other.example"}};
  zone.a["mx.example.net"] = {host.peer().address};
  zone.a["mx.other.example"] = {other.peer().address};
  use({target(kDomain, host.peer().port), target(kOther, host.peer().port)});
  ASSERT_TRUE(run_until(io, [&] { return shown.ready == true && shown.domains.at({kDomain, Role::mx})->cycles >= 2; }));
  const std::uint64_t cycles = shown.domains.at({kDomain, Role::mx})->cycles;
  const std::uint64_t probes = shown.servers.at({name("mx.example.net"), host.peer().port})->probes;
  use({target(kDomain, host.peer().port)});
  run_for(io, 250ms);
  EXPECT_EQ(shown.domains.size(), 1U);
  EXPECT_EQ(shown.servers.size(), 1U);
  EXPECT_EQ(shown.addresses.size(), 1U);
  EXPECT_GE(shown.domains.at({kDomain, Role::mx})->cycles, cycles);
  EXPECT_GE(shown.servers.at({name("mx.example.net"), host.peer().port})->probes, probes);
  const int sessions = other.sessions();
  run_for(io, 800ms);
  EXPECT_EQ(other.sessions(), sessions);
  EXPECT_EQ(host.most_open(), 1);
}

TEST_F(EngineTest, a_target_removed_and_named_again_within_one_batch_is_not_gone) {
  Host host(answer_ok, "127.0.0.2");
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {host.peer().address};
  use({target(kDomain, host.peer().port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::ok));
  use({});
  use({target(kDomain, host.peer().port, 60s)});
  run_for(io, 150ms);
  EXPECT_TRUE(shown.domains.contains({kDomain, Role::mx}));
}

TEST_F(EngineTest, a_role_more_or_less_leaves_the_other_role_alone) {
  Host host(answer_ok, "127.0.0.2");
  Host submission(answer_ok, "127.0.0.2");
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = zone.a["smtp.example.net"] = {host.peer().address};
  const config::Target plain = target(kDomain, host.peer().port);
  use({plain});
  ASSERT_TRUE(run_until(io, [&] { return shown.ready == true && shown.domains.at({kDomain, Role::mx})->cycles >= 2; }));
  const std::uint64_t cycles = shown.domains.at({kDomain, Role::mx})->cycles;
  use({with_submission(plain, name("smtp.example.net"), submission.peer().port)});
  run_for(io, 150ms);
  ASSERT_TRUE(shown.domains.contains({kDomain, Role::mx}));
  EXPECT_GE(shown.domains.at({kDomain, Role::mx})->cycles, cycles);
  ASSERT_TRUE(run_until(io, [&] { return verdict(kDomain, Role::submission) == Verdict::ok; }));
  use({plain});
  EXPECT_TRUE(run_until(io, [&] { return !shown.domains.contains({kDomain, Role::submission}); }));
  ASSERT_TRUE(shown.domains.contains({kDomain, Role::mx}));
  EXPECT_GE(shown.domains.at({kDomain, Role::mx})->cycles, cycles);
  const ServerKey gone{name("smtp.example.net"), submission.peer().port};
  EXPECT_TRUE(run_until(io, [&] { return !shown.servers.contains(gone); }));
}

TEST_F(EngineTest, a_submission_host_that_is_no_longer_named_is_let_go_at_once) {
  Host first(answer_ok, "127.0.0.2");
  Host second(answer_ok, "127.0.0.3", first.peer().port);
  zone.a["a.example.net"] = {first.peer().address};
  zone.a["b.example.net"] = {second.peer().address};
  config::Target both = with_submission(target(kDomain, 1), name("a.example.net"), first.peer().port);
  both.walks.erase(both.walks.begin());
  config::Target one = both;
  both.walks.front().hosts.push_back(name("b.example.net"));
  use({both});
  ASSERT_TRUE(run_until(io, [&] { return shown.addresses.size() == 2; }));
  use({one});
  const ServerKey gone{name("b.example.net"), first.peer().port};
  EXPECT_TRUE(run_until(io, [&] { return shown.addresses.size() == 1 && !shown.servers.contains(gone); }));
}

TEST_F(EngineTest, what_may_no_longer_be_dialled_is_let_go_at_once) {
  Host host(answer_ok, "127.0.0.2");
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {host.peer().address};
  use({target(kDomain, host.peer().port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::ok));
  config.limits.non_public_targets = false;
  use({target(kDomain, host.peer().port)});
  EXPECT_TRUE(run_until(io, [&] { return shown.addresses.empty(); }));
  const int sessions = host.sessions();
  ASSERT_TRUE(reaches(kDomain, Verdict::unreachable));
  EXPECT_EQ(shown.domains.at({kDomain, Role::mx})->cause->cause, Cause::mx_not_public);
  EXPECT_EQ(host.sessions(), sessions);
}

TEST_F(EngineTest, a_resolver_that_is_no_longer_configured_loses_its_series) {
  Host host(answer_ok, "127.0.0.2");
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {host.peer().address};
  use({target(kDomain, host.peer().port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::ok));
  net::test::DnsServer second(io, [this](const Asked& asked) { return zone(asked); });
  config.resolvers = {second.peer()};
  use({target(kDomain, host.peer().port)});
  ASSERT_TRUE(run_until(io, [&] { return shown.resolvers.contains(to_string(second.peer())); }));
  run_for(io, 150ms);
  EXPECT_FALSE(shown.resolvers.contains(to_string(server.peer())));
}

TEST_F(EngineTest, a_set_that_moves_brings_new_sessions_and_keeps_the_old_series_for_a_while) {
  Host old_host(answer_ok, "127.0.0.2");
  Host new_host(answer_ok, "127.0.0.3", old_host.peer().port);
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {old_host.peer().address};
  use({target(kDomain, old_host.peer().port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::ok));
  zone.a["mx.example.net"] = {new_host.peer().address};
  use({target(kDomain, old_host.peer().port)});  // with a resolver that has nothing cached
  ASSERT_TRUE(run_until(io, [&] { return new_host.sessions() > 1; }));
  const int sessions = old_host.sessions();
  ASSERT_TRUE(run_until(io, [&] { return old_host.sessions() > sessions; }));
  EXPECT_TRUE(shown.addresses.contains({name("mx.example.net"), old_host.peer()}));
  EXPECT_TRUE(shown.addresses.contains({name("mx.example.net"), new_host.peer()}));
  EXPECT_EQ(verdict(kDomain), Verdict::ok);
}

TEST_F(EngineTest, a_reload_while_lookups_and_sessions_are_under_way_pulls_no_floor_away) {
  Host host([](Talk& talk) { talk.rest(); }, "127.0.0.2");
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {host.peer().address};
  use({target(kDomain, host.peer().port)});
  ASSERT_TRUE(run_until(io, [&] { return host.open() == 1; }));
  zone.silent = true;
  for (int i = 0; i < 5; ++i) {
    use({target(kDomain, host.peer().port)});
    run_for(io, 100ms);
  }
  use({});
  EXPECT_TRUE(run_until(io, [&] { return shown.domains.empty(); }));
  EXPECT_TRUE(shown.servers.empty());
  EXPECT_TRUE(shown.addresses.empty());
  ASSERT_TRUE(run_until(
      io, [&] { return host.open() == 0; }, 800ms));  // nobody waits for it any more
}

// --- drain

TEST_F(EngineTest, drained_it_ends_sessions_and_lookups_soon_and_counts_nothing_of_them) {
  Host host([](Talk& talk) { talk.rest(); }, "127.0.0.2");
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {host.peer().address};
  use({target(kDomain, host.peer().port)});
  ASSERT_TRUE(run_until(io, [&] { return host.open() == 1; }));
  zone.silent = true;
  ASSERT_TRUE(drains(900ms));
  EXPECT_FALSE(verdict(kDomain).has_value());
  const int sessions = host.sessions();
  run_for(io, 500ms);
  EXPECT_EQ(host.sessions(), sessions);
}

TEST_F(EngineTest, lookups_of_a_configuration_that_was_replaced_do_not_hold_up_a_drain) {
  zone.silent = true;
  config.global.timeouts.dns = 8s;
  use({target(kDomain, 25)});
  ASSERT_TRUE(run_until(io, [&] { return !server.asked.empty(); }));
  use({target(kDomain, 25)});
  EXPECT_TRUE(drains(2s));
}

TEST_F(EngineTest, idle_it_is_drained_at_once) {
  use({});
  EXPECT_TRUE(drains(500ms));
}

TEST_F(EngineTest, it_may_go_while_everything_is_under_way) {
  Host host([](Talk& talk) { talk.rest(); }, "127.0.0.2");
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {host.peer().address};
  use({target(kDomain, host.peer().port), target(kOther, host.peer().port)});
  ASSERT_TRUE(run_until(io, [&] { return host.open() == 1; }));
  zone.silent = true;
  use({target(kDomain, host.peer().port), target(kOther, host.peer().port)});
  run_for(io, 200ms);
  engine.reset();
}  // then the loop, with suspended coroutines in it; the sanitizer looks on

}  // namespace
}  // namespace mxhealth::watch
