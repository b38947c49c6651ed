#include "dnsbl/list_health.hpp"

#include <utility>

namespace mxhealth::dnsbl {
namespace {

using Kind = Reading::Kind;

struct Row {
  Ailment ailment;
  std::string_view label;
  std::string_view sentence;
};

constexpr Row kRows[] = {
    {Ailment::untested, "untested", "It has not been tested yet."},
    {Ailment::no_answer, "no_answer", "Its test points are not answered."},
    {Ailment::lists_nothing, "lists_nothing",
     "What it must list (RFC 5782 section 5) is not listed: the list is empty or dead."},
    {Ailment::lists_all, "lists_all",
     "It lists what nobody lists (RFC 5782 section 5): the zone has become a wildcard."},
    {Ailment::hijacked, "hijacked",
     "It answers from outside 127.0.0.0/8: the domain is parked, or our resolver makes answers up."},
    {Ailment::refused, "refused",
     "It refuses us: a public or shared resolver, too many queries, or a missing registration or key."},
    {Ailment::unknown_code, "unknown_code", "Its test point is answered by a code that its table does not know."},
};

const Row& row(Ailment ailment) { return kRows[static_cast<std::size_t>(ailment)]; }

bool any(const TestRound& round, Kind kind) {
  return round.listed == kind || round.clean == kind || round.absent == kind;
}

bool any_silent(const TestRound& round) {
  return any(round, Kind::timed_out) || any(round, Kind::servfail) || any(round, Kind::no_data);
}

// What is worst is told: an answer that is a lie before one that is missing.
std::optional<Ailment> judge(const TestRound& round) {
  const auto is_listed = [](const std::optional<Kind>& kind) {
    return kind == Kind::listed || kind == Kind::unknown_code;
  };
  if (any(round, Kind::hijacked)) return Ailment::hijacked;
  if (any(round, Kind::refused)) return Ailment::refused;
  if (is_listed(round.clean) || is_listed(round.absent)) return Ailment::lists_all;
  if (round.listed == Kind::clean) return Ailment::lists_nothing;
  if (round.listed == Kind::unknown_code) return Ailment::unknown_code;
  const bool asked = round.listed || round.clean || round.absent;
  if (!asked || any_silent(round)) return Ailment::no_answer;
  return std::nullopt;
}

}  // namespace

std::string_view label(Ailment ailment) { return row(ailment).label; }
std::string_view sentence(Ailment ailment) { return row(ailment).sentence; }

bool ListHealth::take(const TestRound& round, Mono at, Duration proof_lasts) {
  if (any(round, Kind::cancelled)) return false;
  const std::optional<Ailment> found = judge(round);
  if (!found) proved_ = at;
  const bool still_believed = found == Ailment::no_answer && proved_ && !ailment_ && at - *proved_ <= proof_lasts;
  if (still_believed) return false;
  return std::exchange(ailment_, found) != found;
}

bool ListHealth::note_hijacked() { return std::exchange(ailment_, Ailment::hijacked) != Ailment::hijacked; }

}  // namespace mxhealth::dnsbl
