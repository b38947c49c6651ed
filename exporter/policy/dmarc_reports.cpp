#include "policy/dmarc_reports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "model/transcript.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::size_t kMaxShown = 60;
constexpr std::size_t kSupported = 2;  // section 6.2: receivers may ignore further ones

/// A report address as written, or why it is none.
struct Destination {
  Name domain{};
  std::string fault{};
};

/// "!10m": a number that fits 64 bits, with a unit or without.
bool is_size(std::string_view text) {
  if (!text.empty() && std::string_view("kmgtKMGT").find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  return error == std::errc{} && end == text.data() + text.size();
}

Destination read_destination(std::string_view uri) {
  if (const std::size_t mark = uri.rfind('!'); mark != std::string_view::npos) {
    if (!is_size(uri.substr(mark + 1))) return {{}, "what stands behind ! is no size such as 10m"};
    uri = uri.substr(0, mark);
  }
  if (!lower_case(uri.substr(0, 7)).starts_with("mailto:"))
    return {{}, uri.find('@') == std::string_view::npos ? "only mailto: addresses get reports" : "mailto: is missing"};
  uri.remove_prefix(7);
  uri = uri.substr(0, uri.find('?'));
  const std::size_t at = uri.rfind('@');
  if (at == std::string_view::npos || at == 0) return {{}, "it is no mail address"};
  const auto domain = Name::parse(uri.substr(at + 1));
  if (!domain || domain->is_root() || domain->is_single_label()) return {{}, "its domain is none"};
  return {*domain, {}};
}

/// Section 7.1. None: not known yet.
std::optional<bool> is_authorised(const Name& destination, const Name& at, Answers& answers) {
  const auto name = Name::parse(at.str() + "._report._dmarc." + destination.str());
  if (!name) return false;
  const Said* said = answers.find(*name, Ask::txt);
  if (said == nullptr) return std::nullopt;
  if (said->failed()) return true;  // not known: nothing is said against it
  return std::ranges::any_of(said->texts, [](const std::string& text) { return has_version(text, "DMARC1"); });
}

/// False: not all is known yet.
bool note_destination(std::string_view tag, const std::string& uri, const Name& at, RegisteredDomain registered,
                      Answers& answers, std::vector<PolicyNote>& notes) {
  const Destination destination = read_destination(uri);
  if (!destination.fault.empty()) {
    notes.push_back({Gravity::risky, fmt::format("{} has \"{}\", to which no reports are sent: {}.", tag,
                                                 printable(uri, kMaxShown), destination.fault)});
    return true;
  }
  if (registered(destination.domain).value_or(destination.domain) == registered(at).value_or(at)) return true;
  const auto authorised = is_authorised(destination.domain, at, answers);
  if (authorised == false)
    notes.push_back(
        {Gravity::risky, fmt::format("{} did not agree to take reports about {}, so receivers send none there: "
                                     "have it publish v=DMARC1 at {}._report._dmarc.{}.",
                                     destination.domain.view(), at.view(), at.view(), destination.domain.view())});
  return authorised.has_value();
}

}  // namespace

bool note_reports(const TagList& tags, const Name& at, RegisteredDomain registered, Answers& answers,
                  std::vector<PolicyNote>& notes) {
  bool known = true;
  for (const std::string_view tag : {"rua", "ruf"}) {
    const std::string* value = tags.find(tag);
    if (value == nullptr) continue;
    std::vector<std::string> uris = split(*value, ',');
    if (uris.size() > kSupported)
      notes.push_back(
          {Gravity::note, fmt::format("{} names {} addresses and receivers need to serve only two: put the most "
                                      "important ones first.",
                                      tag, uris.size())});
    if (uris.size() > kMaxReportAddresses) uris.resize(kMaxReportAddresses);
    for (const std::string& uri : uris) known &= note_destination(tag, uri, at, registered, answers, notes);
  }
  if (tags.find("rua") == nullptr)
    notes.push_back({Gravity::note,
                     "Without rua nobody tells you what passes and what fails: add rua=mailto: and an address "
                     "that somebody reads."});
  return known;
}

}  // namespace mxhealth::policy
