#include "metrics/writer.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <limits>
#include <random>

namespace mxhealth::metrics {
namespace {

std::string value(double v) {
  std::string out;
  append_value(out, v);
  return out;
}

TEST(Writer, writes_whole_numbers_out) {
  EXPECT_EQ(value(0), "0");
  EXPECT_EQ(value(1700000000), "1700000000");
  EXPECT_EQ(value(-3), "-3");
  EXPECT_EQ(value(9007199254740991.0), "9007199254740991");
}

TEST(Writer, names_what_is_no_number_as_prometheus_does) {
  EXPECT_EQ(value(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(value(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(value(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(Writer, every_double_reads_back_as_itself) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100000; ++i) {
    const auto number = std::bit_cast<double>(random());
    if (number != number) continue;
    const std::string text = value(number);
    double back = 0;
    const char* const begin = text.data() + (text.front() == '+' ? 1 : 0);
    std::from_chars(begin, text.data() + text.size(), back);
    ASSERT_EQ(back, number) << text;
  }
  EXPECT_EQ(value(1763816400.1234567), "1763816400.1234567");
  EXPECT_EQ(value(0.1), "0.1");
}

TEST(Writer, escapes_labels_and_help) {
  std::string out;
  append_label(out, {"a", "q\"b\\s\nn"});
  EXPECT_EQ(out, R"(a="q\"b\\s\nn")");
  EXPECT_EQ(header({"x_total", Type::counter, "a \"b\" \\ c\nd", ""}, Format::text),
            "# HELP mxhealth_x_total a \"b\" \\\\ c\\nd\n# TYPE mxhealth_x_total counter\n");
}

TEST(Writer, names_a_counter_in_openmetrics_without_its_suffix_and_tells_the_unit) {
  EXPECT_EQ(header({"x_seconds_total", Type::counter, "a \"b\" \\ c\nd", "seconds"}, Format::openmetrics),
            "# HELP mxhealth_x_seconds a \\\"b\\\" \\\\ c\\nd\n# TYPE mxhealth_x_seconds counter\n"
            "# UNIT mxhealth_x_seconds seconds\n");
}

TEST(Writer, gives_whole_edges_of_buckets_a_point) {
  std::string out;
  for (const double edge : {0.005, 1.0, 300.0, std::numeric_limits<double>::infinity()}) {
    append_edge(out, edge);
    out += ' ';
  }
  EXPECT_EQ(out, "0.005 1.0 300.0 +Inf ");
}

}  // namespace
}  // namespace mxhealth::metrics
