// What domains publish, over time: what is fed, what stays while lookups fail, what counts as a change.
#include "watch/policy_watch.hpp"

#include <atomic>

#include "net/dns_fixture.hpp"
#include "watch/fixture.hpp"

namespace mxhealth::watch {
namespace {

using dns::test::soa_data;
using dns::test::text_data;
using net::test::Asked;
using net::test::Replies;

const Address kHost = Address::parse("192.0.2.25").value();

class PolicyWatchTest : public WatchTest, public PolicyWatch::Host {
 protected:
  PolicyWatchTest() {
    config.resolvers = {server.peer()};
    config.global.interval = 300ms;  // our cache holds nothing longer than the records' own TTL of 1 s
    config.policies.interval = 300ms;
    config.targets = {target(kDomain)};
    texts["example.net"] = "v=spf1 ip4:192.0.2.25 -all";
  }
  ~PolicyWatchTest() override {
    watch.stop();
    for (const auto& used : generations) used->resolver().stop();
    run_until(io, [this] { return watch.in_flight() == 0; });
  }

  static config::Target target(const Name& domain) {
    config::Target made;
    made.name = domain;
    return made;
  }
  void use() {
    generations.push_back(generation());
    watch.use(generations.back());
    watch.set_mail_hosts(kDomain, {name("mx.example.net")});
  }
  const PolicyRecord* policy(Policy which) const {
    const auto found = policies.find({kDomain, which});
    return found == policies.end() ? nullptr : found->second.get();
  }
  template <class Condition>
  bool comes_true(Condition condition) {
    return run_until(io, [&] {
      take_feed();
      return condition();
    });
  }

  std::map<std::string, std::string> texts;    // TXT records
  std::map<std::string, std::string> reverse;  // PTR records
  std::map<std::string, Address> forward;      // A records
  bool failing = false;
  net::test::DnsServer server{io, [this](const Asked& asked) { return answer(asked); }};
  std::map<PolicyKey, std::shared_ptr<const PolicyRecord>> policies;
  std::map<Address, std::shared_ptr<const PtrRecord>> ptrs;
  std::vector<RecordKey> gone;
  Name announced;
  std::size_t known = 0;
  std::vector<std::shared_ptr<net::Generation>> generations;
  PolicyWatch watch{io, *this};

 private:
  Replies answer(const Asked& asked) const {
    if (failing) return {asked.reply(2).opt().octets()};
    auto packet = asked.reply();
    const auto text = texts.find(asked.name);
    const auto host = forward.find(asked.name);
    const auto name = reverse.find(asked.name);
    if (asked.type == dns::Type::txt && text != texts.end())
      packet.answer(asked.name, asked.type, 1, text_data({text->second}));
    else if (asked.type == dns::Type::a && host != forward.end())
      packet.answer(asked.name, asked.type, 1, {host->second.bytes().begin(), host->second.bytes().end()});
    else if (asked.type == dns::Type::ptr && name != reverse.end())
      packet.answer(asked.name, asked.type, 1, dns::test::wire_name(name->second));
    else
      return {asked.reply(3).authority("net", dns::Type::soa, 1, soa_data("ns", 1)).opt().octets()};
    return {packet.opt().octets()};
  }

  void take_feed() {
    Feed feed;
    watch.feed(feed);
    for (const Record& record : feed.changed) {
      if (const auto* p = std::get_if<std::shared_ptr<const PolicyRecord>>(&record)) policies[(*p)->key] = *p;
      if (const auto* p = std::get_if<std::shared_ptr<const PtrRecord>>(&record)) ptrs[(*p)->key.address] = *p;
    }
    gone.insert(gone.end(), feed.gone.begin(), feed.gone.end());
  }
  void policies_changed() override {}
  void policies_idle() override {}
  void policy_known(const PolicyRecord&) override { ++known; }
  Name announced_name(const Address&) const override { return announced; }
};

TEST_F(PolicyWatchTest, tells_of_each_policy_what_is_published_and_what_is_not) {
  use();
  ASSERT_TRUE(comes_true([&] { return policies.size() == kPolicies.size(); }));
  EXPECT_EQ(policy(Policy::spf)->facts.mode, "fail");
  EXPECT_EQ(is_valid(policy(Policy::spf)->facts), true);
  EXPECT_EQ(is_valid(policy(Policy::dmarc)->facts), std::nullopt);
  EXPECT_EQ(policy(Policy::spf)->changes, 0U) << "the first sight is no change";
  EXPECT_TRUE(watch.all_looked_at());
  EXPECT_GE(known, kPolicies.size());
}

// A policy host that begins a TLS record and never ends it would hold us for a minute.
TEST_F(PolicyWatchTest, a_policy_that_is_being_fetched_holds_nobody_who_stops) {
  std::atomic<bool> begun = false;
  mxhealth::test::Host policy_host([&](Talk& talk) {
    talk.say(std::string_view("\x16\x03\x03\x40\x00", 5));
    begun = true;
    talk.rest();
  });
  texts["_mta-sts.example.net"] = "v=STSv1; id=1";
  forward["mta-sts.example.net"] = policy_host.peer().address;
  config.global.mta_sts_port = policy_host.peer().port;
  config.global.timeouts.connect = config.global.timeouts.session = 60s;
  use();
  ASSERT_TRUE(comes_true([&] { return begun.load(); }));
  const Mono stopped = clock_now();
  watch.stop();
  EXPECT_TRUE(run_until(io, [this] { return watch.in_flight() == 0; }));
  EXPECT_LT(clock_now() - stopped, 1s);
}

TEST_F(PolicyWatchTest, counts_a_change_of_what_is_published) {
  use();
  ASSERT_TRUE(comes_true([&] { return policy(Policy::spf) != nullptr; }));
  texts["example.net"] = "v=spf1 ~all";
  ASSERT_TRUE(comes_true([&] { return policy(Policy::spf)->facts.mode == "softfail"; }));
  EXPECT_EQ(policy(Policy::spf)->changes, 1U);
  EXPECT_TRUE(policy(Policy::spf)->last_change.has_value());
}

TEST_F(PolicyWatchTest, what_was_good_is_broken_after_a_second_look) {
  use();
  ASSERT_TRUE(comes_true([&] { return policy(Policy::spf) != nullptr; }));
  const auto asked = [&] {
    return std::ranges::count_if(server.asked,
                                 [](const Asked& a) { return a.name == "example.net" && a.type == dns::Type::txt; });
  };
  const auto before = asked();
  texts["example.net"] = "v=spf1 ip4:not-an-address -all";
  ASSERT_TRUE(comes_true([&] { return is_valid(policy(Policy::spf)->facts) == false; }));
  EXPECT_GE(asked() - before, 2);
  texts["example.net"] = "v=spf1 -all";
  ASSERT_TRUE(comes_true([&] { return is_valid(policy(Policy::spf)->facts) == true; }));
}

TEST_F(PolicyWatchTest, keeps_what_was_known_while_lookups_fail) {
  use();
  ASSERT_TRUE(comes_true([&] { return policies.size() == kPolicies.size(); }));
  const auto checked = policy(Policy::spf)->last_check;
  failing = true;
  ASSERT_TRUE(comes_true([&] { return !policy(Policy::spf)->trouble.empty(); }));
  EXPECT_EQ(policy(Policy::spf)->facts.mode, "fail");
  EXPECT_GE(policy(Policy::spf)->last_check, checked);
  EXPECT_EQ(policy(Policy::spf)->changes, 0U);
  failing = false;
  ASSERT_TRUE(comes_true([&] { return policy(Policy::spf)->trouble.empty(); }));
}

TEST_F(PolicyWatchTest, a_domain_that_goes_takes_its_policies_with_it) {
  use();
  ASSERT_TRUE(comes_true([&] { return policies.size() == kPolicies.size(); }));
  config.targets = {target(name("other.example"))};
  use();
  ASSERT_TRUE(comes_true([&] { return gone.size() >= kPolicies.size(); }));
  EXPECT_NE(std::ranges::find(gone, RecordKey(PolicyKey{kDomain, Policy::spf})), gone.end());
}

TEST_F(PolicyWatchTest, reverse_dns_of_probed_addresses_is_confirmed_forward) {
  config.targets.clear();
  reverse["25.2.0.192.in-addr.arpa"] = "mx.example.net";
  forward["mx.example.net"] = kHost;
  use();
  watch.set_addresses({{kHost, PtrSource::own}});
  ASSERT_TRUE(comes_true([&] { return ptrs.contains(kHost); }));
  EXPECT_EQ(ptrs[kHost]->valid, true);
  EXPECT_EQ(ptrs[kHost]->source, PtrSource::own);
  forward.clear();
  ASSERT_TRUE(comes_true([&] { return ptrs[kHost]->valid == false; }));
  failing = true;
  ASSERT_TRUE(comes_true([&] { return !ptrs[kHost]->facts.notes.empty(); }));
  EXPECT_EQ(ptrs[kHost]->valid, false) << "kept while lookups fail";
  watch.set_addresses({});
  ASSERT_TRUE(comes_true([&] { return !gone.empty(); }));
  EXPECT_EQ(gone.back(), RecordKey(PtrKey{kHost}));
}

TEST_F(PolicyWatchTest, off_looks_at_nothing) {
  config.policies.on = false;
  use();
  watch.set_addresses({{kHost, PtrSource::target}});
  EXPECT_TRUE(watch.all_looked_at());
  EXPECT_TRUE(server.asked.empty());
}

}  // namespace
}  // namespace mxhealth::watch
