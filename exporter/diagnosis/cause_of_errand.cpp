#include "diagnosis/cause_of_errand.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "diagnosis/cause_of.hpp"

namespace mxhealth::diagnosis {
namespace {

using Found = std::optional<CauseFound>;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool speaks_of(std::string_view text, std::string_view word) {
  const auto same = [](char a, char b) { return lower(a) == b; };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

bool may_be_greylisting(const ReplyFact& reply) { return reply.code == 450 || reply.code == 451; }

// As postgrey ("450 4.2.0 ... Greylisted") and many others: whatever the status, the text says it.
bool says_greylisted(const ReplyFact& reply) {
  constexpr std::array<std::string_view, 4> kWords{"greylist", "graylist", "grey-list", "gray-list"};
  return may_be_greylisting(reply) &&
         std::ranges::any_of(kWords, [&](std::string_view word) { return speaks_of(reply.text, word); });
}

// RFC 6647 section 4.5 recommends 450 or 451 with 4.7.1.
bool has_status_of_greylisting(const ReplyFact& reply) {
  return may_be_greylisting(reply) && reply.enhanced == "4.7.1";
}

struct Refusals {
  Cause later;
  Cause never;
};

// Nothing where the reply is a success.
Found refused(const ReplyFact& reply, Refusals causes) {
  if (reply.code / 100 == 2) return {};
  if (says_greylisted(reply)) return found_in(Cause::greylisted, reply);
  if (is_throttling(reply)) return found_in(Cause::throttled, reply);
  if (has_status_of_greylisting(reply)) return found_in(Cause::greylisted, reply);
  if (reply.code / 100 == 4) return found_in(causes.later, reply);
  if (reply.code / 100 == 5) return found_in(causes.never, reply);
  return found(Cause::protocol_error);
}

// What a success says is about no failure.
ErrandResult with_reply(Found cause, const std::optional<ReplyFact>& last) {
  if (!last || last->code / 100 == 2) return {std::move(cause), 0, {}};
  return {std::move(cause), last->code, status_of(*last)};
}

// A reply that never came: the session broke off while we waited for it.
Found unanswered(const SessionRun& session) {
  Found cause = broke_off(session);
  return cause ? cause : found(Cause::internal);
}

}  // namespace

std::optional<CauseFound> cause_of(const EnvelopeRun& envelope, const SessionRun& session) {
  if (!envelope.mail) return unanswered(session);
  if (Found cause = refused(*envelope.mail, {Cause::sender_tempfail, Cause::sender_rejected})) return cause;
  if (!envelope.rcpt) return unanswered(session);
  return refused(*envelope.rcpt, {Cause::recipient_tempfail, Cause::recipient_rejected});
}

ErrandResult result_of(const EnvelopeRun& envelope, const SessionRun& session) {
  return with_reply(cause_of(envelope, session), envelope.rcpt ? envelope.rcpt : envelope.mail);
}

std::optional<CauseFound> cause_of(const AuthRun& auth, const SessionRun& session) {
  if (auth.mechanism.empty()) return found(Cause::auth_missing);
  if (auth.unsound) return found(Cause::protocol_error);
  if (!auth.reply) return unanswered(session);
  const ReplyFact& said = *auth.reply;
  if (said.code / 100 == 2) return std::nullopt;
  if (is_throttling(said)) return found_in(Cause::throttled, said);
  if (said.code / 100 == 4) return found_in(Cause::auth_tempfail, said);
  if (said.code / 100 == 5) return found_in(Cause::auth_rejected, said);
  return found(Cause::protocol_error);
}

ErrandResult result_of(const AuthRun& auth, const SessionRun& session) {
  return with_reply(cause_of(auth, session), auth.reply);
}

}  // namespace mxhealth::diagnosis
