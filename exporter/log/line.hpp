// An event as one line of text, without its time stamp. Pure: whatever bytes a value holds, the line has no line break,
// no control octet and no invalid UTF-8, and stays under kMaxLine.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "log/event.hpp"

namespace mxhealth::log {

/// `level=info event=name a=b c="d e"`, or the members `"level":"info","event":"name",…` without the braces.
std::string line(Format format, Level level, std::string_view name, std::span<const Field> fields);

}  // namespace mxhealth::log
