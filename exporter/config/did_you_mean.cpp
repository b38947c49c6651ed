#include "config/did_you_mean.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace mxhealth::config {
namespace {

constexpr std::size_t kMaxWord = 64;  // longer ones are not slips of a known word

/// Edit distance with swaps of neighbours (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last.back();
}

}  // namespace

std::optional<std::string_view> did_you_mean(std::string_view written, std::span<const std::string_view> words) {
  if (written.empty() || written.size() > kMaxWord) return std::nullopt;
  std::optional<std::string_view> nearest;
  std::size_t best = std::max<std::size_t>(1, written.size() / 3);  // a third of the word may be wrong
  for (const std::string_view word : words) {
    const std::size_t edits = distance(written, word);
    if (edits > best || (edits == best && nearest)) continue;
    best = edits;
    nearest = word;
  }
  return nearest;
}

std::string suggestion(std::string_view written, std::span<const std::string_view> words) {
  const auto word = did_you_mean(written, words);
  return word ? ", did you mean " + std::string(*word) + "?" : std::string();
}

}  // namespace mxhealth::config
