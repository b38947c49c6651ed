// `mxhealthctl lists` against name servers that play lists, honest and lying.
#include "ctl/lists.hpp"

#include <gmock/gmock.h>

#include <map>
#include <sstream>

#include "daemon/fixture.hpp"
#include "net/dns_fixture.hpp"

namespace mxhealth::ctl {
namespace {

using daemon::Directory;
using net::test::Asked;
using net::test::DnsServer;
using net::test::Replies;
using testing::HasSubstr;
using testing::Not;

const std::string kKey = "s3cr3tkey";

/// What is not among the answers does not exist.
struct Lists {
  std::map<std::string, std::string> answers;
  std::string everything;  // of all other names
  int rcode = 0;           // instead of any answer
  bool silent = false;

  Replies operator()(const Asked& asked) const {
    if (silent) return {};
    if (rcode != 0) return {asked.reply(static_cast<std::uint16_t>(rcode)).opt().octets()};
    const auto found = answers.find(asked.name);
    const std::string& text = found == answers.end() ? everything : found->second;
    if (text.empty())
      return {asked.reply(3).authority("test", dns::Type::soa, 1, dns::test::soa_data("ns", 1)).opt().octets()};
    const Address address = Address::parse(text).value();
    auto packet = asked.reply();
    packet.answer(asked.name, asked.type, 1, {address.bytes().begin(), address.bytes().end()});
    return {packet.opt().octets()};
  }
};

const Lists kHonest{.answers = {{"2.0.0.127.good.test", "127.0.0.2"},
                                {"2.0.0.127." + kKey + ".keyed.test", "127.0.0.2"},
                                {"test.names.test", "127.0.0.2"}},
                    .everything = {}};

const std::string kGood =
    "{name: good, zone: good.test, kinds: [ipv4], codes: {\"127.0.0.2\": spam}, weight: 0.5, test_points: rfc5782}";
const std::string kNames =
    "{name: names, zone: names.test, kinds: [domain], codes: {\"127.0.0.2\": spam}, weight: 1, test_points: rfc5782}";

struct ListsTest : testing::Test {
  std::string configuration(const std::vector<const DnsServer*>& servers, const std::string& lists) {
    std::string resolvers;
    for (const DnsServer* server : servers) resolvers += (resolvers.empty() ? "" : ", ") + to_string(server->peer());
    return directory.write("mxhealth.yml", "global: {ehlo_name: probe.example.org, timeouts: {dns: 1s}}\nresolvers: [" +
                                               resolvers + "]\ndnsbl: {lists: [" + lists +
                                               "], subjects: {addresses: [192.0.2.1]}}\n");
  }
  int run(const std::string& file, std::vector<std::string> names = {}, bool json = false) {
    out.str("");
    err.str("");
    return ctl::lists(io, {.config_file = file, .names = std::move(names), .json = json}, out, err);
  }
  /// What is said of the list `good`, as the server plays it.
  int tested(Lists played) {
    const DnsServer server(io, std::move(played));
    return run(configuration({&server}, kGood));
  }

  Directory directory;
  net::asio::io_context io{1};
  std::ostringstream out;
  std::ostringstream err;
};

TEST_F(ListsTest, finds_honest_lists_healthy) {
  const DnsServer server(io, kHonest);
  EXPECT_EQ(run(configuration({&server}, kGood + ", " + kNames)), 0) << err.str();
  EXPECT_EQ(out.str(),
            "LIST               KINDS          WEIGHT  STATE\n"
            "good               ipv4           0.5     healthy\n"
            "names              domain         1       healthy\n");
  EXPECT_EQ(err.str(), "");
}

TEST_F(ListsTest, says_what_a_list_demands) {
  const DnsServer server(io, [](const Asked& asked) {
    return Lists{
        .answers = {{"2.0.0.127.zen.spamhaus.org", "127.0.0.2"},
                    {"2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.zen.spamhaus.org", "127.0.0.2"}},
        .everything = {}}(asked);
  });
  EXPECT_EQ(run(configuration({&server}, kGood), {"spamhaus_zen"}), 0) << out.str();
  EXPECT_THAT(out.str(), HasSubstr("spamhaus_zen       ipv4, ipv6     1       healthy\n"));
  EXPECT_THAT(out.str(), HasSubstr("a resolver of one's own, at most 300000 queries a day\n"));
  EXPECT_THAT(out.str(), HasSubstr("https://check.spamhaus.org/\n"));
  EXPECT_THAT(out.str(), HasSubstr("verified   2026-11-22\n"));
}

TEST_F(ListsTest, names_what_ails_a_list) {
  EXPECT_EQ(tested({.answers = {}, .everything = {}}), 1);
  EXPECT_THAT(out.str(), HasSubstr("lists_nothing"));
  EXPECT_EQ(tested({.answers = {}, .everything = "127.0.0.2"}), 1);
  EXPECT_THAT(out.str(), HasSubstr("lists_all"));
  EXPECT_EQ(tested({.answers = {}, .everything = "192.0.2.1"}), 1);
  EXPECT_THAT(out.str(), HasSubstr("hijacked"));
  EXPECT_EQ(tested({.answers = {{"2.0.0.127.good.test", "127.0.0.9"}}, .everything = {}}), 1);
  EXPECT_THAT(out.str(), HasSubstr("unknown_code"));
}

TEST_F(ListsTest, says_that_a_resolver_is_refused_and_which) {
  const DnsServer refused(io, Lists{.answers = {}, .everything = "127.255.255.254"});
  const DnsServer welcome(io, kHonest);
  EXPECT_EQ(run(configuration({&refused, &welcome}, kGood)), 1);
  EXPECT_THAT(out.str(), HasSubstr("refused, healthy\n"));
  EXPECT_THAT(out.str(), HasSubstr("    through " + to_string(refused.peer()) + ", ipv4: It refuses us"));
  EXPECT_THAT(out.str(), HasSubstr("    through " + to_string(welcome.peer()) + ", ipv4: healthy\n"));
}

TEST_F(ListsTest, tells_one_list_that_is_ill_from_a_resolver_that_is_dead) {
  const DnsServer half(io, [](const Asked& asked) {
    return asked.name.ends_with("good.test") ? kHonest(asked)
                                             : Lists{.answers = {}, .everything = {}, .rcode = 2}(asked);
  });
  EXPECT_EQ(run(configuration({&half}, kGood + ", " + kNames)), 1);
  EXPECT_THAT(out.str(), HasSubstr("no_answer"));
  EXPECT_EQ(tested({.answers = {}, .everything = {}, .rcode = 2}), 2);
  EXPECT_THAT(err.str(), HasSubstr("not one list answered"));
  EXPECT_EQ(tested({.answers = {}, .everything = {}, .silent = true}), 2);
}

TEST_F(ListsTest, shows_a_key_nowhere) {
  directory.write("list.key", kKey + "\n");
  const std::string keyed =
      "{name: mine, zone: keyed.test, kinds: [ipv4], codes: {\"127.0.0.2\": spam}, weight: 1, "
      "test_points: rfc5782, key_file: list.key}";
  for (const bool json : {false, true}) {
    const DnsServer honest(io, kHonest);
    EXPECT_EQ(run(configuration({&honest}, keyed), {}, json), 0) << out.str() << err.str();
    EXPECT_THAT(out.str() + err.str(), Not(HasSubstr(kKey)));
    const DnsServer dead(io, Lists{.answers = {}, .everything = {}, .rcode = 5});
    EXPECT_EQ(run(configuration({&dead}, keyed), {}, json), 2);
    EXPECT_THAT(out.str() + err.str(), Not(HasSubstr(kKey)));
  }
}

TEST_F(ListsTest, prints_json) {
  const DnsServer server(io, kHonest);
  EXPECT_EQ(run(configuration({&server}, kGood), {}, true), 0);
  EXPECT_EQ(out.str(),
            R"([{"list":"good","kinds":["ipv4"],"allow_list":false,"weight":0.5,"healthy":true,"own_resolver":false,)"
            R"("keyed":false,"daily_queries":0,"terms":"","delisting":"","verified":"","tests":[{"resolver":")" +
                to_string(server.peer()) + "\",\"kind\":\"ipv4\",\"state\":\"healthy\",\"note\":\"\"}]}]\n");
}

TEST_F(ListsTest, tests_the_named_ones_alone_and_each_once) {
  const DnsServer server(io, kHonest);
  EXPECT_EQ(run(configuration({&server}, kGood + ", " + kNames), {"names", "names"}), 0);
  EXPECT_THAT(out.str(), Not(HasSubstr("good")));
  EXPECT_EQ(server.asked.size(), 3U);
}

TEST_F(ListsTest, refuses_what_it_cannot_test) {
  const DnsServer server(io, kHonest);
  const std::string file = configuration({&server}, kGood);
  EXPECT_EQ(run(file, {"spamcopp"}), 3);
  EXPECT_EQ(err.str(), "mxhealthctl: no list is called 'spamcopp', did you mean spamcop?\n");
  EXPECT_EQ(run(file, {"spamhaus_dqs"}), 3);
  EXPECT_THAT(err.str(), HasSubstr("needs a key"));
  EXPECT_EQ(run(directory / "missing.yml"), 3);
  EXPECT_THAT(err.str(), HasSubstr("missing.yml"));
  EXPECT_EQ(run(directory.write("off.yml",
                                "global: {ehlo_name: probe.example.org}\nresolvers: [127.0.0.1]\n"
                                "targets: [{domain: example.net}]\ndnsbl: off\n")),
            3);
  EXPECT_THAT(err.str(), HasSubstr("dnsbl: off"));
  EXPECT_EQ(out.str(), "");
  EXPECT_TRUE(server.asked.empty());
}

}  // namespace
}  // namespace mxhealth::ctl
