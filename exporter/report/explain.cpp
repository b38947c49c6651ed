#include "report/explain.hpp"

#include <algorithm>

#include "model/transcript.hpp"
#include "report/code_table.hpp"
#include "report/log_line.hpp"
#include "report/status_table.hpp"

namespace mxhealth::report {
namespace {

constexpr CauseClass kClasses[] = {CauseClass::dns,      CauseClass::no_answer, CauseClass::bad_connection,
                                   CauseClass::tempfail, CauseClass::permfail,  CauseClass::protocol,
                                   CauseClass::tls,      CauseClass::auth,      CauseClass::local};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

void add(std::vector<Cause>& all, Cause cause) {
  if (std::ranges::find(all, cause) == all.end()) all.push_back(cause);
}

void settle(Explanation& explanation, const std::vector<Cause>& behind) {
  for (const Cause cause : behind) {
    explanation.causes.push_back({&row(cause), cause_page(cause), shown(cause)});
    const CauseClass its = class_of(cause);
    if (its == CauseClass::no_answer || its == CauseClass::bad_connection) explanation.is_about_connections = true;
  }
}

Known known(Cause cause) {
  return {std::string(label(cause)), std::string(row(cause).sentence),
          std::string("class ") + std::string(label(class_of(cause)))};
}

Explanation of_cause(Cause cause) {
  Explanation explanation{std::string(label(cause)), {known(cause)}, {}, {}};
  settle(explanation, {cause});
  return explanation;
}

Explanation of_class(CauseClass its) {
  Explanation explanation{std::string(label(its)), {}, {}, {}};
  std::vector<Cause> behind;
  for (const CauseRow& one : causes())
    if (one.cause_class == its) behind.push_back(one.cause);
  explanation.known.push_back({explanation.subject, "A class of causes; each is explained by its name.", ""});
  settle(explanation, behind);
  return explanation;
}

Known known_code(std::uint16_t code) {
  const CodeRow* row = find_code(code);
  if (row == nullptr) return {std::to_string(code), dotless_meaning(code), ""};
  return {std::to_string(code), std::string(row->meaning),
          std::string(row->source.empty() ? "in no RFC" : row->source)};
}

Known known_status(const std::string& text, const Status& status) {
  const StatusRow* row = find_status(status.subject, status.detail);
  if (row != nullptr)
    return {text, std::string(row->title) + ". " + std::string(row->meaning), std::string(row->source)};
  for (const VendorStatus& vendor : vendor_statuses())
    if (text.ends_with(vendor.status) && text.size() == vendor.status.size() + 2)
      return {text, std::string(vendor.meaning), std::string(vendor.writer) + ", in no registry"};
  return {text, "In no registry (RFC 5248): its writer's own. Read the words beside it.", ""};
}

void note_contradictions(Explanation& explanation, const LogLine& line, const Status& status) {
  if (status.status_class == 0) return;
  const StatusRow* row = find_status(status.subject, status.detail);
  explanation.notes.emplace_back(class_sentence(status.status_class));
  if (status.status_class != 'X')
    explanation.notes.push_back("To be mended by: " + std::string(who_mends(status.subject)) + ".");
  const char first = line.code == 0 ? status.status_class : static_cast<char>('0' + line.code / 100);
  if (status.status_class != 'X' && first != status.status_class)
    explanation.notes.push_back(std::to_string(line.code) + " and " + line.status +
                                " contradict each other: the first digits must be equal (RFC 2034 "
                                "section 4). Senders act on a reply's code alone (RFC 5321 section 4.2)" +
                                (find_code(line.code) == nullptr ? ", and " + std::to_string(line.code) +
                                                                       " is none: go by the status and the words."
                                                                 : "."));
  if (row == nullptr) return;
  if (row->subject == 4 && row->detail == 1 && find_code(line.code) != nullptr)
    explanation.notes.push_back("A reply " + std::to_string(line.code) +
                                " comes from a host that answered, 4.4.1 says that none did. So the receiving host did "
                                "not send this: the sender's own server wrote it (Exchange does), or a relay tells of "
                                "what it met further on.");
  if (row->use == Use::temporary_only && status.status_class == '5')
    explanation.notes.push_back("The registry has X" + line.status.substr(1) + " as temporary only.");
  if (row->use == Use::permanent_only && status.status_class == '4')
    explanation.notes.push_back("The registry has X" + line.status.substr(1) + " as permanent only.");
  if (!row->beware.empty()) explanation.notes.emplace_back(row->beware);
}

void note_sayer(Explanation& explanation, Sayer sayer) {
  if (sayer == Sayer::sender)
    explanation.notes.emplace_back(
        "Said by the sending server, of what it met. The receiving server's log may know nothing of it.");
  if (sayer == Sayer::receiver)
    explanation.notes.emplace_back(
        "Said by the receiving server: it was reached and answered, so it is no fault of network or firewall.");
}

// Its class, where one is known: temporary words of a server are not behind a 5xx.
bool fits(Cause cause, char first_digit) {
  if (first_digit == '4') return class_of(cause) != CauseClass::permfail;
  if (first_digit == '5') return class_of(cause) != CauseClass::tempfail;
  return true;
}

std::vector<Cause> behind(const LogLine& line, const Status& status) {
  std::vector<Cause> all;
  const char code_digit = line.code == 0 ? '\0' : static_cast<char>('0' + line.code / 100);
  const char digit = status.status_class != 0 && find_code(line.code) == nullptr ? status.status_class : code_digit;
  for (const Phrase* phrase : line.phrases)
    for (const Cause cause : phrase->causes)
      if (fits(cause, digit)) add(all, cause);
  if (!all.empty()) return all;
  if (status.status_class != 0 && !(status.subject == 0 && status.detail == 0)) return causes_of(status);
  if (const CodeRow* row = find_code(line.code)) return row->causes;
  if (line.code != 0) return causes_of(status_of(dotted(line.code)));
  return causes_of(status);
}

std::string subject_of(const LogLine& line) {
  std::string words;
  if (line.code != 0) words += std::to_string(line.code);
  if (!line.status.empty()) words += (words.empty() ? "" : " ") + line.status;
  for (const Phrase* phrase : line.phrases) {
    if (!words.empty()) words += ", ";
    words.append("\"")
        .append(phrase->words)
        .append(phrase->then.empty() ? "" : " ... ")
        .append(phrase->then)
        .append("\"");
  }
  return words;
}

Explanation of_line(const LogLine& line) {
  Explanation explanation{subject_of(line), {}, {}, {}};
  Status status = status_of(line.status);
  if (line.code != 0) explanation.known.push_back(known_code(line.code));
  if (status.status_class != 0) explanation.known.push_back(known_status(line.status, status));
  for (const Phrase* phrase : line.phrases)
    explanation.known.push_back({"\"" + std::string(phrase->words) + "\"", std::string(phrase->meaning), ""});
  if (status.status_class == 0 && find_code(line.code) == nullptr && line.code != 0) {
    status = status_of(dotted(line.code));
    explanation.known.push_back(known_status(dotted(line.code), status));
  }
  note_sayer(explanation, line.sayer);
  note_contradictions(explanation, line, status);
  if (line.host) explanation.host = line.host->str();
  if (explanation.host.empty() && line.address) explanation.host = line.address->to_string();
  settle(explanation, behind(line, status_of(line.status)));
  if (explanation.causes.empty() && status.status_class != '2')
    explanation.notes.emplace_back(
        "No cause here stands for it: mxhealth never sends a message, so what depends on one is only in mail logs.");
  return explanation;
}

}  // namespace

std::optional<Explanation> explain(std::string_view text) {
  text = trimmed(text.substr(0, kMaxLogText));
  if (const auto cause = cause_of_label(text)) return of_cause(*cause);
  for (const CauseClass one : kClasses)
    if (text == label(one)) return of_class(one);
  const Status abstract = status_of(text);
  LogLine line = read_log_line(text);
  if (abstract.status_class == 'X') line.status = "X" + std::string(text.substr(1));
  if (line.empty()) return std::nullopt;
  return of_line(line);
}

std::vector<std::string> known_words() {
  std::vector<std::string> words;
  for (const CauseRow& one : causes()) words.emplace_back(one.label);
  for (const CauseClass one : kClasses) words.emplace_back(label(one));
  for (const CodeRow& one : reply_codes()) words.push_back(std::to_string(one.code));
  words.emplace_back("441");
  for (const StatusRow& one : statuses())
    for (const char first : {'2', '4', '5'}) {
      if (first == '2' && one.use != Use::success_only) continue;
      if (first != '2' && one.use == Use::success_only) continue;
      words.push_back(std::string(1, first) + "." + std::to_string(one.subject) + "." + std::to_string(one.detail));
    }
  return words;
}

}  // namespace mxhealth::report
