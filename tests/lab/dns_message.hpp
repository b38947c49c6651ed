// DNS on the wire, as little as a scripted server needs: reads questions, writes records. Names are never compressed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mxhealth::lab {

using Bytes = std::string;  // octets

enum RecordType : std::uint16_t {
  kA = 1,
  kNs = 2,
  kCname = 5,
  kSoa = 6,
  kPtr = 12,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
  kSrv = 33,
  kOpt = 41,
  kTlsa = 52,
};

enum Rcode : std::uint8_t { kNoError = 0, kFormErr = 1, kServFail = 2, kNxDomain = 3, kNotImp = 4, kRefused = 5 };

/// Throws std::invalid_argument for an unknown type.
std::uint16_t type_of(std::string_view word);
std::string type_name(std::uint16_t type);

struct DnsQuestion {
  std::uint16_t id = 0;
  std::string name;  ///< presentation form, lower case, no final dot
  std::uint16_t type = 0;
  Bytes wire;  ///< the question section as it came (0x20)
  bool recursion_desired = false;
  bool authentic_data = false;
  bool checking_disabled = false;
  bool edns = false;
  bool dnssec_ok = false;
  std::uint16_t udp_size = 512;
};

/// Empty when it is no single question in class IN.
std::optional<DnsQuestion> read_question(std::string_view message);

/// Reads an uncompressed name and moves `at` behind it. Empty when it does not end or is compressed.
std::optional<std::string> read_name(std::string_view message, std::size_t& at);

struct Record {
  std::string name;
  std::uint16_t type = 0;
  std::uint32_t ttl = 0;
  Bytes data;
};

struct DnsReply {
  std::uint8_t rcode = kNoError;
  bool truncated = false;
  bool authentic_data = false;
  std::vector<Record> answers;
  std::vector<Record> authority;
};

Bytes write_reply(const DnsQuestion& question, const DnsReply& reply);

void put16(Bytes& out, std::uint16_t value);
void put32(Bytes& out, std::uint32_t value);

/// Presentation form with \DDD and \. (RFC 4343) to wire. Labels above 63 octets throw std::invalid_argument.
Bytes wire_name(std::string_view name);

/// Lower case, no final dot: how names are looked up.
std::string canonical(std::string_view name);

/// 127.0.0.1 or 2001:db8::1 to wire. Throws std::invalid_argument.
Bytes wire_address(std::uint16_t type, const std::string& text);

/// RDATA from its fields in presentation form, e.g. {"10", "mx.example"}. Throws std::invalid_argument.
Bytes wire_data(std::uint16_t type, const std::vector<std::string>& fields);

}  // namespace mxhealth::lab
