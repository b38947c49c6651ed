// Whole engines with canaries, whose hosts come and go: a port that is closed everywhere at once looks blocked.
#include "watch/egress_watch.hpp"

#include "watch/engine_fixture.hpp"

namespace mxhealth::watch {
namespace {

class EgressWatchTest : public EngineTest {
 protected:
  EgressWatchTest() {
    zone.mx["example.net"] = {{10, "mx.example.net"}};
    zone.mx["other.example"] = {{10, "mx.other.example"}};
    zone.a["mx.example.net"] = {address("127.0.0.2")};
    zone.a["mx.other.example"] = {address("127.0.0.3")};
    zone.a["a.canary.example"] = {address("127.0.0.4")};
    zone.a["b.canary.example"] = {address("127.0.0.5")};
    config.global.families = config::Families::ipv4;
    config.canaries = {{name("a.canary.example"), port}, {name("b.canary.example"), port}};
  }
  void open(std::string_view at) {
    hosts.erase(std::string(at));
    hosts[std::string(at)] = std::make_unique<Host>(answer_ok, at, port);
  }
  void open_all() {
    for (const char* at : {"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"}) open(at);
  }
  void cut() { hosts.clear(); }
  const EgressRecord* egress() const {
    const auto found = shown.egress.find({port, Family::ipv4});
    return found == shown.egress.end() ? nullptr : found->second.get();
  }
  bool egress_becomes(std::optional<bool> up) {
    return run_until(io, [&] { return egress() != nullptr && egress()->up == up; });
  }
  std::uint64_t failures(const ServerName& who, Cause cause) const {
    for (const auto& [counted, count] : shown.servers.at({who, port})->failures)
      if (counted == cause) return count;
    return 0;
  }

  std::uint16_t port = closed_peer().port;
  std::map<std::string, std::unique_ptr<Host>> hosts;
};

TEST_F(EgressWatchTest, canaries_are_dialled_and_have_no_series_of_their_own) {
  open_all();
  use({target(kDomain, port)});
  ASSERT_TRUE(run_until(io, [&] { return egress() != nullptr && egress()->canaries_up == 2; }));
  EXPECT_EQ(egress()->up, true);
  EXPECT_EQ(egress()->canaries, 2U);
  ASSERT_TRUE(reaches(kDomain, Verdict::ok));
  EXPECT_EQ(shown.servers.size(), 1U);
  EXPECT_EQ(shown.addresses.size(), 1U);
  ASSERT_TRUE(run_until(io, [&] { return hosts.at("127.0.0.4")->sessions() >= 2; })) << "once per interval";
  EXPECT_EQ(hosts.at("127.0.0.4")->most_open(), 1);
}

TEST_F(EgressWatchTest, a_blocked_port_makes_targets_undetermined_and_nothing_else) {
  open_all();
  use({target(kDomain, port), target(kOther, port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::ok));
  ASSERT_TRUE(reaches(kOther, Verdict::ok));
  const ServerName mx = name("mx.example.net");
  const std::uint64_t refused = failures(mx, Cause::connect_refused);
  cut();
  ASSERT_TRUE(reaches(kDomain, Verdict::undetermined));
  ASSERT_TRUE(reaches(kOther, Verdict::undetermined));
  EXPECT_EQ(egress()->up, false);
  EXPECT_EQ(egress()->canaries_up, 0U);
  const auto& domain = shown.domains.at({kDomain, Role::mx});
  EXPECT_EQ(domain->cause->cause, Cause::egress_blocked);
  EXPECT_EQ(domain->cause->side, Side::ours);
  EXPECT_EQ(domain->reachable, true) << "the last value";
  const std::uint64_t cycles = domain->cycles;
  run_for(io, 900ms);
  EXPECT_EQ(shown.domains.at({kDomain, Role::mx})->cycles, cycles);
  EXPECT_EQ(shown.domains.at({kDomain, Role::mx})->unreachable_cycles, 0U);
  EXPECT_EQ(failures(mx, Cause::connect_refused), refused);
  EXPECT_GT(failures(mx, Cause::egress_blocked), 0U);
  EXPECT_EQ(shown.servers.at({mx, port})->up, true);
  const AddressRecord& address = *shown.addresses.at({mx, {zone.a["mx.example.net"].front(), port}});
  EXPECT_EQ(address.up, true);
  EXPECT_EQ(address.cause->cause, Cause::egress_blocked);
  open_all();
  ASSERT_TRUE(reaches(kDomain, Verdict::ok));
  ASSERT_TRUE(reaches(kOther, Verdict::ok));
  EXPECT_EQ(egress()->up, true);
  EXPECT_FALSE(shown.domains.at({kDomain, Role::mx})->cause);
}

TEST_F(EgressWatchTest, who_was_being_talked_to_when_the_port_was_blocked_is_undetermined_too) {
  config.global.timeouts.reply = config.global.timeouts.session = 5s;
  open_all();
  std::atomic<int> sessions = 0;
  hosts.erase("127.0.0.2");
  hosts["127.0.0.2"] = std::make_unique<Host>(
      [&sessions](Talk& talk) {
        if (sessions++ == 0) return answer_ok(talk);
        talk.say("220 mx\r\n");
        talk.rest();
      },
      "127.0.0.2", port);
  use({target(kDomain, port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::ok));
  ASSERT_TRUE(run_until(io, [&] { return sessions == 2; }));
  hosts.erase("127.0.0.4");
  hosts.erase("127.0.0.5");
  ASSERT_TRUE(run_until(
      io, [&] { return verdict(kDomain) == Verdict::undetermined; }, 3s));
  open_all();
  ASSERT_TRUE(egress_becomes(true));
}

TEST_F(EgressWatchTest, a_port_that_is_blocked_from_the_start_blames_nobody) {
  use({target(kDomain, port)});
  ASSERT_TRUE(run_until(io, [&] { return verdict(kDomain).has_value(); }));
  EXPECT_EQ(verdict(kDomain), Verdict::undetermined);
  EXPECT_EQ(egress()->up, false);
  EXPECT_TRUE(run_until(io, [&] { return shown.ready == true; }));
  EXPECT_FALSE(shown.servers.at({name("mx.example.net"), port})->up);
  open_all();
  EXPECT_TRUE(reaches(kDomain, Verdict::ok));
}

TEST_F(EgressWatchTest, a_dead_target_is_unreachable_while_canaries_are_well) {
  open_all();
  use({target(kDomain, port), target(kOther, port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::ok));
  ASSERT_TRUE(reaches(kOther, Verdict::ok));
  hosts.erase("127.0.0.2");
  ASSERT_TRUE(run_until(io, [&] { return verdict(kDomain) != Verdict::ok; }));
  EXPECT_EQ(verdict(kDomain), Verdict::unreachable);
  EXPECT_EQ(verdict(kOther), Verdict::ok);
  EXPECT_EQ(egress()->up, true);
  run_for(io, 900ms);
  EXPECT_EQ(verdict(kDomain), Verdict::unreachable);
}

TEST_F(EgressWatchTest, canaries_are_asked_at_once_when_a_failure_is_in_doubt_but_not_ever_again) {
  config.global.interval = 24h;  // of the canaries, whose turn must not come meanwhile; the target's is its own
  open_all();
  use({target(kDomain, port)});
  ASSERT_TRUE(run_until(io, [&] { return verdict(kDomain) == Verdict::ok && egress()->canaries_up == 2; }));
  EXPECT_EQ(hosts.at("127.0.0.4")->sessions(), 1);
  hosts.erase("127.0.0.2");
  ASSERT_TRUE(run_until(
      io, [&] { return verdict(kDomain) != Verdict::ok; }, EgressWatch::kAskEvery + 5s));
  EXPECT_EQ(verdict(kDomain), Verdict::unreachable);
  run_for(io, EgressWatch::kAskEvery + 500ms);  // one canary's word is enough; the other's turn may still be to come
  const int sessions = hosts.at("127.0.0.4")->sessions();
  EXPECT_LE(sessions, 2);
  run_for(io, EgressWatch::kAskEvery + 500ms);
  EXPECT_EQ(verdict(kDomain), Verdict::unreachable);
  EXPECT_EQ(hosts.at("127.0.0.4")->sessions(), sessions) << "what is known to be dead asks nobody";
}

TEST_F(EgressWatchTest, what_was_dead_before_is_dead_again_at_once_when_egress_is_back) {
  open_all();
  hosts.erase("127.0.0.2");
  use({target(kDomain, port), target(kOther, port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::unreachable));
  cut();
  ASSERT_TRUE(reaches(kDomain, Verdict::undetermined));
  ASSERT_TRUE(reaches(kOther, Verdict::undetermined));
  for (const char* at : {"127.0.0.3", "127.0.0.4", "127.0.0.5"}) open(at);
  ASSERT_TRUE(run_until(io, [&] { return verdict(kDomain) != Verdict::undetermined; }));
  EXPECT_EQ(verdict(kDomain), Verdict::unreachable);
  EXPECT_TRUE(reaches(kOther, Verdict::ok));
}

TEST_F(EgressWatchTest, without_canaries_a_blocked_port_looks_like_dead_hosts) {
  config.canaries.clear();
  open_all();
  use({target(kDomain, port)});
  ASSERT_TRUE(egress_becomes(true));
  EXPECT_EQ(egress()->canaries, 0U);
  cut();
  ASSERT_TRUE(reaches(kDomain, Verdict::unreachable));
  EXPECT_EQ(egress()->up, true);
}

TEST_F(EgressWatchTest, before_anything_connected_and_without_canaries_nothing_is_said) {
  config.canaries.clear();
  use({target(kDomain, port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::unreachable));
  ASSERT_NE(egress(), nullptr);
  EXPECT_FALSE(egress()->up.has_value());
}

TEST_F(EgressWatchTest, a_canary_that_is_a_target_too_shares_its_sessions) {
  zone.a["a.canary.example"] = zone.a["mx.example.net"];
  open_all();
  use({target(kDomain, port)});
  ASSERT_TRUE(run_until(io, [&] { return verdict(kDomain) == Verdict::ok && egress()->canaries_up == 2; }));
  run_for(io, 900ms);
  EXPECT_EQ(hosts.at("127.0.0.2")->most_open(), 1);
  EXPECT_EQ(hosts.at("127.0.0.4")->sessions(), 0);
  use({});  // the target goes, the canary stays
  EXPECT_TRUE(run_until(io, [&] { return shown.addresses.empty(); }));
  const int sessions = hosts.at("127.0.0.2")->sessions();
  EXPECT_TRUE(run_until(io, [&] { return hosts.at("127.0.0.2")->sessions() > sessions + 1; }));
}

TEST_F(EgressWatchTest, canaries_that_a_reload_takes_away_are_left_alone_and_lose_their_say) {
  open_all();
  use({target(kDomain, port)});
  ASSERT_TRUE(run_until(io, [&] { return egress() != nullptr && egress()->canaries_up == 2; }));
  cut();
  ASSERT_TRUE(reaches(kDomain, Verdict::undetermined));
  config.canaries.resize(1);
  use({target(kDomain, port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::unreachable)) << "one canary alone proves nothing";
  EXPECT_EQ(egress()->canaries, 1U);
  config.canaries.clear();
  open_all();
  use({});
  ASSERT_TRUE(run_until(io, [&] { return shown.egress.empty(); }));
  run_for(io, 600ms);
  EXPECT_EQ(hosts.at("127.0.0.4")->sessions(), 0);
}

TEST_F(EgressWatchTest, a_canary_without_an_address_is_none) {
  zone.a.erase("b.canary.example");
  open_all();
  use({target(kDomain, port)});
  ASSERT_TRUE(run_until(io, [&] { return egress() != nullptr && egress()->canaries_up == 1; }));
  EXPECT_EQ(egress()->canaries, 1U);
  cut();
  EXPECT_TRUE(reaches(kDomain, Verdict::unreachable));
}

TEST_F(EgressWatchTest, a_lack_of_descriptors_is_no_failed_canary) {
  open_all();
  use({target(kDomain, port)});
  ASSERT_TRUE(run_until(io, [&] { return egress() != nullptr && egress()->canaries_up == 2; }));
  config.global.source_addresses = {address("192.0.2.1")};  // is not ours: connects fail for a reason of our own
  use({target(kDomain, port)});
  ASSERT_TRUE(reaches(kDomain, Verdict::undetermined));
  run_for(io, 900ms);
  EXPECT_EQ(shown.domains.at({kDomain, Role::mx})->cause->cause, Cause::local_resource);
  EXPECT_EQ(egress()->up, true) << "nobody failed";
}

TEST_F(EgressWatchTest, it_drains_with_canaries_under_way) {
  hosts["127.0.0.4"] = std::make_unique<Host>([](Talk& talk) { talk.rest(); }, "127.0.0.4", port);
  use({});
  ASSERT_TRUE(run_until(io, [&] { return hosts.at("127.0.0.4")->open() == 1; }));
  EXPECT_TRUE(drains(900ms));
}

}  // namespace
}  // namespace mxhealth::watch
