#include "lab/dns_zone.hpp"

#include <algorithm>
#include <stdexcept>

namespace mxhealth::lab {
namespace {

constexpr std::array<std::pair<std::string_view, Manner>, 19> kManners{{
    {"nodata", Manner::records},
    {"nxdomain", Manner::nxdomain},
    {"servfail", Manner::servfail},
    {"refused", Manner::refused},
    {"formerr", Manner::formerr},
    {"formerr_on_edns", Manner::formerr_on_edns},
    {"notimp", Manner::notimp},
    {"bogus", Manner::bogus},
    {"timeout", Manner::timeout},
    {"truncated", Manner::truncated},
    {"truncated_closed", Manner::truncated_closed},
    {"short_rdata", Manner::short_rdata},
    {"pointer_loop", Manner::pointer_loop},
    {"wrong_id", Manner::wrong_id},
    {"wrong_question", Manner::wrong_question},
    {"zero_bytes", Manner::zero_bytes},
    {"bad_counts", Manner::bad_counts},
    {"half_header", Manner::half_header},
    {"no_question", Manner::no_question},
}};

constexpr int kMaxHops = 30;
constexpr std::size_t kHeader = 12;

std::uint8_t rcode_of(Manner manner, const DnsQuestion& question) {
  switch (manner) {
    case Manner::nxdomain: return kNxDomain;
    case Manner::servfail: return kServFail;
    case Manner::refused: return kRefused;
    case Manner::formerr: return kFormErr;
    case Manner::notimp: return kNotImp;
    case Manner::formerr_on_edns: return question.edns ? kFormErr : kNoError;
    case Manner::bogus: return question.checking_disabled ? kNoError : kServFail;
    case Manner::records:
    case Manner::timeout:
    case Manner::truncated:
    case Manner::truncated_closed:
    case Manner::short_rdata:
    case Manner::pointer_loop:
    case Manner::wrong_id:
    case Manner::wrong_question:
    case Manner::zero_bytes:
    case Manner::bad_counts:
    case Manner::half_header:
    case Manner::no_question: return kNoError;
  }
  return kNoError;
}

Bytes truncated(const DnsQuestion& question) {
  DnsReply cut;
  cut.truncated = true;
  return write_reply(question, cut);
}

void put_count(Bytes& message, std::size_t at, std::uint16_t value) {
  message[at] = static_cast<char>(value >> 8);
  message[at + 1] = static_cast<char>(value & 0xffU);
}

/// A reply with one hand-made answer record: `name` and `data` as they are, the length field as told.
Bytes with_record(const DnsQuestion& question, const Bytes& name, const Bytes& data, std::uint16_t length) {
  DnsQuestion plain = question;
  plain.edns = false;
  Bytes message = write_reply(plain, {});
  put_count(message, 6, 1);
  message += name;
  put16(message, question.type);
  put16(message, 1);
  put32(message, 5);
  put16(message, length);
  return message + data;
}

Bytes pointer_loop(const DnsQuestion& question) {
  Bytes data = question.type == kMx ? Bytes("\0\x0a", 2) : Bytes();
  const std::size_t here = kHeader + question.wire.size() + 2 + 10 + data.size();
  put16(data, static_cast<std::uint16_t>(0xc000U | here));
  return with_record(question, Bytes("\xc0\x0c", 2), data, static_cast<std::uint16_t>(data.size()));
}

Bytes wrong_question(const DnsQuestion& question) {
  DnsQuestion other = question;
  other.wire = wire_name("other.invalid");
  put16(other.wire, question.type);
  put16(other.wire, 1);
  return write_reply(other, {});
}

Bytes no_question(const DnsQuestion& question) {
  DnsQuestion bare = question;
  bare.wire.clear();
  bare.edns = false;
  Bytes message = write_reply(bare, {});
  put_count(message, 4, 0);
  return message;
}

/// The shapes that no honest server sends; empty for honest manners.
std::optional<Bytes> malformed(Manner manner, const DnsQuestion& question) {
  switch (manner) {
    case Manner::short_rdata: return with_record(question, Bytes("\xc0\x0c", 2), Bytes(1, '\0'), 1);
    case Manner::pointer_loop: return pointer_loop(question);
    case Manner::wrong_question: return wrong_question(question);
    case Manner::zero_bytes: return Bytes();
    case Manner::no_question: return no_question(question);
    case Manner::half_header: return write_reply(question, {}).substr(0, kHeader / 2);
    case Manner::bad_counts: {
      Bytes message = write_reply(question, {});
      put_count(message, 6, 7);
      return message;
    }
    case Manner::wrong_id: {
      DnsQuestion other = question;
      other.id = static_cast<std::uint16_t>(~question.id);
      return write_reply(other, {});
    }
    case Manner::records:
    case Manner::nxdomain:
    case Manner::servfail:
    case Manner::refused:
    case Manner::formerr:
    case Manner::formerr_on_edns:
    case Manner::notimp:
    case Manner::bogus:
    case Manner::timeout:
    case Manner::truncated:
    case Manner::truncated_closed: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Manner parse_manner(std::string_view word) {
  for (const auto& [name, manner] : kManners)
    if (name == word) return manner;
  throw std::invalid_argument("unknown DNS answer '" + std::string(word) + "'");
}

void DnsZone::set(std::string_view name, std::uint16_t type, Answer answer) {
  names_[canonical(name)].insert_or_assign(type, Entry{std::move(answer), 0});
}

void DnsZone::set_records(std::string_view name, std::string_view type,
                          const std::vector<std::vector<std::string>>& records) {
  Answer answer;
  for (const auto& fields : records) answer.data.push_back(wire_data(type_of(type), fields));
  set(name, type_of(type), std::move(answer));
}

void DnsZone::set_manner(std::string_view name, Manner manner) {
  Answer answer;
  answer.manner = manner;
  set(name, kEveryType, std::move(answer));
}

void DnsZone::add(std::string_view name, std::uint16_t type, Bytes data) {
  auto& known = names_[canonical(name)][type].answer.data;
  if (std::find(known.begin(), known.end(), data) == known.end()) known.push_back(std::move(data));
}

/// What is said about this name, else about all names of the nearest zone above it.
DnsZone::Types* DnsZone::types_of(const std::string& name) {
  if (const auto known = names_.find(name); known != names_.end()) return &known->second;
  for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const auto wildcard = names_.find("*" + name.substr(dot));
    if (wildcard != names_.end()) return &wildcard->second;
  }
  return nullptr;
}

const Answer* DnsZone::take(const std::string& name, std::uint16_t type) {
  Types* const types = types_of(name);
  if (types == nullptr) return nullptr;
  for (const std::uint16_t key : {type, kEveryType}) {
    const auto entry = types->find(key);
    if (entry == types->end()) continue;
    const Answer& answer = entry->second.answer;
    const std::size_t count = answer.sequence.size(), asked = entry->second.asked++;
    if (count == 0) return &answer;
    return &answer.sequence[answer.in_turn ? asked % count : std::min(asked, count - 1)];
  }
  return nullptr;
}

bool DnsZone::exists(const std::string& name) const {
  if (name.empty() || names_.contains(name)) return true;
  // An empty non-terminal exists too (RFC 8020).
  return std::any_of(names_.begin(), names_.end(),
                     [&](const auto& known) { return known.first.ends_with("." + name); });
}

Record DnsZone::soa(const std::string& name) const {
  const auto dot = name.find('.');
  Record record{dot == std::string::npos ? name : name.substr(dot + 1), kSoa, negative_ttl_, {}};
  record.data = wire_name("ns.lab.test") + wire_name("hostmaster.lab.test");
  for (const std::uint32_t field : {1U, 3600U, 600U, 86400U, negative_ttl_}) put32(record.data, field);
  return record;
}

/// Records and CNAMEs towards them; what is not there gets an SOA for the negative TTL (RFC 2308 section 3).
void DnsZone::fill(const DnsQuestion& question, const Answer* answer, DnsReply& reply) {
  std::string name = question.name;
  for (int hop = 0; hop < kMaxHops; ++hop) {
    if (answer != nullptr) {
      reply.rcode = rcode_of(answer->manner, question);
      if (reply.rcode != kNoError || answer->data.empty()) break;
      reply.authentic_data = answer->authentic_data && (question.authentic_data || question.dnssec_ok);
      for (const Bytes& data : answer->data) reply.answers.push_back({name, question.type, answer->ttl, data});
      return;
    }
    const Answer* alias = take(name, kCname);
    if (alias == nullptr || alias->data.empty()) {
      if (types_of(name) == nullptr && !exists(name)) reply.rcode = kNxDomain;
      break;
    }
    const auto again = [&](const Record& record) { return record.name == name; };
    if (std::any_of(reply.answers.begin(), reply.answers.end(), again)) return;  // each alias of a loop once
    reply.answers.push_back({name, kCname, alias->ttl, alias->data.front()});
    std::size_t at = 0;
    name = canonical(read_name(alias->data.front(), at).value_or(""));
    answer = take(name, question.type);
  }
  if (reply.rcode == kNoError || reply.rcode == kNxDomain) reply.authority.push_back(soa(question.name));
}

std::optional<Bytes> DnsZone::reply(const DnsQuestion& question, Transport transport) {
  auto timed = timed_reply(question, transport);
  return timed ? std::optional(std::move(timed->bytes)) : std::nullopt;
}

std::optional<TimedReply> DnsZone::timed_reply(const DnsQuestion& question, Transport transport) {
  const Answer* const answer = take(question.name, question.type);
  auto bytes = bytes_of(question, answer, transport);
  if (!bytes) return std::nullopt;
  return TimedReply{std::move(*bytes), answer == nullptr ? std::chrono::milliseconds(0) : answer->delay};
}

std::optional<Bytes> DnsZone::bytes_of(const DnsQuestion& question, const Answer* answer, Transport transport) {
  const Manner manner = answer == nullptr ? Manner::records : answer->manner;
  if (manner == Manner::timeout) return std::nullopt;
  if (auto shape = malformed(manner, question)) return shape;
  const bool cut = manner == Manner::truncated || manner == Manner::truncated_closed;
  if (manner == Manner::truncated_closed && transport == Transport::tcp) return std::nullopt;
  if (cut && transport == Transport::udp) return truncated(question);
  DnsReply reply;
  fill(question, answer, reply);
  const Bytes bytes = write_reply(question, reply);
  return transport == Transport::udp && bytes.size() > question.udp_size ? truncated(question) : bytes;
}

}  // namespace mxhealth::lab
