#include "watch/list_subjects.hpp"

#include <algorithm>
#include <array>

namespace mxhealth::watch {
namespace {

constexpr int kHostBits = 8;

// Host bits are zero in a configured network, so the last octet is all that counts up.
Address with_last_octet(const Address& base, unsigned last) {
  const auto bytes = base.bytes();
  if (base.family() == Family::ipv4) {
    std::array<std::uint8_t, 4> v4{};
    std::ranges::copy(bytes, v4.begin());
    v4.back() = static_cast<std::uint8_t>(last);
    return Address::v4(v4);
  }
  std::array<std::uint8_t, 16> v6{};
  std::ranges::copy(bytes, v6.begin());
  v6.back() = static_cast<std::uint8_t>(last);
  return Address::v6(v6);
}

class Collecting {
 public:
  void add(const Subject& subject, SubjectSource source) {
    if (subjects.all.size() >= kMaxSubjects && !subjects.all.contains(subject))
      ++subjects.dropped;
    else
      subjects.all.emplace(subject, source);
  }
  Subjects subjects;
};

bool is_known_to_lists(const Subject& subject) {
  const auto* address = std::get_if<Address>(&subject);
  return address == nullptr || address->is_global();
}

}  // namespace

std::vector<Address> addresses_of(const config::Network& network) {
  const int all_bits = network.address.family() == Family::ipv4 ? 32 : 128;
  const int host_bits = std::clamp(all_bits - network.bits, 0, kHostBits);
  const unsigned first = network.address.bytes().back();
  std::vector<Address> all;
  for (unsigned i = 0; i < 1U << static_cast<unsigned>(host_bits); ++i)
    all.push_back(with_last_octet(network.address, first + i));
  return all;
}

Subjects list_subjects(const config::Dnsbl& config, const std::set<Subject>& of_targets,
                       const std::set<Subject>& of_senders) {
  Collecting all;
  for (const config::Network& network : config.addresses)
    for (const Address& address : addresses_of(network)) all.add(address, SubjectSource::configured);
  for (const DomainName& domain : config.domains) all.add(domain, SubjectSource::configured);
  for (const Subject& sender : of_senders)
    if (is_known_to_lists(sender)) all.add(sender, SubjectSource::configured);
  if (!config.targets) return std::move(all.subjects);
  for (const Subject& target : of_targets)
    if (is_known_to_lists(target)) all.add(target, SubjectSource::target);
  return std::move(all.subjects);
}

}  // namespace mxhealth::watch
