#include "model/reply_code.hpp"

#include <gtest/gtest.h>

namespace mxhealth {
namespace {

TEST(code_label, only_codes_that_a_standard_names) {
  for (const std::uint16_t code :
       std::initializer_list<std::uint16_t>{220, 250, 354, 421, 450, 451, 454, 500, 502, 521, 535, 550, 554, 556})
    EXPECT_EQ(code_label(code), std::to_string(code));
  for (const std::uint16_t code : std::initializer_list<std::uint16_t>{0, 199, 222, 299, 420, 499, 599, 999, 65535})
    EXPECT_EQ(code_label(code), "other");
}

TEST(enhanced_status_label, registered_ones_stay) {
  for (const std::string_view status :
       {"2.0.0", "4.4.1", "5.7.1", "4.7.0", "5.1.10", "4.7.25", "5.6.7", "4.0.0", "5.5.6"})
    EXPECT_EQ(enhanced_status_label(status), status);
}

TEST(enhanced_status_label, all_else_is_other) {
  for (const std::string_view status :
       {"", "4", "4.7", "4.7.", "3.0.0", "4.8.0", "4.0.1", "4.7.500", "5.7.31", "4.04.1", "4.4.01", "4.4.1 ", "4.4.1.1",
        "x.y.z", "4.-1.0", "+4.4.1", "4.4.1\n", "4.9999.1", "99999999999999"})
    EXPECT_EQ(enhanced_status_label(status), "other") << status;
}

TEST(leading_enhanced_status, it_stands_first_and_has_the_class_of_the_code) {
  EXPECT_EQ(leading_enhanced_status(421, "4.7.0 too many"), "4.7.0");
  EXPECT_EQ(leading_enhanced_status(550, "5.1.1"), "5.1.1");
  EXPECT_EQ(leading_enhanced_status(451, "4.7.500 busy"), "4.7.500") << "as received";
  EXPECT_EQ(leading_enhanced_status(550, "4.7.0 no"), "");
  EXPECT_EQ(leading_enhanced_status(550, "no 5.1.1"), "");
  EXPECT_EQ(leading_enhanced_status(550, "5.1.1no"), "");
  EXPECT_EQ(leading_enhanced_status(550, "5.1.1234 no"), "");
  EXPECT_EQ(leading_enhanced_status(550, "5.1"), "");
  EXPECT_EQ(leading_enhanced_status(550, ""), "");
  EXPECT_EQ(leading_enhanced_status(354, "3.0.0 go"), "");
}

}  // namespace
}  // namespace mxhealth
