// What blocklists and allow-lists say of subjects, and whether they can be believed. A listing on an allow-list is
// good, so it has names of its own: nothing that pages for listings can meet it.
#include "metrics/lines.hpp"

namespace mxhealth::metrics {
namespace {

bool is_statement(const ListingRecord& r) { return r.state == ListingState::clean || r.state == ListingState::listed; }

void put_states(const ListingRecord& r, Lines& out) {
  for (const ListingState state : kListingStates) out.put(r.state == state ? 1 : 0, {{"state", label(state)}});
}

void put_listed(const ListingRecord& r, Lines& out) {
  if (is_statement(r)) out.put(r.state == ListingState::listed ? 1 : 0);
}

constexpr Row<ListingRecord> kListingRows[] = {
    {{"dnsbl_state", Type::gauge, "What a blocklist says of a subject; exactly one state is 1."},
     [](const ListingRecord& r, Lines& out) { r.allow_list ? void() : put_states(r, out); }},
    {{"dnsbl_listed", Type::gauge, "1 listed, 0 clean; absent while neither is known."},
     [](const ListingRecord& r, Lines& out) { r.allow_list ? void() : put_listed(r, out); }},
    {{"dnsbl_listing_weight", Type::gauge,
      "How much the listing weighs, 0 to 1: the heaviest of its codes; policy codes weigh 0 for subjects of source "
      "target."},
     [](const ListingRecord& r, Lines& out) { !r.allow_list&& is_statement(r) ? out.put(r.weight) : void(); }},
    {{"dnsbl_code_info", Type::gauge, "The codes that the blocklist answers with while the subject is listed."},
     [](const ListingRecord& r, Lines& out) {
       if (r.allow_list || r.state != ListingState::listed) return;
       for (const std::string& code : r.codes) out.info({{"code", code}});
     }},
    {{"allowlist_state", Type::gauge, "What an allow-list says of a subject; exactly one state is 1."},
     [](const ListingRecord& r, Lines& out) { r.allow_list ? put_states(r, out) : void(); }},
    {{"allowlist_listed", Type::gauge, "1 if the allow-list vouches for the subject, 0 if not; absent while unknown."},
     [](const ListingRecord& r, Lines& out) { r.allow_list ? put_listed(r, out) : void(); }},
    {{"allowlist_trust", Type::gauge, "How far the allow-list trusts the subject: 0 none, 1 low, 2 medium, 3 high."},
     [](const ListingRecord& r, Lines& out) {
       if (r.allow_list && r.state == ListingState::listed && r.trust) out.put(*r.trust);
     }},
};

constexpr Row<SubjectRecord> kSubjectRows[] = {
    {{"dnsbl_subject_info", Type::gauge, "Who is looked up on lists: configured, or since it belongs to a target."},
     [](const SubjectRecord& r, Lines& out) {
       out.info({{"source", label(r.source)}});
     }},
};

constexpr Row<ListRecord> kListRows[] = {
    {{"dnsbl_list_weight", Type::gauge, "How much the operator lets a listing on this list weigh, 0 to 1."},
     [](const ListRecord& r, Lines& out) { r.allow_list ? void() : out.put(r.weight); }},
    {{"dnsbl_list_healthy", Type::gauge,
      "1 if the list's test points say what they must (RFC 5782 section 5); 0: it is not believed."},
     [](const ListRecord& r, Lines& out) { out.put(r.healthy); }},
    {{"dnsbl_lookups_total", Type::counter, "Lookups on the list."},
     [](const ListRecord& r, Lines& out) { out.put(static_cast<double>(r.lookups)); }},
    {{"dnsbl_lookup_failures_total", Type::counter, "Lookups on the list that taught nothing, by cause."},
     [](const ListRecord& r, Lines& out) {
       for (const auto& [failure, count] : r.failures) out.put(static_cast<double>(count), {{"cause", label(failure)}});
     }},
    {{"dnsbl_last_check_timestamp_seconds", Type::gauge, "When the list last answered anything.", "seconds"},
     [](const ListRecord& r, Lines& out) { out.put(r.last_check); }},
};

}  // namespace

Table<ListingRecord> listing_table() {
  return {[](const ListingRecord& r, Lines& out) {
            out.labels({{"subject", to_string(r.key.subject)}, {"list", r.key.list}});
          },
          kListingRows};
}

Table<SubjectRecord> subject_table() {
  return {[](const SubjectRecord& r, Lines& out) {
            out.labels({{"subject", to_string(r.key.subject)}});
          },
          kSubjectRows};
}

Table<ListRecord> list_table() {
  return {[](const ListRecord& r, Lines& out) { out.labels({{"list", r.key.list}}); }, kListRows};
}

}  // namespace mxhealth::metrics
