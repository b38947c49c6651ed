// The exposition, always ready: for each metric family pages of text with the values patched in as records change.
// A scrape takes references to pages; a page that somebody holds is never written again, its successor is.
// No sockets, no clock, no locks: it lives on the publishing loop.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "metrics/page.hpp"
#include "model/record.hpp"

namespace mxhealth::metrics {

RecordKey key_of(const Record&);

class Sheet {
 public:
  Sheet();
  ~Sheet();
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;

  void apply(const Feed& feed);
  Pages text() const;                             // families in the catalogue's order, each with HELP and TYPE
  std::size_t series() const { return series_; }  // sample lines

 private:
  struct Families;
  std::unique_ptr<Families> families_;
  std::size_t series_ = 0;
};

}  // namespace mxhealth::metrics
