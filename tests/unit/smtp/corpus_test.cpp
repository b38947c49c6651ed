// Replays the corpora of the fuzz targets, whole and cut anywhere.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "smtp/examine.hpp"

namespace mxhealth::smtp::test {
namespace {

std::vector<std::string> corpus(std::string_view name) {
  std::vector<std::string> inputs;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(MXHEALTH_FUZZ_CORPUS) / name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>{});
  }
  return inputs;
}

template <class Examine>
void replay(std::string_view name, std::size_t at_least, const Examine& examine) {
  const auto inputs = corpus(name);
  EXPECT_GE(inputs.size(), at_least);
  for (const std::string_view input : inputs) {
    examine(input);
    for (std::size_t cut = 0; cut < std::min<std::size_t>(input.size(), 200); ++cut) examine(input.substr(0, cut));
  }
}

TEST(smtp_corpus, replies_survive_their_replay) { replay("smtp_reply", 20, examine_replies); }

TEST(smtp_corpus, capabilities_survive_their_replay) { replay("capabilities", 5, examine_capabilities); }

TEST(smtp_corpus, pieces_of_any_size_read_the_same) {
  for (std::string input : corpus("smtp_reply")) {
    for (int first = 0; first < 256; first += 23) {
      input.front() = static_cast<char>(first);
      examine_replies(input);
    }
  }
}

TEST(smtp_corpus, every_octet_may_be_another) {
  for (const std::string& input : corpus("smtp_reply")) {
    for (std::size_t at = 1; at < std::min<std::size_t>(input.size(), 100); ++at) {
      for (const char octet : {'\0', '\n', '\r', '-', ' ', '2', '9', '\xff'}) {
        std::string changed = input;
        changed[at] = octet;
        examine_replies(changed);
      }
    }
  }
}

}  // namespace
}  // namespace mxhealth::smtp::test
