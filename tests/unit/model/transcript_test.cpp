#include "model/transcript.hpp"

#include <gtest/gtest.h>

namespace mxhealth {
namespace {

TEST(printable, keeps_ascii_and_hides_the_rest) {
  EXPECT_EQ(printable("220 mx ~!"), "220 mx ~!");
  EXPECT_EQ(printable(std::string_view("\0\t\n\r\x1b\x7f\x80\xff", 8)), "????????");
}

TEST(printable, cuts_what_is_too_long_and_says_so) {
  EXPECT_EQ(printable("12345", 5), "12345");
  EXPECT_EQ(printable("123456", 5), "12345...");
}

TEST(transcript, lines_are_kept_in_order_and_printable) {
  Transcript transcript;
  transcript.add(Duration(1), Speaker::server, "220 \x1b[2J");
  transcript.add(Duration(2), Speaker::we, "EHLO probe");
  ASSERT_EQ(transcript.lines().size(), 2U);
  EXPECT_EQ(transcript.lines()[0].text, "220 ?[2J");
  EXPECT_EQ(transcript.lines()[1].at, Duration(2));
  EXPECT_EQ(transcript.lines()[1].speaker, Speaker::we);
}

TEST(transcript, a_line_is_bounded) {
  Transcript transcript;
  transcript.add({}, Speaker::server, std::string(kMaxTranscriptLine + 1, 'x'));
  EXPECT_EQ(transcript.lines()[0].text, std::string(kMaxTranscriptLine, 'x') + "...");
}

TEST(transcript, the_number_of_lines_is_bounded_and_the_cut_is_said_once) {
  Transcript transcript;
  for (std::size_t i = 0; i < kMaxTranscriptLines + 10; ++i) transcript.add({}, Speaker::server, "x");
  ASSERT_EQ(transcript.lines().size(), kMaxTranscriptLines + 1);
  EXPECT_EQ(transcript.lines().back().speaker, Speaker::note);
}

}  // namespace
}  // namespace mxhealth
