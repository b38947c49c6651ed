// Who is looked up on lists: what is configured, and what belongs to targets. Pure; a subject that is both counts as
// configured. Bounded: what does not fit is told, configured ones come first.
#pragma once

#include <map>
#include <set>

#include "config/config.hpp"
#include "model/listing.hpp"

namespace mxhealth::watch {

inline constexpr std::size_t kMaxSubjects = 20'000;

struct Subjects {
  std::map<Subject, SubjectSource> all;
  std::size_t dropped = 0;
};

/// `of_targets`: names and addresses of targets. `of_senders`: addresses that SPF records name. Both come from other
/// people's DNS: non-public addresses among them are passed over, since lists know only public ones, and 127.0.0.2 is
/// the point that every list lists.
Subjects list_subjects(const config::Dnsbl&, const std::set<Subject>& of_targets, const std::set<Subject>& of_senders);

}  // namespace mxhealth::watch
