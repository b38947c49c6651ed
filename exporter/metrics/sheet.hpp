// The exposition, always ready: for each metric family pages of text with the values patched in as records change.
// A scrape takes references to pages; a page that somebody holds is never written again, its successor is.
// No sockets, no clock, no locks: it lives on the publishing loop.
#pragma once

#include <cstddef>
#include <memory>

#include "metrics/page.hpp"
#include "metrics/writer.hpp"
#include "model/record.hpp"

namespace mxhealth::metrics {

class Sheet {
 public:
  Sheet();
  ~Sheet();
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;

  void apply(const Feed& feed);  // a key that is both changed and gone is gone
  Pages pages(Format) const;     // families in the catalogue's order, each with its header; without the end
  Pages text() const { return pages(Format::text); }
  std::size_t series() const;  // sample lines

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

}  // namespace mxhealth::metrics
