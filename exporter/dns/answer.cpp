#include "dns/answer.hpp"

#include <algorithm>
#include <utility>

namespace mxhealth::dns {
namespace {

constexpr std::uint32_t kForever = 0x7fffffff;

LookupEnd failure(std::uint16_t rcode) { return rcode == kRefused ? LookupEnd::refused : LookupEnd::servfail; }

std::string_view text(const Name& name) { return name.is_root() ? "." : name.view(); }

bool is_below_or_same(std::string_view name, std::string_view zone) {
  if (zone == "." || name == zone) return true;
  return name.size() > zone.size() && name.ends_with(zone) && name[name.size() - zone.size() - 1] == '.';
}

const Record* find(const std::vector<Record>& records, std::string_view owner, Type type) {
  const auto at = std::ranges::find_if(records, [&](const Record& r) { return r.type == type && r.owner == owner; });
  return at == records.end() ? nullptr : &*at;
}

// RFC 2308 section 5: the lesser of the SOA's own TTL and its MINIMUM. Without a SOA nothing may be remembered.
std::optional<std::uint32_t> negative_ttl(const Message& message, std::string_view name) {
  for (const Record& record : message.authority) {
    if (record.type != Type::soa || !is_below_or_same(name, record.owner)) continue;
    return std::min(record.ttl, std::get<SoaData>(record.data).minimum);
  }
  return std::nullopt;
}

struct Chain {
  std::string end;
  std::size_t hops = 0;
  std::uint32_t ttl = kForever;
};

// Follows the CNAMEs inside one message; empty when they are more than kMaxCnameHops, as those of a loop are.
std::optional<Chain> follow(const Question& question, const Message& message) {
  Chain chain{std::string(text(question.name))};
  if (question.type == Type::cname) return chain;
  while (const Record* alias = find(message.answers, chain.end, Type::cname)) {
    if (++chain.hops > kMaxCnameHops) return std::nullopt;
    chain.ttl = std::min(chain.ttl, alias->ttl);
    chain.end = std::get<NameData>(alias->data).target;
  }
  return chain;
}

void take_records(const Chain& chain, Type type, Message& message, Answer& answer) {
  std::uint32_t ttl = chain.ttl;
  for (Record& record : message.answers) {
    if (record.type != type || record.owner != chain.end) continue;
    ttl = std::min(ttl, record.ttl);
    answer.records.push_back(std::move(record));
  }
  if (!answer.records.empty()) answer.ttl = std::chrono::seconds(ttl);
}

}  // namespace

Answer select(const Question& question, Message message) {
  Answer answer;
  if (message.rcode != kNoError && message.rcode != kNameError) {
    answer.end = failure(message.rcode);
    return answer;
  }
  const auto chain = follow(question, message);
  if (!chain) return answer;
  answer.cname_hops = static_cast<std::uint8_t>(chain->hops);
  answer.authenticated = message.authenticated;
  if (message.rcode == kNoError) take_records(*chain, question.type, message, answer);
  if (!answer.records.empty()) {
    answer.end = LookupEnd::records;
    return answer;
  }
  answer.end = message.rcode == kNameError ? LookupEnd::nxdomain : LookupEnd::no_data;
  const auto ttl = negative_ttl(message, chain->end);
  if (ttl) answer.ttl = std::chrono::seconds(std::min(chain->ttl, *ttl));
  if (answer.end == LookupEnd::no_data && chain->hops > 0 && !ttl) {
    answer.ttl = std::chrono::seconds(chain->ttl);
    answer.continues_at = Name::parse(chain->end);
  }
  return answer;
}

Answer join(const Answer& first, Answer rest) {
  if (!is_answer(rest.end)) return rest;
  const std::size_t hops = std::size_t{first.cname_hops} + rest.cname_hops;
  if (hops > kMaxCnameHops) return Answer{};
  rest.cname_hops = static_cast<std::uint8_t>(hops);
  rest.authenticated = rest.authenticated && first.authenticated;
  rest.ttl = std::min(rest.ttl, first.ttl);
  return rest;
}

std::size_t octets(const Answer& answer) {
  std::size_t sum = sizeof(Answer);
  for (const Record& record : answer.records) {
    sum += sizeof(Record) + record.owner.capacity();
    if (const auto* mx = std::get_if<MxData>(&record.data)) sum += mx->exchange.capacity();
    if (const auto* srv = std::get_if<SrvData>(&record.data)) sum += srv->target.capacity();
    if (const auto* name = std::get_if<NameData>(&record.data)) sum += name->target.capacity();
    if (const auto* txt = std::get_if<TextData>(&record.data)) sum += txt->text.capacity();
    if (const auto* tlsa = std::get_if<TlsaData>(&record.data)) sum += tlsa->association.capacity();
    if (const auto* soa = std::get_if<SoaData>(&record.data)) sum += soa->primary.capacity() + soa->mailbox.capacity();
  }
  return sum;
}

}  // namespace mxhealth::dns
