#include <fmt/format.h>

#include "report/explain_output.hpp"

namespace mxhealth::report {
namespace {

std::string quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ') {
      json += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
      continue;
    }
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + '"';
}

template <typename List, typename Write>
std::string array(const List& list, Write write) {
  std::string json;
  for (const auto& one : list) json.append(json.empty() ? "" : ",").append(write(one));
  return "[" + json + "]";
}

std::string known_json(const Known& known) {
  return fmt::format(R"({{"name":{},"meaning":{},"source":{}}})", quoted(known.name), quoted(known.meaning),
                     quoted(known.source));
}

std::string cause_json(const CauseWords& cause) {
  const CauseRow& row = *cause.row;
  return fmt::format(
      R"({{"cause":{},"class":{},"enhanced_status":{},"side":{},"sentence":{},"sender_sees":{},"whose_side":{},)"
      R"("first_checks":{},"fix":{},"verdict":{},"metric":{},"runbook":{}}})",
      quoted(row.label), quoted(label(row.cause_class)), quoted(row.enhanced_status), quoted(label(row.side)),
      quoted(row.sentence), quoted(cause.page.sender_sees), array(cause.page.whose_side, quoted),
      array(row.first_checks, quoted), array(cause.page.mend, quoted), quoted(cause.shown.verdict),
      quoted(cause.shown.metric), quoted(cause.page.file));
}

std::string suspect_json(const Suspect& suspect) {
  const auto causes = array(suspect.causes, [](Cause cause) { return quoted(label(cause)); });
  return fmt::format(R"({{"name":{},"truth":{},"causes":{},"shown":{}}})", quoted(suspect.name), quoted(suspect.truth),
                     causes, quoted(suspect.shown));
}

}  // namespace

std::string json_of(const Explanation& explanation) {
  const bool in_full = explanation.is_about_connections;
  const std::string who = in_full ? array(suspects(), suspect_json) : "[]";
  const std::string advice = in_full ? array(wrong_advice(), quoted) : "[]";
  return fmt::format(
      "{{\"subject\":{},\"host\":{},\n\"known\":{},\n\"notes\":{},\n\"causes\":{},\n\"suspects\":{},\n\"wrong_advice\":"
      "{}}}\n",
      quoted(explanation.subject), quoted(explanation.host), array(explanation.known, known_json),
      array(explanation.notes, quoted), array(explanation.causes, cause_json), who, advice);
}

}  // namespace mxhealth::report
