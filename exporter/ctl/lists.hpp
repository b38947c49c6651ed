// `mxhealthctl lists`: whether each blocklist and allow-list of the configuration can be believed now, through which
// resolver, and what its operator demands. Blocks until all have answered, or time is up for those that do not.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "net/await.hpp"

namespace mxhealth::ctl {

struct ListsRequest {
  std::filesystem::path config_file;  ///< empty: the default lists of the book, the system's resolvers
  std::vector<std::string> names;     ///< of configured lists, or of lists of the book; none: all that are configured
  bool json = false;
};

/// Exit code: 0 all are healthy, 1 some are not, 2 not one answered, 3 wrong usage or configuration.
int lists(net::asio::io_context& io, const ListsRequest&, std::ostream& out, std::ostream& err);

}  // namespace mxhealth::ctl
