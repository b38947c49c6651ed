// What a scenario says about DNS answers.
#include <stdexcept>

#include "lab/scenario_reader.hpp"
#include "lab/yaml.hpp"

namespace mxhealth::lab {

void ScenarioReader::read_dns(const YAML::Node& node) {
  yaml::for_each(node, file_, {},
                 [&](const std::string& name, const YAML::Node& value) { read_dns_name(full(name), value); });
}

/// One word for every question about the name, or answers by type.
void ScenarioReader::read_dns_name(const std::string& name, const YAML::Node& node) {
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
AnswerSpec ScenarioReader::read_answer(const YAML::Node& node, const std::string& type) {
  AnswerSpec answer;
  if (node.IsScalar()) {
    answer.manner = manner(node);
    return answer;
  }
  if (node.IsSequence()) {
    for (const YAML::Node& record : node) answer.records.push_back(read_record(record, type));
    return answer;
  }
  yaml::for_each(node, file_, {"answer", "records", "ttl", "ad", "delay", "sequence"},
                 [&](const std::string& key, const YAML::Node& value) {
                   if (key == "answer") answer.manner = manner(value);
                   if (key == "records") answer.records = read_answer(value, type).records;
                   if (key == "ttl") answer.ttl = static_cast<std::uint32_t>(yaml::number(value, file_));
                   if (key == "ad") answer.authentic_data = yaml::truth(value, file_);
                   if (key == "delay") answer.delay = duration(value);
                   if (key != "sequence") return;
                   for (const YAML::Node& item : value) answer.sequence.push_back(read_answer(item, type));
                 });
  return answer;
}

std::vector<std::string> ScenarioReader::read_record(const YAML::Node& node, const std::string& type) {
  std::vector<std::string> fields = yaml::texts(node, file_);
  if ((type == "MX" || type == "SRV") && !fields.empty()) fields.back() = known_or_verbatim(fields.back());
  if ((type == "CNAME" || type == "PTR") && fields.size() == 1) fields[0] = full(fields[0]);
  return fields;
}

/// `cname_chain: {hops: 3, to: HOST}`: name -> hop1.name -> hop2.name -> HOST.
void ScenarioReader::add_cname_chain(const std::string& name, const YAML::Node& node) {
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

}  // namespace mxhealth::lab
