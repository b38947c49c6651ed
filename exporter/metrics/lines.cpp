#include "metrics/lines.hpp"

namespace mxhealth::metrics {

void Lines::clear() {
  text_.clear();
  common_.clear();
  samples_.clear();
}

void Lines::start(std::uint32_t family, std::string_view metric) {
  family_ = family;
  metric_ = metric;
}

void Lines::labels(std::initializer_list<Label> common) {
  common_.clear();
  for (const Label& label : common) {
    if (!common_.empty()) common_ += ',';
    append_label(common_, label);
  }
}

void Lines::info(std::span<const std::pair<std::string, std::string>> more) {
  open({});
  for (const auto& [name, value] : more) append({name, value});
  close(1, false);
}

void Lines::put(const CauseCounts& failures) {
  for (const auto& [cause, count] : failures) put(static_cast<double>(count), {{"cause", label(cause)}});
}

void Lines::put(const Histogram& histogram, Label more) {
  std::uint64_t below = 0;
  std::string edge;
  bool continues = false;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    below += histogram.counts[i];
    edge.clear();
    if (i < Histogram::kEdges.size()) {
      append_edge(edge, Histogram::kEdges[i]);
    } else {
      edge = "+Inf";
    }
    sample("_bucket", {more, {"le", edge}}, static_cast<double>(below), continues);
    continues = true;
  }
  sample("_sum", {more}, histogram.sum, true);
  sample("_count", {more}, static_cast<double>(below), true);
}

void Lines::sample(std::string_view suffix, std::initializer_list<Label> more, double value, bool continues) {
  open(suffix);
  for (const Label& label : more) append(label);
  close(value, continues);
}

void Lines::open(std::string_view suffix) {
  begin_ = text_.size();
  text_.append(kPrefix).append(metric_).append(suffix).append("{").append(common_);
}

void Lines::append(const Label& label) {
  if (label.name.empty()) return;
  if (text_.back() != '{') text_ += ',';
  append_label(text_, label);
}

void Lines::close(double value, bool continues) {
  text_ += '}';
  samples_.push_back({family_, static_cast<std::uint32_t>(begin_), static_cast<std::uint32_t>(text_.size() - begin_),
                      continues, value});
}

}  // namespace mxhealth::metrics
