// What the publishing loop knows: the book that pages and JSON read, and the sheet that /metrics is cut from.
// It belongs to the publishing loop alone: apply() is what a posted feed calls there. It never asks probing anything.
#pragma once

#include "metrics/sheet.hpp"
#include "report/book.hpp"

namespace mxhealth::web {

class Mirror {
 public:
  explicit Mirror(report::Transcripts transcripts = report::Transcripts::kept) : book_(transcripts) {}

  void apply(const Feed& feed) {
    book_.apply(feed);
    sheet_.apply(feed);
  }

  bool ready() const { return book_.ready(); }
  const report::Book& book() const { return book_; }
  const metrics::Sheet& sheet() const { return sheet_; }

 private:
  report::Book book_;
  metrics::Sheet sheet_;
};

}  // namespace mxhealth::web
