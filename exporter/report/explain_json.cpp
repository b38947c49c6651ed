#include "report/explain_output.hpp"
#include "report/json.hpp"

namespace mxhealth::report {
namespace {

void add_texts(Json& json, std::string_view key, const auto& texts) {
  json.key(key).open_array();
  for (const auto& text : texts) json.value(text);
  json.close_array();
}

void add(Json& json, const Known& known) {
  json.open_object().member("name", known.name).member("meaning", known.meaning).member("source", known.source);
  json.close_object();
}

void add(Json& json, const CauseWords& cause) {
  const CauseRow& row = *cause.row;
  json.open_object().member("cause", row.label).member("class", label(row.cause_class));
  json.member("enhanced_status", row.enhanced_status).member("side", label(row.side));
  json.member("sentence", row.sentence).member("sender_sees", cause.page.sender_sees);
  add_texts(json, "whose_side", cause.page.whose_side);
  add_texts(json, "first_checks", row.first_checks);
  add_texts(json, "fix", cause.page.mend);
  json.member("verdict", cause.shown.verdict).member("metric", cause.shown.metric).member("runbook", cause.page.file);
  json.close_object();
}

void add(Json& json, const Suspect& suspect) {
  json.open_object().member("name", suspect.name).member("truth", suspect.truth);
  json.key("causes").open_array();
  for (const Cause cause : suspect.causes) json.value(label(cause));
  json.close_array().member("shown", suspect.shown).close_object();
}

}  // namespace

std::string json_of(const Explanation& explanation) {
  const bool in_full = explanation.is_about_connections;
  Json json;
  json.open_object().member("subject", explanation.subject).member("host", explanation.host);
  json.key("known").open_array();
  for (const Known& known : explanation.known) add(json, known);
  json.close_array();
  add_texts(json, "notes", explanation.notes);
  json.key("causes").open_array();
  for (const CauseWords& cause : explanation.causes) add(json, cause);
  json.close_array().key("suspects").open_array();
  if (in_full)
    for (const Suspect& suspect : suspects()) add(json, suspect);
  json.close_array();
  add_texts(json, "wrong_advice", in_full ? wrong_advice() : std::vector<std::string>{});
  json.close_object();
  return json.take();
}

}  // namespace mxhealth::report
