#include "policy/tls_rpt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "model/transcript.hpp"
#include "policy/versioned_record.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::size_t kShown = 80;  // octets of an address in a sentence

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool printable_without_blanks(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_host(std::string_view text) {
  const auto name = Name::parse(text);
  return name && !name->is_root() && !name->is_single_label();
}

/// What is wrong with a mailto: address behind its scheme; empty: nothing.
std::string fault_of_mail(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0) return "has no local part and domain";
  if (!is_host(address.substr(at + 1, address.find('?', at) - at - 1))) return "has no domain that mail can go to";
  return {};
}

std::string fault_of_https(std::string_view rest) {
  if (!rest.starts_with("//")) return "has no host";
  std::string_view host = rest.substr(2);
  host = host.substr(0, host.find_first_of("/?#"));
  host = host.substr(0, host.find(':'));
  if (!is_host(host)) return "has no host";
  return {};
}

/// Section 3: mailto or https, with "!" and "," percent-encoded.
std::string fault_of_address(std::string_view address) {
  if (address.empty()) return "is empty";
  if (address.size() > kMaxReportAddress) return fmt::format("is longer than {} octets", kMaxReportAddress);
  if (!printable_without_blanks(address)) return "has blanks or other characters that no URI has";
  if (address.find('!') != std::string_view::npos) return "has a \"!\", which must be written %21 here";
  const std::size_t colon = address.find(':');
  const std::string scheme = lower(address.substr(0, colon));
  const std::string_view rest = colon == std::string_view::npos ? std::string_view{} : address.substr(colon + 1);
  if (scheme == "mailto" && colon != std::string_view::npos) return fault_of_mail(rest);
  if (scheme == "https" && colon != std::string_view::npos) return fault_of_https(rest);
  return "is neither mailto: nor https:";
}

/// Each address of `rua`, told where it is unusable.
void judge_addresses(std::string_view rua, std::string_view owner, std::vector<PolicyNote>& notes) {
  std::size_t count = 0;
  for (bool more = true; more;) {
    const std::size_t comma = rua.find(',');
    more = comma != std::string_view::npos;
    const std::string_view address = without_blanks(rua.substr(0, comma));
    if (more) rua = rua.substr(comma + 1);
    if (++count > kMaxReportAddresses) {
      notes.push_back({Gravity::risky, fmt::format("The TXT record at {} has more than {} addresses; further ones are "
                                                   "not looked at here",
                                                   owner, kMaxReportAddresses)});
      break;
    }
    const std::string fault = fault_of_address(address);
    if (!fault.empty())
      notes.push_back({Gravity::broken, fmt::format("The address \"{}\" for TLS reports at {} {}",
                                                    printable(address, kShown), owner, fault)});
  }
}

void judge_fields(std::string_view text, std::string_view owner, std::vector<PolicyNote>& notes) {
  const std::vector<RecordField> fields = fields_of(text, kTlsRptVersion);
  if (fields.size() > kMaxRecordFields) {
    notes.push_back(
        {Gravity::broken, fmt::format("The TXT record at {} has more than {} fields", owner, kMaxRecordFields)});
    return;
  }
  bool found = false;
  for (const RecordField& field : fields) {
    if (field.name.empty()) {
      notes.push_back({Gravity::broken, fmt::format("The TXT record at {} has a field that is not name=value: {}",
                                                    owner, printable(field.value, kShown))});
    } else if (field.name == "rua" && found) {
      notes.push_back(
          {Gravity::risky, fmt::format("The TXT record at {} has two fields rua, and senders differ in which "
                                       "they take; put all addresses into one, with commas",
                                       owner)});
    } else if (field.name == "rua") {
      found = true;
      judge_addresses(field.value, owner, notes);
    } else if (lower(field.name) == "rua" || field.name == "ruf") {
      notes.push_back(
          {Gravity::risky, fmt::format("The TXT record at {} has a field \"{}\", which senders pass over; it "
                                       "is called rua",
                                       owner, printable(field.name, kShown))});
    }
  }
  if (!found)
    notes.push_back(
        {Gravity::broken, fmt::format("The TXT record at {} has no rua: nobody knows where to report", owner)});
}

}  // namespace

PolicyFacts judge_tls_rpt(const std::vector<std::string>& texts, const DomainName& domain) {
  const std::string owner = "_smtp._tls." + domain.str();
  VersionedRecord chosen = choose_record(texts, kTlsRptVersion, owner);
  PolicyFacts facts;
  facts.present = chosen.present;
  if (!chosen.present) return facts;
  facts.mode = "present";
  facts.text = printable(chosen.shown, kMaxPolicyText);
  facts.notes = std::move(chosen.notes);
  if (chosen.text) judge_fields(*chosen.text, owner, facts.notes);
  facts.notes = as_sentences(std::move(facts.notes));
  return facts;
}

}  // namespace mxhealth::policy
