// /probe as an attacker sees it: whatever he makes DNS say, nobody whom he may not reach is dialled. Every address of
// the table is one that this host would connect to, or could: a listener on the loopback device hears whether anybody
// did.
#include "watch/visit_desk.hpp"

#include "watch/engine_fixture.hpp"

namespace mxhealth::watch {
namespace {

struct VisitDeskTest : EngineTest {
  VisitDeskTest() {
    config.limits.non_public_targets = false;
    config.probe_endpoint.suffixes = {name("allowed.example")};
    config.global.timeouts.connect = 300ms;
    use_port(25);
  }
  void use_port(std::uint16_t port) {
    for (const char* one : {"mx", "submission"})
      config.modules[one] = {.name = one,
                             .role = std::string_view(one) == "mx" ? Role::mx : Role::submission,
                             .port = port,
                             .tls = TlsPolicy::opportunistic};
  }
  void use_config() { desk.use(generation()); }
  void ask(const std::string& what, const std::string& module = "mx", Duration patience = 3s) {
    desk.visit({.target = what, .module = module, .patience = patience},
               [this](VisitAnswer answer) { answers.push_back(std::move(answer)); });
  }
  bool answered(std::size_t count = 1) {
    return run_until(io, [&] { return answers.size() >= count; });
  }
  std::optional<Refusal::Why> refused(std::size_t which = 0) const {
    const auto* refusal = std::get_if<Refusal>(&answers.at(which));
    return refusal == nullptr ? std::nullopt : std::optional(refusal->why);
  }
  std::vector<std::shared_ptr<const DomainRecord>> roles(std::size_t which = 0) const {
    std::vector<std::shared_ptr<const DomainRecord>> found;
    for (const Record& record : std::get<VisitResult>(answers.at(which)).feed.changed)
      if (const auto* one = std::get_if<std::shared_ptr<const DomainRecord>>(&record)) found.push_back(*one);
    return found;
  }
  bool dialled(std::size_t which = 0) const {
    for (const Record& record : std::get<VisitResult>(answers.at(which)).feed.changed)
      if (std::holds_alternative<std::shared_ptr<const AddressRecord>>(record)) return true;
    return false;
  }

  VisitDesk desk{io};
  std::vector<VisitAnswer> answers;
};

// --- whom it dials

enum class Via : std::uint8_t { literal, literal_with_port, mx, implicit_mx, mx_literal, host, submission };

struct Ssrf {
  const char* address;
  Via via;
};

void PrintTo(const Ssrf& one, std::ostream* out) { *out << one.address << " via " << static_cast<int>(one.via); }

constexpr Ssrf kNeverDialled[] = {
    // private, by every way in
    {"10.0.0.1", Via::literal},
    {"10.255.255.255", Via::literal_with_port},
    {"172.16.0.1", Via::mx},
    {"172.31.255.254", Via::implicit_mx},
    {"192.168.1.1", Via::host},
    {"192.168.0.10", Via::submission},
    {"100.64.0.1", Via::mx},
    {"10.1.2.3", Via::mx_literal},
    // loopback
    {"127.0.0.1", Via::literal},
    {"127.0.0.1", Via::mx},
    {"127.0.0.1", Via::host},
    {"127.0.0.1", Via::mx_literal},
    {"127.0.0.2", Via::mx},
    {"127.255.255.254", Via::host},
    {"::1", Via::literal},
    {"::1", Via::mx},
    {"::1", Via::host},
    // link-local and metadata
    {"169.254.169.254", Via::literal},
    {"169.254.169.254", Via::mx},
    {"169.254.169.254", Via::host},
    {"169.254.0.1", Via::submission},
    {"fd00:ec2::254", Via::literal_with_port},
    {"fd00:ec2::254", Via::mx},
    {"fe80::1", Via::literal},
    {"fe80::1", Via::mx},
    {"fc00::1", Via::host},
    // IPv4 in IPv6's clothes
    {"::ffff:127.0.0.1", Via::literal_with_port},
    {"::ffff:127.0.0.2", Via::mx},
    {"::ffff:10.0.0.1", Via::host},
    {"::ffff:169.254.169.254", Via::mx},
    {"::127.0.0.1", Via::host},
    {"64:ff9b::7f00:1", Via::literal},
    {"64:ff9b::a9fe:a9fe", Via::mx},
    {"64:ff9b:1::a00:1", Via::host},
    {"2002:7f00:1::1", Via::literal},
    {"2002:a9fe:a9fe::1", Via::mx},
    {"2001:0:7f00:1::", Via::host},
    // nobody in particular, everybody, and papers
    {"0.0.0.0", Via::literal},
    {"0.0.0.0", Via::mx},
    {"0.1.2.3", Via::host},
    {"::", Via::mx},
    {"224.0.0.1", Via::literal},
    {"255.255.255.255", Via::mx},
    {"ff02::1", Via::host},
    {"198.18.0.1", Via::mx},
    {"240.0.0.1", Via::host},
};

struct Never : VisitDeskTest, testing::WithParamInterface<Ssrf> {
  /// What to ask for, so that DNS leads to the address.
  std::string lure(const Ssrf& one, std::uint16_t port) {
    const Address where = address(one.address);
    const std::string domain = "a.allowed.example";
    switch (one.via) {
      case Via::literal: return one.address;
      case Via::literal_with_port: return to_string(Peer{where, port});
      case Via::mx:
        zone.mx[domain] = {{10, "mx.evil.example"}};
        add("mx.evil.example", where);
        return domain;
      case Via::mx_literal: zone.mx[domain] = {{10, one.address}}; return domain;
      case Via::implicit_mx:
      case Via::submission: add(domain, where); return domain;
      case Via::host: add(domain, where); return domain + ":" + std::to_string(port);
    }
    return {};
  }
  void add(const std::string& host, const Address& where) {
    (where.family() == Family::ipv4 ? zone.a : zone.aaaa)[host].push_back(where);
  }
};

TEST_P(Never, is_dialled) {
  const Ssrf& one = GetParam();
  // Who dialled 127.0.0.1, ::1 or 0.0.0.0 would be heard by one of these.
  Host everywhere(answer_ok, "0.0.0.0");
  use_port(everywhere.peer().port);
  use_config();
  ask(lure(one, everywhere.peer().port), one.via == Via::submission ? "submission" : "mx");
  ASSERT_TRUE(answered());
  if (one.via == Via::literal || one.via == Via::literal_with_port) {
    EXPECT_EQ(refused(), Refusal::Why::not_allowed);
  } else {
    ASSERT_FALSE(refused().has_value()) << std::get<Refusal>(answers[0]).sentence;
    EXPECT_FALSE(dialled());
    ASSERT_EQ(roles().size(), 1U);
    EXPECT_EQ(roles()[0]->reachable.value_or(false), false);
    ASSERT_TRUE(roles()[0]->cause.has_value());
    const Cause cause = roles()[0]->cause->cause;
    EXPECT_TRUE(cause == Cause::mx_not_public || cause == Cause::mx_loop) << label(cause);
  }
  EXPECT_EQ(everywhere.sessions(), 0);
}
INSTANTIATE_TEST_SUITE_P(address, Never, testing::ValuesIn(kNeverDialled));

TEST_F(VisitDeskTest, there_are_forty_ways_that_lead_nowhere) { EXPECT_GE(std::size(kNeverDialled), 40U); }

TEST_F(VisitDeskTest, what_is_dialled_is_what_was_checked) {
  Host inside(answer_ok, "127.0.0.2");
  use_port(inside.peer().port);
  config.probe_endpoint.networks = {{.address = address("127.0.0.3"), .bits = 32}};
  zone.mx["a.allowed.example"] = {{10, "mx.evil.example"}};
  int asked = 0;
  rebind = [&](const Asked& question) {  // the first answer is allowed, each later one is not
    if (question.name != "mx.evil.example" || question.type != dns::Type::a) return;
    zone.a[question.name] = {address(asked++ == 0 ? "127.0.0.3" : "127.0.0.2")};
  };
  use_config();
  ask("a.allowed.example");
  ASSERT_TRUE(answered());
  EXPECT_EQ(roles()[0]->cause->cause, Cause::connect_refused) << "at 127.0.0.3, where nobody listens";
  EXPECT_EQ(asked, 1) << "no second resolution between check and connect";
  EXPECT_EQ(inside.sessions(), 0);
}

TEST_F(VisitDeskTest, an_allowed_network_may_be_private) {
  Host inside(answer_ok, "127.0.0.2");
  use_port(inside.peer().port);
  config.probe_endpoint.networks = {{.address = address("127.0.0.0"), .bits = 30}};
  zone.mx["a.allowed.example"] = {{10, "mx.a.allowed.example"}};
  zone.a["mx.a.allowed.example"] = {inside.peer().address};
  use_config();
  ask("a.allowed.example");
  ask("127.0.0.2");
  ask("127.0.0.4");
  ASSERT_TRUE(answered(3));
  EXPECT_EQ(refused(0), Refusal::Why::not_allowed) << "127.0.0.4 lies outside, and is told so first";
  EXPECT_EQ(roles(1)[0]->verdict, Verdict::ok);
  EXPECT_EQ(roles(2)[0]->verdict, Verdict::ok);
}

// --- how many at once, and for how long

TEST_F(VisitDeskTest, who_asks_for_the_same_shares_a_visit_and_who_is_one_too_many_comes_again) {
  Host host(
      [](Talk& talk) {
        talk.silent_for(300ms);
        answer_ok(talk);
      },
      "127.0.0.2");
  config.limits.non_public_targets = true;
  config.probe_endpoint.networks = {{.address = address("127.0.0.0"), .bits = 8}};
  config.probe_endpoint.in_flight = 1;
  use_port(host.peer().port);
  use_config();
  ask("127.0.0.2");
  ask("127.0.0.2");
  ask("127.0.0.3");
  ASSERT_TRUE(answered(1));
  EXPECT_EQ(refused(0), Refusal::Why::busy);
  ASSERT_TRUE(answered(3));
  EXPECT_EQ(roles(1)[0]->verdict, Verdict::ok);
  EXPECT_EQ(roles(2)[0]->verdict, Verdict::ok);
  EXPECT_EQ(host.sessions(), 1);
}

TEST_F(VisitDeskTest, patience_ends_with_what_is_known_by_then) {
  Host host([](Talk& talk) { talk.rest(); }, "127.0.0.2");
  config.limits.non_public_targets = true;
  config.probe_endpoint.networks = {{.address = address("127.0.0.0"), .bits = 8}};
  use_port(host.peer().port);
  use_config();
  ask("127.0.0.2", "mx", 100ms);
  ask("127.0.0.2", "mx", 5s);  // the banner's limit comes before
  ASSERT_TRUE(answered(1));
  EXPECT_EQ(roles(0)[0]->verdict, Verdict::undetermined);
  EXPECT_EQ(roles(0)[0]->cause->cause, Cause::probe_deadline);
  EXPECT_TRUE(std::get<VisitResult>(answers[0]).cut_short);
  ASSERT_TRUE(answered(2));
  EXPECT_EQ(roles(1)[0]->cause->cause, Cause::banner_timeout);
  EXPECT_EQ(host.sessions(), 1);
}

TEST_F(VisitDeskTest, when_it_stops_everybody_is_answered) {
  Host host([](Talk& talk) { talk.rest(); }, "127.0.0.2");
  config.limits.non_public_targets = true;
  config.probe_endpoint.networks = {{.address = address("127.0.0.0"), .bits = 8}};
  use_port(host.peer().port);
  use_config();
  ask("127.0.0.2");
  ASSERT_TRUE(run_until(io, [&] { return host.sessions() == 1; }));
  desk.stop();
  ask("127.0.0.2");
  ASSERT_TRUE(answered(2));
  EXPECT_EQ(roles(0)[0]->cause->cause, Cause::probe_deadline);
  EXPECT_EQ(refused(1), Refusal::Why::stopping);
}

}  // namespace
}  // namespace mxhealth::watch
