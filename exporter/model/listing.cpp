#include "model/listing.hpp"

namespace mxhealth {

std::string_view label(ListKind kind) {
  constexpr std::string_view kLabels[] = {"ipv4", "ipv6", "domain"};
  return kLabels[static_cast<std::size_t>(kind)];
}

std::string_view label(SubjectSource source) { return source == SubjectSource::target ? "target" : "configured"; }

std::string_view label(ListingState state) {
  constexpr std::string_view kLabels[] = {"clean", "listed", "unknown", "refused", "unhealthy"};
  return kLabels[static_cast<std::size_t>(state)];
}

std::string_view label(ListFailure failure) {
  constexpr std::string_view kLabels[] = {"timeout", "servfail", "refused_by_list", "bad_answer", "ratelimited"};
  return kLabels[static_cast<std::size_t>(failure)];
}

std::string to_string(const Subject& subject) {
  if (const auto* address = std::get_if<Address>(&subject)) return address->to_string();
  return std::get<DomainName>(subject).str();
}

ListKind kind_of(const Subject& subject) {
  const auto* address = std::get_if<Address>(&subject);
  if (address == nullptr) return ListKind::domain;
  return address->family() == Family::ipv4 ? ListKind::ipv4 : ListKind::ipv6;
}

}  // namespace mxhealth
