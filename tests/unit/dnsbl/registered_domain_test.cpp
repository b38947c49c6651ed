#include "dnsbl/registered_domain.hpp"

#include <gtest/gtest.h>

namespace mxhealth::dnsbl {
namespace {

std::string of(std::string_view name) {
  const auto domain = registered_domain(Name::parse(name).value());
  return domain ? domain->str() : "none";
}

TEST(RegisteredDomain, is_the_part_just_below_the_public_suffix) {
  EXPECT_EQ(of("mx1.mail.example.com"), "example.com");
  EXPECT_EQ(of("example.com"), "example.com");
  EXPECT_EQ(of("mx1.mail.example.co.uk"), "example.co.uk");
  EXPECT_EQ(of("MX1.Example.ORG."), "example.org");
}

TEST(RegisteredDomain, knows_exceptions_wildcards_and_private_suffixes) {
  EXPECT_EQ(of("a.b.city.kawasaki.jp"), "city.kawasaki.jp");
  EXPECT_EQ(of("a.b.c.kawasaki.jp"), "b.c.kawasaki.jp");
  EXPECT_EQ(of("deep.host.github.io"), "host.github.io");
}

TEST(RegisteredDomain, reads_a_labels) {
  EXPECT_EQ(of("mail.xn--bcher-kva.de"), "xn--bcher-kva.de");
  EXPECT_EQ(of("mail.example.xn--fiqs8s"), "example.xn--fiqs8s");
}

TEST(RegisteredDomain, of_a_suffix_is_none) {
  for (const char* suffix : {"com", "co.uk", "test", "github.io"}) EXPECT_EQ(of(suffix), "none") << suffix;
  EXPECT_FALSE(registered_domain(Name()));
}

TEST(RegisteredDomain, below_an_unknown_top_is_the_last_two_labels) {
  EXPECT_EQ(of("mx.example.invalid"), "example.invalid");
  EXPECT_EQ(of("_dmarc.lab.test"), "lab.test");
}

}  // namespace
}  // namespace mxhealth::dnsbl
