#include "config/parse_targets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/did_you_mean.hpp"
#include "config/parse_global.hpp"
#include "config/parse_labels.hpp"
#include "config/parse_modules.hpp"
#include "config/values.hpp"

namespace mxhealth::config {
namespace {

constexpr std::size_t kMaxHosts = 100;     // named for one domain
constexpr std::size_t kMaxModules = 20;    // of one target
constexpr std::size_t kMaxSelectors = 50;  // of one domain

/// `expect.starttls`: a port that has TLS from the first byte is a matter of its module.
constexpr Choice<TlsPolicy> kExpected[] = {
    {"opportunistic", TlsPolicy::opportunistic},
    {"required", TlsPolicy::required},
    {"verified", TlsPolicy::verified},
    {"off", TlsPolicy::off},
};

struct SubmissionHosts {
  HostSource source = HostSource::named_hosts;
  std::vector<Name> hosts;
};

void parse_identity(const Section& section, Target& target) {
  const Field* domain = section.get("domain");
  const Field* server = section.get("server");
  if (domain == nullptr && server == nullptr) section.field().fault("neither domain nor server", "one of them");
  if (domain != nullptr && server != nullptr) server->error_at_key("both domain and server", "one of them");
  target.kind = domain == nullptr ? Target::Kind::server : Target::Kind::domain;
  const Field* field = domain == nullptr ? server : domain;
  if (field == nullptr) return;
  if (auto written = name(*field)) target.name = *std::move(written);
  target.mark = {field->report().file(), field->node().line, field->node().column};
}

void parse_interval(const Section& section, Target& target, Targets& targets) {
  target.interval = targets.global.interval;
  const Field* field = section.get("interval");
  if (field == nullptr) {
    targets.someone_inherits |= !target.own;
    return;
  }
  section.read("interval", target.interval, DurationIn{kMinInterval, kMaxInterval});
  if (!target.own && target.interval < kPoliteInterval) {
    field->warn("below 60s for a host of other people; mark your own by own: true");
  }
}

std::vector<Module> parse_module_names(const Field& field, const Targets& targets) {
  const auto known_module = [&](const Field& item) -> std::optional<std::string> {
    const auto written = identifier(item);
    if (!written || targets.modules.contains(*written)) return written;
    std::vector<std::string_view> known;
    for (const auto& [name, module] : targets.modules) known.push_back(name);
    item.error("no such module" + suggestion(*written, known), fmt::format("{}", fmt::join(known, ", ")));
    return std::nullopt;
  };
  std::vector<Module> modules;
  const auto names = ListOf{known_module, 1, kMaxModules}(field);
  for (const std::string& name : names.value_or(std::vector<std::string>{}))
    modules.push_back(targets.modules.at(name));
  return modules;
}

SubmissionHosts parse_submission(const Field& field) {
  SubmissionHosts submission;
  if (field.is(Node::Kind::list)) {
    const auto hosts = ListOf{name, 1, kMaxHosts}(field);
    submission.hosts = hosts.value_or(std::vector<Name>{});
    return submission;
  }
  submission.source = HostSource::mx_records;
  const std::string& word = field.node().text;  // empty for a map
  if (word == "auto")
    field.not_in_this_version("[HOST, ...], mx");
  else if (word != "mx")
    field.error("not a list of hosts", "[HOST, ...], mx, auto");
  return submission;
}

struct Expected {
  std::optional<TlsPolicy> tls;
  std::vector<Name> mx;
};

Expected parse_expect(const Field& field, Target::Kind kind) {
  Expected expected;
  const auto section = Section::open(field, {"mx", "starttls"});
  if (!section) return expected;
  if (TlsPolicy policy{}; section->read("starttls", policy, one_of(kExpected))) expected.tls = policy;
  const Field* mx = section->get("mx");
  if (mx == nullptr) return expected;
  const auto hosts = ListOf{name, 1, kMaxHosts}(*mx);
  if (kind == Target::Kind::server)
    mx->error_at_key("only for a domain");
  else
    expected.mx = hosts.value_or(std::vector<Name>{});
  return expected;
}

/// RFC 6376 section 3.1: labels with dots between them. Not a host name, so that "20230601" and "a_b" are fine.
std::optional<std::string> selector(const Field& field) {
  const auto written = text(field);
  if (!written) return std::nullopt;
  const auto labels = Name::parse(*written);
  const bool one = labels && !labels->is_root() && labels->view().size() == written->size();
  if (!one) field.error("not a selector", "letters, digits, - and _, such as s1");
  return one ? std::optional(labels->str()) : std::nullopt;
}

void parse_selectors(const Field& field, Target& target) {
  target.dkim_selectors = ListOf{selector, 0, kMaxSelectors}(field).value_or(std::vector<std::string>{});
  for (const std::string& one : target.dkim_selectors)
    if (!Name::parse(one + "._domainkey." + target.name.str()))
      field.fault("selector " + one + " makes a name longer than 253 octets");
}

std::vector<Module> of_role(const std::vector<Module>& modules, Role role) {
  std::vector<Module> some;
  std::ranges::copy_if(modules, std::back_inserter(some), [&](const Module& m) { return m.role == role; });
  return some;
}

std::vector<Walk> domain_walks(const Section& section, const std::vector<Module>& modules, const Targets& targets) {
  std::vector<Walk> walks;
  if (auto some = of_role(modules, Role::mx); !some.empty()) {
    walks.push_back({Role::mx, HostSource::mx_records, {}, std::move(some)});
  }
  auto some = of_role(modules, Role::submission);
  if (const Field* field = section.get("submission")) {
    if (some.empty()) some.push_back(targets.modules.at("submission"));
    SubmissionHosts submission = parse_submission(*field);
    walks.push_back({Role::submission, submission.source, std::move(submission.hosts), std::move(some)});
  } else if (!some.empty()) {
    section.get("modules")->fault(
        fmt::format("module {} is for submission, and no hosts are named for that", some[0].name),
        "submission: [HOST, ...] or submission: mx beside it");
  }
  return walks;
}

std::vector<Walk> server_walks(const Name& server, const std::vector<Module>& modules) {
  std::vector<Walk> walks;
  for (const Role role : {Role::mx, Role::submission}) {
    auto some = of_role(modules, role);
    if (!some.empty()) walks.push_back({role, HostSource::named_hosts, {server}, std::move(some)});
  }
  return walks;
}

void apply_expected_mx(const Section& section, std::vector<Name> mx, std::vector<Walk>& walks) {
  const auto walk = std::ranges::find(walks, Role::mx, &Walk::role);
  if (walk != walks.end())
    walk->expected = std::move(mx);
  else if (!walks.empty())
    section.get("expect")->warn("expect.mx has no effect: no module has role mx");
}

void apply_expected_tls(const Section& section, TlsPolicy tls, std::vector<Walk>& walks) {
  bool applied = false;
  for (Walk& walk : walks) {
    for (Module& module : walk.modules) {
      if (module.tls == TlsPolicy::implicit) continue;
      if (module.auth && may_be_plain(tls)) {
        section.get("expect")->fault(fmt::format("the password of module {} must not travel without TLS", module.name),
                                     "starttls: verified, required");
      }
      // Encryption alone opens a password to anybody in between: only the module itself may say that this will do.
      const bool weakens = module.auth && module.tls == TlsPolicy::verified && tls == TlsPolicy::required;
      if (!weakens) module.tls = tls;
      applied = true;
    }
  }
  if (!applied && !walks.empty())
    section.get("expect")->warn("expect.starttls has no effect: every module has implicit TLS");
}

/// A local part is meant at the target itself, whichever domain that is.
void complete_recipients(Target& target) {
  for (Walk& walk : target.walks)
    for (Module& module : walk.modules)
      if (module.envelope && module.envelope->to.find('@') == std::string::npos)
        module.envelope->to += "@" + target.name.str();
}

void parse_walks(const Section& section, Target& target, const Targets& targets) {
  std::vector<Module> modules;
  if (const Field* field = section.get("modules"))
    modules = parse_module_names(*field, targets);
  else
    modules.push_back(targets.modules.at("mx"));
  if (target.kind == Target::Kind::domain) {
    target.walks = domain_walks(section, modules, targets);
  } else {
    target.walks = server_walks(target.name, modules);
    for (const std::string_view key : {"submission", "dkim_selectors"}) {
      if (const Field* field = section.get(key)) field->error_at_key("only for a domain");
    }
  }
  complete_recipients(target);
  const Field* expect = section.get("expect");
  if (expect == nullptr) return;
  Expected expected = parse_expect(*expect, target.kind);
  if (expected.tls) apply_expected_tls(section, *expected.tls, target.walks);
  if (!expected.mx.empty()) apply_expected_mx(section, std::move(expected.mx), target.walks);
}

void parse_target(const Field& field, Targets& targets) {
  const auto section = Section::open(
      field, {"domain", "server", "own", "interval", "expect", "submission", "modules", "dkim_selectors", "labels"});
  if (!section) return;
  Target target;
  parse_identity(*section, target);
  section->read("own", target.own, boolean);
  parse_interval(*section, target, targets);
  parse_walks(*section, target, targets);
  if (const Field* f = section->get("dkim_selectors"); f != nullptr && target.kind == Target::Kind::domain) {
    parse_selectors(*f, target);
  }
  if (const Field* f = section->get("labels")) target.labels = parse_labels(*f);
  if (target.name.is_root()) return;  // reported
  const auto [first, fresh] = targets.marks.emplace(target.name, target.mark);
  if (!fresh) {
    const Mark& mark = first->second;
    const Field* identity = section->get(target.kind == Target::Kind::domain ? "domain" : "server");
    identity->error(fmt::format("a target already, at {}:{}:{}", mark.file, mark.line, mark.column));
    return;
  }
  targets.list.push_back(std::move(target));
}

}  // namespace

void parse_targets(const Field& field, Targets& targets) {
  const auto items = field.items();
  if (!items) return;
  for (const Field& item : *items) parse_target(item, targets);
}

}  // namespace mxhealth::config
