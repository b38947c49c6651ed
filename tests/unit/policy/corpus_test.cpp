// Replays the corpus of the fuzz target, whole and cut anywhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "policy/examine.hpp"

namespace mxhealth::policy::test {
namespace {

TEST(SpfCorpus, survives_its_replay) {
  std::size_t inputs = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(MXHEALTH_FUZZ_CORPUS) / "spf_terms")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>{});
    ++inputs;
    examine_spf(input);
    const std::size_t near = std::min<std::size_t>(input.size(), 120);
    for (std::size_t cut = 0; cut < near; ++cut) examine_spf(std::string_view(input).substr(0, cut));
    for (std::size_t at = 0; at < near; ++at) {
      std::string changed = input;
      for (const char c : {'\0', ' ', '%', '/', ':', '=', '{', '\xff'}) {
        changed[at] = c;
        examine_spf(changed);
      }
    }
  }
  EXPECT_GE(inputs, 12U);
}

}  // namespace
}  // namespace mxhealth::policy::test
