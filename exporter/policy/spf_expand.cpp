#include "policy/spf_expand.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "model/reverse_name.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";
constexpr std::size_t kMaxExpanded = 4096;  // octets of one text; a record of 8192 with macros could be far more

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::pair<std::string_view, std::string_view> parts(std::string_view sender) {
  const std::size_t at = sender.rfind('@');
  if (at == std::string_view::npos) return {"postmaster", sender};
  const std::string_view local = sender.substr(0, at);
  return {local.empty() ? "postmaster" : local, sender.substr(at + 1)};
}

/// %{p}: a name that the address really has, best one of the domain's own.
std::optional<std::string> name_of_address(const MacroValues& values, Answers& answers) {
  const auto names = validated_names(values.query.ip, answers);
  if (!names) return std::nullopt;
  const Name domain = Name::parse(values.domain).value_or(Name{});
  if (std::ranges::find(*names, domain) != names->end()) return domain.str();
  for (const Name& name : *names)
    if (is_at_or_below(name, domain)) return name.str();
  return names->empty() ? "unknown" : names->front().str();
}

/// %{i}: dotted, for IPv6 by nibbles.
std::string dotted(const Address& ip) {
  if (ip.family() == Family::ipv4) return ip.to_string();
  const std::string backwards = reversed_labels(ip);
  return {backwards.rbegin(), backwards.rend()};
}

std::optional<std::string> value_of(char letter, const MacroValues& values, Answers& answers) {
  const SpfQuery& query = values.query;
  const auto [local, domain] = parts(query.sender.empty() ? std::string_view(query.domain) : query.sender);
  switch (letter) {
    case 's': return std::string(local) + "@" + std::string(domain);
    case 'l': return std::string(local);
    case 'o': return std::string(domain);
    case 'd': return std::string(values.domain);
    case 'i': return dotted(query.ip);
    case 'p': return name_of_address(values, answers);
    case 'v': return query.ip.family() == Family::ipv4 ? "in-addr" : "ip6";
    case 'h': return query.helo.empty() ? query.domain : query.helo;
    case 'c': return query.ip.to_string();
    case 'r': return query.receiver.empty() ? "unknown" : query.receiver;
    case 't': return std::to_string(query.now.count());
    default: return std::string();
  }
}

/// Split at the delimiters, turned round, cut to the last so many, joined with dots.
std::string transformed(const std::string& value, std::string_view how) {
  std::size_t keep = 0;
  const auto [rest, error] = std::from_chars(how.data(), how.data() + how.size(), keep);
  if (error == std::errc::result_out_of_range) keep = 0;
  how.remove_prefix(static_cast<std::size_t>(std::ranges::find_if_not(how, is_digit) - how.begin()));
  const bool turn = !how.empty() && lower(how.front()) == 'r';
  if (turn) how.remove_prefix(1);
  const std::string_view delimiters = how.empty() ? "." : how;
  std::vector<std::string_view> labels;
  std::string_view left = value;
  for (std::size_t at = left.find_first_of(delimiters); at != std::string_view::npos;
       at = left.find_first_of(delimiters)) {
    labels.push_back(left.substr(0, at));
    left.remove_prefix(at + 1);
  }
  labels.push_back(left);
  if (turn) std::ranges::reverse(labels);
  if (keep > 0 && keep < labels.size()) labels.erase(labels.begin(), labels.end() - static_cast<std::ptrdiff_t>(keep));
  std::string joined(labels.front());
  for (std::size_t i = 1; i < labels.size(); ++i) joined.append(".").append(labels[i]);
  return joined;
}

/// Section 7.3: an upper-case letter asks for it. RFC 3986's unreserved characters stay.
std::string url_escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    const bool plain = is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || std::string_view("-._~").find(c) < 4;
    if (plain) {
      escaped += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    escaped += '%';
    escaped += kHex[octet >> 4U];
    escaped += kHex[octet & 0x0fU];
  }
  return escaped;
}

std::optional<std::string> expand_braces(std::string_view inside, const MacroValues& values, Answers& answers) {
  const char letter = inside.front();
  const auto value = value_of(lower(letter), values, answers);
  if (!value) return std::nullopt;
  const std::string made = transformed(*value, inside.substr(1));
  return is_upper(letter) ? url_escaped(made) : made;
}

}  // namespace

std::optional<std::string> expand_macros(std::string_view text, const MacroValues& values, Answers& answers) {
  std::string expanded;
  bool waits = false;
  while (!text.empty() && expanded.size() < kMaxExpanded) {
    const std::size_t plain = std::min(text.size(), text.find('%'));
    expanded += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.size() < 2) break;
    std::size_t length = 2;
    switch (text[1]) {
      case '_': expanded += ' '; break;
      case '-': expanded += "%20"; break;
      case '{': {
        length = std::min(text.find('}'), text.size() - 1) + 1;
        const auto made = expand_braces(text.substr(2, length - 3), values, answers);
        waits |= !made;
        expanded += made.value_or("");
        break;
      }
      default: expanded += '%';
    }
    text.remove_prefix(length);
  }
  return waits ? std::nullopt : std::optional(expanded);
}

std::optional<Name> expand_domain(std::string_view text, const MacroValues& values, Answers& answers) {
  auto expanded = expand_macros(text, values, answers);
  if (!expanded) return std::nullopt;
  std::string_view name = *expanded;
  if (name.ends_with('.')) name.remove_suffix(1);
  while (name.size() > kMaxName && name.find('.') != std::string_view::npos) name.remove_prefix(name.find('.') + 1);
  return Name::parse(name).value_or(Name{});
}

std::optional<std::vector<Name>> validated_names(const Address& ip, Answers& answers) {
  const Said* pointers = answers.find(reverse_name(ip), Ask::ptr);
  if (pointers == nullptr) return std::nullopt;
  std::vector<Name> names;
  bool waits = false;
  for (std::size_t i = 0; i < pointers->names.size() && i < kMaxSpfNames; ++i) {
    const Name& name = pointers->names[i];
    if (name.is_root()) continue;
    const Said* said = answers.find(name, ip.family() == Family::ipv4 ? Ask::a : Ask::aaaa);
    waits |= said == nullptr;
    if (said != nullptr && std::ranges::find(said->addresses, ip) != said->addresses.end()) names.push_back(name);
  }
  return waits ? std::nullopt : std::optional(names);
}

bool is_at_or_below(const Name& name, const Name& domain) {
  if (name == domain) return true;
  const bool ends = name.view().ends_with(domain.view());
  return ends && !domain.is_root() && name.view()[name.view().size() - domain.view().size() - 1] == '.';
}

}  // namespace mxhealth::policy
