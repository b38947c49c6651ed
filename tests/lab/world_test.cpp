// A whole world, its configuration, the reading of scenarios, and the comparison with an exposition.
#include "lab/world.hpp"

#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>

#include "lab/expect.hpp"
#include "lab/test_client.hpp"

namespace mxhealth::lab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<Scenario> scenario(const std::string& name) {
  return load_scenarios(scenario_directory() / (name + ".yml"));
}

/// What loading this text complains about, without the file's name.
std::string complaint(const std::string& text) {
  const std::string file = testing::TempDir() + "/lab-scenario.yml";
  std::ofstream(file) << text;
  try {
    load_scenarios(file);
  } catch (const ScenarioError& error) {
    return std::string(error.what()).substr(file.size() + 1);
  }
  return {};
}

TEST(World, gives_each_host_an_address_and_all_one_port) {
  asio::io_context io(1);
  World world(io, scenario("second-mx-after-421"));
  MailHost* const first = world.host("first.second-mx-after-421.lab.test");
  MailHost* const second = world.host("second.second-mx-after-421.lab.test");
  ASSERT_TRUE(first != nullptr && second != nullptr);
  EXPECT_NE(first->endpoint().address(), second->endpoint().address());
  EXPECT_EQ(first->endpoint().port(), second->endpoint().port());
  EXPECT_THAT(TestClient(io, first->endpoint()).reply(), StartsWith("421 "));
  EXPECT_THAT(TestClient(io, second->endpoint()).reply(), StartsWith("220 "));
}

TEST(World, listens_where_it_is_told) {
  asio::io_context io(1);
  std::uint16_t port = 0;
  udp::endpoint resolver;
  {
    World world(io, scenario("second-mx-after-421"));
    port = world.port(Service::mx);
    resolver = world.resolver().endpoint();
  }
  World again(io, scenario("second-mx-after-421"), {{{Service::mx, port}}, resolver});
  EXPECT_EQ(again.port(Service::mx), port);
  EXPECT_EQ(again.host("second.second-mx-after-421.lab.test")->endpoint().port(), port);
  EXPECT_EQ(again.resolver().endpoint(), resolver);
}

TEST(World, a_place_that_is_taken_is_an_error) {
  asio::io_context io(1);
  World world(io, scenario("ok"));
  EXPECT_THROW(World(io, scenario("ok"), {{}, world.resolver().endpoint()}), boost::system::system_error);
}

TEST(World, config_points_at_what_runs) {
  asio::io_context io(1);
  World world(io, scenario("submission"));
  ConfigOptions options;
  options.interval = std::chrono::seconds(7);
  const YAML::Node config = YAML::Load(world.config_yaml(options));
  EXPECT_EQ(config["global"]["interval"].Scalar(), "7s");
  EXPECT_EQ(config["modules"]["mx"]["port"].as<int>(), world.port(Service::mx));
  EXPECT_EQ(config["modules"]["submission"]["port"].as<int>(), world.port(Service::submission));
  EXPECT_EQ(config["targets"][0]["domain"].Scalar(), "submission.lab.test");
  EXPECT_EQ(config["targets"][0]["submission"][0].Scalar(), "smtp.submission.lab.test");
  EXPECT_TRUE(std::filesystem::exists(config["global"]["tls_ca_file"].Scalar()));
  EXPECT_THAT(config["resolvers"][0].Scalar(), testing::EndsWith(std::to_string(world.resolver().endpoint().port())));
}

TEST(World, a_host_that_serves_policies_has_the_port_that_the_configuration_names) {
  asio::io_context io(1);
  World world(io, scenario("mta-sts"));
  MailHost* const host = world.host("mta-sts.mta-sts.lab.test", Service::https);
  ASSERT_TRUE(host != nullptr);
  const YAML::Node config = YAML::Load(world.config_yaml({}));
  EXPECT_EQ(config["global"]["mta_sts_port"].as<std::uint16_t>(), host->endpoint().port());
  EXPECT_EQ(world.fill_in("${port.https}", world.scenarios().front()), std::to_string(host->endpoint().port()));
}

TEST(World, scenario_settings_are_merged_over_the_configuration) {
  asio::io_context io(1);
  World world(io, scenario("mx-not-public"));
  const YAML::Node config = YAML::Load(world.config_yaml({}));
  EXPECT_EQ(config["limits"]["non_public_targets"].Scalar(), "false");
}

TEST(World, a_broken_world_gets_a_healthy_companion) {
  asio::io_context io(1);
  EXPECT_EQ(World(io, scenario("connect-refused")).scenarios().back().name, "companion");
  EXPECT_EQ(World(io, scenario("ok")).scenarios().size(), 1U);
}

TEST(World, names_of_one_address_share_it) {
  asio::io_context io(1);
  World world(io, scenario("ok-shared-address"));
  EXPECT_EQ(world.address_of("mx.ok-shared-address.lab.test"), world.address_of("other.ok-shared-address.lab.test"));
}

TEST(World, dns_can_change_while_it_runs) {
  asio::io_context io(1);
  World world(io, scenario("ok"));
  DnsQuestion question;
  question.name = "ok.lab.test";
  question.type = kMx;
  world.dns().set_manner("ok.lab.test", Manner::servfail);
  EXPECT_TRUE(world.dns().reply(question, Transport::udp)) << "an answer for the type goes before one for every type";
  Answer servfail;
  servfail.manner = Manner::servfail;
  world.dns().set("ok.lab.test", kMx, servfail);
  EXPECT_EQ(static_cast<unsigned char>(world.dns().reply(question, Transport::udp)->at(3)) & 0xfU, kServFail);
}

TEST(World, every_scenario_of_the_repository_starts) {
  std::size_t expectations = 0;
  for (std::vector<Scenario>& together : worlds_of(load_scenarios(scenario_directory()))) {
    asio::io_context io(1);
    const World world(io, std::move(together));
    EXPECT_THAT(world.config_yaml({}), Not(HasSubstr("${")));
    for (const Scenario& played : world.scenarios()) {
      expectations += played.expect.size();
      EXPECT_THAT(played.about, Not(IsEmpty())) << played.file;
      for (const std::string& line : played.metrics) EXPECT_THAT(world.fill_in(line, played), StartsWith("mxhealth_"));
    }
  }
  EXPECT_GT(expectations, 150U);
}

TEST(Scenario, mistakes_name_line_and_column) {
  EXPECT_THAT(complaint("hosts: {a: nonsense}\n"), StartsWith("1:12: unknown behaviour 'nonsense'"));
  EXPECT_THAT(complaint("about: x\nhots: {}\n"), StartsWith("2:1: unknown key 'hots'"));
  EXPECT_THAT(complaint("about: x\nabout: y\n"), StartsWith("2:1: duplicate key 'about'"));
  EXPECT_THAT(complaint("domains:\n  - mx: [[ten, a]]\n"), StartsWith("2:11: 'ten' is no number"));
  EXPECT_THAT(complaint("domains:\n  - expect: {cause: x}\n"), StartsWith("2:13: 'verdict' is missing"));
  EXPECT_THAT(complaint("hosts: {a: {mx: {script: [sned 220]}}}\n"), StartsWith("1:27: unknown script word 'sned'"));
  EXPECT_THAT(complaint("dns: {a: {MX: nowhere}}\n"), StartsWith("1:15: unknown DNS answer 'nowhere'"));
  EXPECT_THAT(complaint("a: [\n"), StartsWith("2:1: "));
}

TEST(Scenario, a_behaviour_may_be_written_in_place) {
  const std::string file = testing::TempDir() + "/lab-inline.yml";
  std::ofstream(file) << "hosts: {a: {mx: {like: tls_ok, script: ['send 220-one', 'wait 10ms', 'send 220 two'],\n"
                         "                 on: {EHLO: ['send 451 4.3.0 not now']}}}}\n";
  asio::io_context io(1);
  World world(io, load_scenarios(file));
  TestClient client(io, world.host("a.lab-inline.lab.test")->endpoint());
  EXPECT_EQ(client.reply(), "220-one\r\n220 two\r\n");
  client.say("EHLO x");
  EXPECT_EQ(client.reply(), "451 4.3.0 not now\r\n");
}

// YAML::Node assigns by reference: kept in a scenario, it would move to another when some are erased before it.
TEST(Scenario, settings_stay_with_their_scenario_when_some_are_left_out) {
  std::vector<Scenario> all = load_scenarios(scenario_directory());
  std::erase_if(all, [](const Scenario& one) { return one.name < "mx-l"; });
  for (const Scenario& one : all) {
    const std::vector<Scenario> alone = load_scenarios(one.file);
    const auto same = std::ranges::find(alone, one.name, &Scenario::name);
    ASSERT_NE(same, alone.end()) << one.name;
    EXPECT_EQ(one.config, same->config) << one.name;
  }
}

TEST(Scenario, copies_make_a_fleet) {
  const std::string file = testing::TempDir() + "/fleet.yml";
  std::ofstream(file) << "copies: 600\nhosts: {mx: ok}\ndomains: [{mx: [[10, mx]], expect: {verdict: ok}}]\n";
  asio::io_context io(1);
  World world(io, load_scenarios(file));
  EXPECT_EQ(world.hosts().size(), 600U);
  EXPECT_THAT(TestClient(io, world.host("mx.fleet-600.lab.test")->endpoint()).reply(), StartsWith("220 "));
}

TEST(ParseStep, knows_its_words) {
  EXPECT_EQ(parse_step("wait 1500ms").pause, std::chrono::milliseconds(1500));
  EXPECT_EQ(parse_step("raw a\\r\\n\\x00\\\\").text, std::string("a\r\n\0\\", 5));
  EXPECT_EQ(parse_step("flood 3 ab").count, 3U);
  for (const char* wrong : {"", "wait", "wait 3", "raw \\q", "raw \\x1", "flight 5 explode", "flood x y", "expect"})
    EXPECT_THROW(parse_step(wrong), std::invalid_argument) << wrong;
}

class Expect : public testing::Test {
 protected:
  static constexpr const char* kGood =
      "# TYPE mxhealth_domain_verdict gauge\n"
      "mxhealth_domain_verdict{domain=\"connect-refused.lab.test\",role=\"mx\",verdict=\"ok\"} 0\n"
      "mxhealth_domain_verdict{domain=\"connect-refused.lab.test\",role=\"mx\",verdict=\"unreachable\"} 1\n"
      "mxhealth_domain_reachable{domain=\"connect-refused.lab.test\",role=\"mx\"} 0\n"
      "mxhealth_domain_cause_info{domain=\"connect-refused.lab.test\",role=\"mx\",cause=\"connect_refused\","
      "enhanced_status=\"4.4.1\",side=\"theirs\"} 1\n";

  std::vector<std::string> compare(std::string text) {
    Scenario& played = scenarios_.front();
    played.metrics.clear();
    return differences(world_, played, text);
  }

  asio::io_context io_{1};
  std::vector<Scenario> scenarios_ = scenario("connect-refused");
  World world_{io_, scenarios_};
};

TEST_F(Expect, finds_nothing_where_all_is_well) { EXPECT_THAT(compare(kGood), IsEmpty()); }

TEST_F(Expect, finds_a_wrong_verdict_and_a_wrong_cause) {
  std::string text = kGood;
  text.replace(text.find("4.4.1"), 5, "4.4.2");
  EXPECT_THAT(compare(text), ElementsAre(HasSubstr("enhanced_status=\"4.4.1\"")));
  text = kGood;
  text.replace(text.find("\"ok\"} 0"), 7, "\"ok\"} 1");
  EXPECT_THAT(compare(text), ElementsAre(HasSubstr("verdict=\"unreachable\"} 1 alone")));
  EXPECT_THAT(compare(""), testing::SizeIs(3));
}

TEST_F(Expect, compares_values_and_labels_of_lines) {
  Scenario& played = scenarios_.front();
  played.expect.clear();
  const std::string text = "m{a=\"1\",b=\"x\\\"y\"} 3\nbare 2\n";
  const auto count = [&](const char* line) {
    played.metrics = {line};
    return differences(world_, played, text).size();
  };
  for (const char* fits : {"m{b=\"x\\\"y\"} 3", "m{} >2", "m{a=\"1\"} *", "m", "bare 2.0", "bare <3"})
    EXPECT_EQ(count(fits), 0U) << fits;
  for (const char* wrong : {"m{a=\"2\"} 3", "m{} 4", "m{} >3", "absent 1", "m{c=\"\"} 3"})
    EXPECT_EQ(count(wrong), 1U) << wrong;
  played.metrics.clear();
  played.absent = {"m{a=\"1\"}"};
  EXPECT_EQ(differences(world_, played, text).size(), 1U);
}

}  // namespace
}  // namespace mxhealth::lab
