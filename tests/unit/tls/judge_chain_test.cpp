#include "tls/judge_chain.hpp"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include "tls/certificates.hpp"

namespace mxhealth::tls {
namespace {

using namespace testing;

ServerName name(std::string_view text) { return *ServerName::parse(text); }
const std::vector<ServerName> kMx{name("mx.example.net")};

class judge_chain_test : public ::testing::Test {
 protected:
  ChainFacts judged(const Chain& served, Wall now = kNow) const { return judge_chain(served, kMx, store, now); }
  bool matches(const Wishes& wishes, std::string_view host) const {
    const Issued leaf = issued_by(root, wishes);
    const std::vector<ServerName> wanted{name(host)};
    const ChainFacts facts = judge_chain(chain({&leaf}), wanted, store, kNow);
    EXPECT_EQ(facts.names.size(), 1U);
    return facts.names.front().matches;
  }
  static Wishes named(std::string alt_names, std::string subject = "mx.example.net") {
    Wishes wishes;
    wishes.alt_names = std::move(alt_names);
    wishes.subject = std::move(subject);
    return wishes;
  }

  Issued root = authority("Test Root");
  TrustStore store = trusting(root);
};

TEST_F(judge_chain_test, a_good_certificate_is_trusted_and_dated) {
  const Issued leaf = issued_by(root, {});
  const ChainFacts facts = judged(chain({&leaf, &root}));
  EXPECT_EQ(facts.verdict, ChainVerdict::trusted);
  EXPECT_EQ(facts.verify_error, X509_V_OK);
  EXPECT_FALSE(facts.self_signed);
  EXPECT_EQ(facts.leaf_not_before, kNow - 30 * kDay);
  EXPECT_EQ(facts.leaf_not_after, kNow + 60 * kDay);
  EXPECT_EQ(facts.chain_not_after, kNow + 60 * kDay);
  EXPECT_EQ(facts.leaf_sha256, fingerprint(leaf.certificate.get()));
  EXPECT_EQ(facts.length, 2);
  ASSERT_EQ(facts.names.size(), 1U);
  EXPECT_EQ(facts.names.front().name, kMx.front());
  EXPECT_TRUE(facts.names.front().matches);
}

TEST_F(judge_chain_test, an_expired_certificate_still_has_its_dates_and_names) {
  Wishes wishes;
  wishes.until = kNow - kDay;
  const Issued leaf = issued_by(root, wishes);
  const ChainFacts facts = judged(chain({&leaf}));
  EXPECT_EQ(facts.verdict, ChainVerdict::expired);
  EXPECT_EQ(facts.verify_error, X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_EQ(facts.leaf_not_after, kNow - kDay);
  EXPECT_TRUE(facts.names.front().matches);
}

TEST_F(judge_chain_test, the_verdict_turns_when_the_last_second_is_over) {
  const Issued leaf = issued_by(root, {});
  const Chain served = chain({&leaf});
  EXPECT_EQ(judged(served, kNow + 60 * kDay - 1s).verdict, ChainVerdict::trusted);
  EXPECT_EQ(judged(served, kNow + 60 * kDay + 1s).verdict, ChainVerdict::expired);
  EXPECT_EQ(judged(served, kNow - 30 * kDay - 1s).verdict, ChainVerdict::not_yet_valid);
}

TEST_F(judge_chain_test, a_certificate_from_the_future_is_not_yet_valid) {
  Wishes wishes;
  wishes.from = kNow + kDay;
  const Issued leaf = issued_by(root, wishes);
  EXPECT_EQ(judged(chain({&leaf})).verdict, ChainVerdict::not_yet_valid);
}

TEST_F(judge_chain_test, a_self_signed_certificate_is_untrusted_and_told_apart) {
  const Issued leaf = self_signed({});
  const ChainFacts facts = judged(chain({&leaf}));
  EXPECT_EQ(facts.verdict, ChainVerdict::untrusted);
  EXPECT_TRUE(facts.self_signed);
  EXPECT_EQ(facts.verify_error, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
  EXPECT_TRUE(facts.names.front().matches);
}

TEST_F(judge_chain_test, renewing_would_not_help_an_expired_certificate_that_nobody_trusts) {
  Wishes wishes;
  wishes.until = kNow - kDay;
  const Issued leaf = self_signed(wishes);
  EXPECT_EQ(judged(chain({&leaf})).verdict, ChainVerdict::untrusted);
}

TEST_F(judge_chain_test, a_foreign_authority_is_untrusted) {
  const Issued stranger = authority("Stranger");
  const Issued leaf = issued_by(stranger, {});
  const ChainFacts facts = judged(chain({&leaf, &stranger}));
  EXPECT_EQ(facts.verdict, ChainVerdict::untrusted);
  EXPECT_FALSE(facts.self_signed);
}

TEST_F(judge_chain_test, a_missing_intermediate_is_untrusted_and_a_served_one_is_not) {
  Wishes between;
  between.subject = "Intermediate";
  between.alt_names.clear();
  between.authority = true;
  between.until = kNow + 10 * kDay;
  const Issued intermediate = issued_by(root, between);
  const Issued leaf = issued_by(intermediate, {});
  EXPECT_EQ(judged(chain({&leaf})).verdict, ChainVerdict::untrusted);
  const ChainFacts whole = judged(chain({&leaf, &intermediate}));
  EXPECT_EQ(whole.verdict, ChainVerdict::trusted);
  EXPECT_EQ(whole.chain_not_after, kNow + 10 * kDay) << "the earliest end in the chain";
  EXPECT_EQ(whole.leaf_not_after, kNow + 60 * kDay);
  EXPECT_EQ(judged(chain({&leaf, &intermediate}), kNow + 11 * kDay).verdict, ChainVerdict::expired);
}

TEST_F(judge_chain_test, an_issuer_that_is_no_authority_is_untrusted) {
  const Issued neighbour = issued_by(root, {});
  const Issued leaf = issued_by(neighbour, named("DNS:mx.example.net", "leaf"));
  EXPECT_EQ(judged(chain({&leaf, &neighbour})).verdict, ChainVerdict::untrusted);
}

TEST_F(judge_chain_test, a_certificate_for_clients_only_is_untrusted) {
  Wishes wishes;
  wishes.extended_usage = "clientAuth";
  const Issued leaf = issued_by(root, wishes);
  EXPECT_EQ(judged(chain({&leaf})).verdict, ChainVerdict::untrusted);
}

TEST_F(judge_chain_test, weak_keys_and_digests_are_no_distrust) {
  Wishes wishes;
  wishes.rsa_bits = 1024;
  wishes.digest = EVP_sha1();
  const Issued leaf = issued_by(root, wishes);
  EXPECT_EQ(judged(chain({&leaf})).verdict, ChainVerdict::trusted);
}

TEST_F(judge_chain_test, a_forged_signature_is_untrusted) {
  const Issued twin = authority("Test Root");  // the name of our root, another key
  const Issued leaf = issued_by(twin, {});
  EXPECT_EQ(judged(chain({&leaf})).verdict, ChainVerdict::untrusted);
}

TEST_F(judge_chain_test, names_match_as_rfc_6125_says) {
  EXPECT_TRUE(matches(named("DNS:MX.Example.NET"), "mx.example.net"));
  EXPECT_FALSE(matches(named("DNS:other.example.net"), "mx.example.net"))
      << "a CN beside subjectAltName counts nothing";
  EXPECT_TRUE(matches(named(""), "mx.example.net")) << "a CN alone counts";
  EXPECT_TRUE(matches(named("DNS:*.example.net"), "mx.example.net"));
  EXPECT_FALSE(matches(named("DNS:*.example.net"), "a.mx.example.net")) << "one label only";
  EXPECT_FALSE(matches(named("DNS:*.example.net"), "example.net"));
  EXPECT_FALSE(matches(named("DNS:m*.example.net"), "mx.example.net")) << "no part of a label";
  EXPECT_FALSE(matches(named("DNS:mx.example.net"), "mx.example.net.evil.test"));
}

TEST_F(judge_chain_test, an_address_matches_only_an_address_entry) {
  EXPECT_TRUE(matches(named("IP:192.0.2.1"), "192.0.2.1"));
  EXPECT_FALSE(matches(named("DNS:192.0.2.1"), "192.0.2.1"));
  EXPECT_FALSE(matches(named("IP:192.0.2.2"), "192.0.2.1"));
}

TEST_F(judge_chain_test, every_name_is_matched_on_its_own) {
  const Issued leaf = issued_by(root, named("DNS:a.example.net,DNS:b.example.net"));
  const std::vector<ServerName> wanted{name("a.example.net"), name("c.example.net"), name("b.example.net")};
  const ChainFacts facts = judge_chain(chain({&leaf}), wanted, store, kNow);
  ASSERT_EQ(facts.names.size(), 3U);
  EXPECT_TRUE(facts.names[0].matches);
  EXPECT_FALSE(facts.names[1].matches);
  EXPECT_TRUE(facts.names[2].matches);
}

TEST_F(judge_chain_test, the_last_of_many_alternative_names_is_found) {
  std::string many = "DNS:h0.example.net";
  for (int i = 1; i < 2000; ++i) many += ",DNS:h" + std::to_string(i) + ".example.net";
  EXPECT_TRUE(matches(named(many), "h1999.example.net"));
  EXPECT_FALSE(matches(named(many), "h2000.example.net"));
}

TEST_F(judge_chain_test, certificates_beyond_the_bound_are_counted_but_not_used) {
  Wishes between;
  between.subject = "Intermediate";
  between.authority = true;
  const Issued intermediate = issued_by(root, between);
  const Issued leaf = issued_by(intermediate, {});
  STACK_OF(X509)* stack = sk_X509_new_null();
  sk_X509_push(stack, leaf.certificate.get());
  for (std::size_t i = 1; i < kMaxChain; ++i) sk_X509_push(stack, root.certificate.get());
  sk_X509_push(stack, intermediate.certificate.get());
  const Chain served = Chain::of(stack);
  sk_X509_free(stack);
  EXPECT_EQ(served.size(), kMaxChain);
  EXPECT_EQ(served.served(), kMaxChain + 1);
  const ChainFacts facts = judged(served);
  EXPECT_EQ(facts.length, kMaxChain + 1);
  EXPECT_EQ(facts.verdict, ChainVerdict::untrusted);
}

TEST_F(judge_chain_test, dates_beyond_the_clock_are_clamped) {
  Wishes wishes;
  wishes.generalized_until = "99991231235959Z";  // RFC 5280 section 4.1.2.5: no well-defined end
  const Issued leaf = issued_by(root, wishes);
  const ChainFacts facts = judged(chain({&leaf}));
  EXPECT_EQ(facts.verdict, ChainVerdict::trusted);
  EXPECT_GT(facts.leaf_not_after, kNow + 200 * 365 * kDay);
}

TEST_F(judge_chain_test, an_empty_chain_is_untrusted) {
  EXPECT_EQ(judged(Chain{}).verdict, ChainVerdict::untrusted);
  EXPECT_EQ(Chain::of(nullptr).served(), 0U);
}

TEST_F(judge_chain_test, the_digest_tells_chains_apart) {
  const Issued leaf = issued_by(root, {});
  const Issued other = issued_by(root, {});
  EXPECT_EQ(chain({&leaf, &root}).digest(), chain({&leaf, &root}).digest());
  EXPECT_NE(chain({&leaf, &root}).digest(), chain({&leaf}).digest());
  EXPECT_NE(chain({&leaf, &root}).digest(), chain({&root, &leaf}).digest());
  EXPECT_NE(chain({&leaf}).digest(), chain({&other}).digest());
}

class chain_judge : public judge_chain_test {
 protected:
  ChainJudge judge{trusting(root)};
};

TEST_F(chain_judge, the_same_question_is_remembered) {
  const Issued leaf = issued_by(root, {});
  const Chain served = chain({&leaf});
  EXPECT_EQ(judge.judge(served, kMx, kNow).verdict, ChainVerdict::trusted);
  EXPECT_EQ(judge.judge(served, kMx, kNow + 1s).verdict, ChainVerdict::trusted);
  EXPECT_EQ(judge.remembered(), 1U);
}

TEST_F(chain_judge, other_names_are_another_question) {
  const Issued leaf = issued_by(root, {});
  const Chain served = chain({&leaf});
  const std::vector<ServerName> other{name("other.example.net")};
  EXPECT_TRUE(judge.judge(served, kMx, kNow).names.front().matches);
  EXPECT_FALSE(judge.judge(served, other, kNow).names.front().matches);
  EXPECT_EQ(judge.remembered(), 2U);
}

TEST_F(chain_judge, an_answer_does_not_outlive_the_certificate) {
  Wishes wishes;
  wishes.until = kNow + 10min;
  const Issued leaf = issued_by(root, wishes);
  const Chain served = chain({&leaf});
  EXPECT_EQ(judge.judge(served, kMx, kNow).verdict, ChainVerdict::trusted);
  EXPECT_EQ(judge.judge(served, kMx, kNow + 10min + 1s).verdict, ChainVerdict::expired);
}

TEST_F(chain_judge, a_certificate_becomes_valid_in_time) {
  Wishes wishes;
  wishes.from = kNow + 10min;
  const Issued leaf = issued_by(root, wishes);
  const Chain served = chain({&leaf});
  EXPECT_EQ(judge.judge(served, kMx, kNow).verdict, ChainVerdict::not_yet_valid);
  EXPECT_EQ(judge.judge(served, kMx, kNow + 11min).verdict, ChainVerdict::trusted);
  EXPECT_EQ(judge.judge(served, kMx, kNow).verdict, ChainVerdict::not_yet_valid) << "a clock may step back";
}

// The authority is not served; that it ends is seen within the hour.
TEST_F(chain_judge, an_answer_is_an_hour_old_at_most) {
  const Issued brief = authority("Brief Root", kNow + 10min);
  ChainJudge brief_judge(trusting(brief));
  const Issued leaf = issued_by(brief, {});
  const Chain served = chain({&leaf});
  EXPECT_EQ(brief_judge.judge(served, kMx, kNow).verdict, ChainVerdict::trusted);
  EXPECT_EQ(brief_judge.judge(served, kMx, kNow + ChainJudge::kMaxAge).verdict, ChainVerdict::expired);
}

TEST_F(chain_judge, its_memory_is_bounded) {
  const Issued leaf = issued_by(root, {});
  const Chain served = chain({&leaf});
  for (std::size_t i = 0; i <= ChainJudge::kMaxRemembered; ++i) {
    const std::vector<ServerName> names{name("h" + std::to_string(i) + ".example.net")};
    judge.judge(served, names, kNow);
    ASSERT_LE(judge.remembered(), ChainJudge::kMaxRemembered);
  }
  EXPECT_EQ(judge.remembered(), 1U);
}

}  // namespace
}  // namespace mxhealth::tls
