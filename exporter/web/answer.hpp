// A request and its answer as values, with nothing of sockets or of HTTP's syntax in them.
#pragma once

#include <atomic>
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
  bool cross_site = false;  // a browser says that a page of somebody else's makes it ask (Sec-Fetch-Site)

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
  std::shared_ptr<void> place;            // with `later`: among those who wait, as long as somebody holds it
};

/// Places for those who wait, so that whoever waits leaves room for others.
class Places {
 public:
  explicit Places(long most) : most_(most) {}
  /// Given back by its last holder, on any thread; null when all are taken.
  std::shared_ptr<void> take() const {
    if (*taken_ >= most_) return nullptr;
    ++*taken_;
    return {taken_.get(), [taken = taken_](void*) { --*taken; }};
  }

 private:
  std::shared_ptr<std::atomic<long>> taken_ = std::make_shared<std::atomic<long>>(0);
  long most_;
};

/// An answer with a text as its body.
Answer text_answer(unsigned status, std::string text, std::string content_type = "text/plain; charset=utf-8");

/// A refusal for now, with Retry-After.
Answer come_again(unsigned status, std::string text, long seconds);

/// The status line's words: 404 -> "Not Found".
std::string_view reason(unsigned status);

}  // namespace mxhealth::web
