// The one style sheet of the pages, served at /style.css.
#pragma once

#include <string_view>

namespace mxhealth::web {

std::string_view style_sheet();

}  // namespace mxhealth::web
