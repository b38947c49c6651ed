#include "watch/list_subjects.hpp"

#include "config/network_addresses.hpp"

namespace mxhealth::watch {
namespace {

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
