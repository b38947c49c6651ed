// `dnsbl.lists`: what of the book is asked, changed in what the operator says, and the operator's own lists.
#pragma once

#include <filesystem>
#include <vector>

#include "config/list_book.hpp"
#include "config/reader.hpp"

namespace mxhealth::config {

std::vector<dnsbl::List> parse_lists(const Field&, const ListBook&);

/// Reads the key of each keyed list from its file, relative ones under `directory`. `field` is `dnsbl.lists`.
void read_list_keys(const Field& field, const std::filesystem::path& directory, std::vector<dnsbl::List>& lists);

}  // namespace mxhealth::config
