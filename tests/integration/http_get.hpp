// A plain HTTP GET for tests: blocking, HTTP/1.0, loopback only in practice. An empty answer is a failure.
#pragma once

#include <string>

namespace mxhealth::test {

/// `address` as the exporter prints it ("127.0.0.1:4711"). The body, whatever the status.
std::string http_get(const std::string& address, const std::string& path);

}  // namespace mxhealth::test
