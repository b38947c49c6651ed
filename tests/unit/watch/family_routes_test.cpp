#include "watch/family_routes.hpp"

#include <gtest/gtest.h>

namespace mxhealth::watch {
namespace {

const Peer kFirst{Address::parse("2001:db8::1").value(), 25};
const Peer kSecond{Address::parse("2001:db8::2").value(), 25};
const Peer kOther{Address::parse("192.0.2.1").value(), 25};

TEST(FamilyRoutes, losing_one_and_getting_it_back_are_said_once) {
  FamilyRoutes routes;
  EXPECT_FALSE(routes.found(kFirst)) << "it was never missed";
  EXPECT_TRUE(routes.lost(kFirst));
  EXPECT_FALSE(routes.lost(kFirst));
  EXPECT_FALSE(routes.lost(kSecond));
  EXPECT_FALSE(routes.found(kFirst)) << "another address has none yet";
  EXPECT_TRUE(routes.found(kSecond));
  EXPECT_FALSE(routes.found(kSecond));
}

TEST(FamilyRoutes, a_later_loss_is_said_again) {
  FamilyRoutes routes;
  routes.lost(kFirst);
  routes.found(kFirst);
  EXPECT_TRUE(routes.lost(kFirst));
}

TEST(FamilyRoutes, each_family_is_its_own) {
  FamilyRoutes routes;
  EXPECT_TRUE(routes.lost(kFirst));
  EXPECT_TRUE(routes.lost(kOther));
  EXPECT_TRUE(routes.found(kOther));
}

}  // namespace
}  // namespace mxhealth::watch
