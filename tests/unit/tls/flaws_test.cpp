// Twenty and more ways in which certificates go wrong, each told by a name of its own.
#include "tls/flaws.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tls/certificates.hpp"
#include "tls/judge_chain.hpp"

namespace mxhealth::tls {
namespace {

using namespace testing;
using enum Finding;
using Flaws = std::vector<Finding>;

const std::vector<ServerName> kNames{*ServerName::parse("mx.example.net")};

class flaws_test : public ::testing::Test {
 protected:
  Flaws flaws(std::initializer_list<const Issued*> served) const {
    const ChainFacts facts = judge_chain(chain(served), kNames, store, kNow);
    EXPECT_NE(facts.leaf_not_after, Wall{}) << "dates are told whatever is wrong";
    return facts.flaws;
  }
  static Wishes with(void (*change)(Wishes&)) {
    Wishes wishes;
    change(wishes);
    return wishes;
  }
  Issued leaf(void (*change)(Wishes&)) const { return issued_by(root, with(change)); }
  Issued below(const Issued& issuer, void (*change)(Wishes&)) const {
    Wishes wishes;
    wishes.subject = "Intermediate";
    wishes.alt_names.clear();
    wishes.authority = true;
    change(wishes);
    return issued_by(issuer, wishes);
  }

  Issued root = authority("Test Root");
  TrustStore store = trusting(root);
};

TEST_F(flaws_test, an_ordinary_chain_has_none) {
  const Issued middle = below(root, [](Wishes&) {});
  const Issued one = issued_by(middle, {});
  EXPECT_EQ(flaws({&one, &middle}), Flaws{});
  EXPECT_EQ(flaws({&one, &middle, &root}), Flaws{});
}

TEST_F(flaws_test, dates) {
  const Issued expired = leaf([](Wishes& w) { w.until = kNow - kDay; });
  EXPECT_EQ(flaws({&expired}), Flaws{cert_expired});
  const Issued future = leaf([](Wishes& w) { w.from = kNow + kDay; });
  EXPECT_EQ(flaws({&future}), Flaws{cert_not_yet_valid});
  const Issued never = leaf([](Wishes& w) { w.from = kNow + kDay, w.until = kNow - kDay; });
  const Flaws told = flaws({&never});
  EXPECT_TRUE(std::ranges::find(told, cert_never_valid) != told.end());
  const Issued middle = below(root, [](Wishes& w) { w.until = kNow - kDay; });
  const Issued good = issued_by(middle, {});
  EXPECT_EQ(flaws({&good, &middle}), Flaws{chain_expired});
  const Issued early = below(root, [](Wishes& w) { w.from = kNow + kDay; });
  const Issued under = issued_by(early, {});
  EXPECT_EQ(flaws({&under, &early}), Flaws{chain_not_yet_valid});
}

TEST_F(flaws_test, nobody_vouches) {
  const Issued own = self_signed({});
  EXPECT_EQ(flaws({&own}), Flaws{cert_self_signed});
  const Issued stranger = authority("A stranger");
  const Issued unknown = issued_by(stranger, {});
  EXPECT_EQ(flaws({&unknown, &stranger}), Flaws{cert_unknown_authority});
  const Issued strange_middle = below(stranger, [](Wishes&) {});
  const Issued deeper = issued_by(strange_middle, {});
  EXPECT_EQ(flaws({&deeper, &strange_middle}), Flaws{cert_unknown_authority}) << "roots are not sent";
}

TEST_F(flaws_test, a_missing_intermediate_is_not_an_unknown_authority) {
  const Issued middle = below(root, [](Wishes&) {});
  const Issued one = issued_by(middle, {});
  EXPECT_EQ(flaws({&one}), Flaws{chain_incomplete});
}

TEST_F(flaws_test, weak_keys_and_digests) {
  const Issued short_key = leaf([](Wishes& w) { w.rsa_bits = 1024; });
  EXPECT_EQ(flaws({&short_key}), Flaws{cert_weak_key});
  const Issued sha1 = leaf([](Wishes& w) { w.digest = EVP_sha1(); });
  EXPECT_EQ(flaws({&sha1}), Flaws{cert_sha1});
  const Issued rsa_middle = below(root, [](Wishes& w) { w.rsa_bits = 2048; });  // elliptic keys know no MD5
  const Issued md5 = issued_by(rsa_middle, with([](Wishes& w) { w.digest = EVP_md5(); }));
  EXPECT_EQ(flaws({&md5, &rsa_middle}), Flaws{cert_md5});
  const Issued old_middle = below(root, [](Wishes& w) { w.digest = EVP_sha1(); });
  const Issued under = issued_by(old_middle, {});
  EXPECT_EQ(flaws({&under, &old_middle}), Flaws{chain_weak_digest});
  const Issued short_middle = below(root, [](Wishes& w) { w.rsa_bits = 1024; });
  const Issued below_short = issued_by(short_middle, {});
  EXPECT_EQ(flaws({&below_short, &short_middle}), Flaws{chain_weak_key});
}

TEST_F(flaws_test, the_boundary_of_weak_keys) {
  const Issued enough = leaf([](Wishes& w) { w.rsa_bits = 2048; });
  EXPECT_EQ(flaws({&enough}), Flaws{});
}

TEST_F(flaws_test, names_and_purposes) {
  const Issued common = leaf([](Wishes& w) { w.alt_names.clear(); });
  EXPECT_EQ(flaws({&common}), Flaws{cert_without_san});
  const Issued client = leaf([](Wishes& w) { w.extended_usage = "clientAuth"; });
  EXPECT_EQ(flaws({&client}), Flaws{cert_wrong_purpose});
  const Issued ca = leaf([](Wishes& w) { w.authority = true; });
  EXPECT_EQ(flaws({&ca}), Flaws{cert_is_authority});
}

TEST_F(flaws_test, issuers_that_must_not_be) {
  const Issued plain = leaf([](Wishes& w) { w.subject = "No authority"; });
  const Issued under = issued_by(plain, {});
  const Flaws told = flaws({&under, &plain});
  EXPECT_TRUE(std::ranges::find(told, chain_not_authority) != told.end());
}

TEST_F(flaws_test, order) {
  const Issued middle = below(root, [](Wishes&) {});
  const Issued one = issued_by(middle, {});
  const Issued other = authority("Nobody asked");
  EXPECT_EQ(flaws({&one, &root, &middle}), Flaws{chain_disordered});
  EXPECT_EQ(flaws({&one, &middle, &other}), Flaws{chain_surplus});
}

}  // namespace
}  // namespace mxhealth::tls
