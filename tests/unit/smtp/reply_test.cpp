#include "smtp/reply.hpp"

#include <gtest/gtest.h>

namespace mxhealth::smtp {
namespace {

using Status = ReplyReader::Status;

ReplyReader fed(std::string_view bytes) {
  ReplyReader reader;
  reader.feed(bytes);
  return reader;
}

std::string repeated(std::string_view line, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += line;
  return all;
}

TEST(reply, a_greeting_is_one_reply) {
  auto reader = fed("220 mx.example.net ESMTP\r\n");
  ASSERT_EQ(reader.next(), Status::reply);
  EXPECT_EQ(reader.reply().code, 220);
  EXPECT_EQ(reader.reply().code_class(), 2);
  EXPECT_EQ(reader.reply().text, "mx.example.net ESMTP");
  EXPECT_EQ(reader.reply().lines, 1U);
  EXPECT_FALSE(reader.reply().bare_lf);
  EXPECT_FALSE(reader.reply().mixed_codes);
  EXPECT_EQ(reader.pending(), "");
  EXPECT_EQ(reader.next(), Status::need_more);
}

TEST(reply, bytes_may_come_one_by_one) {
  ReplyReader reader;
  const std::string_view bytes = "250-mx\r\n250 SIZE\r\n";
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    reader.feed(bytes.substr(i, 1));
    ASSERT_EQ(reader.next(), Status::need_more) << i;
  }
  reader.feed(bytes.substr(bytes.size() - 1));
  ASSERT_EQ(reader.next(), Status::reply);
  EXPECT_EQ(reader.reply().text, "mx\nSIZE");
  EXPECT_EQ(reader.reply().lines, 2U);
}

// postscreen says `220-` at once and the last line six seconds later: nothing is complete in between.
TEST(reply, a_teaser_is_no_greeting_before_its_last_line) {
  auto reader = fed("220-wait for it\r\n");
  EXPECT_EQ(reader.next(), Status::need_more);
  reader.feed("220 mx ESMTP\r\n");
  ASSERT_EQ(reader.next(), Status::reply);
  EXPECT_EQ(reader.reply().first_line(), "wait for it");
}

TEST(reply, what_real_servers_do_is_accepted) {
  for (const std::string_view bytes : {"220\r\n", "220 \r\n", "220 x\n", "220 x\r\r\n", "599 x\r\n", "250 x\r\n"}) {
    auto reader = fed(bytes);
    EXPECT_EQ(reader.next(), Status::reply) << bytes;
  }
}

TEST(reply, a_bare_line_feed_is_noted) {
  auto reader = fed("220-a\n220 b\r\n");
  ASSERT_EQ(reader.next(), Status::reply);
  EXPECT_TRUE(reader.reply().bare_lf);
  EXPECT_EQ(reader.reply().text, "a\nb");
}

TEST(reply, of_mixed_codes_the_last_counts_and_it_is_noted) {
  auto reader = fed("220-a\r\n554 5.7.1 b\r\n");
  ASSERT_EQ(reader.next(), Status::reply);
  EXPECT_EQ(reader.reply().code, 554);
  EXPECT_TRUE(reader.reply().mixed_codes);
  EXPECT_EQ(reader.reply().enhanced, "5.7.1");
}

TEST(reply, the_enhanced_status_is_that_of_the_last_line_and_class) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"421 4.7.0 too many\r\n", "4.7.0"},
      {"421   4.7.0 too many\r\n", "4.7.0"},
      {"421 4.7.0\r\n", "4.7.0"},
      {"550-5.7.1 a\r\n550 5.7.2 b\r\n", "5.7.2"},
      {"550-5.7.1 a\r\n550 b\r\n", ""},
      {"550 4.7.1 class differs\r\n", ""},
      {"450 4.7.500 Microsoft\r\n", "4.7.500"},
      {"220 2.example\r\n", ""},
      {"354 3.0.0 no such class\r\n", ""},
  };
  for (const auto& [bytes, enhanced] : cases) {
    auto reader = fed(bytes);
    ASSERT_EQ(reader.next(), Status::reply) << bytes;
    EXPECT_EQ(reader.reply().enhanced, enhanced) << bytes;
  }
}

TEST(reply, a_line_that_is_no_reply_ends_the_reading) {
  for (const std::string_view bytes :
       {"SSH-2.0-x\r\n", "HTTP/1.1 400 Bad Request\r\n", "Debian GNU/Linux 12\r\n", "\r\n", "\n", "22\r\n", "22 x\r\n",
        "2200 x\r\n", "199 x\r\n", "600 x\r\n", "999 x\r\n", "220_x\r\n", "220\tx\r\n", "220\rx\r\n", " 220 x\r\n",
        "220-a\r\nb\r\n", "220-a\r\n\r\n"}) {
    auto reader = fed(bytes);
    EXPECT_EQ(reader.next(), Status::not_smtp) << bytes;
    reader.feed("220 too late\r\n");
    EXPECT_EQ(reader.next(), Status::not_smtp) << bytes;
  }
}

TEST(reply, a_login_prompt_without_line_end_is_known_by_four_octets) {
  auto reader = fed("log");
  EXPECT_EQ(reader.next(), Status::need_more);
  reader.feed("in: ");
  EXPECT_EQ(reader.next(), Status::not_smtp);
  EXPECT_EQ(reader.offending_line(), "login: ");
}

TEST(reply, the_offending_line_can_be_shown) {
  auto reader = fed("220-fine\r\nwho are you?\r\nmore\r\n");
  ASSERT_EQ(reader.next(), Status::not_smtp);
  EXPECT_EQ(reader.offending_line(), "who are you?\r");
}

TEST(reply, bytes_behind_a_reply_stay_visible) {
  auto reader = fed("220 go ahead\r\n250 injected\r\n");
  ASSERT_EQ(reader.next(), Status::reply);
  EXPECT_EQ(reader.reply().code, 220);
  EXPECT_EQ(reader.pending(), "250 injected\r\n");
  ASSERT_EQ(reader.next(), Status::reply);
  EXPECT_EQ(reader.reply().text, "injected");
  EXPECT_EQ(reader.pending(), "");
}

TEST(reply, any_octet_is_kept_raw_and_printable_when_stored) {
  const std::string text("\0\x1b[2J\xff\x80\r|", 9);
  auto reader = fed("220 " + text + "\r\n");
  ASSERT_EQ(reader.next(), Status::reply);
  EXPECT_EQ(reader.reply().text, text);
  EXPECT_EQ(fact(reader.reply(), Phase::banner).text, "??[2J???|");
}

TEST(reply, a_fact_has_the_first_line_only) {
  auto reader = fed("550-5.7.1 first\r\n550 5.7.1 second\r\n");
  ASSERT_EQ(reader.next(), Status::reply);
  const ReplyFact stored = fact(reader.reply(), Phase::ehlo);
  EXPECT_EQ(stored.phase, Phase::ehlo);
  EXPECT_EQ(stored.code, 550);
  EXPECT_EQ(stored.enhanced, "5.7.1");
  EXPECT_EQ(stored.text, "5.7.1 first");
}

TEST(reply, a_line_is_bounded) {
  const std::string line = "220 " + std::string(kMaxReplyLine - 6, 'x');
  EXPECT_EQ(fed(line + "\r\n").next(), Status::reply);
  EXPECT_EQ(fed(line + "y\r\n").next(), Status::too_long);
  EXPECT_EQ(fed(line + "yyy").next(), Status::too_long) << "without waiting for its end";
}

TEST(reply, the_number_of_lines_is_bounded) {
  ReplyReader reader;
  std::size_t lines = 0;
  Status status = Status::need_more;
  for (; status == Status::need_more && lines <= kMaxReplyLines; ++lines) {
    reader.feed("220-\r\n");
    status = reader.next();
  }
  EXPECT_EQ(status, Status::too_long);
  EXPECT_EQ(lines, kMaxReplyLines);
}

TEST(reply, thousands_of_lines_are_read) {
  ReplyReader reader;
  for (int i = 0; i < 5; ++i) {
    reader.feed(repeated("250-X-KEYWORD\r\n", 1000));
    ASSERT_EQ(reader.next(), Status::need_more);
  }
  reader.feed("250 STARTTLS\r\n");
  ASSERT_EQ(reader.next(), Status::reply);
  EXPECT_EQ(reader.reply().lines, 5001U);
}

TEST(reply, the_octets_of_a_reply_are_bounded) {
  ReplyReader reader;
  const std::string line = "220-" + std::string(1018, 'x') + "\r\n";
  ASSERT_EQ(line.size(), 1024U);
  for (std::size_t octets = line.size(); octets <= kMaxReply; octets += line.size()) {
    reader.feed(line);
    ASSERT_EQ(reader.next(), Status::need_more) << octets;
  }
  reader.feed("220 end\r\n");
  EXPECT_EQ(reader.next(), Status::too_long);
}

TEST(reply, what_is_fed_but_not_asked_for_is_bounded) {
  ReplyReader reader;
  for (int i = 0; i < 100; ++i) reader.feed(repeated("220-x\r\n", 1000));
  EXPECT_EQ(reader.pending().size(), kMaxPending);
  EXPECT_EQ(reader.next(), Status::too_long);
}

}  // namespace
}  // namespace mxhealth::smtp
