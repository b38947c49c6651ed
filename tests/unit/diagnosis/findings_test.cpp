#include "diagnosis/findings.hpp"

#include <gtest/gtest.h>

#include "diagnosis/runs.hpp"

namespace mxhealth::diagnosis {
namespace {

using namespace mxhealth::testing;
using Findings = std::vector<Finding>;

SessionRun slow_in(Phase phase, Duration took) {
  SessionRun run = played({kGreeting, kPlainEhlo});
  run.at(phase).completed = true;
  run.at(phase).duration = took;
  return run;
}

TEST(findings, a_good_session_has_none) {
  EXPECT_EQ(findings(played({kGreeting, kPlainEhlo})), Findings{});
  EXPECT_EQ(findings(unconnected({Ending::connect_failed, 111})), Findings{});
}

TEST(findings, auth_counts_only_before_tls) {
  EXPECT_EQ(findings(played({kGreeting, "250-mx\r\n250 AUTH PLAIN\r\n"})), Findings{Finding::auth_before_tls});
  const auto tls = tls_facts(ChainVerdict::trusted, "mx.example.net", true);
  EXPECT_EQ(findings(played({kGreeting, kTlsEhlo, kGoAhead, "250-mx\r\n250 AUTH PLAIN\r\n"}, {}, tls)), Findings{});
  EXPECT_EQ(findings(played({kGreeting, "250-mx\r\n250 AUTH PLAIN\r\n"}, {}, tls, smtp::TlsMode::from_first_byte)),
            Findings{});
}

TEST(findings, waiting_counts_from_five_seconds_on) {
  EXPECT_EQ(findings(slow_in(Phase::banner, kSlowReply)), Findings{Finding::greet_delay});
  EXPECT_EQ(findings(slow_in(Phase::banner, kSlowReply - std::chrono::milliseconds(1))), Findings{});
  EXPECT_EQ(findings(slow_in(Phase::ehlo, kSlowReply)), Findings{Finding::tarpit});
  EXPECT_EQ(findings(slow_in(Phase::rcpt, kSlowReply)), Findings{Finding::tarpit});
  EXPECT_EQ(findings(slow_in(Phase::connect, kSlowReply)), Findings{}) << "that is the network";
}

TEST(findings, a_masked_starttls_and_a_server_of_old_are_told) {
  EXPECT_EQ(findings(played({kGreeting, "250-mx\r\n250 XXXXXXXA\r\n"})), Findings{Finding::starttls_masked});
  EXPECT_EQ(findings(played({kGreeting, "502 no\r\n", "250 mx\r\n"})), Findings{Finding::helo_only});
}

TEST(announced_name, is_that_of_the_greeting_or_else_of_the_answer_to_ehlo) {
  const auto announced = [](const char* greeting, const char* ehlo) {
    return announced_name(played({greeting, ehlo})).str();
  };
  EXPECT_EQ(announced("220 mx.example.net ESMTP\r\n", "250 other.example.net\r\n"), "mx.example.net");
  EXPECT_EQ(announced("220 ESMTP ready\r\n", "250-other.example.net hello\r\n250 SIZE\r\n"), "other.example.net");
  EXPECT_EQ(announced("220 localhost ESMTP\r\n", "250 [192.0.2.1]\r\n"), "") << "no names";
  EXPECT_EQ(announced_name(unconnected({Ending::connect_failed, 111})), Name{});
}

}  // namespace
}  // namespace mxhealth::diagnosis
