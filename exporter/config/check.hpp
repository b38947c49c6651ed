// `mxhealthctl config check FILE` and `mxhealth_exporter --config.check`: says what is wrong with a file.
#pragma once

#include <filesystem>
#include <iosfwd>

namespace mxhealth::config {

/// Problems go to `err`, the last line to `out`: "FILE: ok, 3 targets", or "FILE: 2 errors, 1 warning". Exit code 0
/// or 1.
int check_file(const std::filesystem::path& file, std::ostream& out, std::ostream& err);

}  // namespace mxhealth::config
