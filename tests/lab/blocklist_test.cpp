// Blocklists of the lab: what their zones answer, what the exporter is told of them, and the comparison with what it
// says.
#include "lab/blocklist.hpp"

#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

#include <fstream>

#include "lab/expect.hpp"
#include "lab/world.hpp"

namespace mxhealth::lab {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kLists = R"(about: Two lists.
hosts: {mx: ok}
domains: [{mx: [[10, mx]], expect: {verdict: ok}}]
blocklists:
  addresses: [192.0.2.10, 192.0.2.11, "2001:db8::1"]
  domains: [bad.example]
  lists:
    inhouse:
      kinds: [ipv4, ipv6, domain]
      entries:
        192.0.2.10: {answers: [127.0.0.2, 127.0.0.4], reason: "sent spam; see https://bl.example/10"}
        "2001:db8::1": 127.0.0.2
        bad.example: {answers: 127.0.0.2, in_turn: true}
        ${host.mx.address}: servfail
      config: {codes: {127.0.0.4: {meaning: trojan, weight: 1}}}
      expect: {192.0.2.10: listed, "*": [clean, unknown]}
      healthy: true
    keyed: {zone: bl.keyed.test, keyed: true, ttl: 7, config: {key_file: "${key_file}"}}
    parked: {everything: 203.0.113.80, expect: unhealthy, healthy: false}
    silent: {everything: timeout, expect: [unknown, unhealthy]}
    slow: {delay: 20ms, entries: {192.0.2.10: 127.0.0.2}, others: 198.51.100.7}
    untestable: {test_points: [], allow_list: true, entries: {192.0.2.10: 127.0.0.2}, expect: {192.0.2.10: listed}}
    booked: {zone: zen.book.test, test_answer: 127.0.0.4, config: {book: spamhaus_zen}}
)";

std::vector<Scenario> lists() {
  const std::string file = testing::TempDir() + "/lab-lists.yml";
  std::ofstream(file) << kLists;
  return load_scenarios(file);
}

class Blocklists : public testing::Test {
 protected:
  struct Told {
    unsigned rcode = 0;
    unsigned count = 0;
    Bytes bytes;
    std::chrono::milliseconds delay{0};
  };

  /// Empty optional: silence.
  std::optional<Told> ask(const std::string& name, std::uint16_t type = kA) {
    DnsQuestion question;
    question.name = name;
    question.type = type;
    question.wire = wire_name(name) + Bytes("\0\1\0\1", 4);
    const auto reply = world_.dns().timed_reply(question, Transport::udp);
    if (!reply) return std::nullopt;
    const auto octet = [&](std::size_t at) {
      return static_cast<unsigned>(static_cast<unsigned char>(reply->bytes[at]));
    };
    return Told{octet(3) & 0xfU, octet(7), reply->bytes, reply->delay};
  }
  bool answers(const std::string& name, const std::string& address) {
    const auto told = ask(name);
    return told && told->count > 0 && told->bytes.find(wire_address(kA, address)) != Bytes::npos;
  }
  bool clean(const std::string& name) {
    const auto told = ask(name);
    return told && told->rcode == kNxDomain && told->count == 0;
  }

  asio::io_context io_{1};
  World world_{io_, lists()};
  const std::string inhouse_ = ".inhouse.lab-lists.lab.test";
};

TEST_F(Blocklists, list_reversed_addresses_and_domains_and_give_reasons) {
  const auto told = ask("10.2.0.192" + inhouse_);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->count, 2U);
  EXPECT_TRUE(answers("10.2.0.192" + inhouse_, "127.0.0.4"));
  EXPECT_THAT(ask("10.2.0.192" + inhouse_, kTxt)->bytes, HasSubstr("see https://bl.example/10"));
  EXPECT_EQ(ask("bad.example" + inhouse_, kTxt)->count, 0U) << "it has no reason, and NODATA is no NXDOMAIN";
  EXPECT_TRUE(answers("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2" + inhouse_, "127.0.0.2"));
  EXPECT_TRUE(clean("11.2.0.192" + inhouse_));
  EXPECT_TRUE(clean("11.2.0.192" + inhouse_)) << "still";
}

TEST_F(Blocklists, have_test_points_of_each_kind) {
  EXPECT_TRUE(answers("2.0.0.127" + inhouse_, "127.0.0.2"));
  EXPECT_TRUE(answers("2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0" + inhouse_, "127.0.0.2"));
  EXPECT_TRUE(answers("test" + inhouse_, "127.0.0.2"));
  EXPECT_TRUE(clean("1.0.0.127" + inhouse_));
  EXPECT_TRUE(clean("invalid" + inhouse_));
  EXPECT_TRUE(answers("2.0.0.127.zen.book.test", "127.0.0.4"));
  EXPECT_TRUE(clean("2.0.0.127.untestable.lab-lists.lab.test"));
}

TEST_F(Blocklists, list_in_turn) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(answers("bad.example" + inhouse_, "127.0.0.2")) << round;
    EXPECT_TRUE(clean("bad.example" + inhouse_)) << round;
  }
}

TEST_F(Blocklists, know_the_worlds_own_hosts) {
  const std::string name = reversed(world_.address_of("mx.lab-lists.lab.test")) + inhouse_;
  EXPECT_EQ(ask(name)->rcode, kServFail);
}

TEST_F(Blocklists, lie_in_every_way) {
  EXPECT_TRUE(answers("1.0.0.127.parked.lab-lists.lab.test", "203.0.113.80"));
  EXPECT_TRUE(answers("nobody-lists-me.parked.lab-lists.lab.test", "203.0.113.80"));
  EXPECT_EQ(ask("1.0.0.127.parked.lab-lists.lab.test", kTxt)->count, 0U);
  EXPECT_FALSE(ask("1.0.0.127.silent.lab-lists.lab.test"));
  EXPECT_TRUE(answers("11.2.0.192.slow.lab-lists.lab.test", "198.51.100.7"));
  EXPECT_EQ(ask("10.2.0.192.slow.lab-lists.lab.test")->delay, std::chrono::milliseconds(20));
  EXPECT_TRUE(clean("2.0.0.127.bl.keyed.test")) << "without the key it knows nothing";
  EXPECT_TRUE(answers("2.0.0.127." + std::string(kListKey) + ".bl.keyed.test", "127.0.0.2"));
}

TEST_F(Blocklists, are_told_to_the_exporter) {
  const YAML::Node dnsbl = YAML::Load(world_.config_yaml({}))["dnsbl"];
  EXPECT_EQ(dnsbl["interval"].Scalar(), "5s");
  EXPECT_EQ(dnsbl["subjects"]["targets"].Scalar(), "false");
  EXPECT_EQ(dnsbl["subjects"]["addresses"].size(), 3U);
  const YAML::Node inhouse = dnsbl["lists"][0], keyed = dnsbl["lists"][1], untestable = dnsbl["lists"][5];
  EXPECT_EQ(inhouse["zone"].Scalar(), "inhouse.lab-lists.lab.test");
  EXPECT_EQ(inhouse["kinds"].size(), 3U);
  EXPECT_EQ(inhouse["codes"]["127.0.0.2"].Scalar(), "spam");
  EXPECT_EQ(inhouse["codes"]["127.0.0.4"]["meaning"].Scalar(), "trojan");
  EXPECT_EQ(keyed["zone"].Scalar(), "bl.keyed.test");
  std::string key;
  std::ifstream(keyed["key_file"].Scalar()) >> key;
  EXPECT_EQ(key, kListKey);
  EXPECT_EQ(untestable["allow_list"].Scalar(), "true");
  EXPECT_FALSE(dnsbl["lists"][6]["zone"].IsDefined()) << "the book knows it";
  EXPECT_THAT(world_.config_yaml({}), Not(HasSubstr(std::string(kListKey))));
}

TEST_F(Blocklists, are_off_where_there_are_none) {
  asio::io_context io(1);
  const World world(io, load_scenarios(scenario_directory() / "ok.yml"));
  EXPECT_EQ(YAML::Load(world.config_yaml({}))["dnsbl"].Scalar(), "off");
}

// --- what the exporter says of them ---

std::string said(const std::string& subject, const std::string& list, const std::string& state,
                 const std::string& family = "dnsbl") {
  const std::string key = "subject=\"" + subject + "\",list=\"" + list + "\"";
  std::string text;
  for (const char* each : {"clean", "listed", "unknown", "refused", "unhealthy"})
    text += "mxhealth_" + family + "_state{" + key + ",state=\"" + each + "\"} " + (state == each ? "1\n" : "0\n");
  if (state == "listed" || state == "clean")
    text += "mxhealth_" + family + "_listed{" + key + "} " + (state == "listed" ? "1\n" : "0\n");
  return text;
}

class ExpectLists : public Blocklists {
 protected:
  static std::string good() {
    std::string text =
        said("192.0.2.10", "inhouse", "listed") + said("192.0.2.10", "untestable", "listed", "allowlist") +
        "mxhealth_dnsbl_list_healthy{list=\"inhouse\"} 1\nmxhealth_dnsbl_list_healthy{list=\"parked\"} 0\n";
    for (const char* subject : {"192.0.2.11", "2001:db8::1", "bad.example"})
      text += said(subject, "inhouse", "unknown");
    for (const char* subject : {"192.0.2.10", "192.0.2.11"})
      text += said(subject, "parked", "unhealthy") + said(subject, "silent", "unknown");
    return text;
  }
  static std::string with(const std::string& from, const std::string& to) {
    std::string text = good();
    text.replace(text.find(from), from.size(), to);
    return text;
  }
  std::vector<std::string> compare(const std::string& text) {
    Scenario played = world_.scenarios().front();
    played.expect.clear();
    return differences(world_, played, text);
  }
};

TEST_F(ExpectLists, finds_nothing_where_all_is_well) {
  EXPECT_THAT(compare(good()), IsEmpty());
  EXPECT_THAT(false_statements(world_, good()), IsEmpty());
}

TEST_F(ExpectLists, finds_a_wrong_state_a_gauge_that_disagrees_and_a_list_that_is_believed) {
  EXPECT_THAT(compare(with(said("192.0.2.10", "inhouse", "listed"), said("192.0.2.10", "inhouse", "unknown"))),
              ElementsAre(HasSubstr("list=\"inhouse\",subject=\"192.0.2.10\"} listed, found unknown")));
  EXPECT_THAT(compare(with("mxhealth_dnsbl_listed{subject=\"192.0.2.10\",list=\"inhouse\"} 1\n", "")),
              ElementsAre(HasSubstr("as for listed, found nothing")));
  EXPECT_THAT(compare(with("list_healthy{list=\"parked\"} 0", "list_healthy{list=\"parked\"} 1")),
              ElementsAre(HasSubstr("list=\"parked\"} 0")));
  EXPECT_THAT(compare(with("state=\"clean\"} 0", "state=\"clean\"} 1")), ElementsAre(HasSubstr("clean or listed")));
  EXPECT_EQ(compare("").size(), 11U);
}

TEST_F(ExpectLists, finds_a_false_listing_and_a_false_clean_bill_at_any_time) {
  EXPECT_THAT(false_statements(world_, ""), IsEmpty());
  EXPECT_THAT(false_statements(world_, said("192.0.2.10", "inhouse", "unknown")), IsEmpty());
  EXPECT_THAT(false_statements(world_, said("192.0.2.10", "inhouse", "clean")), Contains(HasSubstr("false clean")));
  EXPECT_THAT(false_statements(world_, said("192.0.2.11", "inhouse", "listed")), Contains(HasSubstr("false listed")));
  EXPECT_THAT(false_statements(world_, "mxhealth_dnsbl_listed{subject=\"192.0.2.10\",list=\"parked\"} 0\n"),
              ElementsAre(HasSubstr("false clean")));
  EXPECT_THAT(false_statements(world_, "x{y=\"" + std::string(kListKey) + "\"} 1\n"),
              ElementsAre(HasSubstr("a secret")));
}

std::string complaint(const std::string& lists) {
  const std::string file = testing::TempDir() + "/lab-wrong-lists.yml";
  std::ofstream(file) << "blocklists: {lists: {a: " << lists << "}}\n";
  try {
    asio::io_context io(1);
    const World world(io, load_scenarios(file));
  } catch (const ScenarioError& error) {
    return std::string(error.what()).substr(file.size() + 1);
  }
  return {};
}

TEST(BlocklistsRead, complain_about_mistakes) {
  EXPECT_EQ(complaint("{}"), "");
  EXPECT_THAT(complaint("{shape: odd}"), HasSubstr("unknown key 'shape'"));
  EXPECT_THAT(complaint("{everything: nonsense}"), HasSubstr("unknown DNS answer 'nonsense'"));
  EXPECT_THAT(complaint("{everything: timeout, entries: {a: timeout}}"), HasSubstr("one thing to everybody"));
  EXPECT_THAT(complaint("{expect: {\"*\": lited}}"), HasSubstr("unknown state of a listing 'lited'"));
  EXPECT_THAT(complaint("{delay: soon}"), HasSubstr("'soon' is no time"));
  EXPECT_THAT(complaint("{entries: {'${host.no.address}': 127.0.0.2}}"), HasSubstr("unknown placeholder"));
}

}  // namespace
}  // namespace mxhealth::lab
