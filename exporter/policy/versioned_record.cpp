#include "policy/versioned_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "model/transcript.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::size_t kShown = 80;  // octets of a record in a sentence

bool starts_with_version(std::string_view text, std::string_view version) {
  if (!text.starts_with(version)) return false;
  const std::string_view rest = without_blanks(text.substr(version.size()));
  return rest.empty() || rest.front() == ';';
}

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

/// What somebody meant as such a record, and receivers do not take for one: other case, blanks or quotes before it.
bool resembles(std::string_view text, std::string_view version) {
  const std::size_t begin = text.find_first_not_of(" \t\"'");
  if (begin == std::string_view::npos) return false;
  const std::string_view tail = text.substr(begin, version.size());
  if (!std::equal(version.begin(), version.end(), tail.begin(), tail.end(), same_letter)) return false;
  const std::size_t behind = begin + version.size();  // "v=STSv10" is another version
  return behind == text.size() || std::isalnum(static_cast<unsigned char>(text[behind])) == 0;
}

PolicyNote broken(std::string sentence) { return {Gravity::broken, std::move(sentence)}; }

}  // namespace

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

VersionedRecord choose_record(const std::vector<std::string>& texts, std::string_view version, std::string_view owner) {
  VersionedRecord chosen;
  std::vector<const std::string*> records;
  const std::string* near_miss = nullptr;
  for (const std::string& text : texts) {
    if (starts_with_version(text, version))
      records.push_back(&text);
    else if (near_miss == nullptr && resembles(text, version))
      near_miss = &text;
  }
  chosen.present = !records.empty() || near_miss != nullptr;
  if (records.empty() && near_miss != nullptr) {
    chosen.shown = printable(*near_miss, kMaxVersionedRecord);
    chosen.notes.push_back(
        broken(fmt::format("The TXT record at {} does not begin with exactly \"{};\", so that nobody "
                           "takes it for one: {}",
                           owner, version, printable(*near_miss, kShown))));
  }
  for (const std::string* record : records) {
    if (!chosen.shown.empty()) chosen.shown += " | ";
    chosen.shown += printable(*record, kMaxVersionedRecord);
    if (chosen.shown.size() > kMaxVersionedRecord) break;
  }
  if (records.size() > 1) {
    chosen.notes.push_back(broken(fmt::format(
        "{} has {} TXT records that begin with \"{}\": senders then act as if there were none; leave one of them",
        owner, records.size(), version)));
  } else if (records.size() == 1 && records.front()->size() > kMaxVersionedRecord) {
    chosen.notes.push_back(broken(fmt::format("The TXT record at {} has {} octets, more than the {} that are read here",
                                              owner, records.front()->size(), kMaxVersionedRecord)));
  } else if (records.size() == 1) {
    chosen.text = *records.front();
  }
  return chosen;
}

std::vector<PolicyNote> as_sentences(std::vector<PolicyNote> notes) {
  for (PolicyNote& note : notes)
    if (!note.sentence.ends_with('.')) note.sentence += '.';
  return in_order(std::move(notes));
}

std::vector<RecordField> fields_of(std::string_view text, std::string_view version) {
  std::vector<RecordField> fields;
  text.remove_prefix(std::min(text.size(), version.size()));
  while (!text.empty() && fields.size() <= kMaxRecordFields) {
    const std::size_t end = text.find(';');
    const std::string_view part = without_blanks(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos)
      fields.push_back({{}, part});
    else
      fields.push_back({part.substr(0, equals), part.substr(equals + 1)});
  }
  return fields;
}

}  // namespace mxhealth::policy
