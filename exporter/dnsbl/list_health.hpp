// Whether a list may be believed about one kind of subject: its test points say what they must (RFC 5782 section 5) and
// a name that nobody lists is not listed. Pure; who asks is told by the caller, time is an argument.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dnsbl/decode.hpp"
#include "model/time.hpp"

namespace mxhealth::dnsbl {

/// Why a list is not believed: the word in logs and pages, each with a sentence.
enum class Ailment : std::uint8_t {
  untested,       ///< not yet
  no_answer,      ///< its test points were not answered for longer than a proof lasts
  lists_nothing,  ///< the point that must be listed is not: an empty or dead list
  lists_all,      ///< the point that must not be listed is, or a name that nobody lists: a wildcard
  hijacked,       ///< answers outside 127.0.0.0/8: a parked zone, or a resolver that rewrites NXDOMAIN
  refused,        ///< it does not want to answer us
  unknown_code,   ///< the listed point has a code that the list's table does not know
};
std::string_view label(Ailment);
std::string_view sentence(Ailment);

/// One round of tests. A point that the list does not have is left empty.
struct TestRound {
  std::optional<Reading::Kind> listed;
  std::optional<Reading::Kind> clean;
  std::optional<Reading::Kind> absent;  ///< of a random name
};

class ListHealth {
 public:
  /// `proof_lasts`: how long a good round is believed while later ones get no answer at all.
  /// True when healthy() or ailment() changed. `at` must not go backwards.
  bool take(const TestRound&, Mono at, Duration proof_lasts);

  /// A subject was answered from outside 127.0.0.0/8: nothing is believed until the next good round.
  bool note_hijacked();

  bool healthy() const { return !ailment_; }
  std::optional<Ailment> ailment() const { return ailment_; }
  std::optional<Mono> proved() const { return proved_; }  ///< when the last round was good

 private:
  std::optional<Ailment> ailment_ = Ailment::untested;
  std::optional<Mono> proved_;
};

}  // namespace mxhealth::dnsbl
