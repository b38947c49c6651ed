// What must hold whatever octets arrive: shared by the fuzz target and the replay of its corpus. The first octet picks
// the type that was asked for, the rest is the packet; the name asked for is always mail.example.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "dns/answer.hpp"

namespace mxhealth::dns::test {

inline constexpr std::array kExaminedTypes{Type::mx,  Type::a,    Type::aaaa, Type::txt,  Type::ptr,
                                           Type::srv, Type::tlsa, Type::soa,  Type::cname};

inline void demand(bool holds) {
  if (!holds) std::abort();
}

inline void examine_name(const std::string& name) {
  demand(!name.empty() && name.size() <= 4 * kMaxWireName);
  for (const char c : name) demand(c > 0x20 && c < 0x7f);
  if (const auto parsed = Name::parse(name)) demand(parsed->is_root() || parsed->view() == name);
}

inline void examine_record(const Record& record) {
  examine_name(record.owner);
  demand(record.ttl <= 0x7fffffff);
  if (const auto* mx = std::get_if<MxData>(&record.data)) examine_name(mx->exchange);
  if (const auto* srv = std::get_if<SrvData>(&record.data)) examine_name(srv->target);
  if (const auto* name = std::get_if<NameData>(&record.data)) examine_name(name->target);
}

/// True when the octets were read as a message.
inline bool examine(std::span<const std::uint8_t> input) {
  if (input.size() < 3) return false;
  const Question question{*Name::parse("mail.example"), kExaminedTypes[input[0] % kExaminedTypes.size()]};
  const auto packet = input.subspan(1);
  const auto id = static_cast<std::uint16_t>(packet[0] << 8 | packet[1]);
  Parsed parsed = parse(packet, {id, question});
  auto* message = std::get_if<Message>(&parsed);
  if (message == nullptr) {
    demand(!label(std::get<Malformed>(parsed)).empty());
    return false;
  }
  demand(message->answers.size() + message->authority.size() <= kMaxRecords);
  for (const Record& record : message->answers) examine_record(record);
  for (const Record& record : message->authority) examine_record(record);
  const Answer answer = select(question, std::move(*message));
  demand((answer.end == LookupEnd::records) == !answer.records.empty());
  demand(answer.cname_hops <= kMaxCnameHops && answer.ttl.count() >= 0);
  for (const Record& record : answer.records) demand(record.type == question.type);
  demand(octets(answer) >= sizeof(Answer));
  return true;
}

}  // namespace mxhealth::dns::test
