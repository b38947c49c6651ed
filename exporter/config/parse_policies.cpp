#include "config/parse_policies.hpp"

#include "config/values.hpp"

namespace mxhealth::config {
namespace {

using namespace std::chrono_literals;

constexpr DurationIn kPolicyInterval{5s, 24h};
constexpr Duration kPoliteToPolicies = 10min;

}  // namespace

void parse_policies(const Field& field, Policies& policies) {
  if (field.is(Node::Kind::scalar)) {
    if (field.node().text != "off") field.error("not a map", "off, or a map of keys and values");
    policies.on = field.node().text != "off";
    return;
  }
  const auto section = Section::open(field, {"interval"});
  if (!section) return;
  if (section->read("interval", policies.interval, kPolicyInterval) && policies.interval < kPoliteToPolicies)
    section->get("interval")->warn("below 10m: such records change a few times a year");
}

}  // namespace mxhealth::config
