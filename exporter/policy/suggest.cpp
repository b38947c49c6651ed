// Longer than other files, since it has all the kinds of records: a function for each, read by itself.
#include "policy/suggest.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include "model/transcript.hpp"
#include "policy/spf_terms.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::size_t kMaxRecord = 8192;  // octets that are read of a published record
constexpr unsigned kMaxSpfLookups = 10;   // RFC 7208 section 4.6.4

std::string owner(std::string_view below, const Name& name) {
  return std::string(below) + (below.empty() ? "" : ".") + name.str() + ".";
}

std::vector<std::string> words_of(const std::string& record) {
  std::istringstream stream(printable(record, kMaxRecord));
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : between).append(word);
  return text;
}

void note_published(Suggestion& suggestion, const std::vector<std::string>& records, std::string_view what) {
  for (const std::string& record : records) suggestion.seen.push_back("published now: " + record);
  if (records.empty()) suggestion.seen.push_back("published now: no " + std::string(what));
  if (records.size() > 1)
    suggestion.care.push_back("There are " + std::to_string(records.size()) + " " + std::string(what) +
                              "s, and receivers use none of them: remove all but one.");
}

void note_hosts(Suggestion& suggestion, const Observed& observed) {
  if (!observed.mx_known)
    suggestion.care.emplace_back("The MX lookup failed, so the mail hosts are not known: ask again.");
  if (observed.null_mx) suggestion.seen.emplace_back("null MX: the domain takes no mail");
  if (observed.implicit_mx) suggestion.seen.emplace_back("no MX record: senders take the domain's own address");
  for (const ObservedHost& host : observed.hosts)
    suggestion.seen.push_back("mail host " + host.name.str() + (host.has_addresses ? "" : ", which has no address"));
}

// ---- SPF ----

bool is_all(std::string_view word) {
  const auto bare = word.find_first_of("+-~?") == 0 ? word.substr(1) : word;
  return bare == "all";
}

bool asks(std::string_view word) {
  if (word.find_first_of("+-~?") == 0) word.remove_prefix(1);
  const auto name = word.substr(0, word.find_first_of(":/="));
  return name == "include" || name == "a" || name == "mx" || name == "ptr" || name == "exists" || name == "redirect";
}

std::string mechanism_of(const std::string& network) {
  const bool is_v6 = network.find(':') != network.npos;
  const std::string_view whole = is_v6 ? "/128" : "/32";
  const bool is_single = std::string_view(network).ends_with(whole);
  const std::string shown = is_single ? network.substr(0, network.size() - whole.size()) : network;
  return (is_v6 ? "ip6:" : "ip4:") + shown;
}

Suggestion spf_of_nobody(const Observed& observed) {
  Suggestion suggestion;
  suggestion.records.push_back({owner("", observed.domain),
                                "TXT",
                                quoted_strings("v=spf1 -all"),
                                {{"-all", "nobody sends as this domain, so receivers may refuse all that claims to"}}});
  suggestion.seen.emplace_back("null MX: the domain takes no mail");
  suggestion.care.emplace_back("Only if the domain sends no mail either. Then publish DMARC with p=reject, too.");
  return suggestion;
}

std::optional<std::string> fault_of(const std::string& record) {
  if (!is_spf(record)) return "it is no SPF record";
  const auto parsed = parse_spf(record);
  const auto* error = std::get_if<SpfError>(&parsed);
  return error == nullptr ? std::nullopt : std::optional(to_string(*error));
}

// What the one record of now has is kept, for it names senders that nobody can see from here.
std::vector<std::string> kept_terms(const Observed& observed) {
  std::vector<std::string> kept;
  if (observed.spf.size() != 1 || fault_of(observed.spf.front())) return kept;
  for (const std::string& word : words_of(observed.spf.front())) {
    const bool is_version = word.starts_with("v=") || word.starts_with("V=");
    if (!is_version && !is_all(word) && !word.starts_with("redirect=")) kept.push_back(word);
  }
  return kept;
}

Suggestion spf(const Observed& observed) {
  if (observed.null_mx && observed.sending.empty() && observed.spf.empty()) return spf_of_nobody(observed);
  Suggestion suggestion;
  note_published(suggestion, observed.spf, "SPF record");
  note_hosts(suggestion, observed);
  if (observed.spf.size() == 1)
    if (const auto fault = fault_of(observed.spf.front()))
      suggestion.care.push_back("The record of now is broken, so none of it is kept: " + *fault + ".");
  std::vector<std::string> terms{"v=spf1"};
  std::vector<Reason> reasons{{"v=spf1", "marks the record; a domain may have one only (RFC 7208 section 4.5)"}};
  const auto add = [&](const std::string& term, std::string why) {
    if (std::ranges::find(terms, term) != terms.end()) return;
    terms.push_back(term);
    reasons.push_back({term, std::move(why)});
  };
  for (const std::string& network : observed.sending)
    add(mechanism_of(network), "configured as sending; costs no lookup");
  for (const std::string& term : kept_terms(observed)) add(term, "is in the record of now");
  if (!observed.null_mx && !observed.hosts.empty())
    add("mx", "the mail hosts, which mostly send, too; one lookup. Leave it out if they never do");
  const bool sure = !observed.sending.empty();
  add(sure ? "-all" : "~all",
      sure ? "all others are refused: the sending addresses are configured, so the list is meant to be whole"
           : "all others are suspect, not refused: who else sends (newsletters, shops, printers) cannot be seen from "
             "here. Change to -all when DMARC reports show nobody missing");
  const auto lookups = static_cast<unsigned>(std::ranges::count_if(terms, asks));
  suggestion.seen.push_back(std::to_string(lookups) + " of at most " + std::to_string(kMaxSpfLookups) +
                            " lookups in the record itself; each include adds its own");
  if (lookups > kMaxSpfLookups)
    suggestion.care.emplace_back(
        "More than ten lookups: receivers end with permerror (RFC 7208 section 4.6.4). Name addresses "
        "instead.");
  if (std::ranges::any_of(terms, [](const std::string& term) { return term.starts_with("ptr"); }))
    suggestion.care.emplace_back("ptr is slow and should not be used (RFC 7208 section 5.5).");
  if (observed.spf.size() == 1 && observed.spf.front().find("redirect=") != std::string::npos)
    suggestion.care.emplace_back(
        "The record of now redirects elsewhere: publish there, or take its terms over by hand.");
  suggestion.records.push_back(
      {owner("", observed.domain), "TXT", quoted_strings(joined(terms, " ")), std::move(reasons)});
  return suggestion;
}

// ---- DMARC ----

Suggestion dmarc(const Observed& observed) {
  Suggestion suggestion;
  note_published(suggestion, observed.dmarc, "DMARC record");
  const bool is_silent = observed.null_mx && observed.sending.empty();
  const std::string rua = "rua=mailto:dmarc-reports@" + observed.domain.str();
  std::vector<Reason> reasons{{"v=DMARC1", "must come first (RFC 7489 section 6.3)"}};
  std::string record = "v=DMARC1; ";
  if (is_silent) {
    record += "p=reject";
    reasons.push_back({"p=reject", "the domain sends nothing, so nothing is lost"});
  } else {
    record += "p=none; " + rua;
    reasons.push_back(
        {"p=none", "first watch: nothing is refused, and reports show who sends. Later quarantine, then reject"});
    reasons.push_back({rua, "where receivers send daily reports; make this mailbox before publishing"});
    suggestion.care.emplace_back(
        "A report address in another domain must be allowed there: " + observed.domain.str() +
        "._report._dmarc.OTHER.DOMAIN TXT \"v=DMARC1\" (RFC 7489 section 7.1), or no report comes.");
    suggestion.care.emplace_back(
        "Go on to p=quarantine and p=reject once the reports show SPF or DKIM aligned for all that is yours.");
    if (observed.spf.empty())
      suggestion.care.emplace_back("There is no SPF record yet: publish it, and DKIM keys, before p=quarantine.");
  }
  if (observed.dmarc.size() == 1)
    suggestion.care.emplace_back("A record is there: do not weaken its policy (p=) to what stands here.");
  suggestion.records.push_back({owner("_dmarc", observed.domain), "TXT", quoted_strings(record), std::move(reasons)});
  return suggestion;
}

// ---- MTA-STS, TLS-RPT ----

Suggestion mta_sts(const Observed& observed) {
  Suggestion suggestion;
  note_published(suggestion, observed.sts, "MTA-STS record");
  note_hosts(suggestion, observed);
  if (observed.null_mx || observed.hosts.empty()) {
    suggestion.care.emplace_back("Without known mail hosts there is nothing to promise: no policy.");
    return suggestion;
  }
  SuggestedFile file{"https://mta-sts." + observed.domain.str() + "/.well-known/mta-sts.txt",
                     {"version: STSv1", "mode: testing"},
                     {{"mode: testing",
                       "first watch: mail is delivered whatever happens, and TLS reports show what would fail. "
                       "Then enforce"}}};
  for (const ObservedHost& host : observed.hosts) file.lines.push_back("mx: " + host.name.str());
  file.reasons.push_back(
      {"mx", "every mail host by name, as in the MX records. In enforce mode a host that is missing gets no mail"});
  file.lines.emplace_back("max_age: 86400");
  file.reasons.push_back({"max_age", "a day while you test; 604800 (a week) or more once enforced"});
  suggestion.files.push_back(std::move(file));
  suggestion.records.push_back(
      {owner("_mta-sts", observed.domain),
       "TXT",
       quoted_strings("v=STSv1; id=" + observed.now),
       {{"id",
         "any new word of letters and digits; change it with every change of the file, or senders keep the "
         "old policy"}}});
  suggestion.care.push_back(
      "The host mta-sts." + observed.domain.str() +
      " needs an address record and a certificate for its name from a public authority; no redirect, text/plain.");
  suggestion.care.emplace_back(
      "Every mail host needs a certificate for its MX name from a public authority before mode: enforce.");
  suggestion.care.emplace_back(
      "Serve the file first, then publish the record. A new mail host: first into the file, with a new id.");
  suggestion.care.emplace_back("Publish tls-rpt with it, or testing shows nothing (mxhealthctl suggest tls-rpt).");
  return suggestion;
}

Suggestion tls_rpt(const Observed& observed) {
  Suggestion suggestion;
  note_published(suggestion, observed.tls_rpt, "TLS-RPT record");
  const std::string rua = "rua=mailto:tls-reports@" + observed.domain.str();
  suggestion.records.push_back(
      {owner("_smtp._tls", observed.domain),
       "TXT",
       quoted_strings("v=TLSRPTv1; " + rua),
       {{"v=TLSRPTv1", "must come first (RFC 8460 section 3)"},
        {rua, "where senders report daily how TLS went; make this mailbox first. https: is allowed, too"}}});
  if (observed.null_mx) suggestion.care.emplace_back("The domain takes no mail: nobody will report anything.");
  suggestion.care.emplace_back(
      "Reports about broken TLS must still arrive: best in a domain whose mail does not depend on it.");
  return suggestion;
}

// ---- TLSA, null MX ----

void suggest_tlsa_of(const ObservedHost& host, Suggestion& suggestion) {
  for (const std::string& silent : host.silent)
    suggestion.care.push_back(host.name.str() + ": no key seen at " + silent + ".");
  for (const std::string& record : host.published_tlsa)
    suggestion.seen.push_back(host.name.str() + " publishes TLSA " + record);
  for (const std::string& key : host.keys) {
    const bool is_there = std::ranges::find(host.published_tlsa, "3 1 1 " + key) != host.published_tlsa.end();
    suggestion.records.push_back(
        {"_25._tcp." + host.name.str() + ".",
         "TLSA",
         "3 1 1 " + key,
         {{"_25._tcp", "the port and host that senders connect to: the MX host, not the mail domain"},
          {"3", "the server's own key, whoever signed its certificate (DANE-EE, RFC 7672 section 3.1.1)"},
          {"1", "the public key alone: stays when the certificate is renewed with the same key"},
          {"1", "its SHA-256"},
          {key.substr(0, 8) + "...", is_there ? "served now, and published already" : "served now, not published"}}});
  }
  if (host.keys.size() > 1)
    suggestion.care.push_back(host.name.str() + " serves " + std::to_string(host.keys.size()) +
                              " different keys on its addresses: all must be published.");
  if (!host.is_secure)
    suggestion.care.push_back(
        host.name.str() +
        ": its zone is not DNSSEC-signed, or this resolver does not validate (no AD bit). Without "
        "DNSSEC, senders ignore TLSA: sign the zone first.");
  for (const std::string& record : host.published_tlsa)
    if (record.starts_with("3 1 1 ") && std::ranges::find(host.keys, record.substr(6)) == host.keys.end())
      suggestion.care.push_back(host.name.str() + ": the published " + record.substr(0, 14) +
                                "... is no key that is served: keep it only if it is that of the next certificate.");
}

Suggestion tlsa(const Observed& observed) {
  Suggestion suggestion;
  note_hosts(suggestion, observed);
  for (const ObservedHost& host : observed.hosts) suggest_tlsa_of(host, suggestion);
  if (suggestion.records.empty()) {
    suggestion.care.emplace_back("No mail host showed a key, so there is nothing to publish.");
    return suggestion;
  }
  suggestion.care.emplace_back("The domain's own zone, with its MX records, must be signed as well.");
  suggestion.care.emplace_back(
      "Check on the server that these are its keys: what was seen from here may be somebody else's in between.");
  suggestion.care.emplace_back(
      "Changing keys: publish the record of the next key beside this one, wait two TTLs, change the key, then remove "
      "the old. "
      "Renew with the same key where you can (certbot renew --reuse-key).");
  suggestion.care.emplace_back(
      "From then on a wrong record stops mail from DANE senders: watch it "
      "(mxhealth_tls_verify_success{check=\"dane\"}).");
  return suggestion;
}

Suggestion null_mx(const Observed& observed) {
  Suggestion suggestion;
  note_hosts(suggestion, observed);
  if (!observed.mx_known) return suggestion;
  const bool has_mx = !observed.null_mx && !observed.implicit_mx && !observed.hosts.empty();
  if (has_mx) {
    suggestion.care.emplace_back(
        "The domain has mail hosts. A null MX must be the only MX record (RFC 7505 section 3), and all mail to "
        "the domain comes back at once: nothing is suggested.");
    return suggestion;
  }
  suggestion.records.push_back(
      {owner("", observed.domain),
       "MX",
       "0 .",
       {{"0", "no preference is needed"}, {".", "no host: senders return mail at once with 5.1.10 (RFC 7505)"}}});
  if (observed.implicit_mx)
    suggestion.care.emplace_back(
        "Without MX records senders try the domain's own address: be sure that no mail server there is meant.");
  suggestion.care.emplace_back(
      "Only if the domain takes no mail. It should send none either, since answers cannot come back: publish "
      "SPF \"v=spf1 -all\" with it.");
  return suggestion;
}

}  // namespace

std::string quoted_strings(std::string_view text) {
  constexpr std::size_t kMaxString = 255;  // RFC 1035 section 3.3
  std::string data;
  do {
    data += data.empty() ? "\"" : " \"";
    for (const char c : text.substr(0, kMaxString)) {
      if (c == '"' || c == '\\') data += '\\';
      data += c;
    }
    data += '"';
    text.remove_prefix(std::min(kMaxString, text.size()));
  } while (!text.empty());
  return data;
}

Suggestion suggest(Topic topic, const Observed& observed) {
  switch (topic) {
    case Topic::spf: return spf(observed);
    case Topic::dmarc: return dmarc(observed);
    case Topic::mta_sts: return mta_sts(observed);
    case Topic::tls_rpt: return tls_rpt(observed);
    case Topic::tlsa: return tlsa(observed);
    case Topic::null_mx: return null_mx(observed);
  }
  return {};
}

}  // namespace mxhealth::policy
