// DNS on the wire: names and record data from their written form.
#include "lab/dns_message.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace mxhealth::lab {
namespace {

TEST(WireName, takes_odd_names_and_refuses_impossible_ones) {
  EXPECT_EQ(wire_name("."), Bytes(1, '\0'));
  EXPECT_EQ(wire_name("a.b."), Bytes("\x01"
                                     "a\x01"
                                     "b\0",
                                     5));
  EXPECT_EQ(wire_name("a\\.b\\000\\255"), Bytes("\x05"
                                                "a.b\0\xff\0",
                                                7));
  EXPECT_EQ(wire_name(std::string(63, 'x')).size(), 65U);
  EXPECT_THROW(wire_name(std::string(64, 'x')), std::invalid_argument);
  EXPECT_THROW(wire_name("a..b"), std::invalid_argument);
}

TEST(WireData, checks_its_fields) {
  EXPECT_EQ(wire_data(kTxt, {std::string(300, 't')}).size(), 302U);
  EXPECT_EQ(wire_data(kTlsa, {"3", "1", "1", "00ff"}), Bytes("\x03\x01\x01\x00\xff", 5));
  EXPECT_EQ(wire_data(kSrv, {"0", "1", "587", "."}), Bytes("\0\0\0\1\x02\x4b\0", 7));
  EXPECT_THROW(wire_data(kMx, {"70000", "mx"}), std::invalid_argument);
  EXPECT_THROW(wire_data(kMx, {"mx"}), std::invalid_argument);
  EXPECT_THROW(wire_data(kA, {"::1"}), std::invalid_argument);
}

}  // namespace
}  // namespace mxhealth::lab
