// Addresses that a resolver makes up for names that do not exist, as some providers' do to show advertisements: learnt
// from questions about names that cannot exist, and then recognised elsewhere. Pure; asks nothing.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "dns/answer.hpp"

namespace mxhealth::dns {

inline constexpr std::size_t kMaxMadeUp =
    64;  // addresses remembered; a resolver with more is not caught in all of them

class Forgery {
 public:
  /// What all resolvers said about a name that does not exist, A and AAAA. No address among the answers: nothing is
  /// made up any more. No answer at all: nothing is learnt. True: something changed.
  bool learn(const std::vector<Answer>&);

  /// Whether resolvers make up addresses; none before the first answer.
  std::optional<bool> found() const { return found_; }
  const std::set<Address>& addresses() const { return made_up_; }

  /// Addresses, and none that is not made up.
  bool is_made_up(const Answer&) const;

 private:
  std::optional<bool> found_;
  std::set<Address> made_up_;
};

}  // namespace mxhealth::dns
