// Pages joined into one gzip member (RFC 1952), each page's deflate data taken as it is: what did not change since the
// last scrape is not compressed again. Pages share no dictionary, which costs a few per cent of size.
#pragma once

#include <string>

#include "metrics/page.hpp"

namespace mxhealth::metrics {

/// The octets before the first page's data.
std::string gzip_head();

/// The octets after the last one's: an empty final block, CRC-32 and length of all text.
std::string gzip_tail(const Pages& pages);

}  // namespace mxhealth::metrics
