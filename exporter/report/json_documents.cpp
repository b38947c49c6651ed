#include "report/json_documents.hpp"

#include "report/json.hpp"
#include "report/json_session.hpp"
#include "report/words.hpp"

namespace mxhealth::report {
namespace {

void write_verdict(Json& json, const DomainRecord& domain) {
  json.member("domain", domain.key.domain.view()).member("role", label(domain.key.role)).key("verdict");
  domain.verdict ? json.value(label(*domain.verdict)) : json.null();
  json.member("reachable", domain.reachable).member("since", domain.since).key("cause");
  write_cause(json, domain.cause);
  json.member("sentence", sentence(domain));
}

void write_mx(Json& json, const std::optional<MxRecord>& mx) {
  if (!mx) {
    json.null();
    return;
  }
  json.open_object()
      .member("authenticated", mx->authenticated)
      .member("set_changes", mx->set_changes)
      .member("last_change", mx->last_change)
      .member("held", mx->held)
      .member("matches_expected", mx->matches_expected)
      .close_object();
}

void write_forecasts(Json& json, const std::vector<Forecast>& forecasts) {
  json.open_array();
  for (const Forecast& one : forecasts)
    json.open_object()
        .member("sender", label(one.sender))
        .member("outcome", label(one.outcome))
        .member("enhanced_status", one.enhanced_status)
        .close_object();
  json.close_array();
}

void write_texts(Json& json, const std::vector<std::string>& texts) {
  json.open_array();
  for (const std::string& text : texts) json.value(text);
  json.close_array();
}

void write_listings(Json& json, const std::vector<const ListingRecord*>& listings) {
  json.open_array();
  for (const ListingRecord* one : listings) {
    json.open_object()
        .member("subject", to_string(one->key.subject))
        .member("list", one->key.list)
        .member("allow_list", one->allow_list)
        .member("state", label(one->state))
        .member("since", one->since)
        .member("weight", one->weight)
        .key("codes");
    write_texts(json, one->codes);
    write_texts(json.key("meanings"), one->meanings);
    json.member("reason", one->reason).member("delisting", one->delisting).close_object();
  }
  json.close_array();
}

void write_notes(Json& json, const std::vector<PolicyNote>& notes) {
  static constexpr std::array<std::string_view, 3> kGravities{"broken", "risky", "note"};
  json.open_array();
  for (const PolicyNote& note : notes)
    json.open_object()
        .member("gravity", kGravities[static_cast<std::size_t>(note.gravity)])
        .member("sentence", note.sentence)
        .close_object();
  json.close_array();
}

void write_policies(Json& json, const std::vector<const PolicyRecord*>& policies) {
  json.open_array();
  for (const PolicyRecord* one : policies) {
    json.open_object()
        .member("policy", label(one->key.policy))
        .member("present", one->facts.present)
        .member("valid", is_valid(one->facts))
        .member("mode", one->facts.mode)
        .member("text", one->facts.text)
        .member("last_check", one->last_check)
        .member("last_change", one->last_change)
        .key("notes");
    write_notes(json, one->facts.notes);
    write_notes(json.key("trouble"), one->trouble);
    json.close_object();
  }
  json.close_array();
}

void write_reverse(Json& json, const PtrRecord* reverse) {
  if (reverse == nullptr) {
    json.null();
    return;
  }
  json.open_object().member("valid", reverse->valid).key("names").open_array();
  for (const Name& name : reverse->facts.names) json.value(name.view());
  write_notes(json.close_array().key("notes"), reverse->facts.notes);
  json.close_object();
}

void write_address(Json& json, const AddressView& view) {
  const AddressRecord& address = *view.record;
  json.open_object()
      .member("address", address.key.peer.address.to_string())
      .member("family", label(address.key.peer.address.family()))
      .member("up", address.up)
      .member("since", address.since)
      .member("last_probe", address.last_probe)
      .key("cause");
  write_cause(json, address.cause);
  json.key("phases").open_array();
  for (const auto& [phase, duration] : address.durations)
    json.open_object().member("phase", label(phase)).member("seconds", seconds(duration)).close_object();
  write_listings(json.close_array().key("listings"), view.listings);
  write_reverse(json.key("reverse_dns"), view.reverse);
  write_sessions(json.key("sessions"), view.sessions);
  json.close_object();
}

void write_server_tls(Json& json, const ServerTls& tls) {
  json.open_object()
      .member("starttls_advertised", tls.starttls_advertised)
      .member("handshake_success", tls.handshake_success)
      .member("chain_ok", tls.chain_ok)
      .member("hostname_ok", tls.hostname_ok)
      .member("version", tls.version)
      .member("cipher", tls.cipher)
      .member("oldest_version", tls.oldest_version)
      .key("dane");
  tls.dane ? json.value(label(*tls.dane)) : json.null();
  json.member("dane_ok", tls.dane_ok)
      .member("mta_sts_ok", tls.mta_sts_ok)
      .member("addresses_differ", tls.cert_mismatch)
      .member("leaf_not_before", tls.leaf_not_before)
      .member("leaf_not_after", tls.leaf_not_after)
      .member("chain_not_after", tls.chain_not_after)
      .member("last_handshake", tls.last_handshake)
      .close_object();
}

void write_server(Json& json, const ServerView& view) {
  json.open_object()
      .member("server", view.place.key.server.view())
      .member("port", unsigned{view.place.key.port})
      .member("preference", unsigned{view.place.preference});
  json.member("up", view.record != nullptr ? view.record->up : std::nullopt).key("tls");
  view.record != nullptr ? write_server_tls(json, view.record->tls) : void(json.null());
  json.key("findings").open_array();
  if (view.record != nullptr)
    for (const Finding finding : view.record->findings) json.value(label(finding));
  json.close_array().key("addresses").open_array();
  for (const AddressView& address : view.addresses) write_address(json, address);
  json.close_array().close_object();
}

void write_role(Json& json, const RoleView& view) {
  const DomainRecord& domain = *view.record;
  json.open_object();
  write_verdict(json, domain);
  json.member("explanation", explanation(domain));
  write_texts(json.key("first_checks"), first_checks(domain));
  json.member("interval_seconds", seconds(domain.interval))
      .member("deferral_probability", domain.deferral_probability)
      .member("own", domain.own)
      .member("last_cycle", domain.last_cycle)
      .member("last_success", domain.last_success)
      .key("forecasts");
  write_forecasts(json, domain.forecasts);
  write_mx(json.key("mx"), domain.mx);
  json.key("history").open_array();
  for (const VerdictChange& change : *view.history) {
    json.open_object().member("at", change.at).key("verdict");
    change.verdict ? json.value(label(*change.verdict)) : json.null();
    json.key("cause");
    change.cause ? json.value(label(*change.cause)) : json.null();
    json.close_object();
  }
  json.close_array().key("servers").open_array();
  for (const ServerView& server : view.servers) write_server(json, server);
  json.close_array().close_object();
}

void write_egress(Json& json, const std::vector<const EgressRecord*>& egress) {
  json.open_array();
  for (const EgressRecord* one : egress)
    json.open_object()
        .member("port", unsigned{one->key.port})
        .member("family", label(one->key.family))
        .member("up", one->up)
        .member("canaries", one->canaries)
        .member("canaries_up", one->canaries_up)
        .close_object();
  json.close_array();
}

void write_lists(Json& json, const std::vector<const ListRecord*>& lists) {
  json.open_array();
  for (const ListRecord* one : lists)
    json.open_object()
        .member("list", one->key.list)
        .member("allow_list", one->allow_list)
        .member("healthy", one->healthy)
        .member("ailment", one->ailment)
        .member("last_check", one->last_check)
        .close_object();
  json.close_array();
}

void write_sending_addresses(Json& json, const std::vector<const PtrRecord*>& addresses) {
  json.open_array();
  for (const PtrRecord* one : addresses) {
    if (one->source != PtrSource::configured) continue;
    json.open_object().member("address", one->key.address.to_string()).key("reverse_dns");
    write_reverse(json, one);
    json.close_object();
  }
  json.close_array();
}

Json document(Wall now) {
  Json json;
  json.open_object().member("schema_version", kSchemaVersion).member("generated_at", now);
  return json;
}

}  // namespace

std::string status_json(const Book& book, Wall now) {
  Json json = document(now);
  json.member("ready", book.ready()).key("domains").open_array();
  for (const DomainRecord* domain : book.domains_worst_first()) {
    json.open_object();
    write_verdict(json, *domain);
    json.close_object();
  }
  write_egress(json.close_array().key("egress"), book.egress());
  write_lists(json.key("lists"), book.lists());
  write_listings(json.key("listings"), book.listings());
  write_sending_addresses(json.key("sending_addresses"), book.reverse_dns());
  json.close_object();
  return json.take();
}

std::string target_json(const TargetView& target, Wall now) {
  Json json = document(now);
  json.member("target", target.name.view()).key("roles").open_array();
  for (const RoleView& role : target.roles) write_role(json, role);
  write_listings(json.close_array().key("listings"), target.listings);
  write_policies(json.key("policies"), target.policies);
  json.close_object();
  return json.take();
}

}  // namespace mxhealth::report
