#include "report/words.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace mxhealth::report {
namespace {

/// "on port 25", "on ports 465 and 587"; empty while no server is known.
std::string ports(const DomainRecord& domain) {
  std::set<std::uint16_t> numbers;
  for (const DomainServer& server : domain.servers) numbers.insert(server.key.port);
  if (numbers.empty()) return {};
  std::string text = numbers.size() == 1 ? " on port " : " on ports ";
  std::size_t left = numbers.size();
  for (const std::uint16_t number : numbers) {
    text += std::to_string(number);
    --left;
    if (left > 0) text += left == 1 ? " and " : ", ";
  }
  return text;
}

std::string_view host_kind(const DomainRecord& domain) {
  return domain.key.role == Role::mx ? "mail host" : "submission host";
}

/// "mail host of example.com"; of a `server:` target, which is its own domain, only its name.
std::string hosts(const DomainRecord& domain, std::string_view before) {
  if (domain.is_server_target) return domain.key.domain.str();
  std::string text(before);
  text.append(" ").append(host_kind(domain));
  if (before != "No" && before != "Every") text += 's';
  return text.append(" of ").append(domain.key.domain.view());
}

std::string would(const Forecast& one) {
  switch (one.outcome) {
    case DeliveryOutcome::deliver: return " would deliver";
    case DeliveryOutcome::defer: return " would queue and log " + one.enhanced_status;
    case DeliveryOutcome::bounce: return " would bounce and log " + one.enhanced_status;
  }
  return {};
}

/// "A sender would queue and log 4.4.1."; where they differ: "Postfix would queue and log 4.7.1, Exim would bounce ..."
std::string foretold(const std::vector<Forecast>& forecasts) {
  const std::string first = would(forecasts.front());
  if (std::ranges::all_of(forecasts, [&](const Forecast& one) { return would(one) == first; }))
    return " A sender" + first + ".";
  std::string text;
  for (const Forecast& one : forecasts)
    text.append(text.empty() ? " " : ", ")
        .append(one.sender == Sender::postfix ? "Postfix" : "Exim")
        .append(would(one));
  return text + ".";
}

/// What a sender does with the status it gives: 4 means again later, 5 means back to the author (RFC 3463 section 2).
std::string consequence(const DomainRecord& domain) {
  if (!domain.forecasts.empty()) return foretold(domain.forecasts);
  if (!domain.cause) return {};
  const std::string& status = domain.cause->enhanced_status;
  if (domain.key.role == Role::submission) return " Its users cannot send mail.";
  if (status.starts_with('4')) return " A sender would queue and log " + status + ".";
  if (status.starts_with('5')) return " A sender would bounce and log " + status + ".";
  return {};
}

std::string unreachable(const DomainRecord& domain) {
  const CauseClass cause_class = domain.cause ? class_of(domain.cause->cause) : CauseClass::no_answer;
  const bool one = domain.is_server_target;
  switch (cause_class) {
    case CauseClass::dns:
      return one ? "The address of " + domain.key.domain.str() + " cannot be used."
                 : hosts(domain, "The") + " cannot be found or used.";
    case CauseClass::no_answer:
      return hosts(domain, "No") + (one ? " does not answer" : " answers") + ports(domain) + ".";
    case CauseClass::bad_connection:
    case CauseClass::protocol:
    case CauseClass::tempfail:
    case CauseClass::permfail:
    case CauseClass::tls:
    case CauseClass::auth:
    case CauseClass::local: break;
  }
  return hosts(domain, "No") + (one ? " does not hold" : " holds") + " an SMTP conversation" + ports(domain) + ".";
}

std::string well(const DomainRecord& domain) { return hosts(domain, "Every") + " answers" + ports(domain) + "."; }

std::string put_off(const DomainRecord& domain, std::string_view one, std::string_view several) {
  return hosts(domain, "The").append(domain.is_server_target ? one : several);
}

void put_in(std::string& text, std::string_view placeholder, std::string_view what) {
  for (std::size_t at = 0; (at = text.find(placeholder, at)) != std::string::npos; at += what.size())
    text.replace(at, placeholder.size(), what);
}

}  // namespace

std::string sentence(const DomainRecord& domain) {
  const std::string& name = domain.key.domain.str();
  if (!domain.verdict) return name + " has not been probed yet.";
  switch (*domain.verdict) {
    case Verdict::ok: return well(domain);
    case Verdict::degraded: return "Mail for " + name + " gets through, but not every address is well.";
    case Verdict::at_risk: return "Mail for " + name + " is put off by some of the ways a sender may try its hosts.";
    case Verdict::unreachable: return unreachable(domain) + consequence(domain);
    case Verdict::tempfail:
      return put_off(domain, " puts senders off for now.", " put senders off for now.") + consequence(domain);
    case Verdict::rejecting: return put_off(domain, " refuses mail.", " refuse mail.") + consequence(domain);
    case Verdict::no_mail: return name + " says that it takes no mail (null MX)." + consequence(domain);
    case Verdict::undetermined:
      return "Whether mail for " + name + " gets through cannot be told from here at present.";
  }
  return {};
}

std::string explanation(const DomainRecord& domain) {
  return domain.cause ? std::string(row(domain.cause->cause).sentence) : std::string();
}

std::vector<std::string> first_checks(const DomainRecord& domain) {
  std::vector<std::string> checks;
  if (!domain.cause) return checks;
  for (const std::string_view check : row(domain.cause->cause).first_checks) {
    if (check.empty()) continue;
    std::string text(check);
    put_in(text, "DOMAIN", domain.key.domain.view());
    if (domain.servers.size() == 1) put_in(text, "MXHOST", domain.servers.front().key.server.view());
    checks.push_back(std::move(text));
  }
  return checks;
}

}  // namespace mxhealth::report
