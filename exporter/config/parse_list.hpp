// What a list says about itself, by the same keys in the book and in the configuration.
#pragma once

#include <string_view>
#include <vector>

#include "config/reader.hpp"
#include "dnsbl/list.hpp"

namespace mxhealth::config {

/// The keys that read_list knows, and `more`.
std::vector<std::string_view> list_keys(std::vector<std::string_view> more);

/// Puts into `list` what is written, and leaves the rest of it as it is.
void read_list(const Section&, dnsbl::List& list);

/// The points of RFC 5782 section 5 for every kind of the list.
void test_as_rfc5782(dnsbl::List&);

}  // namespace mxhealth::config
