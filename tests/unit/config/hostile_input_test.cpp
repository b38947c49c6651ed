// Whatever octets a file holds, reading it ends, throws nothing and says something or gives a configuration.
#include <gtest/gtest.h>

#include <random>

#include "config/web_config.hpp"
#include "fixture.hpp"

namespace mxhealth::config {
namespace {

constexpr int kMutants = 40;  // of each file

std::vector<std::string> seeds() {
  std::vector<std::string> texts;
  for (const std::string folder : {"valid", "invalid", "web_invalid"}) {
    for (const auto& file : test::yaml_files(folder)) texts.push_back(test::read_all(file));
  }
  return texts;
}

/// A few octets replaced, removed or repeated, with a liking for those that mean something to YAML.
std::string mutated(std::string text, std::mt19937& random) {
  constexpr std::string_view kSpice = "[]{}:,-&*!|>'\"%@`#?~<\n\r\t \\0x\xEF\xBB\xBF\xFF";
  const auto below = [&](std::size_t most) { return static_cast<std::size_t>(random()) % most; };
  for (std::size_t edits = 1 + below(6); edits > 0 && !text.empty(); --edits) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0: text[at] = kSpice[below(kSpice.size())]; break;
      case 1: text.erase(at, 1 + below(8)); break;
      case 2: text.insert(at, 1 + below(4), kSpice[below(kSpice.size())]); break;
      default: text.insert(below(text.size()), text.substr(at, 1 + below(30))); break;
    }
  }
  return text;
}

void read(const std::string& text) {
  Loaded loaded;
  ASSERT_NO_THROW(loaded = parse_config(text, "f")) << text;
  EXPECT_EQ(loaded.config.has_value(), !has_errors(loaded.problems)) << text;
  for (const Problem& problem : loaded.problems) EXPECT_EQ(to_string(problem).find('\n'), std::string::npos) << text;
  ASSERT_NO_THROW(parse_web_config(text, "w")) << text;
}

TEST(HostileInput, of_mutated_files_never_throws) {
  std::mt19937 random(20'261'122);
  for (const std::string& seed : seeds()) {
    for (int i = 0; i < kMutants; ++i) read(mutated(seed, random));
  }
}

TEST(HostileInput, cut_anywhere_never_throws) {
  const std::string text = test::read_all(test::data("valid/everything.yml"));
  for (std::size_t length = 0; length < text.size(); ++length) read(text.substr(0, length));
}

TEST(HostileInput, of_random_octets_never_throws) {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 200, ' ');
    for (char& c : text) c = static_cast<char>(random() % (i % 2 == 0 ? 256 : 128));
    read(text);
  }
}

TEST(HostileInput, made_of_one_character_a_hundred_thousand_times_ends) {
  for (const char c : std::string_view("[{-:?!&*|>\"' \n,#%~a")) read(std::string(100'000, c));
}

}  // namespace
}  // namespace mxhealth::config
