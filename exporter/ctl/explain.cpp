#include "ctl/explain.hpp"

#include <istream>
#include <ostream>
#include <string_view>

#include "config/did_you_mean.hpp"
#include "model/transcript.hpp"
#include "report/explain.hpp"
#include "report/explain_output.hpp"
#include "report/log_line.hpp"

namespace mxhealth::ctl {
namespace {

constexpr int kWrongUsage = 3;

std::string read_up_to(std::istream& in, std::size_t limit) {
  std::string text(limit, '\0');
  in.read(text.data(), static_cast<std::streamsize>(limit));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

int complain(const std::string& text, std::ostream& err) {
  constexpr std::size_t kShown = 60;
  const bool is_word = text.find_first_of(" \t\n") == text.npos;
  if (text.empty()) {
    err << "mxhealthctl: explain what? A cause, a status such as 4.4.1, a reply code, a line of a mail log, or - for a "
           "bounce on standard input\n";
    return kWrongUsage;
  }
  if (!is_word) {
    err << "mxhealthctl: no reply code, no status and no words of a mail program that are known in '"
        << printable(text, kShown) << (text.size() > kShown ? "..." : "") << "'\n";
    return kWrongUsage;
  }
  const std::vector<std::string> known = report::known_words();
  const std::vector<std::string_view> words(known.begin(), known.end());
  err << "mxhealthctl: nothing is known of '" << printable(text, kShown) << "'" << config::suggestion(text, words)
      << "; explain --list has all words\n";
  return kWrongUsage;
}

}  // namespace

int explain(const ExplainRequest& request, bool colours, std::istream& in, std::ostream& out, std::ostream& err) {
  if (request.list) {
    for (const std::string& word : report::known_words()) out << word << '\n';
    return 0;
  }
  const bool is_piped = request.words.size() == 1 && request.words.front() == "-";
  const std::string text = is_piped ? read_up_to(in, report::kMaxLogText) : joined(request.words);
  const auto explanation = report::explain(text);
  if (!explanation) return complain(text, err);
  out << (request.json ? report::json_of(*explanation) : report::text_of(*explanation, colours));
  return 0;
}

}  // namespace mxhealth::ctl
