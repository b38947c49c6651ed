#include "lab/scenario.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "lab/yaml.hpp"

namespace mxhealth::lab {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, Service>, 3> kServices{
    {{"mx", Service::mx}, {"submission", Service::submission}, {"submissions", Service::submissions}}};

/// Reads one scenario of one file.
class Reader {
 public:
  Reader(std::string file, std::string name) : file_(std::move(file)) {
    scenario_.file = file_;
    scenario_.name = std::move(name);
  }

  Scenario read(const YAML::Node& root);
  Scenario read_walk(const YAML::Node& walk);

 private:
  void read_hosts(const YAML::Node& hosts);
  HostSpec read_host(const std::string& key, const YAML::Node& node);
  void read_domain(const YAML::Node& node);
  void read_server(const YAML::Node& node);
  void read_mx(const YAML::Node& node, TargetSpec& target);
  void read_expect(const YAML::Node& node, const std::string& domain);
  void read_dns(const YAML::Node& node);
  void read_dns_name(const std::string& name, const YAML::Node& node);
  AnswerSpec read_answer(const YAML::Node& node, const std::string& type);
  std::vector<std::string> read_record(const YAML::Node& node, const std::string& type);
  void add_cname_chain(const std::string& name, const YAML::Node& node);

  std::string full(const std::string& host) const;
  std::string known_or_verbatim(const std::string& host) const;
  std::string where(const YAML::Node& node) const;
  Manner manner(const YAML::Node& node) const;

  std::string file_;
  Scenario scenario_;
};

std::string Reader::where(const YAML::Node& node) const {
  return file_ + ":" + std::to_string(node.Mark().line + 1) + ":" + std::to_string(node.Mark().column + 1);
}

/// A host's full name: relative ones live below the scenario's domain, "@" is that domain.
std::string Reader::full(const std::string& host) const {
  if (host == "@") return scenario_.domain();
  return host.find('.') == std::string::npos ? host + "." + scenario_.domain() : host;
}

/// What an MX record may point at: a host of this scenario, else whatever is written.
std::string Reader::known_or_verbatim(const std::string& host) const {
  const std::string name = full(host);
  const auto known = [&](const HostSpec& spec) { return spec.name == name; };
  return std::any_of(scenario_.hosts.begin(), scenario_.hosts.end(), known) ? name : host;
}

Manner Reader::manner(const YAML::Node& node) const {
  try {
    return parse_manner(yaml::text(node, file_));
  } catch (const std::invalid_argument& error) {
    yaml::fail(node, file_, error.what());
  }
}

Scenario Reader::read(const YAML::Node& root) {
  if (const YAML::Node hosts = root["hosts"]) read_hosts(hosts);
  yaml::for_each(root, file_,
                 {"name", "about", "copies", "needs", "hosts", "domains", "servers", "dns", "resolvers", "config",
                  "companion", "metrics", "absent"},
                 [&](const std::string& key, const YAML::Node& value) {
                   if (key == "about") scenario_.about = yaml::text(value, file_);
                   if (key == "needs") scenario_.needs = yaml::texts(value, file_);
                   if (key == "domains")
                     for (const YAML::Node& domain : value) read_domain(domain);
                   if (key == "servers")
                     for (const YAML::Node& server : value) read_server(server);
                   if (key == "dns") read_dns(value);
                   if (key == "config") scenario_.config = value;
                   if (key == "companion") scenario_.companion = yaml::truth(value, file_);
                   if (key == "metrics") scenario_.metrics = yaml::texts(value, file_);
                   if (key == "absent") scenario_.absent = yaml::texts(value, file_);
                   if (key != "resolvers") return;
                   for (const std::string& mood : yaml::texts(value, file_)) {
                     try {
                       scenario_.resolvers.push_back(parse_mood(mood));
                     } catch (const std::invalid_argument& error) {
                       yaml::fail(value, file_, error.what());
                     }
                   }
                 });
  return std::move(scenario_);
}

void Reader::read_hosts(const YAML::Node& hosts) {
  yaml::for_each(hosts, file_, {}, [&](const std::string& key, const YAML::Node& node) {
    scenario_.hosts.push_back(read_host(key, node));
  });
}

HostSpec Reader::read_host(const std::string& key, const YAML::Node& node) {
  HostSpec host;
  host.name = full(key);
  const BehaviourBook& book = behaviour_book();
  if (node.IsScalar()) {
    host.serves.emplace(Service::mx, book.read(node, file_));
    return host;
  }
  yaml::for_each(node, file_, {"mx", "submission", "submissions", "same_as", "cname", "dns", "family"},
                 [&](const std::string& word, const YAML::Node& value) {
                   for (const auto& [name, service] : kServices)
                     if (word == name) host.serves.emplace(service, book.read(value, file_));
                   if (word == "same_as") host.same_as = full(yaml::text(value, file_));
                   if (word == "cname") host.cname = full(yaml::text(value, file_));
                   if (word == "dns") host.dns = manner(value);
                   if (word == "family") host.ipv6 = yaml::text(value, file_) == "ipv6";
                 });
  return host;
}

void Reader::read_mx(const YAML::Node& node, TargetSpec& target) {
  if (!node.IsSequence()) yaml::fail(node, file_, "a list of [preference, host] is expected here");
  for (const YAML::Node& pair : node) {
    if (!pair.IsSequence() || pair.size() != 2) yaml::fail(pair, file_, "[preference, host] is expected here");
    target.mx.emplace_back(std::to_string(yaml::number(pair[0], file_)), known_or_verbatim(yaml::text(pair[1], file_)));
  }
}

void Reader::read_domain(const YAML::Node& node) {
  TargetSpec target;
  target.where = where(node);
  const YAML::Node name = node["name"];
  target.name = name ? full(yaml::text(name, file_)) : scenario_.domain();
  yaml::for_each(node, file_, {"name", "mx", "address", "dns", "target", "expect"},
                 [&](const std::string& key, const YAML::Node& value) {
                   if (key == "mx") read_mx(value, target);
                   if (key == "address") target.address = full(yaml::text(value, file_));
                   if (key == "dns") read_dns_name(target.name, value);
                   if (key == "target") target.extra = value;
                   if (key == "expect") read_expect(value, target.name);
                 });
  scenario_.targets.push_back(std::move(target));
}

void Reader::read_server(const YAML::Node& node) {
  TargetSpec target;
  target.server = true;
  target.where = where(node);
  yaml::for_each(node, file_, {"host", "target", "expect"}, [&](const std::string& key, const YAML::Node& value) {
    if (key == "host") target.name = full(yaml::text(value, file_));
    if (key == "target") target.extra = value;
    if (key == "expect") read_expect(value, full(yaml::text(node["host"], file_)));
  });
  if (target.name.empty()) yaml::fail(node, file_, "'host' is missing");
  scenario_.targets.push_back(std::move(target));
}

void Reader::read_expect(const YAML::Node& node, const std::string& domain) {
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) read_expect(item, domain);
    return;
  }
  Expectation expected;
  expected.domain = domain;
  yaml::for_each(node, file_, {"role", "verdict", "cause", "enhanced_status"},
                 [&](const std::string& key, const YAML::Node& value) {
                   const std::string word = yaml::text(value, file_);
                   if (key == "role") expected.role = word;
                   if (key == "verdict") expected.verdict = word;
                   if (key == "cause") expected.cause = word;
                   if (key == "enhanced_status") expected.enhanced_status = word;
                 });
  if (expected.verdict.empty()) yaml::fail(node, file_, "'verdict' is missing");
  if (expected.cause.empty() != expected.enhanced_status.empty())
    yaml::fail(node, file_, "'cause' and 'enhanced_status' go together");
  scenario_.expect.push_back(std::move(expected));
}

// --- DNS ---

void Reader::read_dns(const YAML::Node& node) {
  yaml::for_each(node, file_, {},
                 [&](const std::string& name, const YAML::Node& value) { read_dns_name(full(name), value); });
}

/// One word for every question about the name, or answers by type.
void Reader::read_dns_name(const std::string& name, const YAML::Node& node) {
  if (node.IsScalar()) {
    DnsSpec spec{name, DnsZone::kEveryType, {}, where(node)};
    spec.answer.manner = manner(node);
    scenario_.dns.push_back(std::move(spec));
    return;
  }
  yaml::for_each(node, file_, {}, [&](const std::string& type, const YAML::Node& value) {
    if (type == "cname_chain") {
      add_cname_chain(name, value);
      return;
    }
    DnsSpec spec{name, DnsZone::kEveryType, {}, where(value)};
    try {
      if (type != "ANY") spec.type = type_of(type);
    } catch (const std::invalid_argument& error) {
      yaml::fail(value, file_, error.what());
    }
    spec.answer = read_answer(value, type);
    scenario_.dns.push_back(std::move(spec));
  });
}

/// A word (servfail, timeout …), a list of records, or a map that says more.
AnswerSpec Reader::read_answer(const YAML::Node& node, const std::string& type) {
  AnswerSpec answer;
  if (node.IsScalar()) {
    answer.manner = manner(node);
    return answer;
  }
  if (node.IsSequence()) {
    for (const YAML::Node& record : node) answer.records.push_back(read_record(record, type));
    return answer;
  }
  yaml::for_each(node, file_, {"answer", "records", "ttl", "ad", "sequence"},
                 [&](const std::string& key, const YAML::Node& value) {
                   if (key == "answer") answer.manner = manner(value);
                   if (key == "records") answer.records = read_answer(value, type).records;
                   if (key == "ttl") answer.ttl = static_cast<std::uint32_t>(yaml::number(value, file_));
                   if (key == "ad") answer.authentic_data = yaml::truth(value, file_);
                   if (key != "sequence") return;
                   for (const YAML::Node& item : value) answer.sequence.push_back(read_answer(item, type));
                 });
  return answer;
}

std::vector<std::string> Reader::read_record(const YAML::Node& node, const std::string& type) {
  std::vector<std::string> fields = yaml::texts(node, file_);
  if ((type == "MX" || type == "SRV") && !fields.empty()) fields.back() = known_or_verbatim(fields.back());
  if ((type == "CNAME" || type == "PTR") && fields.size() == 1) fields[0] = full(fields[0]);
  return fields;
}

/// `cname_chain: {hops: 3, to: HOST}`: name -> hop1.name -> hop2.name -> HOST.
void Reader::add_cname_chain(const std::string& name, const YAML::Node& node) {
  yaml::for_each(node, file_, {"hops", "to"}, [](const std::string&, const YAML::Node&) {});
  const long hops = yaml::number(node["hops"], file_);
  std::string from = name;
  for (long hop = 1; hop <= hops; ++hop) {
    const std::string to = hop == hops ? full(yaml::text(node["to"], file_)) : "hop" + std::to_string(hop) + "." + name;
    DnsSpec spec{from, kCname, {}, where(node)};
    spec.answer.records = {{to}};
    scenario_.dns.push_back(std::move(spec));
    from = to;
  }
}

// --- walks: the compact form, hosts shared by behaviour ---

std::string shared_host(std::string behaviour) {
  std::replace(behaviour.begin(), behaviour.end(), '_', '-');
  return behaviour + ".mx.lab.test";
}

Scenario Reader::read_walk(const YAML::Node& walk) {
  if (const YAML::Node mx = walk["mx"]) {
    for (const YAML::Node& pair : mx) {
      if (!pair.IsSequence() || pair.size() != 2) yaml::fail(pair, file_, "[preference, behaviour] is expected here");
      const std::string word = yaml::text(pair[1], file_);
      HostSpec host;
      host.name = shared_host(word);
      if (word == "host_nx") host.dns = Manner::nxdomain;
      if (word == "host_sf") host.dns = Manner::servfail;
      if (!host.dns) host.serves.emplace(Service::mx, behaviour_book().read(pair[1], file_));
      scenario_.about += (scenario_.about.empty() ? "" : ", then ") + word;
      scenario_.hosts.push_back(std::move(host));
    }
  }
  TargetSpec target;
  target.name = scenario_.domain();
  target.where = where(walk);
  yaml::for_each(walk, file_, {"mx", "needs", "expect"}, [&](const std::string& key, const YAML::Node& value) {
    if (key == "needs") scenario_.needs = yaml::texts(value, file_);
    if (key == "expect") read_expect(value, target.name);
    if (key != "mx") return;
    for (const YAML::Node& pair : value)
      target.mx.emplace_back(std::to_string(yaml::number(pair[0], file_)), shared_host(pair[1].Scalar()));
  });
  scenario_.targets.push_back(std::move(target));
  return std::move(scenario_);
}

std::vector<Scenario> load_file(const fs::path& path) {
  const std::string file = path.string();
  const YAML::Node root = yaml::load(file);
  std::vector<Scenario> scenarios;
  if (!root.IsMap()) yaml::fail(root, file, "a map is expected here");
  if (const YAML::Node walks = root["walks"]) {
    yaml::for_each(walks, file, {}, [&](const std::string& name, const YAML::Node& walk) {
      scenarios.push_back(Reader(file, name).read_walk(walk));
    });
    return scenarios;
  }
  const YAML::Node named = root["name"], copied = root["copies"];
  const std::string name = named ? yaml::text(named, file) : path.stem().string();
  const long copies = copied ? yaml::number(copied, file) : 0;
  if (copies == 0) scenarios.push_back(Reader(file, name).read(root));
  for (long copy = 1; copy <= copies; ++copy)
    scenarios.push_back(Reader(file, name + "-" + std::to_string(copy)).read(root));
  return scenarios;
}

}  // namespace

bool Scenario::needs_netns() const { return std::find(needs.begin(), needs.end(), "netns") != needs.end(); }

std::filesystem::path scenario_directory() { return MXHEALTH_LAB_SCENARIOS; }

const BehaviourBook& behaviour_book() {
  static const BehaviourBook book =
      BehaviourBook::load((scenario_directory().parent_path() / "behaviours.yml").string());
  return book;
}

std::vector<Scenario> load_scenarios(const fs::path& path) {
  if (!fs::is_directory(path)) return load_file(path);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.path().extension() == ".yml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Scenario> all;
  for (const fs::path& file : files)
    for (Scenario& scenario : load_file(file)) all.push_back(std::move(scenario));
  return all;
}

std::vector<std::vector<Scenario>> worlds_of(std::vector<Scenario> scenarios) {
  std::vector<std::vector<Scenario>> worlds(1);
  for (Scenario& scenario : scenarios) {
    if (!scenario.alone()) {
      worlds.front().push_back(std::move(scenario));
    } else {
      worlds.emplace_back().push_back(std::move(scenario));
    }
  }
  if (worlds.front().empty()) worlds.erase(worlds.begin());
  return worlds;
}

}  // namespace mxhealth::lab
