#include "model/transcript.hpp"

namespace mxhealth {

void Transcript::add(Duration at, Speaker speaker, std::string_view text) {
  if (lines_.size() > kMaxTranscriptLines) return;
  if (lines_.size() == kMaxTranscriptLines) {
    lines_.push_back({at, Speaker::note, "(further lines left out)"});
    return;
  }
  lines_.push_back({at, speaker, printable(text)});
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out(text.substr(0, limit));
  for (char& c : out)
    if (c < 0x20 || c > 0x7e) c = '?';
  if (text.size() > limit) out += "...";
  return out;
}

}  // namespace mxhealth
