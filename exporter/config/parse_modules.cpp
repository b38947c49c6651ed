#include "config/parse_modules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/names.hpp"
#include "config/secret_file.hpp"

namespace mxhealth::config {
namespace {

constexpr std::uint16_t kSmtp = 25;          // RFC 5321
constexpr std::uint16_t kSubmission = 587;   // RFC 6409
constexpr std::uint16_t kSubmissions = 465;  // RFC 8314 section 3.3: TLS from the first byte

constexpr std::size_t kMaxUser = 255;      // octets; RFC 4616 section 2
constexpr std::size_t kMaxLocalPart = 64;  // RFC 5321 section 4.5.3.1.1

constexpr Choice<Role> kRoles[] = {{"mx", Role::mx}, {"submission", Role::submission}};

/// RFC 5321 section 4.1.2, the form without quotes.
bool is_local_part(std::string_view text) {
  static constexpr std::string_view kExtra = ".!#$%&'*+-/=?^_`{|}~";
  const auto fits = [](char c) {
    const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return alphanumeric || kExtra.find(c) != std::string_view::npos;
  };
  const bool dots = text.starts_with('.') || text.ends_with('.') || text.find("..") != std::string_view::npos;
  return !text.empty() && text.size() <= kMaxLocalPart && !dots && std::ranges::all_of(text, fits);
}

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || !is_local_part(text.substr(0, at))) return false;
  return std::holds_alternative<Name>(name_from(text.substr(at + 1)));
}

std::optional<std::string> sender(const Field& field) {
  auto written = text(field);
  if (!written || written->empty() || is_mail_address(*written)) return written;
  field.error("not a mail address", "\"\" or an address such as probe@example.net");
  return std::nullopt;
}

std::optional<std::string> recipient(const Field& field) {
  auto written = text(field);
  if (!written || is_local_part(*written) || is_mail_address(*written)) return written;
  field.error("not a recipient", "a local part such as postmaster, or an address");
  return std::nullopt;
}

void parse_envelope(const Field& field, Module& module) {
  const auto section = Section::open(field, {"from", "to"});
  if (!section) return;
  Envelope envelope{.from = "", .to = "postmaster"};
  section->read("from", envelope.from, sender);
  section->read("to", envelope.to, recipient);
  if (module.role != Role::mx) field.error_at_key("only for modules of role mx", "auth, for submission");
  module.envelope = std::move(envelope);
}

std::optional<std::string> user_name(const Field& field) {
  auto written = text(field);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  const bool fits = written && !written->empty() && written->size() <= kMaxUser;
  if (!written || (fits && std::ranges::none_of(*written, is_control))) return written;
  field.error("not a user name", fmt::format("1 to {} octets without control characters", kMaxUser));
  return std::nullopt;
}

void parse_auth(const Field& field, Module& module) {
  if (!field.is(Node::Kind::map))  // what was found may be the password
    return field.fault("not a map", "{user: NAME, password_file: FILE}");
  const auto section = Section::open(field, {"user", "password_file"});
  if (!section) return;
  Login login;
  std::string password_file;
  for (const std::string_view key : {"user", "password_file"}) {
    if (section->get(key) == nullptr)
      field.fault(fmt::format("{} is missing", key), "{user: NAME, password_file: FILE}");
  }
  section->read("user", login.user, user_name);
  section->read("password_file", password_file, file_name);
  if (module.role != Role::submission) field.error_at_key("only for modules of role submission");
  if (may_be_plain(module.tls))
    field.error_at_key("a password must not travel without TLS", "starttls: verified, required or implicit");
  module.auth = std::move(login);
}

/// What servers do on the well-known ports; anything goes on others, where labs and odd installations live.
void check_port(const Section& section, const Module& module) {
  const Field* place = section.get("starttls") != nullptr ? section.get("starttls") : section.get("port");
  if (place == nullptr) place = &section.field();
  const bool implicit = module.tls == TlsPolicy::implicit;
  if (implicit && module.role == Role::mx) {
    place->fault("mail between servers has no implicit TLS", "opportunistic, required, verified, off");
  } else if (implicit && (module.port == kSmtp || module.port == kSubmission)) {
    place->fault(fmt::format("port {} starts without TLS", module.port), "port: 465, or a STARTTLS policy");
  } else if (!implicit && module.port == kSubmissions) {
    place->fault("port 465 has TLS from the first byte (RFC 8314)", "starttls: implicit, or port: 587");
  }
}

/// The defaults of a module that is not built in follow from its role and its kind of TLS.
void parse_own_defaults(const Section& section, Module& module) {
  if (section.get("role") == nullptr) section.field().error_at_key("role is missing", "role: mx, role: submission");
  section.read("role", module.role, one_of(kRoles));
  module.tls = module.role == Role::mx ? TlsPolicy::opportunistic : TlsPolicy::verified;
  section.read("starttls", module.tls, one_of(kTlsPolicies));
  module.port = module.role == Role::mx ? kSmtp : module.tls == TlsPolicy::implicit ? kSubmissions : kSubmission;
  section.read("port", module.port, port);
}

void parse_built_in(const Section& section, Module& module) {
  const Role built_in = module.role;
  section.read("role", module.role, one_of(kRoles));
  if (module.role != built_in) {
    section.get("role")->error("the role of a built-in module is fixed", std::string(label(built_in)));
    module.role = built_in;
  }
  section.read("starttls", module.tls, one_of(kTlsPolicies));
  section.read("port", module.port, port);
}

void parse_module(const Field& field, Module& module, bool built_in) {
  const auto section = Section::open(field, {"role", "port", "starttls", "envelope", "auth", "oldest_tls"});
  if (!section) return;
  if (built_in)
    parse_built_in(*section, module);
  else
    parse_own_defaults(*section, module);
  check_port(*section, module);
  if (const Field* f = section->get("envelope")) parse_envelope(*f, module);
  if (const Field* f = section->get("auth")) parse_auth(*f, module);
  section->read("oldest_tls", module.oldest_tls, boolean);
  if (module.oldest_tls && module.tls == TlsPolicy::off)
    section->get("oldest_tls")
        ->error_at_key("there is no TLS to look at", "starttls: opportunistic, required, verified or implicit");
}

}  // namespace

std::map<std::string, Module> built_in_modules() {
  return {
      {"mx", {"mx", Role::mx, kSmtp, TlsPolicy::opportunistic}},
      {"submission", {"submission", Role::submission, kSubmission, TlsPolicy::verified}},
      {"submissions", {"submissions", Role::submission, kSubmissions, TlsPolicy::implicit}},
  };
}

bool may_be_plain(TlsPolicy tls) { return tls == TlsPolicy::off || tls == TlsPolicy::opportunistic; }

void read_passwords(const Field& field, const std::filesystem::path& directory,
                    std::map<std::string, Module>& modules) {
  for (auto& [name, module] : modules) {
    if (!module.auth) continue;
    const auto written = field.peek(name);
    const auto auth = written ? written->peek("auth") : std::nullopt;
    const auto file = auth ? auth->peek("password_file") : std::nullopt;
    if (!file || !file->is(Node::Kind::scalar) || file->node().text.empty()) continue;  // reported
    if (auto password = read_secret_file(*file, directory / file->node().text))
      module.auth->password = *std::move(password);
  }
}

void parse_modules(const Field& field, std::map<std::string, Module>& modules) {
  const auto members = field.members();
  if (!members) return;
  for (const Field& member : *members) {
    const std::string& name = member.node().key;
    if (!is_identifier(name)) {
      member.error_at_key("not a name for a module", "up to 63 letters, digits, - and _");
      continue;
    }
    const bool built_in = modules.contains(name);
    Module& module = modules[name];
    module.name = name;
    parse_module(member, module, built_in);
  }
}

}  // namespace mxhealth::config
