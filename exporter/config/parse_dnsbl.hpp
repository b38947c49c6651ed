// The section `dnsbl`: what is looked up on blocklists, how often, and on which. Without it, every target on the lists
// that the book calls default.
#pragma once

#include <filesystem>

#include "config/config.hpp"
#include "config/reader.hpp"

namespace mxhealth::config {

Dnsbl default_dnsbl();

Dnsbl parse_dnsbl(const Field&);

/// Reads the keys of the lists from their files, relative ones under `directory`.
void read_dnsbl_keys(const Field&, const std::filesystem::path& directory, Dnsbl&);

/// Whether the section names something to look up; what is there and wrong has been complained about already.
bool names_subjects(const Field&);

}  // namespace mxhealth::config
