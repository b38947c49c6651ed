#include "report/words.hpp"

#include <gtest/gtest.h>

namespace mxhealth::report {
namespace {

Name name(std::string_view text) { return Name::parse(text).value(); }

DomainRecord domain(Verdict verdict, std::optional<CauseFound> cause = {}) {
  DomainRecord r;
  r.key = {name("example.com"), Role::mx};
  r.verdict = verdict;
  r.cause = std::move(cause);
  r.servers = {{{name("mx1.example.com"), 25}, 10}};
  return r;
}

TEST(Words, tell_what_a_sender_would_log) {
  EXPECT_EQ(sentence(domain(Verdict::unreachable, CauseFound{Cause::connect_refused, "4.4.1", Side::theirs})),
            "No mail host of example.com answers on port 25. A sender would queue and log 4.4.1.");
  EXPECT_EQ(sentence(domain(Verdict::unreachable, CauseFound{Cause::banner_timeout, "4.4.2", Side::theirs})),
            "No mail host of example.com holds an SMTP conversation on port 25. A sender would queue and log 4.4.2.");
  EXPECT_EQ(sentence(domain(Verdict::rejecting, CauseFound{Cause::ehlo_rejected, "5.7.1", Side::theirs})),
            "The mail hosts of example.com refuse mail. A sender would bounce and log 5.7.1.");
  EXPECT_EQ(sentence(domain(Verdict::tempfail, CauseFound{Cause::banner_tempfail, "other", Side::theirs})),
            "The mail hosts of example.com put senders off for now.");
}

TEST(Words, name_the_senders_where_they_differ) {
  DomainRecord r = domain(Verdict::rejecting, CauseFound{Cause::banner_rejected, "5.7.1", Side::theirs});
  r.forecasts = {{Sender::postfix, DeliveryOutcome::defer, "4.7.1"}};
  EXPECT_EQ(sentence(r), "The mail hosts of example.com refuse mail. A sender would queue and log 4.7.1.");
  r.forecasts.push_back({Sender::exim, DeliveryOutcome::bounce, "5.7.1"});
  EXPECT_EQ(sentence(r),
            "The mail hosts of example.com refuse mail. Postfix would queue and log 4.7.1, Exim would bounce and log "
            "5.7.1.");
  r = domain(Verdict::no_mail, CauseFound{Cause::mx_null, "5.1.0", Side::theirs});
  r.forecasts = {{Sender::postfix, DeliveryOutcome::bounce, "5.1.0"},
                 {Sender::exim, DeliveryOutcome::deliver, "2.0.0"}};
  EXPECT_EQ(
      sentence(r),
      "example.com says that it takes no mail (null MX). Postfix would bounce and log 5.1.0, Exim would deliver.");
}

TEST(Words, know_a_domain_without_servers) {
  DomainRecord r = domain(Verdict::unreachable, CauseFound{Cause::dns_nxdomain, "5.4.4", Side::dns});
  r.servers.clear();
  EXPECT_EQ(sentence(r), "The mail hosts of example.com cannot be found or used. A sender would bounce and log 5.4.4.");
}

TEST(Words, know_a_server_target_and_submission) {
  DomainRecord r = domain(Verdict::unreachable, CauseFound{Cause::connect_timeout, "4.4.1", Side::path});
  r.is_server_target = true;
  EXPECT_EQ(sentence(r), "example.com does not answer on port 25. A sender would queue and log 4.4.1.");
  r = domain(Verdict::unreachable, CauseFound{Cause::connect_timeout, "4.4.1", Side::path});
  r.key.role = Role::submission;
  r.servers = {{{name("a.example.com"), 587}, 0}, {{name("a.example.com"), 465}, 0}, {{name("b.example.com"), 587}, 0}};
  EXPECT_EQ(sentence(r), "No submission host of example.com answers on ports 465 and 587. Its users cannot send mail.");
}

TEST(Words, have_a_sentence_for_every_verdict) {
  DomainRecord fresh = domain(Verdict::ok);
  fresh.verdict.reset();
  EXPECT_EQ(sentence(fresh), "example.com has not been probed yet.");
  EXPECT_EQ(sentence(domain(Verdict::ok)), "Every mail host of example.com answers on port 25.");
  for (std::size_t i = 0; i < kVerdictLabels.size(); ++i) {
    EXPECT_NE(sentence(domain(static_cast<Verdict>(i))).find("example.com"), std::string::npos) << kVerdictLabels[i];
  }
}

TEST(Words, fill_names_into_the_first_checks) {
  const auto checks = first_checks(domain(Verdict::unreachable, CauseFound{Cause::dns_nxdomain, "5.4.4", Side::dns}));
  ASSERT_EQ(checks.size(), 3U);
  EXPECT_EQ(checks.back(), "dig +trace SOA example.com");
  DomainRecord r = domain(Verdict::unreachable, CauseFound{Cause::mx_target_missing, "5.4.4", Side::dns});
  EXPECT_EQ(first_checks(r).front(), "dig A mx1.example.com; dig AAAA mx1.example.com");
  r.servers.push_back({{name("mx2.example.com"), 25}, 20});
  EXPECT_EQ(first_checks(r).front(), "dig A MXHOST; dig AAAA MXHOST") << "whichever it is";
  EXPECT_TRUE(first_checks(domain(Verdict::ok)).empty());
  EXPECT_EQ(explanation(domain(Verdict::ok)), "");
}

}  // namespace
}  // namespace mxhealth::report
