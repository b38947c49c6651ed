#include "report/suggest_output.hpp"

#include <fmt/format.h>

#include "model/transcript.hpp"
#include "report/explain_output.hpp"
#include "report/json.hpp"

namespace mxhealth::report {
namespace {

constexpr std::size_t kMaxShown = 1000;  // octets of one comment; what is published elsewhere is hostile

// A comment must not end early, or what follows would be a record.
std::string comment(std::string_view text, std::string_view lead = "; ") {
  const std::string lines = wrapped(printable(text, kMaxShown), lead.size(), lead);
  std::string result;
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = lines.find('\n', at);
    std::string line = lines.substr(at, end - at);
    if (at > 0) line.replace(0, 1, ";");
    result += line + "\n";
    at = end + 1;
  }
  return result;
}

std::string reasons_text(const std::vector<policy::Reason>& reasons) {
  std::string text;
  for (const policy::Reason& reason : reasons) text += comment(reason.part + ": " + reason.why, ";   ");
  return text;
}

void add(Json& json, const std::vector<policy::Reason>& reasons) {
  json.key("reasons").open_array();
  for (const policy::Reason& reason : reasons)
    json.open_object().member("part", reason.part).member("why", reason.why).close_object();
  json.close_array();
}

void add_texts(Json& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).open_array();
  for (const std::string& text : texts) json.value(printable(text, kMaxShown));
  json.close_array();
}

std::string name_of(policy::Topic topic) { return std::string(policy::kTopicLabels[static_cast<std::size_t>(topic)]); }

}  // namespace

std::string zone_text_of(const policy::Suggestion& suggestion, policy::Topic topic, const DomainName& domain) {
  std::string text = comment(name_of(topic) + " for " + domain.str());
  for (const std::string& seen : suggestion.seen) text += comment(seen, "; - ");
  for (const policy::SuggestedRecord& record : suggestion.records) {
    text += ";\n" + fmt::format("{} IN {} {}\n", record.owner, record.type, record.data);
    text += reasons_text(record.reasons);
  }
  for (const policy::SuggestedFile& file : suggestion.files) {
    text += ";\n" + comment("and the file " + file.url + ", lines ended by CR LF or LF:");
    for (const std::string& line : file.lines) text += ";     " + line + "\n";
    text += reasons_text(file.reasons);
  }
  if (!suggestion.care.empty()) text += ";\n; Take care:\n";
  for (const std::string& care : suggestion.care) text += comment(care, "; - ");
  return text;
}

std::string json_of(const policy::Suggestion& suggestion, policy::Topic topic, const DomainName& domain) {
  Json json;
  json.open_object().member("domain", domain.str()).member("topic", name_of(topic));
  json.key("records").open_array();
  for (const policy::SuggestedRecord& record : suggestion.records) {
    json.open_object().member("owner", record.owner).member("type", record.type);
    json.member("data", record.data);
    add(json, record.reasons);
    json.close_object();
  }
  json.close_array().key("files").open_array();
  for (const policy::SuggestedFile& file : suggestion.files) {
    json.open_object().member("url", file.url);
    add_texts(json, "lines", file.lines);
    add(json, file.reasons);
    json.close_object();
  }
  json.close_array();
  add_texts(json, "seen", suggestion.seen);
  add_texts(json, "care", suggestion.care);
  json.close_object();
  return json.take();
}

}  // namespace mxhealth::report
