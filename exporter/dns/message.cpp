#include "dns/message.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "dns/reader.hpp"

namespace mxhealth::dns {
namespace {

constexpr std::size_t kHeader = 12;

struct Header {
  std::uint16_t id, flags, questions, answers, authority, additional;
};

/// The parts of a message on their way into it, under the limits that all of them share.
class Assembly {
 public:
  explicit Assembly(std::span<const std::uint8_t> packet) : in_(packet) {}
  std::optional<Malformed> run(const Expected&);
  Message message;

 private:
  std::optional<Malformed> check_header(const Header&, const Expected&) const;
  std::optional<Malformed> check_question(const Header&, const Expected&);
  std::optional<Malformed> read_section(std::size_t count, std::vector<Record>* into);
  std::optional<Malformed> read_record(std::vector<Record>* into);
  std::optional<Malformed> read_opt(const std::string& owner, std::uint32_t ttl);
  Data read_data(Type, Reader&);
  std::string name(Reader&);

  Reader in_;
  std::size_t name_text_ = 0;
};

}  // namespace

Parsed parse(std::span<const std::uint8_t> packet, const Expected& expected) {
  if (packet.size() < kHeader) return Malformed::too_short;
  if (packet.size() > kMaxMessage) return Malformed::too_long;
  Assembly assembly(packet);
  if (const auto fault = assembly.run(expected)) return *fault;
  return std::move(assembly.message);
}

std::string_view label(Malformed why) {
  switch (why) {
    case Malformed::too_short: return "shorter than a header";
    case Malformed::too_long: return "too long";
    case Malformed::no_response: return "not a response";
    case Malformed::wrong_id: return "wrong id";
    case Malformed::wrong_question: return "wrong question";
    case Malformed::bad_name: return "bad name";
    case Malformed::pointer_loop: return "compression loop";
    case Malformed::too_many_records: return "too many records";
    case Malformed::too_much_text: return "names too long together";
    case Malformed::cut_record: return "record cut short";
    case Malformed::bad_record_data: return "bad record data";
    case Malformed::bad_opt: return "bad OPT record";
  }
  return "";
}

namespace {

std::optional<Malformed> Assembly::run(const Expected& expected) {
  // Braces order the reads from left to right.
  const Header header{in_.get16(), in_.get16(), in_.get16(), in_.get16(), in_.get16(), in_.get16()};
  if (const auto fault = check_header(header, expected)) return fault;
  message.rcode = header.flags & 0x000f;
  message.authoritative = (header.flags & 0x0400) != 0;
  message.truncated = (header.flags & 0x0200) != 0;
  message.authenticated = (header.flags & 0x0020) != 0;
  if (const auto fault = check_question(header, expected)) return fault;
  if (message.truncated) return std::nullopt;  // the records may be cut anywhere, and TCP will bring them
  const std::size_t records = std::size_t{header.answers} + header.authority + header.additional;
  if (records > kMaxRecords) return Malformed::too_many_records;
  if (const auto fault = read_section(header.answers, &message.answers)) return fault;
  if (const auto fault = read_section(header.authority, &message.authority)) return fault;
  return read_section(header.additional, nullptr);
}

std::optional<Malformed> Assembly::check_header(const Header& header, const Expected& expected) const {
  if (header.id != expected.id) return Malformed::wrong_id;
  if ((header.flags & 0x8000) == 0 || (header.flags & 0x7800) != 0) return Malformed::no_response;
  return std::nullopt;
}

std::optional<Malformed> Assembly::check_question(const Header& header, const Expected& expected) {
  const bool failed = message.rcode != kNoError && message.rcode != kNameError;
  if (header.questions == 0 && failed) return std::nullopt;
  if (header.questions != 1) return Malformed::wrong_question;
  const std::string asked = in_.get_name();
  const std::uint16_t type = in_.get16();
  const std::uint16_t klass = in_.get16();
  if (in_.failed()) return in_.fault();
  const std::string_view expected_name = expected.question.name.is_root() ? "." : expected.question.name.view();
  const bool same = asked == expected_name && type == static_cast<std::uint16_t>(expected.question.type);
  return same && klass == kClassInternet ? std::nullopt : std::optional(Malformed::wrong_question);
}

std::optional<Malformed> Assembly::read_section(std::size_t count, std::vector<Record>* into) {
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto fault = read_record(into)) return fault;
  }
  return std::nullopt;
}

// `into` is null for the additional section: of it only OPT is wanted.
std::optional<Malformed> Assembly::read_record(std::vector<Record>* into) {
  Record record;
  record.owner = name(in_);
  const std::uint16_t type = in_.get16();
  const std::uint16_t klass = in_.get16();
  record.type = static_cast<Type>(type);
  record.ttl = in_.get32();
  if (record.ttl > 0x7fffffff && record.type != Type::opt) record.ttl = 0;  // RFC 2181 section 8
  Reader data = in_.window(in_.get16());
  if (in_.failed()) return in_.fault();
  if (record.type == Type::opt) return into == nullptr ? read_opt(record.owner, record.ttl) : Malformed::bad_opt;
  if (into != nullptr && klass == kClassInternet) {
    record.data = read_data(record.type, data);
    if (data.failed()) return data.fault() == Malformed::cut_record ? Malformed::bad_record_data : data.fault();
    if (!std::holds_alternative<std::monostate>(record.data) && data.left() > 0) return Malformed::bad_record_data;
    into->push_back(std::move(record));
  }
  return name_text_ > kMaxNameText ? std::optional(Malformed::too_much_text) : std::nullopt;
}

// The TTL field of OPT holds the upper eight bits of the rcode in its first octet (RFC 6891 section 6.1.3).
std::optional<Malformed> Assembly::read_opt(const std::string& owner, std::uint32_t ttl) {
  if (message.has_opt || owner != ".") return Malformed::bad_opt;
  message.has_opt = true;
  message.rcode = static_cast<std::uint16_t>(message.rcode | (ttl >> 24) << 4);
  return std::nullopt;
}

std::string Assembly::name(Reader& reader) {
  std::string text = reader.get_name();
  name_text_ += text.size();
  return text;
}

template <std::size_t Size>
std::array<std::uint8_t, Size> fixed(Reader& reader) {
  std::array<std::uint8_t, Size> bytes{};
  std::ranges::copy(reader.get(Size), bytes.begin());
  return bytes;
}

TextData read_text(Reader& reader) {
  TextData text;
  do {  // at least one character-string (RFC 1035 section 3.3.14)
    const auto part = reader.get(reader.get8());
    text.text.append(part.begin(), part.end());
  } while (reader.left() > 0 && !reader.failed());
  return text;
}

TlsaData read_tlsa(Reader& reader) {
  TlsaData tlsa{reader.get8(), reader.get8(), reader.get8(), {}};
  const auto association = reader.get(reader.left());
  tlsa.association.assign(association.begin(), association.end());
  return tlsa;
}

Data Assembly::read_data(Type type, Reader& reader) {
  switch (type) {
    case Type::a: return Address::v4(fixed<4>(reader));
    case Type::aaaa: return Address::v6(fixed<16>(reader));
    case Type::mx: return MxData{reader.get16(), name(reader)};
    case Type::srv: return SrvData{reader.get16(), reader.get16(), reader.get16(), name(reader)};
    case Type::txt: return read_text(reader);
    case Type::tlsa: return read_tlsa(reader);
    case Type::cname:
    case Type::ptr:
    case Type::ns: return NameData{name(reader)};
    case Type::soa: {
      SoaData soa{name(reader), name(reader), reader.get32(), 0};
      reader.get(12);  // refresh, retry, expire
      soa.minimum = reader.get32();
      return soa;
    }
    case Type::opt: break;
  }
  return std::monostate{};
}

}  // namespace
}  // namespace mxhealth::dns
