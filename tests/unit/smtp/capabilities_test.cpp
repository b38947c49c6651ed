#include "smtp/capabilities.hpp"

#include <gtest/gtest.h>

#include "smtp/reply.hpp"

namespace mxhealth::smtp {
namespace {

Capabilities offered(std::string_view lines) {
  Reply reply;
  reply.code = 250;
  reply.text = "mx.example.net\n";
  reply.text += lines;
  return read_capabilities(reply);
}

TEST(capabilities, keywords_are_found) {
  const auto offers = offered("PIPELINING\nSIZE 52428800\nSTARTTLS\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES");
  EXPECT_TRUE(offers.esmtp);
  EXPECT_TRUE(offers.pipelining);
  EXPECT_TRUE(offers.size);
  EXPECT_TRUE(offers.starttls);
  EXPECT_TRUE(offers.eight_bit_mime);
  EXPECT_TRUE(offers.smtputf8);
  EXPECT_TRUE(offers.enhanced_status_codes);
  EXPECT_FALSE(offers.masked_starttls);
}

TEST(capabilities, nothing_offered_is_nothing_found) {
  Reply reply;
  reply.text = "mx.example.net";
  const auto offers = read_capabilities(reply);
  EXPECT_TRUE(offers.esmtp);
  EXPECT_FALSE(offers.starttls);
  EXPECT_TRUE(offers.auth.empty());
}

TEST(capabilities, the_greeting_line_is_no_keyword) {
  Reply reply;
  reply.text = "STARTTLS\nSIZE";
  EXPECT_FALSE(read_capabilities(reply).starttls);
}

TEST(capabilities, case_tabs_blanks_and_duplicates_do_not_matter) {
  EXPECT_TRUE(offered("starttls").starttls);
  EXPECT_TRUE(offered("\t StartTLS \t").starttls);
  EXPECT_TRUE(offered("size\t1000").size);
  EXPECT_TRUE(offered("STARTTLS\nSTARTTLS\n\n \n").starttls);
}

TEST(capabilities, a_longer_or_shorter_word_is_another) {
  EXPECT_FALSE(offered("STARTTLSX").starttls);
  EXPECT_FALSE(offered("STARTTL").starttls);
  EXPECT_FALSE(offered("X-STARTTLS").starttls);
}

// RFC 3207 section 6: a middlebox that removes STARTTLS, here by writing over it.
TEST(capabilities, a_masked_starttls_is_recognised) {
  for (const std::string_view keyword : {"XXXXXXXA", "xxxxxxxa", "XXXXXXXX", "XXXX"}) {
    const auto offers = offered(keyword);
    EXPECT_TRUE(offers.masked_starttls) << keyword;
    EXPECT_FALSE(offers.starttls) << keyword;
  }
  for (const std::string_view keyword : {"XCLIENT", "XXX", "XFORWARD NAME", "X", "A"})
    EXPECT_FALSE(offered(keyword).masked_starttls) << keyword;
}

TEST(capabilities, mechanisms_are_collected_once_in_their_order) {
  const std::vector<std::string> expected{"PLAIN", "LOGIN", "SCRAM-SHA-256"};
  EXPECT_EQ(offered("AUTH PLAIN login\nAUTH=LOGIN PLAIN\nauth scram-sha-256").auth, expected);
}

TEST(capabilities, what_is_no_mechanism_name_is_left_out) {
  const std::string longest(kMaxAuthMechanism, 'A');
  const std::vector<std::string> expected{longest, "PLAIN"};
  EXPECT_EQ(offered("AUTH " + longest + " " + longest + "B PL\x1b[AIN \"LOGIN\" PLAIN").auth, expected);
}

TEST(capabilities, mechanisms_are_bounded) {
  std::string line = "AUTH";
  for (std::size_t i = 0; i <= kMaxAuthMechanisms; ++i) line += " M" + std::to_string(i);
  EXPECT_EQ(offered(line).auth.size(), kMaxAuthMechanisms);
}

TEST(capabilities, starttls_is_found_behind_thousands_of_lines) {
  std::string lines;
  for (int i = 0; i < 5000; ++i) lines += "X-NOISE-" + std::to_string(i) + "\n";
  EXPECT_TRUE(offered(lines + "STARTTLS").starttls);
}

}  // namespace
}  // namespace mxhealth::smtp
