#include "dns/message.hpp"

#include <gtest/gtest.h>

#include "packet.hpp"

namespace mxhealth::dns {
namespace {

using namespace test;

constexpr std::uint16_t kId = 0xbeef;

Question asked(Type type = Type::mx) { return {*Name::parse("mail.example"), type}; }
Expected expected(Type type = Type::mx) { return {kId, asked(type)}; }
Packet reply(Type type = Type::mx, std::uint16_t flags = kResponse) {
  Packet packet(kId, flags);
  packet.question(asked(type));
  return packet;
}

Message good(const Packet& packet, Type type = Type::mx) {
  const Parsed parsed = parse(packet.octets(), expected(type));
  const auto* why = std::get_if<Malformed>(&parsed);
  EXPECT_EQ(why, nullptr) << label(*why);
  return why == nullptr ? std::get<Message>(parsed) : Message{};
}

std::optional<Malformed> fault(const Octets& octets, Type type = Type::mx) {
  const Parsed parsed = parse(octets, expected(type));
  const auto* why = std::get_if<Malformed>(&parsed);
  return why == nullptr ? std::nullopt : std::optional(*why);
}
std::optional<Malformed> fault(const Packet& packet, Type type = Type::mx) { return fault(packet.octets(), type); }

template <class T>
T only(const Message& message) {
  EXPECT_EQ(message.answers.size(), 1U);
  return std::get<T>(message.answers.at(0).data);
}

TEST(DnsMessage, reads_flags_and_rcode) {
  const Message m = good(reply(Type::mx, kResponse | 0x0400 | kAuthentic | 3));
  EXPECT_EQ(m.rcode, kNameError);
  EXPECT_TRUE(m.authoritative);
  EXPECT_TRUE(m.authenticated);
  EXPECT_FALSE(m.truncated);
  EXPECT_FALSE(m.has_opt);
}

TEST(DnsMessage, reads_every_type_that_is_asked_for) {
  const auto mx = only<MxData>(good(reply().answer("mail.example", Type::mx, 300, mx_data(10, "MX1.Example"))));
  EXPECT_EQ(mx.preference, 10);
  EXPECT_EQ(mx.exchange, "mx1.example");

  const auto a = good(reply(Type::a).answer("mail.example", Type::a, 300, {192, 0, 2, 1}), Type::a);
  EXPECT_EQ(only<Address>(a).to_string(), "192.0.2.1");

  const Octets v6{0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  const auto aaaa = good(reply(Type::aaaa).answer("mail.example", Type::aaaa, 300, v6), Type::aaaa);
  EXPECT_EQ(only<Address>(aaaa).to_string(), "2001:db8::1");

  const auto txt =
      good(reply(Type::txt).answer("mail.example", Type::txt, 300, text_data({"v=spf1 ", "-all"})), Type::txt);
  EXPECT_EQ(only<TextData>(txt).text, "v=spf1 -all");

  Octets service{0, 1, 0, 2, 0x02, 0x4b};
  put(service, wire_name("smtp.example"));
  const auto srv = only<SrvData>(good(reply(Type::srv).answer("mail.example", Type::srv, 300, service), Type::srv));
  EXPECT_EQ(srv.priority, 1);
  EXPECT_EQ(srv.weight, 2);
  EXPECT_EQ(srv.port, 587);
  EXPECT_EQ(srv.target, "smtp.example");

  const auto tlsa =
      only<TlsaData>(good(reply(Type::tlsa).answer("mail.example", Type::tlsa, 3, {3, 1, 1, 0xaa, 0xbb}), Type::tlsa));
  EXPECT_EQ(tlsa.usage, 3);
  EXPECT_EQ(tlsa.selector, 1);
  EXPECT_EQ(tlsa.matching_type, 1);
  EXPECT_EQ(tlsa.association, (Octets{0xaa, 0xbb}));

  const auto ptr = good(reply(Type::ptr).answer("mail.example", Type::ptr, 3, wire_name("host.example")), Type::ptr);
  EXPECT_EQ(only<NameData>(ptr).target, "host.example");

  const auto soa =
      only<SoaData>(good(reply(Type::soa).answer("example", Type::soa, 3, soa_data("ns.example", 60)), Type::soa));
  EXPECT_EQ(soa.primary, "ns.example");
  EXPECT_EQ(soa.serial, 7U);
  EXPECT_EQ(soa.minimum, 60U);
}

TEST(DnsMessage, unknown_types_and_classes_do_not_disturb) {
  Packet packet = reply();
  packet.answer("mail.example", static_cast<Type>(46), 300, {1, 2, 3});  // RRSIG, since we set DO
  packet.answer("mail.example", Type::mx, 300, mx_data(5, "."));
  const Message m = good(packet);
  ASSERT_EQ(m.answers.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(m.answers[0].data));
  EXPECT_EQ(std::get<MxData>(m.answers[1].data).exchange, ".");
}

TEST(DnsMessage, opt_brings_the_upper_bits_of_the_rcode) {
  const Message m = good(reply().opt(1));
  EXPECT_TRUE(m.has_opt);
  EXPECT_EQ(m.rcode, 16);  // BADVERS
}

TEST(DnsMessage, follows_compression_pointers) {
  Packet packet = reply();
  Octets data{0, 10, 3, 'm', 'x', '1'};
  put(data, pointer(kQuestionAt + 5));  // "example"
  packet.answer(pointer(kQuestionAt), Type::mx, 300, data);
  const Message m = good(packet);
  EXPECT_EQ(m.answers.at(0).owner, "mail.example");
  EXPECT_EQ(only<MxData>(m).exchange, "mx1.example");
}

TEST(DnsMessage, uncommon_octets_stay_escaped_and_are_no_name) {
  const Octets strange{0, 10, 6, 'a', '.', 'b', '\\', 0, 0xff, 0};
  const auto mx = only<MxData>(good(reply().answer("mail.example", Type::mx, 300, strange)));
  EXPECT_EQ(mx.exchange, "a\\.b\\\\\\000\\255");
  EXPECT_FALSE(Name::parse(mx.exchange));
}

TEST(DnsMessage, an_ipv6_literal_as_name_can_be_recognised) {
  EXPECT_EQ(only<MxData>(good(reply().answer("mail.example", Type::mx, 3, mx_data(1, "2001:DB8::1")))).exchange,
            "2001:db8::1");
}

TEST(DnsMessage, ttl_with_the_highest_bit_counts_as_zero) {
  EXPECT_EQ(good(reply().answer("mail.example", Type::mx, 0x80000000, mx_data(1, "a"))).answers.at(0).ttl, 0U);
  EXPECT_EQ(good(reply().answer("mail.example", Type::mx, 0x7fffffff, mx_data(1, "a"))).answers.at(0).ttl, 0x7fffffffU);
}

TEST(DnsMessage, truncated_is_told_and_its_records_are_not_read) {
  Packet packet = reply(Type::mx, kResponse | kTruncated);
  packet.answer("mail.example", Type::mx, 300, mx_data(1, "a"));
  Octets cut = packet.octets();
  cut.resize(cut.size() - 3);
  const Parsed parsed = parse(cut, expected());
  ASSERT_TRUE(std::holds_alternative<Message>(parsed));
  EXPECT_TRUE(std::get<Message>(parsed).truncated);
}

TEST(DnsMessage, header_must_be_complete_and_a_response) {
  Octets octets = reply().octets();
  EXPECT_EQ(fault(Octets(octets.begin(), octets.begin() + 11)), Malformed::too_short);
  EXPECT_EQ(fault(Octets{}), Malformed::too_short);
  EXPECT_EQ(fault(reply(Type::mx, 0x0100)), Malformed::no_response);
  EXPECT_EQ(fault(reply(Type::mx, kResponse | 0x2800)), Malformed::no_response);  // an UPDATE
  octets.resize(kMaxMessage);
  EXPECT_EQ(fault(octets), std::nullopt);
  octets.resize(kMaxMessage + 1);
  EXPECT_EQ(fault(octets), Malformed::too_long);
}

TEST(DnsMessage, must_answer_what_was_asked) {
  Octets other_id = reply().octets();
  other_id[0] ^= 1;
  EXPECT_EQ(fault(other_id), Malformed::wrong_id);
  EXPECT_EQ(fault(reply(Type::a)), Malformed::wrong_question);
  EXPECT_EQ(fault(Packet(kId).question(wire_name("mail.examplf"), Type::mx)), Malformed::wrong_question);
  EXPECT_EQ(fault(Packet(kId).question(wire_name("mail.example"), Type::mx, 3)), Malformed::wrong_question);
  EXPECT_EQ(fault(Packet(kId)), Malformed::wrong_question);
  EXPECT_EQ(fault(reply().question(asked())), Malformed::wrong_question);
  EXPECT_EQ(fault(Packet(kId).question(wire_name("MAIL.Example"), Type::mx)), std::nullopt);
}

TEST(DnsMessage, a_failing_server_may_leave_the_question_out) {
  EXPECT_EQ(fault(Packet(kId, kResponse | kFormatError)), std::nullopt);
  EXPECT_EQ(fault(Packet(kId, kResponse | kNameError)), Malformed::wrong_question);
}

TEST(DnsMessage, pointers_must_point_back) {
  const std::size_t owner = reply().size();
  EXPECT_EQ(fault(reply().answer(pointer(owner), Type::a, 1, {1, 2, 3, 4})), Malformed::pointer_loop);  // at itself
  EXPECT_EQ(fault(reply().answer(pointer(owner + 12), Type::a, 1, {1, 2, 3, 4})), Malformed::pointer_loop);
  Octets label_then_itself{1, 'a'};
  put(label_then_itself, pointer(owner));
  EXPECT_EQ(fault(reply().answer(label_then_itself, Type::a, 1, {1, 2, 3, 4})), Malformed::pointer_loop);
  EXPECT_EQ(fault(reply().answer(Octets{0x80, 1}, Type::a, 1, {1, 2, 3, 4})), Malformed::bad_name);
  EXPECT_EQ(fault(reply().answer(Octets{0x40, 1}, Type::a, 1, {1, 2, 3, 4})), Malformed::bad_name);
}

// A chain of `pointers` in a record nobody reads, each to the one before it; the answer's owner is its last link.
Packet chained(std::size_t pointers) {
  Packet packet = reply();
  Octets chain;
  const std::size_t begin = packet.size() + 1 + 10;
  std::size_t last = kQuestionAt;
  for (std::size_t i = 1; i < pointers; ++i) {
    const std::size_t here = begin + chain.size();
    put(chain, pointer(last));
    last = here;
  }
  packet.answer(".", static_cast<Type>(999), 1, chain);
  packet.answer(pointer(last), Type::a, 1, {1, 2, 3, 4});
  return packet;
}

TEST(DnsMessage, pointers_of_a_name_are_bounded) {
  EXPECT_EQ(good(chained(kMaxPointers)).answers.at(1).owner, "mail.example");
  EXPECT_EQ(fault(chained(kMaxPointers + 1)), Malformed::pointer_loop);
}

TEST(DnsMessage, names_are_bounded) {
  const std::string label(62, 'a');
  const std::string longest = label + "." + label + "." + label + "." + label + ".a";  // 4 * 63 + 2 + 1 = 255
  ASSERT_EQ(wire_name(longest).size(), kMaxWireName);
  EXPECT_EQ(fault(reply().answer(longest, Type::a, 1, {1, 2, 3, 4})), std::nullopt);
  EXPECT_EQ(fault(reply().answer(longest + "a", Type::a, 1, {1, 2, 3, 4})), Malformed::bad_name);
  Packet packet = reply();
  EXPECT_EQ(fault(packet.raw({5, 'a'}).set16(6, 1)), Malformed::bad_name);  // ends beyond the packet
}

TEST(DnsMessage, records_are_bounded) {
  Packet packet = reply();
  for (std::size_t i = 0; i < kMaxRecords; ++i) packet.answer(".", Type::a, 1, {1, 2, 3, 4});
  EXPECT_EQ(good(packet).answers.size(), kMaxRecords);
  packet.answer(".", Type::a, 1, {1, 2, 3, 4});
  EXPECT_EQ(fault(packet), Malformed::too_many_records);
}

TEST(DnsMessage, text_of_names_is_bounded_whatever_compression_unfolds) {
  const std::string label(62, '\x01');  // four octets each when escaped
  const std::string longest = label + "." + label + "." + label + "." + label + ".a";
  Packet packet = reply();
  const std::size_t at = packet.size();
  packet.answer(longest, Type::a, 1, {1, 2, 3, 4});
  const std::size_t text = 4 * 62 * 4 + 5;  // one name unfolded
  std::size_t names = 1;
  while ((names + 1) * text <= kMaxNameText) {
    packet.answer(pointer(at), Type::a, 1, {1, 2, 3, 4});
    ++names;
  }
  EXPECT_EQ(fault(packet), std::nullopt);
  packet.answer(pointer(at), Type::a, 1, {1, 2, 3, 4});
  EXPECT_EQ(fault(packet), Malformed::too_much_text);
}

TEST(DnsMessage, records_must_be_complete) {
  const Octets whole = reply().answer("mail.example", Type::mx, 300, mx_data(1, "a")).octets();
  for (std::size_t size = reply().size(); size < whole.size(); ++size) {
    EXPECT_TRUE(fault(Octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)))) << size;
  }
  EXPECT_EQ(fault(reply().set16(6, 1)), Malformed::bad_name);
}

TEST(DnsMessage, record_data_must_fit_its_type) {
  const auto answer = [](Type type, const Octets& data) {
    return fault(reply().answer("mail.example", type, 1, data));
  };
  EXPECT_EQ(answer(Type::a, {1, 2, 3}), Malformed::bad_record_data);
  EXPECT_EQ(answer(Type::a, {1, 2, 3, 4, 5}), Malformed::bad_record_data);
  EXPECT_EQ(answer(Type::aaaa, Octets(15)), Malformed::bad_record_data);
  EXPECT_EQ(answer(Type::mx, {0}), Malformed::bad_record_data);
  EXPECT_EQ(answer(Type::mx, {0, 10}), Malformed::bad_name);
  EXPECT_EQ(answer(Type::mx, {0, 10, 0, 0}), Malformed::bad_record_data);
  EXPECT_EQ(answer(Type::txt, {}), Malformed::bad_record_data);
  EXPECT_EQ(answer(Type::txt, {3, 'a', 'b'}), Malformed::bad_record_data);
  EXPECT_EQ(answer(Type::txt, {0}), std::nullopt);
  EXPECT_EQ(answer(Type::tlsa, {3, 1}), Malformed::bad_record_data);
  EXPECT_EQ(answer(Type::srv, {0, 1, 0, 2, 0}), Malformed::bad_record_data);
  EXPECT_EQ(answer(Type::soa, wire_name("ns.example")), Malformed::bad_name);
  Octets soa = soa_data("ns.example", 60);
  soa.pop_back();
  EXPECT_EQ(answer(Type::soa, soa), Malformed::bad_record_data);
  EXPECT_EQ(answer(Type::cname, {}), Malformed::bad_name);
}

TEST(DnsMessage, a_name_in_record_data_must_not_run_beyond_it) {
  Packet packet = reply();
  packet.answer("mail.example", Type::cname, 1, {3, 'a'});
  packet.raw({'b', 'c', 0});  // what follows would complete it
  EXPECT_EQ(fault(packet), Malformed::bad_name);
}

TEST(DnsMessage, opt_comes_once_in_the_additional_section_and_is_the_roots) {
  EXPECT_EQ(fault(reply().opt().opt()), Malformed::bad_opt);
  EXPECT_EQ(fault(reply().answer(".", Type::opt, 0, {})), Malformed::bad_opt);
  Packet packet = reply();
  packet.raw({1, 'x', 0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0}).set16(10, 1);
  EXPECT_EQ(fault(packet), Malformed::bad_opt);
}

TEST(DnsMessage, every_fault_has_a_reason_in_words) {
  for (int why = 0; why <= static_cast<int>(Malformed::bad_opt); ++why) {
    EXPECT_FALSE(label(static_cast<Malformed>(why)).empty());
  }
}

}  // namespace
}  // namespace mxhealth::dns
