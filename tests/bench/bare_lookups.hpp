// Lookups with nothing around them: one connected UDP socket, a thousand questions under way, many packets per system
// call. What is listed is asked for its reason. Only what a benchmark needs of an answer is read.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "model/address.hpp"

namespace mxhealth::bench {

class BareLookups {
 public:
  struct Found {
    unsigned questions = 0;
    unsigned listed = 0;
    unsigned reasons = 0;
  };

  /// At most 32768 names. Throws std::runtime_error.
  BareLookups(const Peer& server, std::vector<std::string> names);
  ~BareLookups();
  BareLookups(const BareLookups&) = delete;
  BareLookups& operator=(const BareLookups&) = delete;

  Found run();

 private:
  static constexpr std::size_t kWindow = 1000;
  static constexpr std::size_t kBatch = 128;

  struct Question {
    unsigned id;
    char type;
  };

  std::string packet(const Question& question) const;
  std::size_t ask(std::size_t from, std::size_t most);
  std::size_t read(Found& found);
  void take(const std::array<char, 512>& answer, Found& found);

  int socket_;
  std::vector<std::string> names_;
  std::vector<Question> wanted_;
  std::array<std::array<char, 512>, kBatch> buffers_{};
};

}  // namespace mxhealth::bench
