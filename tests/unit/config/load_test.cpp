#include "config/load.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/document.hpp"
#include "config/report.hpp"
#include "fixture.hpp"

namespace mxhealth::config {
namespace {

using namespace std::chrono_literals;
using test::data;
using test::texts;
using Texts = std::vector<std::string>;

Config valid(const std::string& name) {
  Loaded loaded = parse_config(test::read_all(data("valid/" + name)), name);
  EXPECT_EQ(texts(loaded.problems), Texts{});
  return loaded.config.value_or(Config{});
}

Name name(std::string_view text) { return Name::parse(text).value(); }
Address address(std::string_view text) { return Address::parse(text).value(); }

Texts problems_of(std::string_view text) { return texts(parse_config(text, "f").problems); }

TEST(LoadConfig, fills_in_the_designed_defaults) {
  const Config config = valid("minimal.yml");
  EXPECT_EQ(config.global.interval, 60s);
  EXPECT_TRUE(config.global.ehlo_name.is_root());
  EXPECT_TRUE(config.global.source_addresses.empty());
  EXPECT_EQ(config.global.timeouts.dns, 5s);
  EXPECT_EQ(config.global.timeouts.connect, 30s);
  EXPECT_EQ(config.global.timeouts.banner, 60s);
  EXPECT_EQ(config.global.timeouts.reply, 30s);
  EXPECT_EQ(config.global.timeouts.tls, 30s);
  EXPECT_EQ(config.global.timeouts.session, 300s);
  EXPECT_EQ(config.global.families, Families::both);
  EXPECT_TRUE(config.global.tls_ca_file.empty());
  EXPECT_EQ(config.global.confirm.probes, 2);
  EXPECT_EQ(config.global.confirm.after, 5s);
  EXPECT_EQ(config.global.mx_hold, 1h);
  EXPECT_EQ(config.global.mta_sts_port, 443);
  EXPECT_TRUE(config.resolvers.empty());
  EXPECT_EQ(config.modules.size(), 3U);
  EXPECT_EQ(config.modules.at("mx"), (Module{"mx", Role::mx, 25, TlsPolicy::opportunistic}));
  EXPECT_EQ(config.modules.at("submission"), (Module{"submission", Role::submission, 587, TlsPolicy::verified}));
  EXPECT_EQ(config.modules.at("submissions"), (Module{"submissions", Role::submission, 465, TlsPolicy::implicit}));
  EXPECT_EQ(config.limits.in_flight, 5000);
  EXPECT_EQ(config.limits.addresses_per_server, 8);
  EXPECT_FALSE(config.limits.non_public_targets);
}

TEST(LoadConfig, takes_selectors_that_are_no_host_names) {
  const Loaded loaded =
      parse_config("targets: [{domain: a.example, dkim_selectors: [S1, 20230601, a_b.c]}, {domain: b.example}]", "f");
  ASSERT_EQ(texts(loaded.problems), Texts{});
  EXPECT_EQ(loaded.config->targets[0].dkim_selectors, (Texts{"s1", "20230601", "a_b.c"}));
  EXPECT_TRUE(loaded.config->targets[1].dkim_selectors.empty());
}

TEST(LoadConfig, gives_a_bare_domain_the_mx_walk_with_module_mx) {
  const Config config = valid("minimal.yml");
  ASSERT_EQ(config.targets.size(), 1U);
  const Target& target = config.targets[0];
  EXPECT_EQ(target.name, name("example.com"));
  EXPECT_EQ(target.kind, Target::Kind::domain);
  EXPECT_FALSE(target.own);
  EXPECT_EQ(target.interval, 60s);
  EXPECT_EQ(target.mark.file, "minimal.yml");
  EXPECT_EQ(target.mark.line, 2);
  EXPECT_EQ(target.mark.column, 13);
  ASSERT_EQ(target.walks.size(), 1U);
  EXPECT_EQ(target.walks[0].role, Role::mx);
  EXPECT_EQ(target.walks[0].source, HostSource::mx_records);
  EXPECT_EQ(target.walks[0].modules, std::vector{config.modules.at("mx")});
}

TEST(LoadConfig, reads_every_global_value) {
  const Global global = valid("everything.yml").global;
  EXPECT_EQ(global.interval, 2min);
  EXPECT_EQ(global.ehlo_name, name("probe.example.net"));
  EXPECT_EQ(global.source_addresses, (std::vector{address("192.0.2.7"), address("2001:db8::7")}));
  EXPECT_EQ(global.timeouts.dns, 4s);
  EXPECT_EQ(global.timeouts.connect, 31s);
  EXPECT_EQ(global.timeouts.banner, 61s);
  EXPECT_EQ(global.timeouts.reply, 32s);
  EXPECT_EQ(global.timeouts.tls, 33s);
  EXPECT_EQ(global.timeouts.session, 4min);
  EXPECT_EQ(global.tls_ca_file, "/etc/ssl/cert.pem");
  EXPECT_EQ(global.sender_models, (std::vector{Sender::exim, Sender::postfix}));
  EXPECT_EQ(global.confirm.probes, 3);
  EXPECT_EQ(global.confirm.after, 2500ms);
  EXPECT_EQ(global.mx_hold, 30min);
  EXPECT_EQ(global.mta_sts_port, 8443);
}

TEST(LoadConfig, reads_canaries_in_the_order_of_the_file) {
  const std::vector<Canary> expected{{name("mx.example.org"), 25},
                                     {name("mx.example.com"), 25},
                                     {name("b.example.org"), 587},
                                     {name("a.example.org"), 587}};
  EXPECT_EQ(valid("everything.yml").canaries, expected);
}

TEST(LoadConfig, reads_resolvers_with_and_without_a_port) {
  const std::vector<Peer> expected{
      {address("127.0.0.1"), 53}, {address("127.0.0.1"), 5353}, {address("::1"), 53}, {address("::1"), 5353}};
  EXPECT_EQ(valid("everything.yml").resolvers, expected);
  EXPECT_EQ(valid("everything.yml").resolver_check.name, name("control.example.net"));
  EXPECT_TRUE(valid("minimal.yml").resolver_check.name.is_root());
}

TEST(LoadConfig, changes_built_in_modules_and_derives_the_defaults_of_others) {
  const auto modules = valid("everything.yml").modules;
  EXPECT_EQ(modules.at("mx"), (Module{"mx", Role::mx, 2525, TlsPolicy::opportunistic}));
  EXPECT_EQ(modules.at("submission"), (Module{"submission", Role::submission, 587, TlsPolicy::required}));
  EXPECT_EQ(modules.at("relay"), (Module{"relay", Role::mx, 1025, TlsPolicy::off}));
  EXPECT_EQ(modules.at("strict"), (Module{"strict", Role::mx, 25, TlsPolicy::opportunistic}));
  EXPECT_EQ(modules.at("smtps"), (Module{"smtps", Role::submission, 465, TlsPolicy::implicit}));
  EXPECT_EQ(modules.at("client"), (Module{"client", Role::submission, 587, TlsPolicy::verified, {}, {}, true}));
}

TEST(LoadConfig, makes_one_walk_per_role_with_the_expected_tls_applied) {
  const Target target = valid("everything.yml").targets.at(0);
  EXPECT_TRUE(target.own);
  EXPECT_EQ(target.interval, 30s);
  EXPECT_EQ(target.labels, (std::map<std::string, std::string>{{"tier", "gold"}, {"floor", "2"}}));
  ASSERT_EQ(target.walks.size(), 2U);
  EXPECT_EQ(target.walks[0].role, Role::mx);
  EXPECT_EQ(target.walks[0].modules, (std::vector{Module{"mx", Role::mx, 2525, TlsPolicy::verified}}));
  EXPECT_EQ(target.walks[0].expected, (std::vector{name("mx2.example.com"), name("mx1.example.com")}));
  EXPECT_EQ(target.walks[1].role, Role::submission);
  EXPECT_TRUE(target.walks[1].expected.empty());
  EXPECT_EQ(target.walks[1].source, HostSource::named_hosts);
  EXPECT_EQ(target.walks[1].hosts, (std::vector{name("smtp.example.com"), name("smtp2.example.com")}));
  EXPECT_EQ(target.walks[1].modules, (std::vector{Module{"submission", Role::submission, 587, TlsPolicy::verified},
                                                  Module{"submissions", Role::submission, 465, TlsPolicy::implicit}}));
}

TEST(LoadConfig, adds_module_submission_where_only_hosts_are_named) {
  const Target target = valid("everything.yml").targets.at(1);
  EXPECT_EQ(target.name, name("xn--bcher-kva.example"));
  EXPECT_EQ(target.interval, 2min);
  ASSERT_EQ(target.walks.size(), 2U);
  EXPECT_EQ(target.walks[1].source, HostSource::mx_records);
  EXPECT_TRUE(target.walks[1].hosts.empty());
  EXPECT_EQ(target.walks[1].modules, (std::vector{Module{"submission", Role::submission, 587, TlsPolicy::required}}));
}

TEST(LoadConfig, keeps_several_modules_of_a_role_in_the_order_of_the_file) {
  const Target target = valid("everything.yml").targets.at(2);
  ASSERT_EQ(target.walks.size(), 1U);
  ASSERT_EQ(target.walks[0].modules.size(), 2U);
  EXPECT_EQ(target.walks[0].modules[0].name, "relay");
  EXPECT_EQ(target.walks[0].modules[1].name, "strict");
}

TEST(LoadConfig, gives_a_server_itself_as_the_host_of_each_role) {
  const Config config = valid("everything.yml");
  const Target& relay = config.targets.at(3);
  EXPECT_EQ(relay.kind, Target::Kind::server);
  ASSERT_EQ(relay.walks.size(), 1U);
  EXPECT_EQ(relay.walks[0].source, HostSource::named_hosts);
  EXPECT_EQ(relay.walks[0].hosts, std::vector{name("relay.example.net")});
  EXPECT_EQ(relay.walks[0].modules, std::vector{config.modules.at("mx")});
  const Target& both = config.targets.at(4);
  ASSERT_EQ(both.walks.size(), 2U);
  EXPECT_EQ(both.walks[0].role, Role::mx);
  EXPECT_EQ(both.walks[1].role, Role::submission);
  EXPECT_EQ(both.walks[1].hosts, std::vector{name("both.example.net")});
}

TEST(LoadConfig, reads_limits) {
  const Limits limits = valid("everything.yml").limits;
  EXPECT_EQ(limits.in_flight, 100);
  EXPECT_EQ(limits.addresses_per_server, 4);
  EXPECT_TRUE(limits.non_public_targets);
}

TEST(LoadConfig, repeats_what_an_alias_stands_for) {
  EXPECT_EQ(valid("anchors.yml").targets.at(1).labels.at("tier"), "gold");
}

TEST(LoadConfig, does_not_warn_about_fast_probing_of_own_hosts) {
  EXPECT_EQ(problems_of("global: {interval: 10s}\ntargets: [{domain: example.com, own: true}]\n"), Texts{});
}

TEST(LoadConfig, reports_all_errors_of_a_file_in_the_order_of_its_lines) {
  const auto problems = parse_config(test::read_all(data("invalid/ten_at_once.yml")), "f").problems;
  EXPECT_GE(problems.size(), 10U);
  EXPECT_TRUE(std::ranges::is_sorted(problems, {}, &Problem::line));
}

TEST(LoadConfig, says_that_an_empty_file_is_empty) {
  EXPECT_EQ(problems_of(""), (Texts{"f: error: empty; allowed: targets: [...]"}));
  EXPECT_EQ(problems_of("# only a comment\n"), (Texts{"f: error: empty; allowed: targets: [...]"}));
  EXPECT_EQ(problems_of("---\n"), (Texts{"f: error: empty; allowed: targets: [...]"}));
}

TEST(LoadConfig, reads_files_of_other_systems) {
  EXPECT_EQ(problems_of("\xEF\xBB\xBFtargets:\r\n  - domain: example.com\r\n"), Texts{});
  EXPECT_EQ(problems_of("\xEF\xBB\xBFtargets: 1\r\nlimits: 2\r\n"),
            (Texts{"f:1:10: error: targets: not a list, found \"1\"; allowed: a list, such as [a, b]",
                   "f:2:9: error: limits: not a map, found \"2\"; allowed: a map of keys and values"}));
}

TEST(LoadConfig, names_the_place_of_what_is_not_plain_text) {
  EXPECT_EQ(problems_of("targets:\n\t- domain: example.com\n"),
            (Texts{"f:2:1: error: a tab in the indentation; YAML wants spaces there"}));
  EXPECT_EQ(problems_of("targets: [{domain: b\xFC"
                        "cher.example}]\n"),
            (Texts{"f:1:21: error: not UTF-8; save the file in that encoding"}));
  EXPECT_EQ(problems_of("targets: [{domain: example.com}]\n# \xED\xA0\x80\n"),
            (Texts{"f:2:3: error: not UTF-8; save the file in that encoding"}));
  EXPECT_EQ(problems_of("targets: [{domain: example.com}] # \x1B[2J\n"),
            (Texts{"f:1:36: error: a control character; a configuration file is plain text"}));
}

TEST(LoadConfig, refuses_a_file_just_over_its_size_and_takes_one_just_under) {
  std::string text = "targets: [{domain: example.com}]\n#";
  text.resize(kMaxFile, 'x');
  EXPECT_EQ(problems_of(text), Texts{});
  text += 'x';
  EXPECT_EQ(problems_of(text), Texts{"f: error: longer than 1 MiB"});
}

TEST(LoadConfig, refuses_nesting_just_over_its_depth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(std::holds_alternative<Node>(read_document(nested(kMaxDepth))));
  EXPECT_TRUE(std::holds_alternative<Broken>(read_document(nested(kMaxDepth + 1))));
}

TEST(LoadConfig, counts_aliases_as_what_they_repeat) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string name = "a" + std::to_string(i);
    const std::string last = "*a" + std::to_string(i - 1);
    text += name + ": &" + name + " [";
    for (int j = 0; j < 9; ++j) text += last + ", ";
    text += last + "]\n";
  }
  const auto problems = problems_of(text);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("aliases counted as what they repeat"), std::string::npos);
}

TEST(LoadConfig, stops_counting_problems_at_a_thousand) {
  std::string text = "targets: [{domain: example.com}]\n";
  for (std::size_t i = 0; i < kMaxProblems + 5; ++i) text += "key" + std::to_string(i) + ": 1\n";
  const auto problems = problems_of(text);
  ASSERT_EQ(problems.size(), kMaxProblems + 1);
  EXPECT_EQ(problems.back(), "f: error: and 5 more");
}

TEST(LoadConfig, takes_ten_thousand_targets) {
  std::string text = "targets:\n";
  for (int i = 0; i < 10'000; ++i) text += "- {domain: d" + std::to_string(i) + ".example.com, labels: {tier: gold}}\n";
  EXPECT_EQ(parse_config(text, "f").config.value_or(Config{}).targets.size(), 10'000U);
}

TEST(LoadConfig, says_why_a_file_cannot_be_read) {
  const test::Scratch scratch;
  const std::string missing = (scratch / "none.yml").string();
  EXPECT_EQ(texts(load_config(missing).problems),
            Texts{missing + ": error: cannot be read: No such file or directory"});
  const std::string folder = (scratch / "").string();
  EXPECT_EQ(texts(load_config(folder).problems), Texts{folder + ": error: is a directory"});
}

TEST(LoadConfig, looks_for_the_trust_store_beside_the_file) {
  const test::Scratch scratch;
  const auto file = scratch / "c.yml";
  test::write_all(file, "global: {tls_ca_file: ca.pem}\ntargets: [{domain: example.com}]\n");
  EXPECT_EQ(texts(load_config(file).problems),
            Texts{file.string() + ":1:23: error: global.tls_ca_file: cannot be read: No such file or directory, found "
                                  "\"ca.pem\""});
  test::write_all(scratch / "ca.pem", "x");
  const Loaded loaded = load_config(file);
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->global.tls_ca_file, scratch / "ca.pem");
}

}  // namespace
}  // namespace mxhealth::config
