#include "lab/blocklist.hpp"

#include <arpa/inet.h>

#include <array>

namespace mxhealth::lab {
namespace {

std::string reversed_ipv4(const in_addr& address) {
  const std::uint32_t bits = ntohl(address.s_addr);
  std::string name;
  for (int shift = 0; shift < 32; shift += 8) {
    if (shift > 0) name += '.';
    name += std::to_string((bits >> shift) & 0xffU);
  }
  return name;
}

std::string reversed_ipv6(const in6_addr& address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name;
  for (int at = 15; at >= 0; --at) {
    const unsigned octet = address.s6_addr[at];
    if (!name.empty()) name += '.';
    name += kDigits[octet & 0xfU];
    name += '.';
    name += kDigits[octet >> 4];
  }
  return name;
}

/// A and TXT of one name. Of what has addresses but no reason, the TXT is NODATA; all other manners hold for any type.
void publish_answer(const std::string& name, const ListAnswer& said, const BlocklistSpec& list, DnsZone& zone) {
  Answer answer;
  answer.manner = said.manner;
  answer.ttl = list.ttl;
  answer.delay = list.delay;
  if (said.manner != Manner::records) {
    zone.set(name, DnsZone::kEveryType, answer);
    return;
  }
  Answer reason = answer;
  for (const std::string& address : said.answers) answer.data.push_back(wire_address(kA, address));
  if (!said.reason.empty()) reason.data.push_back(wire_data(kTxt, {said.reason}));
  if (said.in_turn) {
    Answer clean = answer;
    clean.manner = Manner::nxdomain;
    Answer turns;
    turns.sequence = {answer, clean};
    turns.in_turn = true;
    answer = turns;
  }
  zone.set(name, kA, answer);
  zone.set(name, kTxt, reason);
}

}  // namespace

std::string_view kind_of(const std::string& subject) {
  in6_addr parsed{};
  if (::inet_pton(AF_INET, subject.c_str(), &parsed) == 1) return "ipv4";
  return ::inet_pton(AF_INET6, subject.c_str(), &parsed) == 1 ? "ipv6" : "domain";
}

std::string_view listed_point(std::string_view kind) {
  return kind == "ipv4" ? "127.0.0.2" : kind == "ipv6" ? "::ffff:7f00:2" : "test";
}

std::string reversed(const std::string& subject) {
  in_addr ipv4{};
  in6_addr ipv6{};
  if (::inet_pton(AF_INET, subject.c_str(), &ipv4) == 1) return reversed_ipv4(ipv4);
  if (::inet_pton(AF_INET6, subject.c_str(), &ipv6) == 1) return reversed_ipv6(ipv6);
  return canonical(subject);
}

std::string asked_zone(const BlocklistSpec& list) {
  return list.keyed ? std::string(kListKey) + "." + list.zone : list.zone;
}

void publish_list(const BlocklistSpec& list, DnsZone& zone) {
  const std::string end = "." + asked_zone(list);
  publish_answer("*" + end, list.others, list, zone);
  ListAnswer test;
  test.answers = {list.test_answer};
  test.reason = "a test point";
  for (const std::string& point : list.test_points) publish_answer(reversed(point) + end, test, list, zone);
  for (const auto& [subject, said] : list.entries) publish_answer(reversed(subject) + end, said, list, zone);
}

}  // namespace mxhealth::lab
