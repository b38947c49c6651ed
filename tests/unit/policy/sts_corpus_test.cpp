// Replays the corpus of the fuzz target, whole, cut anywhere, and with octets changed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "policy/examine_sts.hpp"

namespace mxhealth::policy::test {
namespace {

TEST(StsCorpus, survives_its_replay) {
  std::size_t inputs = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(MXHEALTH_FUZZ_CORPUS) / "mta_sts")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>{});
    ++inputs;
    examine_sts(input);
    for (std::size_t cut = 0; cut < input.size(); ++cut) examine_sts(std::string_view(input).substr(0, cut));
    for (std::size_t at = 0; at < input.size(); ++at) {
      std::string changed = input;
      for (const char c : {'\0', '\n', '\r', ' ', ':', ';', '=', '*', '.', '\xff'}) {
        changed[at] = c;
        examine_sts(changed);
      }
    }
  }
  EXPECT_GE(inputs, 9U);
}

}  // namespace
}  // namespace mxhealth::policy::test
