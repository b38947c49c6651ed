#include "web/negotiation.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mxhealth::web {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Takes what stands before the next `separator` off the front.
std::string_view next(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return trimmed(part);
}

/// The value of a parameter, without quotes.
std::optional<std::string_view> parameter(std::string_view parameters, std::string_view name) {
  while (!parameters.empty()) {
    std::string_view value = next(parameters, ';');
    if (!equal_ignoring_case(next(value, '='), name)) continue;
    value = trimmed(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return std::nullopt;
}

constexpr double kMaxScrapeTimeout = 86400;  // seconds; more is no promise of a real scraper
constexpr int kMost = 1000;                  // weights have three digits behind the point

/// In thousandths; no weight is 1, a broken one 0.
int weight(std::string_view parameters) {
  const auto text = parameter(parameters, "q");
  if (!text) return kMost;
  const bool whole = text->starts_with('1');
  if (!whole && !text->starts_with('0')) return 0;
  if (text->size() == 1) return whole ? kMost : 0;
  std::array<char, 3> digits{'0', '0', '0'};
  const std::string_view behind = text->substr(2);
  if ((*text)[1] != '.' || behind.size() > digits.size()) return 0;
  std::copy(behind.begin(), behind.end(), digits.begin());
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return 0;
  return whole ? (value == 0 ? kMost : 0) : value;
}

/// How well a type or coding is liked: what the most exact range that matches says.
class Liking {
 public:
  void heard(int exactness, int weight) {
    if (exactness < exactness_) return;
    value_ = exactness > exactness_ ? weight : std::max(value_, weight);
    exactness_ = exactness;
  }
  bool named() const { return exactness_ == kExact; }
  bool mentioned() const { return exactness_ >= 0; }
  int value() const { return value_; }

  static constexpr int kExact = 2;

 private:
  int exactness_ = -1;
  int value_ = 0;
};

}  // namespace

bool accepts_gzip(std::string_view field) {
  Liking gzip;
  Liking identity;
  while (!field.empty()) {
    std::string_view parameters = next(field, ',');
    const std::string_view coding = next(parameters, ';');
    const int liked = weight(parameters);
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) {
      gzip.heard(Liking::kExact, liked);
    } else if (equal_ignoring_case(coding, "identity")) {
      identity.heard(Liking::kExact, liked);
    } else if (coding == "*") {
      gzip.heard(0, liked);
    }
  }
  return gzip.value() > 0 && (!identity.mentioned() || gzip.value() >= identity.value());
}

metrics::Format format_for(std::string_view field) {
  Liking open;
  Liking text;
  while (!field.empty()) {
    std::string_view parameters = next(field, ',');
    const std::string_view type = next(parameters, ';');
    const int liked = weight(parameters);
    const auto version = parameter(parameters, "version");
    if (equal_ignoring_case(type, "application/openmetrics-text")) {
      if (!version || *version == "1.0.0") open.heard(Liking::kExact, liked);
    } else if (equal_ignoring_case(type, "text/plain")) {
      if (!version || *version == "0.0.4") text.heard(Liking::kExact, liked);
    } else if (equal_ignoring_case(type, "text/*")) {
      text.heard(1, liked);
    } else if (type == "*/*") {
      text.heard(0, liked);
    }
  }
  const bool better = open.named() && open.value() > 0 && open.value() >= text.value();
  return better ? metrics::Format::openmetrics : metrics::Format::text;
}

std::optional<std::chrono::milliseconds> scrape_timeout(std::string_view seconds) {
  double value = 0;
  const auto [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
  if (error != std::errc() || end != seconds.data() + seconds.size()) return std::nullopt;
  if (!(value > 0) || value > kMaxScrapeTimeout) return std::nullopt;
  return std::chrono::milliseconds(std::llround(value * 1000));
}

}  // namespace mxhealth::web
