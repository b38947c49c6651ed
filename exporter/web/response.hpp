// An answer as octets for the wire: status line, header fields, and the body's pages as they lie in memory.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/time.hpp"
#include "web/answer.hpp"

namespace mxhealth::web {

enum class Persistence : std::uint8_t { close, keep_alive };

/// How to send it, as the request and the server's state have it.
struct Framing {
  bool body = true;  // not for HEAD
  Persistence persistence = Persistence::close;
  Wall now{};
  std::string_view security = {};  // header lines of security_fields()
};

/// Header lines that every answer has; `more` come on top, or instead of those of the same name.
std::string security_fields(const std::vector<std::pair<std::string_view, std::string>>& more);

/// Holds the pages it points to. Deflates those of them that are not yet, if the answer wants that.
class Response {
 public:
  Response(Answer answer, const Framing& framing);
  Response(const Response&) = delete;
  Response& operator=(const Response&) = delete;

  const std::vector<std::string_view>& parts() const { return parts_; }  // valid as long as this lives

 private:
  Answer answer_;
  std::string head_;
  std::string gzip_head_;
  std::string gzip_tail_;
  std::vector<std::string_view> parts_;
};

}  // namespace mxhealth::web
