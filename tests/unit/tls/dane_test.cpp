#include "tls/dane.hpp"

#include <gtest/gtest.h>

#include "tls/certificates.hpp"
#include "tls/judge_chain.hpp"
#include "tls/published.hpp"

namespace mxhealth::tls {
namespace {

using namespace testing;

Name name(std::string_view text) { return *Name::parse(text); }
class dane_test : public ::testing::Test {
 protected:
  ChainFacts served(std::initializer_list<const Issued*> certificates) const {
    return judge_chain(chain(certificates), names, TrustStore::trusting_nobody(), kNow);
  }
  DaneJudgement judged(const ChainFacts& facts, std::vector<TlsaRecord> records, Wall now = kNow) {
    return judge.judge(&facts, published(std::move(records)), names, now);
  }
  DaneState state(const ChainFacts& facts, std::vector<TlsaRecord> records, Wall now = kNow) {
    return judged(facts, std::move(records), now).state;
  }

  const std::vector<Name> names{name("mx.example.net")};
  DaneJudge judge;
  Issued root = authority("Test Root");
  Issued leaf = issued_by(root, {});
  Issued next = issued_by(root, {});
};

TEST_F(dane_test, both_usages_selectors_and_all_matching_types_match) {
  const ChainFacts facts = served({&leaf, &root});
  for (const int selector : {0, 1}) {
    for (const int type : {0, 1, 2}) {
      EXPECT_EQ(state(facts, {tlsa(3, selector, type, leaf)}), DaneState::secure_match) << selector << type;
      EXPECT_EQ(state(facts, {tlsa(2, selector, type, root)}), DaneState::secure_match) << selector << type;
      EXPECT_EQ(state(facts, {tlsa(3, selector, type, next)}), DaneState::mismatch) << selector << type;
      EXPECT_EQ(state(facts, {tlsa(2, selector, type, next)}), DaneState::mismatch) << selector << type;
    }
  }
}

TEST_F(dane_test, an_end_entity_needs_neither_name_nor_date_a_trust_anchor_both) {
  Wishes wishes;
  wishes.alt_names = "DNS:other.example";
  wishes.subject = "other.example";
  const Issued other = issued_by(root, wishes);
  EXPECT_EQ(state(served({&other, &root}), {tlsa(3, 1, 1, other)}), DaneState::secure_match);
  EXPECT_EQ(state(served({&other, &root}), {tlsa(2, 1, 1, root)}), DaneState::mismatch);
  const auto later = kNow + 90 * kDay;
  EXPECT_EQ(state(served({&leaf, &root}), {tlsa(3, 1, 1, leaf)}, later), DaneState::secure_match);
  EXPECT_EQ(state(served({&leaf, &root}), {tlsa(2, 1, 1, root)}, later), DaneState::mismatch);
}

TEST_F(dane_test, the_next_hop_is_a_reference_name_too) {
  Wishes wishes;
  wishes.alt_names = "DNS:example.net";
  const Issued other = issued_by(root, wishes);
  const ChainFacts facts = served({&other, &root});
  const TlsaFacts anchor = published({tlsa(2, 0, 1, root)});
  EXPECT_EQ(judge.judge(&facts, anchor, names, kNow).state, DaneState::mismatch);
  const std::vector<Name> both{name("mx.example.net"), name("example.net")};
  EXPECT_EQ(judge.judge(&facts, anchor, both, kNow).state, DaneState::secure_match);
}

TEST_F(dane_test, a_trust_anchor_that_is_not_sent_matches_only_where_the_record_holds_it_whole) {
  EXPECT_EQ(state(served({&leaf}), {tlsa(2, 0, 1, root)}), DaneState::mismatch);
  EXPECT_EQ(state(served({&leaf}), {tlsa(2, 0, 0, root)}), DaneState::secure_match);
  EXPECT_EQ(state(served({&leaf}), {tlsa(2, 1, 0, root)}), DaneState::secure_match);
}

TEST_F(dane_test, a_rollover_tells_which_record_has_no_certificate_yet) {
  const DaneJudgement found = judged(served({&leaf}), {tlsa(3, 1, 1, leaf), tlsa(3, 1, 1, next)});
  EXPECT_EQ(found.state, DaneState::secure_match);
  EXPECT_EQ(found.matched, (std::vector<bool>{true, false}));
  EXPECT_EQ(state(served({&next}), {tlsa(3, 1, 1, leaf)}), DaneState::mismatch) << "the record is stale";
}

TEST_F(dane_test, usages_for_the_web_and_broken_records_are_unusable) {
  const ChainFacts facts = served({&leaf, &root});
  EXPECT_EQ(state(facts, {tlsa(1, 1, 1, leaf), tlsa(0, 0, 1, root)}), DaneState::unusable);
  for (const TlsaRecord& broken :
       {TlsaRecord{3, 2, 1, Octets(32)}, TlsaRecord{3, 1, 3, Octets(32)}, TlsaRecord{3, 1, 1, Octets(31)},
        TlsaRecord{3, 1, 2, Octets(65)}, TlsaRecord{3, 0, 0, Octets(9)}, TlsaRecord{3, 1, 1, {}}})
    EXPECT_EQ(state(facts, {broken}), DaneState::unusable);
  EXPECT_EQ(state(facts, {tlsa(1, 1, 1, leaf), tlsa(3, 1, 1, leaf)}), DaneState::secure_match);
}

TEST_F(dane_test, a_stronger_digest_outweighs_a_weaker_one) {
  const ChainFacts facts = served({&leaf});
  EXPECT_EQ(state(facts, {tlsa(3, 1, 1, leaf), tlsa(3, 1, 2, next)}), DaneState::mismatch) << "RFC 7671 section 9";
}

TEST_F(dane_test, without_secure_records_dane_does_not_apply) {
  const ChainFacts facts = served({&leaf});
  TlsaFacts unsigned_host = published({tlsa(3, 1, 1, next)});
  unsigned_host.secure_host = false;
  EXPECT_EQ(judge.judge(&facts, unsigned_host, names, kNow).state, DaneState::none);
  TlsaFacts unsigned_records = published({tlsa(3, 1, 1, next)});
  unsigned_records.authenticated = false;
  EXPECT_EQ(judge.judge(&facts, unsigned_records, names, kNow).state, DaneState::none);
  TlsaFacts nothing = published({});
  nothing.end = LookupEnd::nxdomain;
  EXPECT_EQ(judge.judge(&facts, nothing, names, kNow).state, DaneState::none);
}

TEST_F(dane_test, a_failed_lookup_is_no_absence) {
  const ChainFacts facts = served({&leaf});
  TlsaFacts failed = published({});
  for (const LookupEnd end : {LookupEnd::servfail, LookupEnd::bogus, LookupEnd::timed_out, LookupEnd::malformed}) {
    failed.end = end;
    EXPECT_EQ(judge.judge(&facts, failed, names, kNow).state, DaneState::lookup_failed);
  }
}

TEST_F(dane_test, no_tls_is_a_mismatch) {
  EXPECT_EQ(judge.judge(nullptr, published({tlsa(3, 1, 1, leaf)}), names, kNow).state, DaneState::mismatch);
}

TEST_F(dane_test, what_was_judged_is_judged_anew_when_it_is_old) {
  const ChainFacts facts = served({&leaf, &root});
  const auto last_day = kNow + 60 * kDay - 1min;
  EXPECT_EQ(state(facts, {tlsa(2, 1, 1, root)}, last_day), DaneState::secure_match);
  EXPECT_EQ(state(facts, {tlsa(2, 1, 1, root)}, last_day + DaneJudge::kMaxAge), DaneState::mismatch);
}

}  // namespace
}  // namespace mxhealth::tls
