#include "watch/visit.hpp"

#include "watch/engine_fixture.hpp"

namespace mxhealth::watch {
namespace {

struct VisitTest : EngineTest {
  VisitTest() { config.policies.on = false; }  // their own tests are those of policy_watch

  /// Begins one; `run_until(io, [&] { return settled; })` sees its end.
  std::unique_ptr<Visit> visit(const std::string& what, const std::string& module = {}) {
    if (!elder) elder = generation();
    auto wanted = asked_for(elder->config(), what, module, Asker::the_operator);
    settled = false;
    return std::make_unique<Visit>(elder, std::get<config::Target>(std::move(wanted)), Asker::the_operator,
                                   [this] { settled = true; });
  }
  bool settles(Duration limit = kPatience) {
    return run_until(
        io, [&] { return settled; }, limit);
  }
  bool ends(std::unique_ptr<Visit>& one, Duration limit = kPatience) {
    bool gone = false;
    one->end([&] { gone = true; });
    const bool ended = run_until(
        io, [&] { return gone; }, limit);
    one.reset();
    return ended;
  }
  template <class R>
  static std::vector<std::shared_ptr<const R>> all(const VisitResult& result) {
    std::vector<std::shared_ptr<const R>> found;
    for (const Record& record : result.feed.changed)
      if (const auto* one = std::get_if<std::shared_ptr<const R>>(&record)) found.push_back(*one);
    return found;
  }
  static std::optional<Cause> cause_in(const VisitResult& result) {
    const auto domains = all<DomainRecord>(result);
    return domains.size() == 1 && domains[0]->cause ? std::optional(domains[0]->cause->cause) : std::nullopt;
  }
  static std::optional<Verdict> verdict_in(const VisitResult& result) {
    const auto domains = all<DomainRecord>(result);
    return domains.size() == 1 ? domains[0]->verdict : std::nullopt;
  }
  void use_port(std::uint16_t port) {
    config.modules["mx"] = {.name = "mx", .role = Role::mx, .port = port, .tls = TlsPolicy::opportunistic};
  }

  std::shared_ptr<net::Generation> elder;
  bool settled = false;
};

TEST_F(VisitTest, tells_all_of_a_domain_in_one_go) {
  Host host(answer_ok, "127.0.0.2");
  use_port(host.peer().port);
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {host.peer().address};
  auto one = visit("Example.NET");
  ASSERT_TRUE(settles());
  const VisitResult result = one->result();
  EXPECT_EQ(verdict_in(result), Verdict::ok);
  EXPECT_FALSE(result.cut_short);
  EXPECT_EQ(all<ServerRecord>(result).size(), 1U);
  EXPECT_EQ(all<AddressRecord>(result).size(), 1U);
  EXPECT_EQ(result.feed.changed.size(), 3U) << "and nothing of the exporter's own";
  EXPECT_GT(result.lookups_took, Duration::zero());
  EXPECT_LT(result.lookups_took, result.took);
  EXPECT_TRUE(ends(one));
  EXPECT_EQ(host.sessions(), 1);
}

TEST_F(VisitTest, confirms_nothing) {
  const Peer nobody = closed_peer();
  use_port(nobody.port);
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {address("127.0.0.2")};
  config.global.confirm.after = 30s;
  auto one = visit("example.net");
  ASSERT_TRUE(settles(3s));
  EXPECT_EQ(verdict_in(one->result()), Verdict::unreachable);
  EXPECT_EQ(cause_in(one->result()), Cause::connect_refused);
  EXPECT_TRUE(ends(one));
}

TEST_F(VisitTest, before_it_has_settled_its_roles_are_cut_short) {
  Host host([](Talk& talk) { talk.rest(); }, "127.0.0.2");
  use_port(host.peer().port);
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {host.peer().address};
  auto one = visit("example.net");
  ASSERT_TRUE(run_until(io, [&] { return host.sessions() == 1; }));
  const VisitResult result = one->result();
  EXPECT_TRUE(result.cut_short);
  EXPECT_EQ(verdict_in(result), Verdict::undetermined);
  EXPECT_EQ(cause_in(result), Cause::probe_deadline);
  EXPECT_TRUE(ends(one, 500ms)) << "a session before its greeting ends at once";
  EXPECT_FALSE(settled);
}

TEST_F(VisitTest, a_host_is_asked_by_address_and_port) {
  Host host(answer_ok, "127.0.0.2");
  config.limits.non_public_targets = false;
  config.modules["mx"] = {.name = "mx", .role = Role::mx, .port = 25, .tls = TlsPolicy::opportunistic};
  auto one = visit(to_string(host.peer()));
  ASSERT_TRUE(settles());
  EXPECT_EQ(verdict_in(one->result()), Verdict::ok);
  EXPECT_EQ(one->result().target, name("127.0.0.2"));
  EXPECT_TRUE(ends(one));
}

TEST_F(VisitTest, without_a_resolver_nothing_is_known) {
  zone.silent = true;
  config.global.timeouts.dns = 300ms;
  use_port(25);
  auto one = visit("example.net");
  ASSERT_TRUE(settles(5s));
  EXPECT_EQ(verdict_in(one->result()), Verdict::undetermined);
  EXPECT_EQ(cause_in(one->result()), Cause::resolver_unreachable);
  EXPECT_TRUE(ends(one));
}

// --- one session per address at a time

TEST_F(VisitTest, joins_a_session_that_is_under_way) {
  Host host(
      [](Talk& talk) {
        talk.silent_for(300ms);
        answer_ok(talk);
      },
      "127.0.0.2");
  use_port(host.peer().port);
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {host.peer().address};
  use({target(kDomain, host.peer().port, 3s)});
  ASSERT_TRUE(run_until(io, [&] { return host.sessions() == 1; }));
  auto one = visit("example.net");
  ASSERT_TRUE(settles());
  EXPECT_EQ(verdict_in(one->result()), Verdict::ok);
  EXPECT_TRUE(reaches(kDomain, Verdict::ok));
  EXPECT_EQ(host.sessions(), 1);
  EXPECT_TRUE(ends(one));
}

TEST_F(VisitTest, a_routine_session_joins_one_of_a_visit_and_dials_itself_when_that_is_broken_off) {
  int greeted = 0;
  Host host(
      [&greeted](Talk& talk) {
        talk.silent_for(300ms);
        ++greeted;
        answer_ok(talk);
      },
      "127.0.0.2");
  use_port(host.peer().port);
  zone.mx["example.net"] = {{10, "mx.example.net"}};
  zone.a["mx.example.net"] = {host.peer().address};
  auto one = visit("example.net");
  ASSERT_TRUE(run_until(io, [&] { return host.sessions() == 1; }));
  use({target(kDomain, host.peer().port)});  // its first session is due within 150 ms
  run_for(io, 200ms);
  EXPECT_EQ(host.sessions(), 1);
  EXPECT_TRUE(ends(one));
  EXPECT_TRUE(reaches(kDomain, Verdict::ok));
  EXPECT_EQ(host.most_open(), 1);
}

TEST_F(VisitTest, two_visits_of_one_host_under_different_names_take_turns) {
  Host host(
      [](Talk& talk) {
        talk.silent_for(200ms);
        answer_ok(talk);
      },
      "127.0.0.2");
  use_port(host.peer().port);
  for (const char* domain : {"example.net", "other.example"}) {
    zone.mx[domain] = {{10, std::string("mx.") + domain}};
    zone.a[std::string("mx.") + domain] = {host.peer().address};
  }
  auto one = visit("example.net");
  bool other_settled = false;
  auto wanted = std::get<config::Target>(asked_for(elder->config(), "other.example", "", Asker::the_operator));
  auto other = std::make_unique<Visit>(elder, std::move(wanted), Asker::the_operator, [&] { other_settled = true; });
  ASSERT_TRUE(run_until(io, [&] { return settled && other_settled; }));
  EXPECT_EQ(verdict_in(one->result()), Verdict::ok);
  EXPECT_EQ(verdict_in(other->result()), Verdict::ok);
  EXPECT_EQ(host.sessions(), 2);
  EXPECT_EQ(host.most_open(), 1);
  EXPECT_TRUE(ends(one));
  EXPECT_TRUE(ends(other));
}

}  // namespace
}  // namespace mxhealth::watch
