// Longer than other files, since it holds what all the mail programs write.
#include "report/explain.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "model/reply_code.hpp"
#include "report/code_table.hpp"
#include "report/explain_output.hpp"
#include "report/log_line.hpp"
#include "report/status_table.hpp"

namespace mxhealth::report {
namespace {

using testing::AllOf;
using testing::Contains;

using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

std::vector<Cause> causes_behind(std::string_view text) {
  std::vector<Cause> all;
  const auto explanation = explain(text);
  if (!explanation) return all;
  for (const CauseWords& one : explanation->causes) all.push_back(one.row->cause);
  return all;
}

std::string shown_for(std::string_view text) {
  const auto explanation = explain(text);
  return explanation ? text_of(*explanation, false) : "";
}

// The words with all line breaks and columns taken out.
std::string flat(std::string_view text) {
  std::string words;
  for (const char c : shown_for(text)) {
    const char kept = c == '\n' ? ' ' : c;
    if (kept != ' ' || !words.ends_with(' ')) words += kept;
  }
  return words;
}

TEST(explain, every_cause_is_explained_in_full) {
  for (const CauseRow& row : causes()) {
    const auto explanation = explain(row.label);
    ASSERT_TRUE(explanation) << row.label;
    ASSERT_EQ(explanation->causes.size(), 1U) << row.label;
    const CauseWords& words = explanation->causes.front();
    EXPECT_EQ(words.row->cause, row.cause);
    EXPECT_FALSE(words.page.sender_sees.empty()) << row.label;
    EXPECT_FALSE(words.page.whose_side.empty()) << row.label;
    EXPECT_FALSE(words.page.mend.empty()) << row.label;
    EXPECT_FALSE(words.shown.verdict.empty()) << row.label;
    EXPECT_FALSE(words.shown.metric.empty()) << row.label;
    const std::string text = text_of(*explanation, false);
    for (const auto* heading : {"A SENDER SEES", "WHOSE SIDE", "FIRST CHECKS", "FIX", "SHOWN HERE"})
      EXPECT_THAT(text, HasSubstr(heading)) << row.label;
    EXPECT_THAT(text, HasSubstr("dashboards/runbooks/causes/" + std::string(row.label) + ".md"));
  }
}

TEST(explain, every_status_of_the_table_of_causes_leads_back_to_its_cause) {
  for (const CauseRow& row : causes()) {
    if (row.enhanced_status.starts_with("X")) continue;
    EXPECT_THAT(causes_behind(row.enhanced_status), Contains(row.cause)) << row.label;
  }
}

// All that `enhanced_status` can be as a label value, X.0.0 included.
TEST(explain, every_status_that_can_be_a_label_is_explained) {
  unsigned known = 0;
  for (const char status_class : {'2', '4', '5'})
    for (unsigned subject = 0; subject < 10; ++subject)
      for (unsigned detail = 0; detail < 40; ++detail) {
        const std::string status =
            std::string(1, status_class) + "." + std::to_string(subject) + "." + std::to_string(detail);
        const bool is_registered = find_status(subject, detail) != nullptr;
        EXPECT_EQ(is_registered, enhanced_status_label(status) != "other") << status;
        if (!is_registered) continue;
        ++known;
        EXPECT_THAT(flat(status), HasSubstr(find_status(subject, detail)->title)) << status;
      }
  EXPECT_EQ(known, 3 * statuses().size());
}

TEST(explain, every_code_that_can_be_a_label_is_explained_and_no_other) {
  for (std::uint16_t code = 200; code < 600; ++code) {
    const bool is_label = code_label(code) != "other";
    const CodeRow* row = find_code(code);
    EXPECT_TRUE(!is_label || row != nullptr) << code;
    if (row != nullptr) {
      EXPECT_FALSE(row->meaning.empty()) << code;
      EXPECT_TRUE(explain(std::to_string(code))) << code;
    }
  }
}

TEST(explain, all_known_words_are_known) {
  const auto words = known_words();
  EXPECT_GT(words.size(), 200U);
  for (const std::string& word : words) EXPECT_TRUE(explain(word)) << word;
}

TEST(explain, no_answer_is_one_of_these) {
  EXPECT_THAT(causes_behind("4.4.1"),
              IsSupersetOf({Cause::connect_timeout, Cause::connect_refused, Cause::host_unreachable,
                            Cause::net_unreachable, Cause::egress_blocked}));
  EXPECT_THAT(causes_behind("4.4.1"), Not(Contains(Cause::banner_timeout)));
  EXPECT_THAT(causes_behind("4.4.2"), AllOf(Contains(Cause::banner_timeout), Not(Contains(Cause::connect_timeout))));
}

TEST(explain, the_code_441_is_in_no_rfc) {
  EXPECT_THAT(flat("441"), AllOf(HasSubstr("Not a reply of SMTP: it is in no RFC"), HasSubstr("RFC 5321 section 4.2.1"),
                                 HasSubstr("4.4.1 without its dots"), HasSubstr("Exchange")));
  EXPECT_EQ(causes_behind("441"), causes_behind("4.4.1"));
  EXPECT_EQ(causes_behind("441 4.4.1"), causes_behind("4.4.1"));
}

TEST(explain, a_code_and_a_status_of_another_class_contradict_each_other) {
  for (const auto* text : {"441 5.1.1", "441 5.4.5", "441 5.7.0"})
    EXPECT_THAT(flat(text), AllOf(HasSubstr("contradict each other"), HasSubstr("RFC 2034 section 4"),
                                  HasSubstr("go by the status"), HasSubstr("5: for good")))
        << text;
  EXPECT_THAT(flat("441 4.4.2"), AllOf(Not(HasSubstr("contradict each other")), HasSubstr("It is not 4.4.1")));
  EXPECT_THAT(flat("441 4.7.1"), HasSubstr("greylisting"));
  EXPECT_THAT(flat("441 5.4.5"), HasSubstr("congestion as temporary only"));
  EXPECT_EQ(causes_behind("441 5.1.1"), std::vector{Cause::recipient_rejected});
}

TEST(explain, a_message_that_is_too_big_is_no_full_mailbox) {
  EXPECT_THAT(flat("552 5.3.4"),
              AllOf(HasSubstr("Message too big for system"), HasSubstr("not a full mailbox"), HasSubstr("RFC 1870"),
                    HasSubstr("5: for good"), HasSubstr("mxhealth never sends a message")));
  EXPECT_THAT(causes_behind("552 5.3.4"), IsEmpty());
}

TEST(explain, a_reply_and_no_answer_cannot_both_be) {
  EXPECT_THAT(flat("421 4.4.1"), HasSubstr("A reply 421 comes from a host that answered"));
  EXPECT_THAT(flat("421 4.4.2"), Not(HasSubstr("comes from a host that answered")));
  EXPECT_THAT(flat("441 4.4.1"), Not(HasSubstr("comes from a host that answered")));
}

TEST(explain, who_is_suspected_of_no_answer) {
  const std::string text = flat("421 4.4.1");
  for (const auto* suspect : {"server overload", "wrong settings", "network", "firewall", "recipient server", "DNS",
                              "blocklisting", "throttling"})
    EXPECT_THAT(text, HasSubstr(suspect));
  EXPECT_THAT(text, HasSubstr("WHERE THE WEB'S ADVICE IS WRONG"));
  EXPECT_THAT(text, HasSubstr("\"Error 441\""));
  EXPECT_THAT(flat("5.1.1"), Not(HasSubstr("WHO IS SUSPECTED")));
}

struct Line {
  std::string_view text;
  std::uint16_t code;
  std::string_view status;
  std::vector<Cause> causes;
};

TEST(explain, lines_of_logs_name_their_cause) {
  const Line kLines[] = {
      {"Nov 20 03:00:01 mail postfix/smtp[4321]: 3A5: to=<a@example.com>, relay=none, delay=30, delays=0/0/30/0, "
       "dsn=4.4.1, status=deferred (connect to mx1.example.com[192.0.2.25]:25: Connection timed out)",
       0,
       "4.4.1",
       {Cause::connect_timeout}},
      {"status=deferred (connect to mx1.example.com[192.0.2.25]:25: Connection refused)",
       0,
       "",
       {Cause::connect_refused}},
      {"status=deferred (connect to mx1.example.com[2001:db8::25]:25: No route to host)",
       0,
       "",
       {Cause::host_unreachable}},
      {"dsn=4.4.2, status=deferred (lost connection with mx1.example.com[192.0.2.25] while receiving the initial "
       "server "
       "greeting)",
       0,
       "4.4.2",
       {Cause::closed_before_banner, Cause::connect_reset}},
      {"dsn=4.4.2, status=deferred (conversation with mx1.example.com[192.0.2.25] timed out while receiving the "
       "initial "
       "server greeting)",
       0,
       "4.4.2",
       {Cause::banner_timeout}},
      {"(conversation with mx1.example.com[192.0.2.25] timed out while performing the EHLO handshake)",
       0,
       "",
       {Cause::dialogue_timeout}},
      {"dsn=4.4.3, status=deferred (Host or domain name not found. Name service error for name=example.com type=MX: "
       "Host "
       "not found, try again)",
       0,
       "4.4.3",
       {Cause::dns_servfail, Cause::dns_timeout, Cause::dns_bogus}},
      {"dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for name=example.com type=A: Host "
       "not found)",
       0,
       "5.4.4",
       {Cause::dns_nxdomain, Cause::mx_target_missing}},
      {"host mx1.example.com[192.0.2.25] said: 550 5.1.1 <a@example.com>: User unknown (in reply to RCPT TO command)",
       550,
       "5.1.1",
       {Cause::recipient_rejected}},
      {"host mx1.example.com[192.0.2.25] refused to talk to me: 421 4.7.0 too many connections",
       421,
       "4.7.0",
       {Cause::throttled, Cause::banner_tempfail, Cause::ehlo_tempfail}},
      {"2026-11-20 03:00:01 1abc-0001 == a@example.com R=dnslookup T=remote_smtp defer (111): Connection refused",
       0,
       "",
       {Cause::connect_refused}},
      {"1abc-0001 H=mx1.example.com [192.0.2.25]: SMTP timeout after initial connection: Connection timed out",
       0,
       "",
       {Cause::banner_timeout, Cause::connect_timeout}},
      {"1abc-0001 H=mx1.example.com [192.0.2.25]: Remote host closed connection in response to initial connection",
       0,
       "",
       {Cause::closed_before_banner}},
      {"stat=Deferred: Connection refused by mx1.example.com.", 0, "", {Cause::connect_refused}},
      {"dsn=5.1.2, stat=Host unknown (Name server: example.com.: host not found)",
       0,
       "5.1.2",
       {Cause::dns_nxdomain, Cause::mx_target_missing}},
      {"delivery 1: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/",
       0,
       "4.4.1",
       {Cause::connect_timeout, Cause::connect_refused, Cause::host_unreachable, Cause::net_unreachable}},
      {"deferral: Connected_to_192.0.2.25_but_connection_died._(#4.4.2)/",
       0,
       "4.4.2",
       {Cause::connection_lost, Cause::closed_before_banner}},
      {"Remote Server at example.com (192.0.2.25) returned '441 4.4.1 Error encountered while communicating with "
       "primary "
       "target IP address: \"Failed to connect. Winsock error code: 10061, Win32 error code: 10061.\"'",
       441,
       "4.4.1",
       {Cause::connect_refused, Cause::connect_timeout, Cause::host_unreachable, Cause::net_unreachable}},
      {"451 4.4.0 Primary target IP address responded with: \"421 4.4.1 Connection timed out.\" Attempted failover",
       451,
       "4.4.0",
       {Cause::connect_timeout}},
      {"421 4.4.2 Connection dropped due to SocketError", 421, "4.4.2", {Cause::connection_lost, Cause::connect_reset}},
      {"450 4.4.316 Connection refused", 450, "4.4.316", {Cause::connect_refused}},
      {"450 4.4.318 something new",
       450,
       "4.4.318",
       {Cause::connect_reset, Cause::closed_before_banner, Cause::connection_lost}},
      {"451 4.7.500 Server busy. Please try again later", 451, "4.7.500", {Cause::throttled}},
      {"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
       554,
       "5.7.1",
       {Cause::recipient_rejected, Cause::banner_rejected}},
  };
  for (const Line& line : kLines) {
    const LogLine read = read_log_line(line.text);
    EXPECT_EQ(read.code, line.code) << line.text;
    EXPECT_EQ(read.status, line.status) << line.text;
    EXPECT_THAT(causes_behind(line.text), testing::UnorderedElementsAreArray(line.causes)) << line.text;
  }
}

TEST(explain, the_host_of_a_line_is_found) {
  const LogLine line =
      read_log_line("postfix/smtp[4321]: connect to MX1.example.com[192.0.2.25]:25: Connection refused");
  ASSERT_TRUE(line.host && line.address);
  EXPECT_EQ(line.host->str(), "mx1.example.com");
  EXPECT_EQ(line.address->to_string(), "192.0.2.25");
  EXPECT_THAT(flat("connect to mx1.example.com[192.0.2.25]:25: Connection refused"),
              HasSubstr("mxhealthctl check mx1.example.com"));
}

TEST(explain, a_bounce_is_read) {
  const std::string bounce =
      "This is the mail system at host mail.example.net.\r\n\r\nReporting-MTA: dns; mail.example.net\r\n\r\n"
      "Final-Recipient: rfc822; a@example.com\r\nAction: failed\r\nStatus: 5.0.0\r\nRemote-MTA: dns; "
      "mx1.example.com\r\n"
      "Diagnostic-Code: smtp; 550-5.7.1 blocked using\r\n    list.example\r\n";
  const LogLine line = read_log_line(bounce);
  EXPECT_EQ(line.code, 550);
  EXPECT_EQ(line.status, "5.7.1");
  EXPECT_EQ(line.sayer, Sayer::receiver);
  ASSERT_TRUE(line.host);
  EXPECT_EQ(line.host->str(), "mx1.example.com");
}

TEST(explain, what_is_no_code_and_no_status_is_not_taken_for_one) {
  for (const auto* text : {"192.0.2.25", "delay=421", "port 465", "4.96", "4.4", "10.4.4.1", "4.4.1.1", "v4.4.1x",
                           "999", "conect_refused", "", " ", "6.4.1", "4.4.1000", "123", "nonsense"})
    EXPECT_FALSE(explain(text)) << text;
}

TEST(explain, text_beyond_the_bound_is_not_read) {
  std::string text(kMaxLogText - 9, ' ');
  EXPECT_TRUE(explain(text + " 5.1.1 \n"));
  EXPECT_FALSE(explain(text + "     5.1.1"));
}

TEST(explain, nothing_hostile_comes_out) {
  const std::string hostile =
      "\x1b[31m<script>441 4.4.1 \x1b]0;x\x07 \xe2\x80\xae mx\x1b.example[192.0.2.1] Connection refused";
  const auto explanation = explain(hostile);
  ASSERT_TRUE(explanation);
  for (const std::string& out : {text_of(*explanation, false), json_of(*explanation)}) {
    EXPECT_THAT(out, Not(HasSubstr("\x1b")));
    EXPECT_THAT(out, Not(HasSubstr("<script>")));
  }
}

TEST(explain, lines_are_at_most_eighty_columns_but_for_single_words) {
  for (const std::string& word : known_words()) {
    std::istringstream lines(shown_for(word));
    for (std::string line; std::getline(lines, line);) {
      const auto columns = std::ranges::count_if(line, [](char c) { return (c & '\xc0') != '\x80'; });
      const auto last = line.find_last_of(' ');
      const bool is_one_word = line.find_first_not_of(' ') > last || last == line.npos;
      EXPECT_TRUE(columns <= 80 || is_one_word) << word << ": " << line;
    }
  }
}

TEST(explain, colours_are_for_those_who_ask) {
  EXPECT_THAT(text_of(*explain("4.4.1"), true), HasSubstr("\x1b["));
  EXPECT_THAT(text_of(*explain("4.4.1"), false), Not(HasSubstr("\x1b[")));
}

TEST(explain, the_runbook_says_what_the_table_says) {
  for (const CauseRow& row : causes()) {
    const std::string_view page = page_text(row.label);
    EXPECT_THAT(std::string(page), HasSubstr(row.sentence)) << row.label;
    EXPECT_THAT(std::string(page), HasSubstr("enhanced status `" + std::string(row.enhanced_status) + "`"))
        << row.label;
  }
}

// The index of the runbooks by what a log says: its lines lead to the same pages here.
TEST(explain, the_index_of_the_runbooks_agrees) {
  std::istringstream lines{std::string(page_text("README"))};
  bool is_in_table = false;
  unsigned rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("## ")) is_in_table = line == "## By what the sender's log says";
    if (!is_in_table || !line.starts_with("| `")) continue;
    const auto end = line.find("` |") == line.npos ? line.find('`', 3) : line.find('`', 3);
    std::string words = line.substr(3, end - 3);
    for (auto at = words.find(" … "); at != words.npos; at = words.find(" … ")) words.replace(at, 5, " with mx ");
    for (auto at = words.find("…"); at != words.npos; at = words.find("…")) words.replace(at, 3, "50");
    const auto found = causes_behind(words);
    if (line.find("](causes/") == line.npos) continue;
    ++rows;
    const bool agrees = std::ranges::any_of(
        found, [&](Cause cause) { return line.find("causes/" + std::string(label(cause)) + ".md") != line.npos; });
    EXPECT_TRUE(agrees) << line << "\n is read as '" << words << "'";
  }
  EXPECT_GT(rows, 15U);
}

TEST(explain, whoever_mends_it_is_named_as_the_standard_has_it) {
  EXPECT_THAT(flat("5.1.1"), HasSubstr("To be mended by: the sender"));
  EXPECT_THAT(flat("4.3.2"), HasSubstr("the admin of the receiving server"));
}

}  // namespace
}  // namespace mxhealth::report
