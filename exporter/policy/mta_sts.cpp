#include "policy/mta_sts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "model/transcript.hpp"
#include "policy/sts_policy_lines.hpp"
#include "policy/versioned_record.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::size_t kShown = 60;           // octets of a value in a sentence
constexpr std::chrono::hours kShortAge{24};  // less protects nobody whose mail comes daily
constexpr std::chrono::hours kWise{24 * 7};

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

void add(std::vector<PolicyNote>& notes, Gravity gravity, std::string sentence) {
  notes.push_back({gravity, std::move(sentence)});
}

/// What makes `id` unusable; empty: nothing.
std::string fault_of_id(std::string_view id) {
  if (id.empty()) return "has an empty id";
  if (id.size() > kMaxStsId)
    return fmt::format("has an id of {} characters; at most {} are allowed", id.size(), kMaxStsId);
  if (!std::ranges::all_of(id, is_alphanumeric))
    return fmt::format("has an id with other characters than letters and digits: {}", printable(id, kShown));
  return {};
}

bool is_extension(const RecordField& field) {
  const auto in_name = [](char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; };
  const auto in_value = [](char c) { return c > 0x20 && c < 0x7f && c != '=' && c != ';'; };
  return !field.name.empty() && field.name.size() <= kMaxStsId && is_alphanumeric(field.name.front()) &&
         std::ranges::all_of(field.name, in_name) && !field.value.empty() && std::ranges::all_of(field.value, in_value);
}

/// A host name, or "*." before one; empty when it is neither.
std::string pattern_of(std::string_view value) {
  const bool wildcard = value.starts_with("*.");
  const std::string_view host = wildcard ? value.substr(2) : value;
  if (host.empty() || host.ends_with('.')) return {};
  const auto name = Name::parse(host);
  if (!name || name->is_root()) return {};
  return wildcard ? "*." + name->str() : name->str();
}

/// Reads the fields of a policy one after the other.
class PolicyReader {
 public:
  explicit PolicyReader(StsPolicy& out) : out_(out) {}

  void take(const StsLine& line) {
    if (line.name == "version") return once(version_, line, &PolicyReader::read_version);
    if (line.name == "mode") return once(mode_, line, &PolicyReader::read_mode);
    if (line.name == "max_age") return once(age_, line, &PolicyReader::read_age);
    if (line.name == "mx") return read_mx(line.value);
  }

  void finish() {
    if (!version_) broken("The policy has no line \"version: STSv1\"");
    if (!mode_) broken("The policy has no line \"mode:\"");
    if (!age_) broken("The policy has no line \"max_age:\"");
    if (mode_ && policy_.mode != StsMode::none && policy_.mx.empty())
      broken(fmt::format("The policy has mode {} and no usable \"mx:\" line, so that it covers no mail host",
                         label(policy_.mode)));
    if (age_ && policy_.mode != StsMode::none) judge_age();
    const auto is_broken = [](const PolicyNote& note) { return note.gravity == Gravity::broken; };
    if (std::ranges::none_of(out_.notes, is_broken)) out_.policy = std::move(policy_);
  }

 private:
  // Section 3.2: of all fields but mx the first counts.
  void once(bool& seen, const StsLine& line, void (PolicyReader::*read)(std::string_view)) {
    if (seen) return risky(fmt::format("The policy has several lines \"{}:\"; senders take the first", line.name));
    seen = true;
    (this->*read)(line.value);
  }

  void read_version(std::string_view value) {
    if (value != "STSv1")
      broken(fmt::format("The policy's version is \"{}\" instead of STSv1", printable(value, kShown)));
  }

  void read_mode(std::string_view value) {
    const auto found = std::ranges::find(kStsModeLabels, value);
    if (found == kStsModeLabels.end())
      return broken(
          fmt::format("The policy's mode is \"{}\"; there are enforce, testing and none", printable(value, kShown)));
    policy_.mode = static_cast<StsMode>(found - kStsModeLabels.begin());
  }

  void read_age(std::string_view value) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::ranges::all_of(value, is_digit))
      return broken(
          fmt::format("The policy's max_age is \"{}\", which is no number of seconds", printable(value, kShown)));
    std::uint64_t age = 0;
    const auto error = std::from_chars(value.data(), value.data() + value.size(), age).ec;
    too_old_ = error != std::errc() || age > static_cast<std::uint64_t>(kMaxStsAge.count());
    policy_.max_age = too_old_ ? kMaxStsAge : std::chrono::seconds(age);
  }

  void judge_age() {
    if (too_old_)
      risky(fmt::format("The policy's max_age is above {}, about a year, where senders cut it or refuse the policy",
                        kMaxStsAge.count()));
    else if (policy_.max_age < kShortAge)
      risky(fmt::format(
          "The policy's max_age is {} s, less than a day: who writes to you seldom has forgotten it when it "
          "is needed; {} or more is usual",
          policy_.max_age.count(), std::chrono::seconds(kWise).count()));
  }

  void read_mx(std::string_view value) {
    std::string pattern = pattern_of(value);
    if (pattern.empty())
      return broken(fmt::format("The policy's line \"mx: {}\" is neither a host name nor \"*.\" before one",
                                printable(value, kShown)));
    if (std::ranges::find(policy_.mx, pattern) != policy_.mx.end()) return;
    if (policy_.mx.size() == kMaxStsMx) {
      if (!std::exchange(too_many_, true)) broken(fmt::format("The policy has more than {} \"mx:\" lines", kMaxStsMx));
      return;
    }
    policy_.mx.push_back(std::move(pattern));
  }

  void broken(std::string sentence) { add(out_.notes, Gravity::broken, std::move(sentence)); }
  void risky(std::string sentence) { add(out_.notes, Gravity::risky, std::move(sentence)); }

  StsPolicy& out_;
  MtaSts policy_;
  bool version_ = false, mode_ = false, age_ = false;
  bool too_old_ = false, too_many_ = false;
};

}  // namespace

StsRecord read_sts_record(const std::vector<std::string>& texts, const DomainName& domain) {
  const std::string owner = "_mta-sts." + domain.str();
  VersionedRecord chosen = choose_record(texts, kStsVersion, owner);
  StsRecord record{chosen.present, {}, std::move(chosen.shown), std::move(chosen.notes)};
  if (!chosen.text) return record;
  const std::string& text = *chosen.text;
  const auto broken = [&](const std::string& what) {
    add(record.notes, Gravity::broken, fmt::format("The TXT record at {} {}", owner, what));
  };
  if (!text.substr(kStsVersion.size()).starts_with(';'))
    add(record.notes, Gravity::risky,
        fmt::format(
            "The TXT record at {} has something between \"{}\" and the semicolon, where some senders pass it over",
            owner, kStsVersion));
  const std::vector<RecordField> fields = fields_of(text, kStsVersion);
  if (fields.size() > kMaxRecordFields) {
    broken(fmt::format("has more than {} fields", kMaxRecordFields));
    return record;
  }
  std::optional<std::string_view> id;
  for (const RecordField& field : fields) {
    if (field.name == "id" && id) {
      add(record.notes, Gravity::risky, fmt::format("The TXT record at {} has two ids, and senders differ", owner));
    } else if (field.name == "id") {
      id = field.value;
    } else if (!is_extension(field)) {
      broken(fmt::format("has a field that is not of the form name=value: {}",
                         printable(field.name.empty() ? field.value : field.name, kShown)));
      return record;
    }
  }
  if (!id) {
    broken("has no id: senders cannot tell when the policy changes, and take the record for broken");
  } else if (const std::string fault = fault_of_id(*id); !fault.empty()) {
    broken(fault);
  } else {
    record.id = *id;
  }
  return record;
}

StsPolicy read_sts_policy(std::string_view body) {
  StsPolicy out;
  const StsLines lines = read_sts_lines(body);
  out.notes = lines.notes;
  if (!lines.readable) return out;
  PolicyReader reader(out);
  for (const StsLine& line : lines.lines) reader.take(line);
  reader.finish();
  return out;
}

bool mx_matches(std::string_view pattern, const ServerName& host) {
  if (!pattern.starts_with("*.")) return !pattern.empty() && pattern == host.view();
  const std::size_t dot = host.view().find('.');
  return dot != std::string_view::npos && dot > 0 && host.view().substr(dot) == pattern.substr(1);
}

bool covers(const MtaSts& policy, const ServerName& host) {
  return std::ranges::any_of(policy.mx, [&](const std::string& pattern) { return mx_matches(pattern, host); });
}

}  // namespace mxhealth::policy
