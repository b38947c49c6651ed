// A request and its answer as values, with nothing of sockets or of HTTP's syntax in them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/page.hpp"
#include "metrics/writer.hpp"
#include "web/query.hpp"

namespace mxhealth::web {

struct Request {
  std::string method;  // "GET"; HEAD is asked as GET and its body left out at the end
  std::string path;    // without query
  Query query;
  std::string rest;  // what a route for everything below a path leaves: "example.com" of /targets/example.com, decoded
  metrics::Format format = metrics::Format::text;           // of metrics, as the client likes best
  bool gzip = false;                                        // the client takes it
  std::optional<std::chrono::milliseconds> scrape_timeout;  // X-Prometheus-Scrape-Timeout-Seconds

  /// The first parameter of that name.
  std::optional<std::string_view> param(std::string_view name) const;
};

struct Answer;
/// For what takes time: is given the function that delivers the answer, from any thread.
using Later = std::function<void(std::function<void(Answer)> deliver)>;

struct Answer {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string_view, std::string>> fields;  // further header fields
  metrics::Pages pages;                                          // the body, by reference
  std::string_view vary = "Accept-Encoding";                     // what of the request the answer depends on
  bool gzip = false;                      // send the pages deflated; the server decides, by what the client takes
  Later later;                            // if set, all the rest is not yet known
  std::chrono::milliseconds patience{0};  // with `later`; 0: as for a reload
};

/// An answer with a text as its body.
Answer text_answer(unsigned status, std::string text, std::string content_type = "text/plain; charset=utf-8");

/// The status line's words: 404 -> "Not Found".
std::string_view reason(unsigned status);

}  // namespace mxhealth::web
