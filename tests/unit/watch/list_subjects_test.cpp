// Who is looked up on lists, and how many at most.
#include "watch/list_subjects.hpp"

#include <gtest/gtest.h>

#include "watch/fixture.hpp"

namespace mxhealth::watch {
namespace {

TEST(ListSubjects, are_configured_before_they_are_targets) {
  config::Dnsbl config;
  config.addresses = {{Address::parse("192.0.2.4").value(), 30}, {Address::parse("2001:db8::").value(), 126}};
  config.domains = {name("example.net")};
  const Subjects found = list_subjects(config, {name("example.net"), name("example.org")}, {});
  EXPECT_EQ(found.all.size(), 4U + 4U + 2U);
  EXPECT_EQ(found.all.at(name("example.net")), SubjectSource::configured);
  EXPECT_EQ(found.all.at(name("example.org")), SubjectSource::target);
  EXPECT_TRUE(found.all.contains(Address::parse("192.0.2.7").value()));
  EXPECT_TRUE(found.all.contains(Address::parse("2001:db8::3").value()));
}

TEST(ListSubjects, are_bounded_and_tell_what_was_left_out) {
  config::Dnsbl config;
  for (int i = 0; i < 100; ++i)
    config.addresses.push_back({Address::parse("10.0." + std::to_string(i) + ".0").value(), 24});
  const Subjects found = list_subjects(config, {name("example.org")}, {});
  EXPECT_EQ(found.all.size(), kMaxSubjects);
  EXPECT_EQ(found.dropped, 100 * 256 - kMaxSubjects + 1);
}

TEST(ListSubjects, from_other_peoples_dns_are_public_addresses_alone) {
  const std::set<Subject> found{Address::parse("127.0.0.2").value(), Address::parse("10.1.2.3").value(),
                                Address::parse("9.9.9.9").value()};
  const Subject known = Address::parse("9.9.9.9").value();
  EXPECT_EQ(list_subjects({}, found, {}).all, (std::map<Subject, SubjectSource>{{known, SubjectSource::target}}));
  EXPECT_EQ(list_subjects({}, {}, found).all, (std::map<Subject, SubjectSource>{{known, SubjectSource::configured}}));
}

}  // namespace
}  // namespace mxhealth::watch
