#include "dnsbl/query_name.hpp"

#include <string>

#include "model/reverse_name.hpp"

namespace mxhealth::dnsbl {
namespace {

std::string of_subject(const Subject& subject) {
  if (const auto* address = std::get_if<Address>(&subject))
    return reversed_labels(*address);  // RFC 5782 sections 2.1, 2.4
  return std::get<DomainName>(subject).str();
}

std::optional<Name> in_zone(const List& list, std::string name) {
  if (list.zone.is_root() || name.empty()) return std::nullopt;
  if (list.keyed) {
    const std::string& key = list.key.reveal();
    if (key.empty() || key.find('.') != std::string::npos) return std::nullopt;
    name.append(".").append(key);
  }
  return Name::parse(name.append(".").append(list.zone.str()));
}

}  // namespace

std::optional<Name> query_name(const List& list, const Subject& subject) { return in_zone(list, of_subject(subject)); }

std::optional<Name> absent_name(const List& list, std::string_view label) { return in_zone(list, std::string(label)); }

}  // namespace mxhealth::dnsbl
