#include "metrics/family.hpp"

#include <utility>

namespace mxhealth::metrics {
namespace {

constexpr std::size_t kThin = kPageSize / 4;  // a page below this joins the open one

}  // namespace

Family::Family(const Metric& metric)
    : headers_{std::make_shared<Page>(header(metric, Format::text)),
               std::make_shared<Page>(header(metric, Format::openmetrics))} {}

LineId Family::add(std::string_view series, double value, bool continues) {
  const LineId id = new_line();
  Line& line = lines_[id];
  line.begin = static_cast<std::uint32_t>(added_.size());
  line.series_size = static_cast<std::uint32_t>(series.size());
  line.continues = continues;
  added_ += series;
  const std::size_t value_begin = added_.size();
  append_value(added_, value);
  line.value_size = static_cast<std::uint32_t>(added_.size() - value_begin);
  added_lines_.push_back(id);
  return id;
}

void Family::set(LineId id, double value) {
  Line& line = lines_[id];
  std::string text;
  append_value(text, value);
  if (line.pending != kNone) {
    pending_[line.pending] = std::move(text);
    return;
  }
  if (line.page != kNone) {
    const std::size_t at = line.begin + line.series_size + 1U;
    if (slots_[line.page].page->text().compare(at, line.value_size, text) == 0) return;
    if (text.size() == line.value_size) {
      writable(line.page).replace(at, text.size(), text);
      return;
    }
    touch(line.page);
  }
  line.pending = static_cast<std::uint32_t>(pending_.size());
  pending_.push_back(std::move(text));
}

void Family::remove(LineId id) {
  lines_[id].removed = true;
  if (lines_[id].page != kNone) touch(lines_[id].page);
}

std::string_view Family::series(LineId id) const {
  const Line& line = lines_[id];
  const std::string& text = line.page == kNone ? added_ : slots_[line.page].page->text();
  return std::string_view(text).substr(line.begin, line.series_size);
}

void Family::finish() {
  for (const std::uint32_t slot : dirty_) rebuild(slot);
  for (const std::uint32_t slot : dirty_) fold(slot);
  dirty_.clear();
  place_added();
  pending_.clear();
}

void Family::append_to(Pages& pages, Format format) const {
  if (size() == 0) return;
  pages.push_back(headers_[static_cast<std::size_t>(format)]);
  for (const Slot& slot : slots_) {
    if (slot.page) pages.push_back(slot.page);
  }
}

LineId Family::new_line() {
  if (free_lines_.empty()) {
    lines_.emplace_back();
    return static_cast<LineId>(lines_.size() - 1);
  }
  const LineId id = free_lines_.back();
  free_lines_.pop_back();
  lines_[id] = Line{};
  return id;
}

void Family::release_line(LineId id) { free_lines_.push_back(id); }

void Family::touch(std::uint32_t slot) {
  if (std::exchange(slots_[slot].dirty, true)) return;
  dirty_.push_back(slot);
}

/// The page's text to write to: a copy when somebody else holds the page.
std::string& Family::writable(std::uint32_t slot) {
  std::shared_ptr<Page>& page = slots_[slot].page;
  if (page.use_count() > 1) page = std::make_shared<Page>(page->text_);
  page->deflated_.reset();
  return page->text_;
}

void Family::append_line(std::string& text, LineId id, std::string_view series, std::string_view value) {
  Line& line = lines_[id];
  line.begin = static_cast<std::uint32_t>(text.size());
  line.value_size = static_cast<std::uint32_t>(value.size());
  line.pending = kNone;
  text.append(series).append(1, ' ').append(value).append(1, '\n');
}

void Family::rebuild(std::uint32_t slot_index) {
  Slot& slot = slots_[slot_index];
  slot.dirty = false;
  const std::shared_ptr<Page> old = std::move(slot.page);
  const std::string_view old_text = old->text();
  std::string text;
  text.reserve(old_text.size() + 64);
  std::vector<LineId> kept;
  kept.reserve(slot.lines.size());
  for (const LineId id : slot.lines) {
    const Line line = lines_[id];
    if (line.removed) {
      release_line(id);
      continue;
    }
    kept.push_back(id);
    const std::string_view value = line.pending != kNone
                                       ? std::string_view(pending_[line.pending])
                                       : old_text.substr(line.begin + line.series_size + 1U, line.value_size);
    append_line(text, id, old_text.substr(line.begin, line.series_size), value);
  }
  slot.lines = std::move(kept);
  slot.page = std::make_shared<Page>(std::move(text));
}

/// Frees an empty page, and moves the lines of a thin one to the open page, so that few thin pages stay.
void Family::fold(std::uint32_t slot_index) {
  Slot& slot = slots_[slot_index];
  if (!slot.lines.empty() && (slot_index == open_ || slot.page->text().size() >= kThin)) return;
  if (!slot.lines.empty()) {
    if (open_ == kNone || slots_[open_].page->text().size() >= kPageSize) {
      open_ = slot_index;
      return;
    }
    std::string& text = writable(open_);
    const auto shift = static_cast<std::uint32_t>(text.size());
    text += slot.page->text();
    for (const LineId id : slot.lines) {
      lines_[id].page = open_;
      lines_[id].begin += shift;
    }
    slots_[open_].lines.insert(slots_[open_].lines.end(), slot.lines.begin(), slot.lines.end());
  }
  if (slot_index == open_) open_ = kNone;
  slot = Slot{};
  free_slots_.push_back(slot_index);
}

void Family::place_added() {
  for (const LineId id : added_lines_) {
    const Line line = lines_[id];
    if (line.removed) {
      release_line(id);
      continue;
    }
    const std::uint32_t slot = open_slot(line.continues);
    const std::string_view added = std::string_view(added_).substr(line.begin);
    const std::string_view value = line.pending != kNone ? std::string_view(pending_[line.pending])
                                                         : added.substr(line.series_size, line.value_size);
    append_line(writable(slot), id, added.substr(0, line.series_size), value);
    lines_[id].page = slot;
    slots_[slot].lines.push_back(id);
  }
  added_lines_.clear();
  added_.clear();
}

std::uint32_t Family::open_slot(bool continues) {
  if (open_ != kNone && (continues || slots_[open_].page->text().size() < kPageSize)) return open_;
  if (free_slots_.empty()) {
    slots_.emplace_back();
    open_ = static_cast<std::uint32_t>(slots_.size() - 1);
  } else {
    open_ = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[open_].page = std::make_shared<Page>(std::string());
  return open_;
}

}  // namespace mxhealth::metrics
