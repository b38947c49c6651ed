// What is no error in `dnsbl`, and still likely to end badly: lists that will refuse us, or that nobody can check.
#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

namespace mxhealth::config {

/// `root` is the whole file: a resolver that lists refuse stands in another section than they do.
void warn_of_dnsbl(const Section& root, const Config&);

/// How many subjects of one kind the configuration itself names; those of targets and SPF records come on top.
std::size_t configured_subjects(const Dnsbl&, ListKind);

}  // namespace mxhealth::config
