#include "lab/dns_message.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace mxhealth::lab {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint16_t>, 10> kTypes{{{"A", kA},
                                                                             {"NS", kNs},
                                                                             {"CNAME", kCname},
                                                                             {"SOA", kSoa},
                                                                             {"PTR", kPtr},
                                                                             {"MX", kMx},
                                                                             {"TXT", kTxt},
                                                                             {"AAAA", kAaaa},
                                                                             {"SRV", kSrv},
                                                                             {"TLSA", kTlsa}}};
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxString = 255;

unsigned byte_at(std::string_view message, std::size_t at) { return static_cast<unsigned char>(message[at]); }

std::uint16_t get16(std::string_view message, std::size_t at) {
  return static_cast<std::uint16_t>((byte_at(message, at) << 8) | byte_at(message, at + 1));
}

/// The OPT record is the only one that a query carries here; it starts right behind the question.
void read_edns(std::string_view message, std::size_t at, DnsQuestion& question) {
  constexpr std::size_t kOptHeader = 11;
  if (get16(message, 10) == 0 || at + kOptHeader > message.size() || byte_at(message, at) != 0) return;
  if (get16(message, at + 1) != kOpt) return;
  question.edns = true;
  question.udp_size = std::max<std::uint16_t>(512, get16(message, at + 3));
  question.dnssec_ok = (byte_at(message, at + 7) & 0x80U) != 0;
}

void put_record(Bytes& out, const Record& record) {
  out += wire_name(record.name);
  put16(out, record.type);
  put16(out, 1);
  put32(out, record.ttl);
  put16(out, static_cast<std::uint16_t>(record.data.size()));
  out += record.data;
}

void put_opt(Bytes& out) {
  out += '\0';
  put16(out, kOpt);
  put16(out, 1232);
  put32(out, 0);
  put16(out, 0);
}

template <class Integer>
Integer number(const std::string& text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw std::invalid_argument("'" + text + "' is no number that fits");
  return value;
}

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + std::min(i + 2, text.size()), value, 16);
    if (error != std::errc() || end != text.data() + i + 2) throw std::invalid_argument("bad hexadecimal digits");
    bytes += static_cast<char>(value);
  }
  return bytes;
}

void need(const std::vector<std::string>& fields, std::size_t count) {
  if (fields.size() != count) throw std::invalid_argument("this record has " + std::to_string(count) + " fields");
}

}  // namespace

std::uint16_t type_of(std::string_view word) {
  for (const auto& [name, type] : kTypes)
    if (name == word) return type;
  throw std::invalid_argument("unknown record type '" + std::string(word) + "'");
}

std::string type_name(std::uint16_t type) {
  for (const auto& [name, known] : kTypes)
    if (known == type) return std::string(name);
  return "TYPE" + std::to_string(type);
}

std::string canonical(std::string_view name) {
  if (name.ends_with('.') && !name.ends_with("\\.")) name.remove_suffix(1);
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

std::optional<DnsQuestion> read_question(std::string_view message) {
  constexpr std::size_t kHeader = 12;
  if (message.size() < kHeader || get16(message, 4) != 1) return std::nullopt;
  DnsQuestion question;
  question.id = get16(message, 0);
  question.recursion_desired = (byte_at(message, 2) & 0x01U) != 0;
  question.authentic_data = (byte_at(message, 3) & 0x20U) != 0;
  question.checking_disabled = (byte_at(message, 3) & 0x10U) != 0;
  std::size_t at = kHeader;
  const auto name = read_name(message, at);
  if (!name || at + 4 > message.size()) return std::nullopt;
  question.name = canonical(*name);
  question.type = get16(message, at);
  question.wire = Bytes(message.substr(kHeader, at + 4 - kHeader));
  read_edns(message, at + 4, question);
  return question;
}

std::optional<std::string> read_name(std::string_view message, std::size_t& at) {
  std::string name;
  while (at < message.size()) {
    const std::size_t length = byte_at(message, at++);
    if (length == 0) return name;
    if (length > kMaxLabel || at + length > message.size()) return std::nullopt;
    if (!name.empty()) name += '.';
    name.append(message.substr(at, length));
    at += length;
  }
  return std::nullopt;
}

void put16(Bytes& out, std::uint16_t value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xffU);
}

void put32(Bytes& out, std::uint32_t value) {
  put16(out, static_cast<std::uint16_t>(value >> 16));
  put16(out, static_cast<std::uint16_t>(value & 0xffffU));
}

Bytes write_reply(const DnsQuestion& question, const DnsReply& reply) {
  Bytes out;
  put16(out, question.id);
  unsigned flags = 0x8080U | reply.rcode;  // QR, RA
  if (question.recursion_desired) flags |= 0x0100U;
  if (reply.truncated) flags |= 0x0200U;
  if (reply.authentic_data) flags |= 0x0020U;
  if (question.checking_disabled) flags |= 0x0010U;
  put16(out, static_cast<std::uint16_t>(flags));
  put16(out, 1);
  put16(out, static_cast<std::uint16_t>(reply.answers.size()));
  put16(out, static_cast<std::uint16_t>(reply.authority.size()));
  put16(out, question.edns ? 1 : 0);
  out += question.wire;
  for (const Record& record : reply.answers) put_record(out, record);
  for (const Record& record : reply.authority) put_record(out, record);
  if (question.edns) put_opt(out);
  return out;
}

Bytes wire_name(std::string_view name) {
  Bytes wire, label;
  const auto end_label = [&] {
    if (label.empty() || label.size() > kMaxLabel) throw std::invalid_argument("a label of 1 to 63 octets is needed");
    wire += static_cast<char>(label.size());
    wire += label;
    label.clear();
  };
  if (name == "." || name.empty()) return Bytes(1, '\0');
  if (name.ends_with('.') && !name.ends_with("\\.")) name.remove_suffix(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '.') {
      end_label();
    } else if (name[i] != '\\') {
      label += name[i];
    } else if (i + 3 < name.size() && std::isdigit(byte_at(name, i + 1)) != 0) {
      label += static_cast<char>(number<std::uint8_t>(std::string(name.substr(i + 1, 3))));
      i += 3;
    } else if (i + 1 < name.size()) {
      label += name[++i];
    }
  }
  end_label();
  wire += '\0';
  return wire;
}

Bytes wire_address(std::uint16_t type, const std::string& text) {
  std::array<char, 16> bytes{};
  if (::inet_pton(type == kA ? AF_INET : AF_INET6, text.c_str(), bytes.data()) != 1)
    throw std::invalid_argument("'" + text + "' is no address of that family");
  return Bytes(bytes.data(), type == kA ? 4 : 16);
}

Bytes wire_data(std::uint16_t type, const std::vector<std::string>& fields) {
  Bytes out;
  switch (type) {
    case kA:
    case kAaaa: need(fields, 1); return wire_address(type, fields[0]);
    case kNs:
    case kCname:
    case kPtr: need(fields, 1); return wire_name(fields[0]);
    case kMx:
      need(fields, 2);
      put16(out, number<std::uint16_t>(fields[0]));
      return out + wire_name(fields[1]);
    case kSrv:
      need(fields, 4);
      for (int i = 0; i < 3; ++i) put16(out, number<std::uint16_t>(fields[static_cast<std::size_t>(i)]));
      return out + wire_name(fields[3]);
    case kTlsa:
      need(fields, 4);
      for (int i = 0; i < 3; ++i) out += static_cast<char>(number<std::uint8_t>(fields[static_cast<std::size_t>(i)]));
      return out + from_hex(fields[3]);
    case kTxt:
      for (const std::string& field : fields) {
        for (std::size_t at = 0; at == 0 || at < field.size(); at += kMaxString) {
          const std::string piece = field.substr(at, kMaxString);
          out += static_cast<char>(piece.size());
          out += piece;
        }
      }
      return out;
    default: throw std::invalid_argument("records of this type are not written by the lab");
  }
}

}  // namespace mxhealth::lab
