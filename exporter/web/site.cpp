#include "web/site.hpp"

#include <string_view>
#include <utility>

namespace mxhealth::web {
namespace {

/// The path in "https://host/mx/": "/mx/".
std::string_view path_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    const auto path = url.find('/', scheme + 3);
    url = path == std::string_view::npos ? std::string_view() : url.substr(path);
  }
  return url.substr(0, url.find_first_of("?#"));
}

/// "/mx" for "mx", "/mx/" and "//mx"; "" for "/".
std::string without_slash_at_end(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  while (path.starts_with('/')) path.remove_prefix(1);
  return path.empty() ? std::string() : "/" + std::string(path);
}

}  // namespace

std::string route_prefix(const WebOptions& options) {
  return without_slash_at_end(options.route_prefix.empty() ? path_of(options.external_url)
                                                           : std::string_view(options.route_prefix));
}

Site::Site(const WebOptions& options, const Mirror& the_mirror, Callbacks the_callbacks)
    : mirror(the_mirror),
      callbacks(std::move(the_callbacks)),
      prefix(route_prefix(options)),
      base(options.external_url.empty() ? prefix : without_slash_at_end(path_of(options.external_url))),
      telemetry(without_slash_at_end(options.telemetry_path)),
      version(options.version) {
  if (telemetry.empty()) telemetry = "/";  // instead of the landing page
}

}  // namespace mxhealth::web
