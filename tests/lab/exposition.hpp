// A scrape, read: the text format 0.0.4 as far as the exporter writes it. Knows the format, not the exporter.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mxhealth::lab {

using Labels = std::map<std::string, std::string, std::less<>>;

struct Series {
  Labels labels;
  std::string value;
};

/// `name{label="value",...} value`; `name` alone and a missing value are fine.
struct Line {
  std::string name;
  Labels labels;
  std::string value;
};

Line parse_line(std::string_view text);

class Exposition {
 public:
  explicit Exposition(std::string_view text);

  /// All series of that name that have at least those labels.
  std::vector<const Series*> find(const std::string& name, const Labels& labels) const;

 private:
  std::map<std::string, std::vector<Series>> series_;
};

/// `wanted`: a number, a comparison such as `>0`, another text, or `*` or nothing for any.
bool value_matches(std::string_view wanted, std::string_view seen);

std::string written(const std::string& name, const Labels& labels);
std::string seen_text(const std::string& name, const std::vector<const Series*>& found);

}  // namespace mxhealth::lab
