// Where DMARC reports go: the addresses of rua and ruf, and whether other domains agreed to take them (RFC 7489
// sections 6.2 and 7.1). Pure.
#pragma once

#include <vector>

#include "policy/dmarc.hpp"
#include "policy/tag_list.hpp"

namespace mxhealth::policy {

/// `at`: the domain whose record this is. False: `answers` wants to know more first.
bool note_reports(const TagList& tags, const Name& at, RegisteredDomain, Answers& answers,
                  std::vector<PolicyNote>& notes);

}  // namespace mxhealth::policy
