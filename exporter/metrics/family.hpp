// The lines of one metric family, kept as pages of text of about 64 KB. A value of unchanged length is patched in
// place; everything else waits for finish(), which rebuilds each touched page once. A page that a scrape holds is
// copied first.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/catalogue.hpp"
#include "metrics/page.hpp"
#include "metrics/writer.hpp"

namespace mxhealth::metrics {

inline constexpr std::size_t kPageSize = 64 * 1024;

using LineId = std::uint32_t;

class Family {
 public:
  explicit Family(const Metric& metric);

  /// `continues`: stays on the page of the line added before it (a histogram is not torn apart).
  LineId add(std::string_view series, double value, bool continues);
  void set(LineId, double value);
  void remove(LineId);
  std::string_view series(LineId) const;

  void finish();  // after a batch; pages() shows what was so at the last one
  void append_to(Pages& pages, Format format) const;
  std::size_t size() const { return lines_.size() - free_lines_.size(); }

 private:
  static constexpr std::uint32_t kNone = ~0U;

  struct Line {
    std::uint32_t page = kNone;     // kNone: in added_ until finish()
    std::uint32_t begin = 0;        // of the series in the page's text or in added_
    std::uint32_t series_size = 0;  // then a blank, the value and a line feed
    std::uint32_t value_size = 0;
    std::uint32_t pending = kNone;  // place in pending_ of a value that did not fit
    bool removed = false;
    bool continues = false;
  };

  struct Slot {
    std::shared_ptr<Page> page;  // none: the slot is free
    std::vector<LineId> lines;   // in the order of the text
    bool dirty = false;
  };

  LineId new_line();
  void touch(std::uint32_t slot);
  std::string& writable(std::uint32_t slot);
  void rebuild(std::uint32_t slot);
  void append_line(std::string& text, LineId id, std::string_view series, std::string_view value);
  void fold(std::uint32_t slot);
  void place_added();
  std::uint32_t open_slot(bool continues);
  void release_line(LineId);

  std::array<std::shared_ptr<const Page>, 2> headers_;  // by Format
  std::vector<Line> lines_;
  std::vector<LineId> free_lines_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::uint32_t open_ = kNone;  // where new lines go

  // of the batch under way
  std::vector<std::uint32_t> dirty_;
  std::vector<std::string> pending_;
  std::string added_;
  std::vector<LineId> added_lines_;
};

}  // namespace mxhealth::metrics
