// From a request to an answer, by a table of method, path and function. To add an endpoint, add a row there.
// No sockets: tests call it with values.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "web/answer.hpp"

namespace mxhealth::web {

struct Site;

Answer answer(const Request& request, Site& site);

using Handler = Answer (*)(const Request&, Site&);

struct Route {
  std::string_view method;
  std::string_view path;  // behind the prefix; "/targets/*": everything below, told to the handler as Request::rest
  Handler handler;
};

/// The first row that takes this path, and what its '*' stands for (not yet decoded, never empty).
struct Found {
  const Route* route = nullptr;
  std::string_view rest;
};
Found find(std::string_view path, std::span<const Route> routes);

}  // namespace mxhealth::web
