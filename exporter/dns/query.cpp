#include "dns/query.hpp"

#include <algorithm>
#include <string>

namespace mxhealth::dns {
namespace {

constexpr std::uint8_t kRecursionDesired = 0x01;  // third octet of the header
constexpr std::uint8_t kAuthenticData = 0x20;     // fourth octet
constexpr std::uint8_t kCheckingDisabled = 0x10;
constexpr std::uint8_t kDnssecOk = 0x80;  // first octet of the OPT record's flags

void put16(std::vector<std::uint8_t>& packet, std::uint16_t value) {
  packet.push_back(static_cast<std::uint8_t>(value >> 8));
  packet.push_back(static_cast<std::uint8_t>(value));
}

void put_name(std::vector<std::uint8_t>& packet, std::string_view name) {
  while (!name.empty()) {
    const std::string_view first = name.substr(0, name.find('.'));
    packet.push_back(static_cast<std::uint8_t>(first.size()));
    packet.insert(packet.end(), first.begin(), first.end());
    name.remove_prefix(std::min(name.size(), first.size() + 1));
  }
  packet.push_back(0);
}

void put_opt(std::vector<std::uint8_t>& packet) {
  packet.push_back(0);  // owner: the root
  put16(packet, static_cast<std::uint16_t>(Type::opt));
  put16(packet, kUdpSize);
  put16(packet, 0);  // extended rcode and version
  packet.push_back(kDnssecOk);
  packet.push_back(0);
  put16(packet, 0);  // no options
}

}  // namespace

std::string_view label(Type type) {
  switch (type) {
    case Type::a: return "A";
    case Type::ns: return "NS";
    case Type::cname: return "CNAME";
    case Type::soa: return "SOA";
    case Type::ptr: return "PTR";
    case Type::mx: return "MX";
    case Type::txt: return "TXT";
    case Type::aaaa: return "AAAA";
    case Type::srv: return "SRV";
    case Type::opt: return "OPT";
    case Type::tlsa: return "TLSA";
  }
  return "other";
}

std::vector<std::uint8_t> make_query(const Question& question, const QueryOptions& options) {
  std::vector<std::uint8_t> packet;
  packet.reserve(12 + question.name.view().size() + 2 + 4 + 11);
  put16(packet, options.id);
  packet.push_back(kRecursionDesired);
  packet.push_back(options.checking_disabled ? kAuthenticData | kCheckingDisabled : kAuthenticData);
  put16(packet, 1);  // one question
  put16(packet, 0);
  put16(packet, 0);
  put16(packet, options.edns ? 1 : 0);
  put_name(packet, question.name.view());
  put16(packet, static_cast<std::uint16_t>(question.type));
  put16(packet, kClassInternet);
  if (options.edns) put_opt(packet);
  return packet;
}

}  // namespace mxhealth::dns
