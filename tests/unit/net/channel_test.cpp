#include "net/channel.hpp"

#include <gtest/gtest.h>

#include <set>

#include "dns/message.hpp"
#include "dns_fixture.hpp"

namespace mxhealth::net {
namespace {

using namespace test;
using namespace std::chrono_literals;
using End = RawReply::End;

const Question kQuestion{*Name::parse("mail.example"), Type::mx};

class DnsChannel : public testing::Test {
 protected:
  /// Asks and runs the loop until there is an end.
  RawReply ask(Channel& channel, const Question& question = kQuestion) {
    std::optional<RawReply> got;
    channel.ask(question, std::make_shared<Ask>(io, [&](RawReply reply) { got = std::move(reply); }));
    EXPECT_FALSE(got) << "completions must be posted";
    run_until([&] { return got.has_value(); });
    return got.value_or(RawReply{});
  }
  template <class Condition>
  void run_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition() && io.run_one_until(end) > 0) {
    }
    ASSERT_TRUE(condition());
  }

  asio::io_context io{1};
};

TEST_F(DnsChannel, brings_the_packet_whatever_its_rcode) {
  for (const auto rcode : std::initializer_list<std::uint16_t>{0, 2, 3, 4, 5}) {
    DnsServer server(io, [&](const Asked& asked) { return Replies{asked.reply(rcode).octets()}; });
    Channel channel(io, server.peer(), Transport::edns, 2s);
    const RawReply reply = ask(channel);
    ASSERT_EQ(reply.end, End::packet) << rcode;
    EXPECT_EQ(reply.packet[3] & 0x0f, rcode);
    const auto parsed = dns::parse(reply.packet, {reply.id, kQuestion});
    EXPECT_TRUE(std::holds_alternative<dns::Message>(parsed));
  }
}

TEST_F(DnsChannel, asks_with_ad_do_and_opt_or_without_opt) {
  DnsServer server(io, [](const Asked& asked) { return Replies{asked.reply().octets()}; });
  Channel edns(io, server.peer(), Transport::edns, 2s);
  Channel plain(io, server.peer(), Transport::plain, 2s);
  ask(edns);
  ask(plain);
  ASSERT_EQ(server.asked.size(), 2U);
  const Octets& with = server.asked[0].packet;
  EXPECT_EQ(with[3] & 0x20, 0x20) << "AD";
  EXPECT_EQ(with[with.size() - 4] & 0x80, 0x80) << "DO";
  EXPECT_TRUE(server.asked[0].edns);
  EXPECT_FALSE(server.asked[1].edns);
  EXPECT_EQ(server.asked[1].packet[3] & 0x20, 0x20);
}

TEST_F(DnsChannel, a_closed_port_is_unreachable_at_once) {
  Channel channel(io, closed_port(io), Transport::edns, 10s);
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(ask(channel).end, End::unreachable);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST_F(DnsChannel, silence_is_a_timeout) {
  DnsServer server(io, [](const Asked&) { return Replies{}; });
  Channel channel(io, server.peer(), Transport::edns, 100ms);
  EXPECT_EQ(ask(channel).end, End::timed_out);
  EXPECT_EQ(server.asked.size(), 1U) << "asking again is not the channel's business";
}

TEST_F(DnsChannel, wrong_id_wrong_question_empty_and_short_packets_are_passed_over) {
  DnsServer server(io, [](const Asked& asked) {
    Octets wrong_id = asked.reply().octets();
    wrong_id[0] ^= 1;
    const Octets wrong_question = Packet(asked.id).question(dns::test::wire_name("other.example"), Type::mx).octets();
    return Replies{wrong_id, wrong_question, Octets{}, Octets{1, 2, 3}, asked.reply(3).octets()};
  });
  Channel channel(io, server.peer(), Transport::edns, 3s);
  const RawReply reply = ask(channel);
  ASSERT_EQ(reply.end, End::packet);
  EXPECT_EQ(reply.packet[3] & 0x0f, 3);
}

TEST_F(DnsChannel, an_answer_beyond_512_octets_stays_on_udp) {
  DnsServer server(io, [](const Asked& asked) {
    return Replies{asked.reply().answer("mail.example", Type::txt, 9, Octets(1100, 10)).octets()};
  });
  Channel channel(io, server.peer(), Transport::edns, 2s);
  EXPECT_GT(ask(channel).packet.size(), 1100U);
  EXPECT_EQ(server.asked.size(), 1U);
}

TEST_F(DnsChannel, truncation_is_shown_and_tcp_brings_everything) {
  DnsServer server(io, [](const Asked& asked) {
    if (!asked.tcp) return Replies{asked.reply(dns::test::kTruncated).octets()};
    return Replies{asked.reply().answer("mail.example", Type::txt, 9, Octets(20000, 10)).octets()};
  });
  Channel udp(io, server.peer(), Transport::edns, 2s);
  EXPECT_EQ(ask(udp).packet[2] & 0x02, 0x02);
  Channel tcp(io, server.peer(), Transport::tcp, 2s);
  EXPECT_GT(ask(tcp).packet.size(), 20000U);
}

TEST_F(DnsChannel, formerr_takes_edns_off_the_channel_for_good) {
  DnsServer server(io, [](const Asked& asked) { return Replies{asked.reply(asked.edns ? 1 : 0).octets()}; });
  Channel channel(io, server.peer(), Transport::edns, 2s);
  EXPECT_TRUE(channel.speaks_edns());
  ask(channel);
  EXPECT_FALSE(channel.speaks_edns());
}

TEST_F(DnsChannel, an_ask_ends_once_and_may_be_left_early) {
  DnsServer server(io, [](const Asked& asked) { return Replies{asked.reply().octets()}; });
  Channel channel(io, server.peer(), Transport::edns, 2s);
  std::vector<End> ends;
  auto ask = std::make_shared<Ask>(io, [&](RawReply reply) { ends.push_back(reply.end); });
  channel.ask(kQuestion, ask);
  ask->end({End::cancelled, 0, {}});
  run_until([&] { return !ends.empty() && channel.outstanding() == 0; });
  EXPECT_EQ(ends, std::vector{End::cancelled});
}

TEST_F(DnsChannel, destruction_ends_what_is_outstanding) {
  DnsServer server(io, [](const Asked&) { return Replies{}; });
  std::vector<End> ends;
  {
    Channel channel(io, server.peer(), Transport::edns, 5s);
    for (int i = 0; i < 50; ++i) {
      channel.ask(kQuestion, std::make_shared<Ask>(io, [&](RawReply reply) { ends.push_back(reply.end); }));
    }
    run_until([&] { return server.asked.size() == 50; });
    EXPECT_EQ(channel.outstanding(), 50U);
  }
  EXPECT_TRUE(ends.empty()) << "completions must be posted";
  run_until([&] { return ends.size() == 50; });
  EXPECT_EQ(std::set<End>(ends.begin(), ends.end()), std::set<End>{End::cancelled});
}

TEST_F(DnsChannel, ids_differ_while_outstanding_and_the_port_changes_when_idle) {
  DnsServer server(
      io, [](const Asked& asked) { return asked.type == Type::mx ? Replies{asked.reply().octets()} : Replies{}; });
  Channel channel(io, server.peer(), Transport::edns, 5s);
  for (int i = 0; i < 8; ++i) ask(channel);
  std::set<std::uint16_t> ports;
  for (const Asked& asked : server.asked) ports.insert(asked.port);
  EXPECT_GT(ports.size(), 1U);

  const Question unanswered{kQuestion.name, Type::txt};
  server.asked.clear();
  for (int i = 0; i < 300; ++i) channel.ask(unanswered, std::make_shared<Ask>(io, [](RawReply) {}));
  run_until([&] { return server.asked.size() == 300; });
  std::set<std::uint16_t> ids;
  for (const Asked& asked : server.asked) ids.insert(asked.id);
  EXPECT_EQ(ids.size(), 300U);
}

}  // namespace
}  // namespace mxhealth::net
