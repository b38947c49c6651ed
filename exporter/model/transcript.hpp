// A session as a person reads it: who said what, and when. Text from peers is filtered and cut before it gets here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/time.hpp"

namespace mxhealth {

inline constexpr std::size_t kMaxTranscriptLines = 200;
inline constexpr std::size_t kMaxTranscriptLine = 500;  // octets kept of one line

enum class Speaker : std::uint8_t { we, server, note };

struct TranscriptLine {
  Duration at;  // since the session began
  Speaker speaker;
  std::string text;
};

class Transcript {
 public:
  /// Octets outside printable ASCII become '?'; too long and too many lines are cut, and the cut is said once.
  void add(Duration at, Speaker speaker, std::string_view text);
  const std::vector<TranscriptLine>& lines() const { return lines_; }

 private:
  std::vector<TranscriptLine> lines_;
};

/// Printable ASCII with everything else as '?', at most `limit` octets: for logs, transcripts and pages.
std::string printable(std::string_view text, std::size_t limit = kMaxTranscriptLine);

}  // namespace mxhealth
