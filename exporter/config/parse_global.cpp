#include "config/parse_global.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/networks.hpp"
#include "config/values.hpp"

namespace mxhealth::config {
namespace {

using namespace std::chrono_literals;

constexpr DurationIn kStep{10ms, 10min};
constexpr DurationIn kSession{100ms, 1h};
constexpr std::size_t kMaxControlName = 200;  // names are made up below it, and kMaxName bounds them

constexpr Choice<Families> kFamilies[] = {
    {"ipv4", Families::ipv4},
    {"ipv6", Families::ipv6},
    {"both", Families::both},
};

constexpr Choice<Sender> kSenders[] = {
    {label(Sender::postfix), Sender::postfix},
    {label(Sender::exim), Sender::exim},
};

void warn_below(const Section& section, std::string_view key, Duration value, Duration least) {
  const Field* field = section.get(key);
  if (field == nullptr || value >= least) return;
  field->warn(fmt::format("below {}: hosts that are slow but well would look broken", to_text(least)));
}

void parse_timeouts(const Field& field, Timeouts& t) {
  const auto section = Section::open(field, {"dns", "connect", "banner", "reply", "tls", "session"});
  if (!section) return;
  section->read("dns", t.dns, kStep);
  section->read("connect", t.connect, kStep);
  section->read("banner", t.banner, kStep);
  section->read("reply", t.reply, kStep);
  section->read("tls", t.tls, kStep);
  section->read("session", t.session, kSession);
  warn_below(*section, "connect", t.connect, 30s);
  warn_below(*section, "banner", t.banner, 60s);
  const Duration sum = t.dns + t.connect + t.banner + t.reply + t.tls;
  if (t.session >= sum) return;
  const Field* place = section->get("session") != nullptr ? section->get("session") : &section->field();
  place->warn(
      fmt::format("the session's total of {} is less than the sum of its steps, {}", to_text(t.session), to_text(sum)));
}

void parse_confirm(const Field& field, Confirm& confirm) {
  const auto section = Section::open(field, {"probes", "after"});
  if (!section) return;
  section->read("probes", confirm.probes, IntegerIn{1, 10});
  section->read("after", confirm.after, DurationIn{10ms, 10min});
}

void parse_ehlo_name(const Field& field, Name& out) {
  const auto written = name_or_empty(field);
  if (!written) return;
  if (written->is_single_label())
    field.error("a single label", "a full host name, such as probe.example.net (RFC 5321 section 2.3.5)");
  else
    out = *written;
}

void parse_source_addresses(const Field& field, const Global& global, std::vector<Address>& out) {
  const auto items = field.items();
  if (!items) return;
  for (const Field& item : *items) {
    const auto source = address(item);
    if (!source) continue;
    const auto same = [&](const Address& other) { return other.family() == source->family(); };
    if (std::ranges::any_of(out, same)) {
      item.error(fmt::format("a second address of {}", label(source->family())), "one per family");
      continue;
    }
    if (source->scope() == AddressScope::unspecified) {
      item.error("not an address of this host", "an address to probe from");
      continue;
    }
    if (!includes(global.families, source->family()))
      item.warn("never used, for global.families leaves its family out");
    out.push_back(*source);
  }
}

}  // namespace

void parse_global(const Field& field, Global& global) {
  const auto section = Section::open(field, {"interval", "ehlo_name", "source_addresses", "timeouts", "families",
                                             "tls_ca_file", "sender_models", "confirm", "mx_hold", "mta_sts_port"});
  if (!section) return;
  section->read("interval", global.interval, DurationIn{kMinInterval, kMaxInterval});
  section->read("families", global.families, one_of(kFamilies));
  section->read("mx_hold", global.mx_hold, DurationIn{0s, 24h});
  section->read("mta_sts_port", global.mta_sts_port, port);
  if (std::string file; section->read("tls_ca_file", file, text)) global.tls_ca_file = file;
  if (const Field* f = section->get("ehlo_name")) parse_ehlo_name(*f, global.ehlo_name);
  if (const Field* f = section->get("source_addresses")) parse_source_addresses(*f, global, global.source_addresses);
  if (const Field* f = section->get("timeouts")) parse_timeouts(*f, global.timeouts);
  if (const Field* f = section->get("confirm")) parse_confirm(*f, global.confirm);
  section->read("sender_models", global.sender_models, ListOf{one_of(kSenders), 1});
}

void parse_resolver_check(const Field& field, ResolverCheck& check) {
  const auto section = Section::open(field, {"name"});
  if (!section) return;
  if (!section->read("name", check.name, name_or_empty)) return;
  if (check.name.view().size() > kMaxControlName)
    section->get("name")->error("too long",
                                fmt::format("at most {} octets: labels are put before it", kMaxControlName));
}

}  // namespace mxhealth::config
