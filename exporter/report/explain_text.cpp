// The likeliest comes first and in full when it is alone; several causes are told apart by one line each, with the
// first thing to check.
#include <fmt/format.h>

#include <algorithm>

#include "report/explain_output.hpp"

namespace mxhealth::report {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kMaxName = 24;  // of the left column

/// Headings and names stand out where there are colours.
struct Ink {
  bool colours;
  std::string bold(std::string_view text) const { return marked("1", text); }
  std::string heading(std::string_view text) const { return marked("1;36", text); }
  std::string marked(std::string_view code, std::string_view text) const {
    return colours ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }
};

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & '\xc0') != '\x80'; }));
}

class Sheet {
 public:
  explicit Sheet(Ink ink) : ink_(ink) {}

  void heading(std::string_view text) { text_ += "\n" + ink_.heading(text) + "\n"; }
  void title(std::string_view text) { text_ += wrapped(text, 0).insert(0, ink_.colours ? "\x1b[1m" : "") + reset(); }
  void paragraph(std::string_view text, std::string_view lead = "") {
    text_ += wrapped(text, kIndent + width(lead), std::string(kIndent, ' ') + std::string(lead));
  }
  // A name, then words in a column of their own; long names get a line.
  void row(std::string_view name, std::string_view words, std::size_t column) {
    std::string lead = fmt::format("{:{}}{:<{}}", "", kIndent, name, column);
    if (width(name) + 1 > column) {
      text_ += std::string(kIndent, ' ') + ink_.bold(name) + "\n";
      lead = std::string(kIndent + column, ' ');
    }
    std::string lines = wrapped(words, kIndent + column, lead);
    if (ink_.colours && width(name) + 1 <= column) lines.replace(kIndent, name.size(), ink_.bold(name));
    text_ += lines;
  }
  void blank() { text_ += '\n'; }
  std::string take() { return std::move(text_); }

 private:
  std::string reset() const { return ink_.colours ? "\x1b[0m" : ""; }
  Ink ink_;
  std::string text_;
};

std::string_view side_words(Side side) {
  switch (side) {
    case Side::ours: return "ours: this host, its network or its resolver";
    case Side::path: return "the path between, or a firewall";
    case Side::theirs: return "theirs: the mail host's operator";
    case Side::dns: return "theirs: the operator of the domain's DNS";
    case Side::unknown: return "not known";
  }
  return "";
}

void print_known(Sheet& sheet, const Explanation& explanation) {
  std::size_t longest = 0;
  for (const Known& known : explanation.known)
    if (known.name.size() < kMaxName) longest = std::max(longest, known.name.size());
  const std::size_t column = longest + 2;
  for (const Known& known : explanation.known)
    sheet.row(known.name, known.meaning + (known.source.empty() ? "" : " (" + known.source + ")"), column);
}

void print_shown(Sheet& sheet, const Explanation& explanation, const CauseWords& cause) {
  constexpr std::size_t kColumn = 9;
  sheet.heading("SHOWN HERE");
  sheet.row("verdict", cause.shown.verdict, kColumn);
  sheet.row("metric", cause.shown.metric, kColumn);
  sheet.row("page", "the domain's page of mxhealth_exporter: cause, side, last transcripts", kColumn);
  sheet.row("now", "mxhealthctl check " + (explanation.host.empty() ? "DOMAIN" : explanation.host), kColumn);
  sheet.row("runbook", cause.page.file, kColumn);
}

void print_one(Sheet& sheet, const Explanation& explanation) {
  const CauseWords& cause = explanation.causes.front();
  const bool is_asked = explanation.subject == cause.row->label;
  if (!is_asked) {
    sheet.heading("CAUSE");
    sheet.row(cause.row->label, cause.row->sentence, cause.row->label.size() + 2);
  }
  sheet.heading("A SENDER SEES");
  sheet.paragraph(cause.page.sender_sees);
  sheet.heading("WHOSE SIDE");
  sheet.paragraph(std::string("Mostly ") + std::string(side_words(cause.row->side)) + ".");
  for (const std::string& words : cause.page.whose_side) sheet.paragraph(words, "- ");
  sheet.heading("FIRST CHECKS");
  for (std::size_t i = 0; i < cause.row->first_checks.size(); ++i)
    sheet.paragraph(cause.row->first_checks[i], fmt::format("{}. ", i + 1));
  sheet.heading("FIX");
  for (const std::string& words : cause.page.mend) sheet.paragraph(words);
  print_shown(sheet, explanation, cause);
}

void print_several(Sheet& sheet, const Explanation& explanation) {
  sheet.heading("CAUSES BEHIND IT");
  for (const CauseWords& cause : explanation.causes) {
    constexpr std::size_t kColumn = 21;
    sheet.row(
        cause.row->label,
        fmt::format("{} Side: {}. First: {}", cause.row->sentence, label(cause.row->side), cause.row->first_checks[0]),
        kColumn);
  }
  sheet.heading("WHICH OF THEM");
  sheet.paragraph("mxhealthctl check " + (explanation.host.empty() ? "DOMAIN" : explanation.host) +
                  "   probes now, and names the cause");
  sheet.paragraph("mxhealthctl explain " + std::string(explanation.causes.front().row->label) +
                  "   what to check, and the fix");
  sheet.paragraph("mxhealth_domain_cause_info, mxhealth_address_cause_info: label `cause`");
  sheet.paragraph("runbooks: dashboards/runbooks/causes/CAUSE.md");
}

void print_suspects(Sheet& sheet) {
  sheet.heading("WHO IS SUSPECTED, AND HOW TO TELL");
  for (const Suspect& suspect : suspects()) {
    std::string seen;
    for (const Cause cause : suspect.causes) seen.append(seen.empty() ? "" : ", ").append(label(cause));
    sheet.row(suspect.name, fmt::format("{} Reads here: {}; {}.", suspect.truth, seen, suspect.shown), 18);
  }
  sheet.heading("WHERE THE WEB'S ADVICE IS WRONG");
  for (const std::string& advice : wrong_advice()) sheet.paragraph(advice, "- ");
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::string_view lead) {
  std::string lines;
  std::string line = lead.empty() ? std::string(indent, ' ') : std::string(lead);
  line.resize(std::max(line.size(), indent + line.size() - width(line)), ' ');
  bool is_begun = false;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (is_begun && width(line) + 1 + width(word) > kColumns) {
      lines += line + "\n";
      line.assign(indent, ' ');
      is_begun = false;
    }
    if (is_begun) line += ' ';
    line += word;
    is_begun = true;
  }
  while (line.ends_with(' ')) line.pop_back();
  return lines + line + "\n";
}

std::string text_of(const Explanation& explanation, bool colours) {
  Sheet sheet(Ink{colours});
  sheet.title(explanation.subject);
  sheet.blank();
  print_known(sheet, explanation);
  if (!explanation.notes.empty()) sheet.blank();
  for (const std::string& note : explanation.notes) sheet.paragraph(note);
  if (explanation.causes.size() == 1) print_one(sheet, explanation);
  if (explanation.causes.size() > 1) print_several(sheet, explanation);
  if (explanation.causes.size() > 1 && explanation.is_about_connections) print_suspects(sheet);
  return sheet.take();
}

}  // namespace mxhealth::report
