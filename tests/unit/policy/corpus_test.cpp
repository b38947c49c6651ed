// Replays the corpora of the fuzz targets, whole, cut and changed anywhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "policy/examine.hpp"
#include "policy/examine_published.hpp"

namespace mxhealth::policy::test {
namespace {

/// How many inputs there were. `every`: not all cuts and changes of what takes longer.
std::size_t replay(const char* corpus, void (*examine)(std::string_view), std::size_t every) {
  std::size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(MXHEALTH_FUZZ_CORPUS) / corpus)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>{});
    ++inputs;
    examine(input);
    const std::size_t near = std::min<std::size_t>(input.size(), 120);
    for (std::size_t cut = 0; cut < near; cut += every) examine(std::string_view(input).substr(0, cut));
    for (std::size_t at = 0; at < near; at += every) {
      std::string changed = input;
      for (const char c : {'\0', ' ', '%', '/', ':', '=', '{', '\xff'}) {
        changed[at] = c;
        examine(changed);
      }
    }
  }
  return inputs;
}

TEST(SpfCorpus, survives_its_replay) { EXPECT_GE(replay("spf_terms", examine_spf, 1), 12U); }

TEST(PublishedCorpus, survives_its_replay) { EXPECT_GE(replay("published", examine_published, 7), 16U); }

}  // namespace
}  // namespace mxhealth::policy::test
