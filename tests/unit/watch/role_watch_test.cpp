// Longer than other files, since one fixture serves every turn that this source can take.
#include "watch/role_watch.hpp"

#include "watch/fixture.hpp"

namespace mxhealth::watch {
namespace {

const ServerName kMx1 = name("mx1.example.net");
const ServerName kMx2 = name("mx2.example.net");
const Instant kBegin{Mono(1h), Wall(100h)};

class RoleWatchTest : public WatchTest {
 protected:
  RoleWatchTest() { role.use(walk(), settings()); }

  static config::Walk walk(TlsPolicy policy = TlsPolicy::opportunistic, std::uint16_t port = 25) {
    return {.role = Role::mx,
            .source = config::HostSource::mx_records,
            .hosts = {},
            .modules = {{.name = "mx", .role = Role::mx, .port = port, .tls = policy}}};
  }
  static RoleSettings settings() {
    return {
        .hold = {.probes = 2, .hold = 1h}, .rules = {.non_public = true}, .senders = {Sender::postfix, Sender::exim}};
  }

  static MxFacts mx(const std::vector<MxHost>& hosts) {
    MxFacts facts;
    facts.lookup.end = LookupEnd::records;
    facts.hosts = hosts;
    return facts;
  }
  static MxFacts failed_mx(LookupEnd end) {
    MxFacts facts;
    facts.lookup.end = end;
    return facts;
  }
  static HostFacts at(const std::vector<Address>& addresses) {
    HostFacts facts;
    facts.ipv4 = LookupFacts{.end = addresses.empty() ? LookupEnd::no_data : LookupEnd::records};
    facts.addresses = addresses;
    return facts;
  }
  static HostFacts failed_host(LookupEnd end) {
    HostFacts facts;
    facts.ipv4 = LookupFacts{.end = end};
    return facts;
  }

  /// All modules are on the port of the first host that is played.
  void use_port(std::uint16_t port, TlsPolicy policy = TlsPolicy::opportunistic) {
    role.use(walk(policy, port), settings());
  }
  void know(const std::shared_ptr<Endpoint>& one) { known[one->key()] = one; }
  FindEndpoint find() {
    return [this](const EndpointKey& key) -> const Endpoint* {
      const auto found = known.find(key);
      return found == known.end() ? nullptr : found->second.get();
    };
  }
  bool judge(ResolverHealth resolver = ResolverHealth::well, Wall now = kBegin.wall) {
    return role.judge(find(), resolver, now);
  }
  std::optional<Verdict> verdict() const { return role.record().verdict; }
  std::string forecast(Sender sender) const {
    for (const Forecast& one : role.record().forecasts)
      if (one.sender == sender) return std::string(label(one.outcome)) + " " + one.enhanced_status;
    return "none";
  }
  std::optional<Cause> cause() const {
    return role.record().cause ? std::optional(role.record().cause->cause) : std::nullopt;
  }

  RoleWatch role{{kDomain, Role::mx}, walk()};
  std::map<EndpointKey, std::shared_ptr<Endpoint>> known;
};

// --- what is asked for

TEST_F(RoleWatchTest, wishes_one_session_per_address_and_module) {
  EXPECT_TRUE(role.wishes({}).all.empty());
  role.take(mx({{10, kMx1}, {20, kMx2}}), kBegin);
  EXPECT_EQ(role.hosts(), (std::vector<ServerName>{kMx1, kMx2}));
  EXPECT_TRUE(role.wishes({}).all.empty());  // no addresses yet
  role.take(kMx1, at({address("127.0.0.2"), address("127.0.0.3")}), kBegin.mono);
  role.take(kMx2, at({address("127.0.0.2")}), kBegin.mono);
  const auto wishes = role.wishes({}).all;
  EXPECT_EQ(wishes.size(), 3U);
  EXPECT_TRUE(wishes.contains({{{address("127.0.0.2"), 25}, false}, kMx2}));
}

TEST_F(RoleWatchTest, localhost_and_our_own_addresses_are_never_dialled_and_read_as_a_loop) {
  role.take(mx({{10, name("localhost")}}), kBegin);
  EXPECT_TRUE(role.hosts().empty());
  EXPECT_TRUE(role.wishes({}).all.empty());
  ASSERT_TRUE(judge());
  EXPECT_EQ(verdict(), Verdict::unreachable);
  EXPECT_EQ(cause(), Cause::mx_loop);
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({address("127.0.0.1")}), kBegin.mono);
  EXPECT_TRUE(role.wishes({}).all.empty());
  judge();
  EXPECT_EQ(cause(), Cause::mx_loop);
}

TEST_F(RoleWatchTest, private_addresses_are_not_dialled_unless_allowed) {
  auto strict = settings();
  strict.rules.non_public = false;
  role.use(walk(), strict);
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({address("10.1.2.3")}), kBegin.mono);
  EXPECT_TRUE(role.wishes({}).all.empty());
  judge();
  EXPECT_EQ(verdict(), Verdict::unreachable);
  EXPECT_EQ(cause(), Cause::mx_not_public);
}

TEST_F(RoleWatchTest, a_domain_without_mx_is_its_own_host_and_without_address_has_its_own_cause) {
  MxFacts implicit = failed_mx(LookupEnd::no_data);
  implicit.implicit = true;
  implicit.hosts = {{0, kDomain}};
  role.take(implicit, kBegin);
  EXPECT_EQ(role.hosts(), std::vector<ServerName>{kDomain});
  role.take(kDomain, at({}), kBegin.mono);
  judge();
  EXPECT_EQ(verdict(), Verdict::unreachable);
  EXPECT_EQ(cause(), Cause::dns_no_address);
  EXPECT_EQ(role.record().mx->failures.size(), 7U);
  for (const auto& [which, count] : role.record().mx->failures) EXPECT_EQ(count, 0U);  // NODATA is no failure
}

TEST_F(RoleWatchTest, null_mx_takes_no_mail_and_counts_no_cycle) {
  MxFacts null = mx({});
  null.null_mx = true;
  role.take(null, kBegin);
  ASSERT_TRUE(judge());
  EXPECT_EQ(verdict(), Verdict::no_mail);
  EXPECT_FALSE(role.record().reachable.has_value());
  role.count_cycle(kBegin.wall);
  EXPECT_EQ(role.record().cycles, 0U);
  EXPECT_TRUE(role.record().servers.empty());
}

TEST_F(RoleWatchTest, beside_a_null_mx_hosts_are_probed_for_senders_that_try_them) {
  Host host(answer_ok, "127.0.0.2");
  use_port(host.peer().port);
  MxFacts mixed = mx({{10, kMx1}});
  mixed.null_mx = true;
  role.take(mixed, kBegin);
  EXPECT_EQ(role.hosts(), std::vector<ServerName>{kMx1});
  role.take(kMx1, at({host.peer().address}), kBegin.mono);
  EXPECT_EQ(role.wishes({}).all.size(), 1U);
  ASSERT_TRUE(judge());
  EXPECT_EQ(verdict(), Verdict::no_mail);
  EXPECT_EQ(forecast(Sender::postfix), "bounce 5.1.0");
  EXPECT_EQ(forecast(Sender::exim), "none") << "nothing is known of the host yet";
  know(probed(host.peer(), {kMx1}));
  EXPECT_FALSE(judge());
  EXPECT_EQ(forecast(Sender::exim), "deliver 2.0.0");
}

TEST_F(RoleWatchTest, only_the_first_servers_of_a_long_set_are_followed) {
  std::vector<MxHost> many;
  for (std::uint16_t i = 0; i < RoleWatch::kMaxServers + 5; ++i)
    many.push_back({i, name("m" + std::to_string(i) + ".example.net")});
  role.take(mx(many), kBegin);
  EXPECT_EQ(role.hosts().size(), RoleWatch::kMaxServers);
  EXPECT_EQ(role.servers_dropped(), 5U);
  judge();
  EXPECT_EQ(role.record().servers.size(), RoleWatch::kMaxServers);
}

TEST_F(RoleWatchTest, the_cap_of_addresses_is_told_and_keeps_who_is_probed) {
  std::vector<Address> many;
  for (int i = 10; i < 21; ++i) many.push_back(address("127.0.0." + std::to_string(i)));
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at(many), kBegin.mono);
  EXPECT_EQ(role.wishes({}).addresses_dropped, 3U);
  const std::set<Wish> current{{{{address("127.0.0.20"), 25}, false}, kMx1}};
  EXPECT_TRUE(role.wishes(current).all.contains(*current.begin()));
  EXPECT_EQ(role.wishes(current).all.size(), 8U);
}

TEST_F(RoleWatchTest, hosts_that_left_the_set_are_forgotten) {
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({address("127.0.0.2")}), kBegin.mono);
  role.take(mx({{10, kMx2}}), kBegin);
  EXPECT_TRUE(role.wishes({}).all.empty());
  role.take(mx({{10, kMx1}}), kBegin);
  EXPECT_TRUE(role.wishes({}).all.empty());  // to be looked up again
}

// --- what is counted about DNS

TEST_F(RoleWatchTest, lookups_and_failures_are_counted_and_changes_but_not_the_first_set) {
  role.take(mx({{10, kMx1}}), kBegin);
  EXPECT_EQ(role.record().mx->lookups, 1U);
  EXPECT_EQ(role.record().mx->set_changes, 0U);
  EXPECT_FALSE(role.record().mx->last_change.has_value());
  role.take(mx({{10, kMx1}}), kBegin);
  EXPECT_EQ(role.record().mx->set_changes, 0U);
  role.take(mx({{20, kMx1}}), {kBegin.mono, kBegin.wall + 1min});
  EXPECT_EQ(role.record().mx->set_changes, 1U);
  EXPECT_EQ(role.record().mx->last_change, kBegin.wall + 1min);
  role.take(failed_mx(LookupEnd::servfail), kBegin);
  EXPECT_TRUE(role.record().mx->held);
  EXPECT_EQ(role.record().mx->set_changes, 1U);  // a failure is no change
  for (const auto& [which, count] : role.record().mx->failures)
    EXPECT_EQ(count, which == Cause::dns_servfail ? 1U : 0U) << label(which);
  role.take(mx({{20, kMx1}}), kBegin);
  EXPECT_FALSE(role.record().mx->held);
  role.take(failed_mx(LookupEnd::nxdomain), kBegin);
  EXPECT_EQ(role.record().mx->set_changes, 2U);  // an answer, and the set is gone
}

// --- verdicts

TEST_F(RoleWatchTest, nothing_is_said_before_the_first_result_of_every_address) {
  Host host(answer_ok, "127.0.0.2");
  use_port(host.peer().port);
  EXPECT_FALSE(judge());
  role.take(mx({{10, kMx1}}), kBegin);
  EXPECT_FALSE(judge());
  role.take(kMx1, at({host.peer().address}), kBegin.mono);
  EXPECT_FALSE(judge());
  EXPECT_FALSE(verdict().has_value());
  role.count_cycle(kBegin.wall);
  EXPECT_EQ(role.record().cycles, 0U);
  know(probed(host.peer(), {kMx1}));
  EXPECT_TRUE(judge());
  EXPECT_EQ(verdict(), Verdict::ok);
  EXPECT_EQ(role.record().reachable, true);
  EXPECT_EQ(role.record().servers_up, 1U);
  EXPECT_EQ(role.record().since, kBegin.wall);
  EXPECT_FALSE(judge());  // nothing changed
}

TEST_F(RoleWatchTest, tells_what_senders_would_do) {
  Host host(greet_with("554 5.7.1 no"), "127.0.0.2");
  use_port(host.peer().port);
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({host.peer().address}), kBegin.mono);
  EXPECT_TRUE(role.record().forecasts.empty());
  EXPECT_FALSE(role.record().deferral_probability.has_value());
  know(probed(host.peer(), {kMx1}));
  judge();
  EXPECT_EQ(forecast(Sender::postfix), "defer 4.7.1");
  EXPECT_EQ(forecast(Sender::exim), "bounce 5.7.1");
  EXPECT_EQ(role.record().deferral_probability, 1);
  judge(ResolverHealth::down);
  EXPECT_EQ(forecast(Sender::postfix), "defer 4.7.1") << "the set is held";
}

TEST_F(RoleWatchTest, of_several_modules_the_one_whose_verdict_counts_is_forecast) {
  Host good(answer_ok, "127.0.0.2");
  Host bad(greet_with("450 4.3.2 later"), "127.0.0.2");
  config::Walk both = walk(TlsPolicy::opportunistic, good.peer().port);
  both.modules.push_back(both.modules.front());
  both.modules.back().port = bad.peer().port;
  role.use(both, settings());
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({good.peer().address}), kBegin.mono);
  know(probed(good.peer(), {kMx1}));
  know(probed(bad.peer(), {kMx1}));
  judge();
  EXPECT_EQ(verdict(), Verdict::tempfail);
  EXPECT_EQ(forecast(Sender::postfix), "defer 4.3.2");
}

TEST_F(RoleWatchTest, a_host_that_throttles_us_keeps_the_verdict_but_not_the_forecast) {
  std::atomic<int> session = 0;
  Host host([&](Talk& talk) { session++ == 0 ? answer_ok(talk) : greet_with("421 4.7.0 too many")(talk); },
            "127.0.0.2");
  use_port(host.peer().port);
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({host.peer().address}), kBegin.mono);
  const auto one = endpoint(host.peer(), {kMx1}, 100ms);
  one->begin(clock_now());
  ASSERT_TRUE(attempted(2));
  know(one);
  judge();
  EXPECT_EQ(verdict(), Verdict::ok);
  EXPECT_EQ(role.record().deferral_probability, 0);
  EXPECT_EQ(forecast(Sender::postfix), "defer 4.7.0");
}

TEST_F(RoleWatchTest, a_dead_best_host_beside_a_live_backup_degrades) {
  Host host(answer_ok, "127.0.0.3");
  use_port(host.peer().port);
  role.take(mx({{10, kMx1}, {20, kMx2}}), kBegin);
  role.take(kMx1, at({address("127.0.0.2")}), kBegin.mono);
  role.take(kMx2, at({host.peer().address}), kBegin.mono);
  know(probed({address("127.0.0.2"), host.peer().port}, {kMx1}));
  know(probed(host.peer(), {kMx2}));
  judge();
  EXPECT_EQ(verdict(), Verdict::degraded);
  EXPECT_EQ(cause(), Cause::connect_refused);
  EXPECT_EQ(role.record().servers_up, 1U);
  EXPECT_EQ(role.record().servers.size(), 2U);
}

TEST_F(RoleWatchTest, what_all_addresses_refuse_is_unreachable_and_counted) {
  const Peer nobody = closed_peer();
  use_port(nobody.port);
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({address("127.0.0.2")}), kBegin.mono);
  know(probed({address("127.0.0.2"), nobody.port}, {kMx1}));
  judge();
  EXPECT_EQ(verdict(), Verdict::unreachable);
  EXPECT_EQ(role.record().reachable, false);
  role.count_cycle(kBegin.wall + 1min);
  EXPECT_EQ(role.record().cycles, 1U);
  EXPECT_EQ(role.record().unreachable_cycles, 1U);
  EXPECT_EQ(role.record().last_cycle, kBegin.wall + 1min);
  EXPECT_FALSE(role.record().last_success.has_value());
}

TEST_F(RoleWatchTest, an_address_whose_state_we_lost_makes_it_undetermined_and_counters_stand_still) {
  Host host(answer_ok, "127.0.0.2");
  use_port(host.peer().port);
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({host.peer().address}), kBegin.mono);
  const auto one = probed(host.peer(), {kMx1});
  know(one);
  judge();
  role.count_cycle(kBegin.wall);
  EXPECT_EQ(role.record().cycles, 1U);
  config.global.source_addresses = {address("192.0.2.1")};  // is not ours: a local failure
  one->use(generation());
  one->begin(clock_now());
  ASSERT_TRUE(run_until(io, [&] { return one->confirmed(kMx1) == nullptr; }));
  judge(ResolverHealth::well, kBegin.wall + 1min);
  EXPECT_EQ(verdict(), Verdict::undetermined);
  EXPECT_EQ(role.record().reachable, true);  // keeps its last value
  EXPECT_TRUE(role.record().forecasts.empty());
  EXPECT_FALSE(role.record().deferral_probability.has_value());
  EXPECT_EQ(role.record().servers_up, 1U);
  role.count_cycle(kBegin.wall + 1min);
  EXPECT_EQ(role.record().cycles, 1U);
  EXPECT_EQ(role.record().unreachable_cycles, 0U);
  EXPECT_EQ(role.record().last_success, kBegin.wall);
}

TEST_F(RoleWatchTest, an_errand_that_cannot_come_about_does_not_hide_that_our_egress_is_lost) {
  Host host(
      [](Talk& talk) {
        talk.say("220 mx\r\n");
        talk.line();
        talk.say("250-mx\r\n250 STARTTLS\r\n");
        talk.line();
        talk.say("220 go\r\n");
      },
      "127.0.0.2");
  config::Walk inbox = walk(TlsPolicy::opportunistic, host.peer().port);
  inbox.modules[0].envelope = Envelope{.from = "", .to = "postmaster@example.net"};
  role.use(inbox, settings());
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({host.peer().address}), kBegin.mono);
  const auto one = endpoint(host.peer(), {kMx1});
  one->begin(clock_now());
  know(one);
  ASSERT_TRUE(attempted(2));
  judge();
  EXPECT_EQ(verdict(), Verdict::degraded);
  one->egress_lost();
  judge();
  EXPECT_EQ(verdict(), Verdict::undetermined);
  EXPECT_EQ(cause(), Cause::egress_blocked);
}

TEST_F(RoleWatchTest, a_host_that_we_have_no_route_to_is_left_out_while_there_is_another) {
  Host host(answer_ok, "127.0.0.2");
  use_port(host.peer().port);
  role.take(mx({{10, kMx1}, {20, kMx2}}), kBegin);
  role.take(kMx1, at({address("127.255.255.255")}), kBegin.mono);  // a broadcast address: ENETUNREACH
  role.take(kMx2, at({host.peer().address}), kBegin.mono);
  const auto lost = endpoint({address("127.255.255.255"), host.peer().port}, {kMx1});
  lost->begin(clock_now());
  ASSERT_TRUE(attempted(1));
  know(lost);
  know(probed(host.peer(), {kMx2}));
  judge();
  EXPECT_EQ(verdict(), Verdict::ok);
  role.take(mx({{10, kMx1}}), kBegin);
  judge();
  EXPECT_EQ(verdict(), Verdict::undetermined);
}

TEST_F(RoleWatchTest, a_set_beyond_the_cap_is_judged_by_the_addresses_that_are_probed) {
  Host host(answer_ok, "127.0.0.9");
  use_port(host.peer().port);
  auto narrow = settings();
  narrow.rules.per_server = 1;
  role.use(walk(TlsPolicy::opportunistic, host.peer().port), narrow);
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({address("127.0.0.9")}), kBegin.mono);
  know(probed(host.peer(), {kMx1}));
  judge();
  role.take(kMx1, at({address("127.0.0.2"), address("127.0.0.9")}), kBegin.mono);  // sorts before, is not probed
  judge();
  EXPECT_EQ(verdict(), Verdict::ok);
}

TEST_F(RoleWatchTest, and_its_unknown_state_is_said_though_the_cap_leaves_an_address_out) {
  Host host(answer_ok, "127.0.0.9");
  auto narrow = settings();
  narrow.rules.per_server = 1;
  role.use(walk(TlsPolicy::opportunistic, host.peer().port), narrow);
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({address("127.0.0.9")}), kBegin.mono);
  const auto one = probed(host.peer(), {kMx1});
  know(one);
  role.take(kMx1, at({address("127.0.0.2"), address("127.0.0.9")}), kBegin.mono);
  judge();
  config.global.source_addresses = {address("192.0.2.1")};
  one->use(generation());
  one->begin(clock_now());
  ASSERT_TRUE(run_until(io, [&] { return one->confirmed(kMx1) == nullptr; }));
  judge();
  EXPECT_EQ(verdict(), Verdict::undetermined);
}

TEST_F(RoleWatchTest, one_session_is_judged_under_each_targets_policy) {
  const auto leaf = tls::testing::self_signed(valid_today("mx1.example.net"));
  const Identity identity(leaf);
  Host host(with_tls(identity), "127.0.0.2");
  use_port(host.peer().port);
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({host.peer().address}), kBegin.mono);
  know(probed(host.peer(), {kMx1}));
  judge();
  EXPECT_EQ(verdict(), Verdict::ok);
  use_port(host.peer().port, TlsPolicy::verified);
  judge();
  EXPECT_EQ(verdict(), Verdict::tempfail);
  EXPECT_EQ(cause(), Cause::cert_untrusted);
}

// --- the set that is expected

class ExpectedMx : public RoleWatchTest {
 protected:
  static config::Walk expecting(std::vector<Name> names) {
    config::Walk one = walk();
    one.expected = std::move(names);
    return one;
  }
  std::optional<bool> matches(MxFacts facts) {
    role.take(std::move(facts), kBegin);
    return role.record().mx->matches_expected;
  }
};

TEST_F(ExpectedMx, is_compared_without_order_and_preference_once_the_set_is_known) {
  EXPECT_EQ(matches(mx({{10, kMx1}})), std::nullopt) << "nothing is expected";
  RoleWatch fresh({kDomain, Role::mx}, walk());
  fresh.use(expecting({kMx1}), settings());
  EXPECT_EQ(fresh.record().mx->matches_expected, std::nullopt) << "nothing is known";
  fresh.take(failed_mx(LookupEnd::servfail), kBegin);
  EXPECT_EQ(fresh.record().mx->matches_expected, std::nullopt);

  role.use(expecting({kMx1}), settings());
  EXPECT_EQ(role.record().mx->matches_expected, true) << "at a reload, from what is known";
  role.use(expecting({kMx2, kMx1}), settings());
  EXPECT_EQ(role.record().mx->matches_expected, false);
  EXPECT_EQ(matches(mx({{10, kMx1}, {20, kMx2}})), true);
  EXPECT_EQ(matches(mx({{5, kMx1}, {10, kMx1}, {10, kMx2}})), true);
  EXPECT_EQ(matches(mx({{10, kMx1}, {20, kMx2}, {30, name("mx3.example.net")}})), false);
  EXPECT_EQ(matches(mx({{10, kMx2}})), false);
  EXPECT_EQ(matches(failed_mx(LookupEnd::nxdomain)), false);
  matches(mx({{10, kMx1}, {20, kMx2}}));
  EXPECT_EQ(matches(failed_mx(LookupEnd::timed_out)), true) << "the set that is held";
}

TEST_F(ExpectedMx, takes_implicit_sets_null_mx_and_targets_that_are_no_names_for_what_they_are) {
  role.use(expecting({kDomain}), settings());
  MxFacts implicit = failed_mx(LookupEnd::no_data);
  implicit.implicit = true;
  implicit.hosts = {{0, kDomain}};
  EXPECT_EQ(matches(implicit), true);
  MxFacts null_too = mx({{10, kDomain}});
  null_too.null_mx = true;
  EXPECT_EQ(matches(null_too), false);
  MxFacts unusable = mx({{10, kDomain}});
  unusable.unusable_targets = 1;
  EXPECT_EQ(matches(unusable), false);
  MxFacts literal = mx({{10, kDomain}});
  literal.literals = {address("2001:db8::1")};
  EXPECT_EQ(matches(literal), false);
  role.use(expecting({kMx1}), settings());
  EXPECT_EQ(matches(implicit), false);
}

TEST_F(RoleWatchTest, another_literal_or_unusable_target_is_another_set) {
  MxFacts facts = mx({{10, kMx1}});
  role.take(facts, kBegin);
  facts.literals = {address("2001:db8::1")};
  role.take(facts, kBegin);
  EXPECT_EQ(role.record().mx->set_changes, 1U);
  facts.literals = {address("2001:db8::2")};
  role.take(facts, kBegin);
  EXPECT_EQ(role.record().mx->set_changes, 2U);
  facts.unusable_targets = 1;
  role.take(facts, kBegin);
  EXPECT_EQ(role.record().mx->set_changes, 3U);
}

// --- errands

TEST_F(RoleWatchTest, an_envelope_is_for_the_best_server_and_its_result_for_all_addresses_of_it) {
  Host host(answer_to_mail("550 5.7.1 not you\r\n"), "127.0.0.2");
  Host twin(answer_ok, "127.0.0.3", host.peer().port);
  config::Walk inbox = walk(TlsPolicy::opportunistic, host.peer().port);
  inbox.modules[0].envelope = Envelope{.from = "", .to = "postmaster@example.net"};
  role.use(inbox, settings());
  role.take(mx({{20, kMx1}, {10, kMx2}}), kBegin);
  role.take(kMx1, at({address("127.0.0.4")}), kBegin.mono);
  role.take(kMx2, at({host.peer().address, twin.peer().address}), kBegin.mono);
  const EndpointKey first{host.peer(), false};
  EXPECT_TRUE(role.errands_due({{address("127.0.0.4"), host.peer().port}, false}, {kMx1}, clock_now()).empty());
  EXPECT_TRUE(role.errands_due(first, {kMx1}, clock_now()).empty());
  EXPECT_EQ(role.errands_due({twin.peer(), false}, {kMx2}, clock_now()).size(), 1U) << "whichever comes first";

  role.take(mx({{10, kMx2}}), kBegin);
  know(probed(twin.peer(), {kMx2}));  // without the errand
  EXPECT_FALSE(judge());
  errands = role.errands_due(first, {kMx2}, clock_now());
  ASSERT_EQ(errands.size(), 1U);
  EXPECT_FALSE(judge()) << "the errand is pending";
  know(probed(host.peer(), {kMx2}));
  EXPECT_TRUE(judge());
  EXPECT_EQ(verdict(), Verdict::rejecting);
  EXPECT_EQ(cause(), Cause::sender_rejected);
  EXPECT_EQ(role.record().servers_up, 1U) << "EHLO was answered";
}

// --- when DNS fails

TEST_F(RoleWatchTest, a_failed_lookup_counts_when_confirmed_and_leaves_probes_and_series_alone) {
  Host host(answer_ok, "127.0.0.2");
  use_port(host.peer().port);
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({host.peer().address}), kBegin.mono);
  know(probed(host.peer(), {kMx1}));
  judge();
  EXPECT_FALSE(role.take(failed_mx(LookupEnd::servfail), {kBegin.mono + 1min, kBegin.wall}));
  judge();
  EXPECT_EQ(verdict(), Verdict::ok);
  EXPECT_TRUE(role.take(failed_mx(LookupEnd::servfail), {kBegin.mono + 2min, kBegin.wall}));
  judge();
  EXPECT_EQ(verdict(), Verdict::unreachable);  // the resolver is well, so it is theirs
  EXPECT_EQ(cause(), Cause::dns_servfail);
  EXPECT_EQ(role.wishes({}).all.size(), 1U);
  EXPECT_EQ(role.record().servers.size(), 1U);
  EXPECT_EQ(role.record().servers_up, 1U);
}

TEST_F(RoleWatchTest, while_our_resolver_is_down_a_held_set_is_judged_as_before) {
  Host host(answer_ok, "127.0.0.2");
  use_port(host.peer().port);
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({host.peer().address}), kBegin.mono);
  know(probed(host.peer(), {kMx1}));
  for (int i = 0; i < 3; ++i) {
    role.take(failed_mx(LookupEnd::timed_out), kBegin);
    role.take(kMx1, failed_host(LookupEnd::timed_out), kBegin.mono);
  }
  judge(ResolverHealth::down);
  EXPECT_EQ(verdict(), Verdict::ok);
  judge(ResolverHealth::unsure);
  EXPECT_EQ(verdict(), Verdict::ok);
}

TEST_F(RoleWatchTest, while_our_resolver_is_down_a_domain_without_a_held_set_is_undetermined) {
  for (int i = 0; i < 2; ++i) role.take(failed_mx(LookupEnd::timed_out), kBegin);
  judge(ResolverHealth::unsure);
  EXPECT_FALSE(verdict().has_value());  // too soon to tell
  judge(ResolverHealth::down);
  EXPECT_EQ(verdict(), Verdict::undetermined);
  EXPECT_EQ(cause(), Cause::resolver_unreachable);
  EXPECT_FALSE(role.record().reachable.has_value());
}

TEST_F(RoleWatchTest, a_host_without_held_addresses_is_undetermined_too_while_the_resolver_is_down) {
  role.take(mx({{10, kMx1}}), kBegin);
  for (int i = 0; i < 2; ++i) role.take(kMx1, failed_host(LookupEnd::timed_out), kBegin.mono);
  judge(ResolverHealth::down);
  EXPECT_EQ(verdict(), Verdict::undetermined);
  judge(ResolverHealth::well);
  EXPECT_EQ(verdict(), Verdict::unreachable);
  EXPECT_EQ(cause(), Cause::dns_timeout);
}

// --- a resolver that makes up addresses

class MadeUpAddresses : public RoleWatchTest {
 protected:
  static HostFacts rewritten(const std::vector<Address>& addresses) {
    HostFacts facts = failed_host(LookupEnd::rewritten);
    facts.ipv6 = LookupFacts{.end = LookupEnd::no_data};
    facts.made_up = addresses;
    return facts;
  }
  static Wish wish(const Address& one) { return {{{one, 25}, false}, kMx1}; }

  const Address forged = address("127.0.0.9");
};

TEST_F(MadeUpAddresses, are_not_dialled_and_leave_the_domain_undetermined) {
  role.take(mx({{10, kMx1}}), kBegin);
  for (int i = 0; i < 2; ++i) role.take(kMx1, rewritten({forged}), kBegin.mono);
  EXPECT_TRUE(role.wishes({}).all.empty());
  judge();
  EXPECT_EQ(verdict(), Verdict::undetermined);
  EXPECT_EQ(cause(), Cause::resolver_rewrites);
  EXPECT_EQ(role.record().cause->side, Side::ours);
  role.take(kMx1, at({}), kBegin.mono);  // it has ended
  judge();
  EXPECT_EQ(verdict(), Verdict::unreachable);
  EXPECT_EQ(cause(), Cause::mx_target_missing);
}

TEST_F(MadeUpAddresses, that_were_believed_once_are_let_go_and_genuine_ones_are_held) {
  role.take(mx({{10, kMx1}}), kBegin);
  role.take(kMx1, at({forged}), kBegin.mono);
  EXPECT_FALSE(role.is_made_up(wish(forged)));
  EXPECT_EQ(role.wishes({}).all.size(), 1U);
  role.take(kMx1, rewritten({forged}), kBegin.mono);
  EXPECT_TRUE(role.is_made_up(wish(forged)));
  EXPECT_TRUE(role.wishes({}).all.empty());

  role.take(kMx1, at({address("127.0.0.2")}), kBegin.mono);
  EXPECT_FALSE(role.is_made_up(wish(forged)));
  role.take(kMx1, rewritten({forged}), kBegin.mono);
  EXPECT_EQ(role.wishes({}).all.size(), 1U);
  EXPECT_FALSE(role.is_made_up(wish(address("127.0.0.2"))));
}

TEST_F(RoleWatchTest, named_hosts_need_no_mx) {
  Host host(answer_ok, "127.0.0.2");
  config::Walk named{
      .role = Role::submission,
      .source = config::HostSource::named_hosts,
      .hosts = {kMx2, kMx1},
      .modules = {
          {.name = "submission", .role = Role::submission, .port = host.peer().port, .tls = TlsPolicy::opportunistic}}};
  RoleWatch submission({kDomain, Role::submission}, named);
  submission.use(named, settings());
  EXPECT_FALSE(submission.asks_mx());
  EXPECT_FALSE(submission.record().mx.has_value());
  EXPECT_EQ(submission.hosts(), (std::vector<ServerName>{kMx1, kMx2}));
  submission.take(kMx1, at({host.peer().address}), kBegin.mono);
  submission.take(kMx2, failed_host(LookupEnd::nxdomain), kBegin.mono);
  know(probed(host.peer(), {kMx1}));
  EXPECT_TRUE(submission.judge(find(), ResolverHealth::well, kBegin.wall));
  EXPECT_EQ(submission.record().verdict, Verdict::degraded);
}

}  // namespace
}  // namespace mxhealth::watch
