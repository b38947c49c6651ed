#include "web/probe_answer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "metrics/sheet.hpp"
#include "metrics/writer.hpp"
#include "model/session_run.hpp"
#include "report/one_target.hpp"
#include "report/target_text.hpp"

namespace mxhealth::web {
namespace {

using watch::Refusal;
using watch::VisitResult;

unsigned status_of(Refusal::Why why) {
  switch (why) {
    case Refusal::Why::malformed:
    case Refusal::Why::unknown_module: return 400;
    case Refusal::Why::not_allowed: return 403;
    case Refusal::Why::busy:
    case Refusal::Why::stopping: break;
  }
  return 503;
}

Answer refused(const Refusal& refusal) {
  Answer made = text_answer(status_of(refusal.why), refusal.sentence + '\n');
  if (refusal.why == Refusal::Why::busy) made.fields.emplace_back("Retry-After", "5");
  return made;
}

/// Every role takes mail, or says that it takes none.
bool succeeded(const report::OneTarget& target) {
  return std::ranges::all_of(target.roles(), [](const DomainRecord* role) {
    const Verdict verdict = role->verdict.value_or(Verdict::undetermined);
    return verdict == Verdict::no_mail || reachable(verdict) == true;
  });
}

void add(std::string& text, std::string_view name, std::string_view help, double value, std::string_view labels = {}) {
  text += metrics::header(name, "gauge", help, "", metrics::Format::text);
  text.append(name).append(labels).append(" ");
  metrics::append_value(text, value);
  text += '\n';
}

/// The address that speaks for the target where only one can: the first that answers, else the first.
const AddressRecord* first_of(const std::vector<const AddressRecord*>& addresses) {
  const auto up = std::ranges::find_if(addresses, [](const AddressRecord* one) { return one->up == true; });
  if (up != addresses.end()) return *up;
  return addresses.empty() ? nullptr : addresses.front();
}

void add_tls(std::string& text, const report::OneTarget& target) {
  std::optional<Wall> earliest;
  std::string version;
  for (const ServerRecord* server : target.servers()) {
    const auto& end = server->tls.chain_not_after;
    if (end && (!earliest || *end < *earliest)) earliest = end;
    if (version.empty()) version = server->tls.version;
  }
  if (earliest)
    add(text, "probe_ssl_earliest_cert_expiry", "Returns last SSL chain expiry in unixtime", unix_seconds(*earliest));
  if (version.empty()) return;
  std::string labels = "{";
  metrics::append_label(labels, {"version", version});
  add(text, "probe_tls_version_info", "Returns the TLS version used or NaN when unknown", 1, labels + "}");
}

/// 32-bit FNV-1a of the address as text, as blackbox_exporter hashes it.
double hash_of(const Address& address) {
  std::uint32_t hash = 2166136261U;
  for (const char c : address.to_string()) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

std::string blackbox_lines(const VisitResult& shown, const report::OneTarget& target) {
  std::string text;
  add(text, "probe_success", "Displays whether or not the probe was a success", succeeded(target) ? 1 : 0);
  add(text, "probe_duration_seconds", "Returns how long the probe took to complete in seconds", seconds(shown.took));
  add(text, "probe_dns_lookup_time_seconds", "Returns the time taken for probe dns lookup in seconds",
      seconds(shown.lookups_took));
  if (const AddressRecord* one = first_of(target.addresses())) {
    const Address& address = one->key.peer.address;
    add(text, "probe_ip_protocol", "Specifies whether probe ip protocol is IP4 or IP6",
        address.family() == Family::ipv4 ? 4 : 6);
    add(text, "probe_ip_addr_hash",
        "Specifies the hash of IP address. It's useful to detect if the IP address changes.", hash_of(address));
  }
  add_tls(text, target);
  return text;
}

Answer metrics_of(const VisitResult& shown) {
  const report::OneTarget target(shown.feed.changed);
  metrics::Sheet sheet;
  sheet.apply(shown.feed);
  Answer made;
  made.content_type = metrics::content_type(metrics::Format::text);
  made.pages = sheet.pages(metrics::Format::text);
  made.pages.push_back(std::make_shared<const metrics::Page>(blackbox_lines(shown, target)));
  made.fields.emplace_back("Cache-Control", "no-store");
  return made;
}

/// What was said, in the order the sessions ended. Transcripts are printable and cut where they are written.
std::string transcripts(const std::vector<SessionNote>& sessions) {
  std::string text;
  for (const SessionNote& session : sessions) {
    text.append("\n").append(session.key.server.view()).append(" ").append(to_string(session.key.peer)).append("\n");
    for (const TranscriptLine& line : session.run->transcript.lines()) {
      const std::string_view speaker = line.speaker == Speaker::we       ? "> "
                                       : line.speaker == Speaker::server ? "< "
                                                                         : "  ";
      text += fmt::format("  {:>9} {}{}\n", report::rounded(line.at), speaker, line.text);
    }
  }
  return text;
}

Answer report_of(const VisitResult& shown) {
  const report::OneTarget target(shown.feed.changed);
  std::string text = report::target_text(target, shown.took, std::chrono::system_clock::now(), report::Colours::none);
  if (shown.cut_short) text += "\nTime was up before all was known.\n";
  text += transcripts(shown.feed.sessions);
  return text_answer(200, text + "\nAs metrics:\n\n" + blackbox_lines(shown, target));
}

}  // namespace

Answer probe_answer(const watch::VisitAnswer& shown, ProbeView view) {
  if (const auto* refusal = std::get_if<Refusal>(&shown)) return refused(*refusal);
  const auto& result = std::get<VisitResult>(shown);
  return view == ProbeView::debug ? report_of(result) : metrics_of(result);
}

Duration probe_patience(std::optional<std::chrono::milliseconds> scrape_timeout) {
  if (!scrape_timeout) return kProbeLimit;
  const std::chrono::milliseconds ours = std::max(*scrape_timeout - kScrapeTimeoutOffset, *scrape_timeout / 2);
  return std::min<Duration>(ours, kProbeLimit);
}

}  // namespace mxhealth::web
