// What is wrong with a configuration file and where, in the words an operator reads. No formatting of anything else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mxhealth::config {

enum class Severity : std::uint8_t { error, warning };

struct Problem {
  Severity severity = Severity::error;
  std::string file;
  int line = 0;         // from 1; 0 when it is about the whole file
  int column = 0;       // from 1, in octets
  std::string key;      // the path of the key, such as targets[2].interval; empty when it is about the file
  std::string message;  // what the matter is
  std::string found;    // what was written, where that helps
  std::string allowed;  // what may be written, where that helps
};

/// FILE:LINE:COLUMN: error: KEY: MESSAGE, found FOUND; allowed: ALLOWED
std::string to_string(const Problem&);

bool has_errors(const std::vector<Problem>&);

}  // namespace mxhealth::config
