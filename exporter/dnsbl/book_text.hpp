// The list book, lists.yaml, as it was when the programs were built. config/list_book reads it.
#pragma once

#include <string_view>

namespace mxhealth::dnsbl {

std::string_view book_text();

}  // namespace mxhealth::dnsbl
