// The scripted resolver, asked over UDP and TCP by hand-made questions.
#include "lab/dns_server.hpp"

#include <gmock/gmock.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

#include "lab/test_client.hpp"

namespace mxhealth::lab {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kHeader = 12;

struct Asked {
  bool edns = false;
  bool authentic_data = false;
  bool checking_disabled = false;
};

Bytes question(const std::string& name, std::string_view type, const Asked& asked = {}) {
  Bytes message;
  put16(message, 0x1234);
  unsigned flags = 0x0100;
  if (asked.authentic_data) flags |= 0x20U;
  if (asked.checking_disabled) flags |= 0x10U;
  put16(message, static_cast<std::uint16_t>(flags));
  for (const int count : {1, 0, 0, asked.edns ? 1 : 0}) put16(message, static_cast<std::uint16_t>(count));
  message += wire_name(name);
  put16(message, type_of(type));
  put16(message, 1);
  if (asked.edns) {
    message += '\0';
    put16(message, kOpt);
    put16(message, 1232);
    put32(message, 0);
    put16(message, 0);
  }
  return message;
}

unsigned get16(const Bytes& message, std::size_t at) {
  return (static_cast<unsigned>(static_cast<unsigned char>(message.at(at))) << 8) |
         static_cast<unsigned char>(message.at(at + 1));
}
unsigned rcode(const Bytes& message) { return get16(message, 2) & 0xfU; }
unsigned answers(const Bytes& message) { return get16(message, 6); }
unsigned authorities(const Bytes& message) { return get16(message, 8); }
bool truncated(const Bytes& message) { return (get16(message, 2) & 0x0200U) != 0; }
bool authentic(const Bytes& message) { return (get16(message, 2) & 0x0020U) != 0; }

class DnsServerTest : public testing::Test {
 protected:
  DnsServerTest() { open(Mood::answers); }
  void open(Mood mood) {
    server_ = std::make_unique<DnsServer>(io_, udp::endpoint(asio::ip::make_address("127.77.4.1"), 0), zone_, mood);
  }

  /// Empty optional: silence for 200 ms.
  std::optional<Bytes> ask(const Bytes& message) {
    UdpSocket socket(io_, udp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    socket.non_blocking(true);
    socket.send_to(asio::buffer(message), server_->endpoint());
    std::array<char, 65536> buffer;
    std::size_t size = 0;
    Error error = asio::error::would_block;
    run_until(
        io_,
        [&] {
          udp::endpoint from;
          size = socket.receive_from(asio::buffer(buffer), from, 0, error);
          return !error;
        },
        200ms);
    return error ? std::nullopt : std::optional(Bytes(buffer.data(), size));
  }
  Bytes reply(const std::string& name, std::string_view type, const Asked& asked = {}) {
    return ask(question(name, type, asked)).value_or(Bytes());
  }
  Bytes reply_over_tcp(const std::string& name, std::string_view type) {
    const udp::endpoint at = server_->endpoint();
    TestClient client(io_, tcp::endpoint(at.address(), at.port()));
    client.connected();
    Bytes framed;
    const Bytes message = question(name, type);
    put16(framed, static_cast<std::uint16_t>(message.size()));
    client.write(framed + message);
    const Bytes answer = client.rest(kHeader, 1s);
    return answer.size() < 2 ? Bytes() : answer.substr(2);
  }
  void set(const std::string& name, std::string_view type, Manner manner) {
    Answer answer;
    answer.manner = manner;
    answer.data.push_back(wire_data(kMx, {"10", "mx.lab.test"}));
    zone_->set(name, type_of(type), answer);
  }

  asio::io_context io_{1};
  std::shared_ptr<DnsZone> zone_ = std::make_shared<DnsZone>();
  std::unique_ptr<DnsServer> server_;
};

TEST_F(DnsServerTest, answers_with_records_and_counts_questions) {
  zone_->set_records("D.lab.test", "MX", {{"10", "mx1.lab.test"}, {"20", "mx2.lab.test"}});
  const Bytes answer = reply("d.LAB.test", "MX");
  EXPECT_EQ(get16(answer, 0), 0x1234U);
  EXPECT_EQ(rcode(answer), kNoError);
  EXPECT_EQ(answers(answer), 2U);
  EXPECT_NE(answer.find(wire_name("d.LAB.test")), Bytes::npos) << "the question comes back as it was spelled";
  EXPECT_NE(answer.find(Bytes("\0\x14", 2) + wire_name("mx2.lab.test")), Bytes::npos);
  EXPECT_EQ(server_->seen("d.lab.test", "MX"), 1U);
  EXPECT_EQ(server_->seen("d.lab.test", "A"), 0U);
}

TEST_F(DnsServerTest, tells_missing_names_from_missing_data) {
  zone_->set_records("a.b.lab.test", "A", {{"127.0.0.2"}});
  for (const char* name : {"a.b.lab.test", "b.lab.test"}) {
    const Bytes nodata = reply(name, "MX");
    EXPECT_EQ(rcode(nodata), kNoError) << name;
    EXPECT_EQ(answers(nodata), 0U);
    EXPECT_EQ(authorities(nodata), 1U) << "the SOA has the negative TTL";
  }
  EXPECT_EQ(rcode(reply("c.lab.test", "MX")), kNxDomain);
}

TEST_F(DnsServerTest, fails_with_the_rcode_it_is_told) {
  const std::pair<Manner, unsigned> expected[] = {{Manner::nxdomain, kNxDomain}, {Manner::servfail, kServFail},
                                                  {Manner::refused, kRefused},   {Manner::formerr, kFormErr},
                                                  {Manner::notimp, kNotImp},     {Manner::bogus, kServFail}};
  for (const auto& [manner, code] : expected) {
    set("d.lab.test", "MX", manner);
    EXPECT_EQ(rcode(reply("d.lab.test", "MX")), code);
  }
}

TEST_F(DnsServerTest, bogus_answers_are_for_those_who_do_not_check) {
  set("d.lab.test", "MX", Manner::bogus);
  EXPECT_EQ(answers(reply("d.lab.test", "MX", {.edns = false, .authentic_data = false, .checking_disabled = true})),
            1U);
}

TEST_F(DnsServerTest, edns_is_refused_where_it_is_not_known) {
  set("d.lab.test", "MX", Manner::formerr_on_edns);
  Asked with_edns;
  with_edns.edns = true;
  EXPECT_EQ(rcode(reply("d.lab.test", "MX", with_edns)), kFormErr);
  EXPECT_EQ(answers(reply("d.lab.test", "MX")), 1U);
}

TEST_F(DnsServerTest, silence_is_no_reply) {
  set("d.lab.test", "MX", Manner::timeout);
  EXPECT_FALSE(ask(question("d.lab.test", "MX")));
  EXPECT_EQ(server_->seen("d.lab.test", "MX"), 1U);
}

TEST_F(DnsServerTest, truncated_answers_are_whole_over_tcp) {
  set("d.lab.test", "MX", Manner::truncated);
  EXPECT_TRUE(truncated(reply("d.lab.test", "MX")));
  EXPECT_EQ(answers(reply_over_tcp("d.lab.test", "MX")), 1U);
  set("d.lab.test", "MX", Manner::truncated_closed);
  EXPECT_TRUE(truncated(reply("d.lab.test", "MX")));
  EXPECT_EQ(reply_over_tcp("d.lab.test", "MX"), "");
  EXPECT_EQ(server_->seen().at({"d.lab.test", kMx, Transport::tcp}), 2U);
}

TEST_F(DnsServerTest, answers_that_do_not_fit_are_truncated_unasked) {
  for (int i = 0; i < 40; ++i)
    zone_->add("d.lab.test", kMx, wire_data(kMx, {"10", "mx" + std::to_string(i) + ".a-rather-long-name.lab.test"}));
  EXPECT_TRUE(truncated(reply("d.lab.test", "MX")));
  EXPECT_EQ(answers(reply_over_tcp("d.lab.test", "MX")), 40U);
}

TEST_F(DnsServerTest, malformed_answers_have_the_shape_they_promise) {
  const auto shape = [&](Manner manner) {
    set("d.lab.test", "MX", manner);
    return ask(question("d.lab.test", "MX"));
  };
  EXPECT_EQ(shape(Manner::zero_bytes), Bytes());
  EXPECT_EQ(shape(Manner::half_header).value_or("").size(), 6U);
  EXPECT_EQ(get16(*shape(Manner::wrong_id), 0), 0xedcbU);
  EXPECT_NE(shape(Manner::wrong_question)->find(wire_name("other.invalid")), Bytes::npos);
  EXPECT_EQ(get16(*shape(Manner::no_question), 4), 0U);
  const Bytes counts = *shape(Manner::bad_counts);
  EXPECT_EQ(answers(counts), 7U);
  const Bytes cut = *shape(Manner::short_rdata);
  EXPECT_EQ(get16(cut, cut.size() - 3), 1U) << "one octet of RDATA where a preference alone needs two";
  const Bytes loop = *shape(Manner::pointer_loop);
  const unsigned pointer = get16(loop, loop.size() - 2);
  EXPECT_EQ(pointer & 0x3fffU, loop.size() - 2) << "the name points at itself";
}

TEST_F(DnsServerTest, follows_aliases_and_gives_up_on_loops) {
  zone_->set_records("d.lab.test", "CNAME", {{"e.lab.test"}});
  zone_->set_records("e.lab.test", "CNAME", {{"f.lab.test"}});
  zone_->set_records("f.lab.test", "MX", {{"10", "mx.lab.test"}});
  EXPECT_EQ(answers(reply("d.lab.test", "MX")), 3U);
  zone_->set_records("f.lab.test", "CNAME", {{"d.lab.test"}});
  EXPECT_EQ(answers(reply("d.lab.test", "A")), 3U);
}

TEST_F(DnsServerTest, authentic_data_is_for_those_who_ask) {
  Answer answer;
  answer.data.push_back(wire_data(kMx, {"10", "mx.lab.test"}));
  answer.authentic_data = true;
  zone_->set("d.lab.test", kMx, answer);
  EXPECT_FALSE(authentic(reply("d.lab.test", "MX")));
  EXPECT_TRUE(
      authentic(reply("d.lab.test", "MX", {.edns = false, .authentic_data = true, .checking_disabled = false})));
}

TEST_F(DnsServerTest, a_sequence_changes_by_question) {
  Answer first, second, all;
  first.manner = Manner::servfail;
  second.data.push_back(wire_data(kMx, {"10", "mx.lab.test"}));
  all.sequence = {first, second};
  zone_->set("d.lab.test", kMx, all);
  EXPECT_EQ(rcode(reply("d.lab.test", "MX")), kServFail);
  EXPECT_EQ(answers(reply("d.lab.test", "MX")), 1U);
  EXPECT_EQ(answers(reply("d.lab.test", "MX")), 1U);
}

TEST_F(DnsServerTest, a_sequence_may_start_again) {
  Answer yes, no, turns;
  yes.data.push_back(wire_data(kA, {"127.0.0.2"}));
  no.manner = Manner::nxdomain;
  turns.sequence = {yes, no};
  turns.in_turn = true;
  zone_->set("d.lab.test", kA, turns);
  for (const unsigned expected : {1U, 0U, 1U, 0U}) EXPECT_EQ(answers(reply("d.lab.test", "A")), expected);
}

TEST_F(DnsServerTest, a_wildcard_is_for_what_has_nothing_of_its_own) {
  zone_->set_records("*.bl.lab.test", "A", {{"127.0.0.2"}});
  zone_->set_manner("*.quiet.bl.lab.test", Manner::timeout);
  zone_->set_records("d.bl.lab.test", "TXT", {{"own"}});
  EXPECT_EQ(answers(reply("a.b.c.bl.lab.test", "A")), 1U);
  EXPECT_EQ(answers(reply("a.b.c.bl.lab.test", "TXT")), 0U);
  EXPECT_EQ(rcode(reply("a.b.c.bl.lab.test", "TXT")), kNoError);
  EXPECT_EQ(answers(reply("d.bl.lab.test", "A")), 0U);
  EXPECT_FALSE(ask(question("a.quiet.bl.lab.test", "A"))) << "the nearest one";
  EXPECT_EQ(rcode(reply("other.lab.test", "A")), kNxDomain);
}

TEST_F(DnsServerTest, a_late_answer_lets_others_pass) {
  Answer late;
  late.delay = 50ms;
  late.data.push_back(wire_data(kA, {"127.0.0.2"}));
  zone_->set("late.lab.test", kA, late);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(answers(reply("late.lab.test", "A")), 1U);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
  UdpSocket socket(io_, udp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  late.delay = 10s;
  zone_->set("late.lab.test", kA, late);
  socket.send_to(asio::buffer(question("late.lab.test", "A")), server_->endpoint());
  EXPECT_EQ(rcode(reply("other.lab.test", "A")), kNxDomain);
  server_.reset();  // what it still had to say dies with it
}

TEST_F(DnsServerTest, a_mood_covers_every_question) {
  zone_->set_records("d.lab.test", "A", {{"127.0.0.2"}});
  open(Mood::silent);
  EXPECT_FALSE(ask(question("d.lab.test", "A")));
  open(Mood::refuses);
  EXPECT_EQ(rcode(reply("d.lab.test", "A")), kRefused);
  server_->set_mood(Mood::servfails);
  EXPECT_EQ(rcode(reply("d.lab.test", "A")), kServFail);
  server_->set_mood(Mood::answers);
  EXPECT_EQ(answers(reply("d.lab.test", "A")), 1U);
}

TEST_F(DnsServerTest, one_that_rewrites_makes_up_addresses_for_what_does_not_exist) {
  zone_->set_records("d.lab.test", "TXT", {{"here"}});
  open(Mood::rewrites);
  EXPECT_EQ(answers(reply("gone.lab.test", "A")), 1U);
  EXPECT_EQ(rcode(reply("gone.lab.test", "A")), kNoError);
  EXPECT_EQ(answers(reply("gone.lab.test", "MX")), 0U);
  EXPECT_EQ(rcode(reply("gone.lab.test", "MX")), kNoError);
  EXPECT_EQ(answers(reply("d.lab.test", "A")), 0U);
}

}  // namespace
}  // namespace mxhealth::lab
