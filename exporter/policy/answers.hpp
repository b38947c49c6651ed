// What DNS said, for those who judge what a domain publishes. A judgement is a pure function over it: what it asks for
// and does not find is remembered as wanted, and the judgement is made again once that is told. So it needs no sockets
// and no callbacks, its tests bring a zone of their own, and nobody sees a judgement that had to guess.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/address.hpp"
#include "model/dns_facts.hpp"
#include "model/name.hpp"

namespace mxhealth::policy {

inline constexpr std::size_t kMaxQuestions = 400;  // for one judgement; what is asked beyond is not answered

enum class Ask : std::uint8_t { a, aaaa, mx, ptr, txt };

struct Question {
  Name name;
  Ask what = Ask::txt;
  friend auto operator<=>(const Question&, const Question&) = default;
};

/// What came for one question; of the four lists, that of its type.
struct Said {
  LookupEnd end = LookupEnd::timed_out;
  std::vector<std::string> texts{};  ///< TXT, the strings of each record joined (RFC 7208 section 3.3)
  std::vector<Name> names{};         ///< MX by preference, PTR; the root stands for what is no host name
  std::vector<Address> addresses{};  ///< A, AAAA

  /// An answer without a record: what RFC 7208 section 4.6.4 calls a void lookup.
  bool is_void() const { return end == LookupEnd::no_data || end == LookupEnd::nxdomain; }
  bool failed() const { return !is_answer(end); }
};

/// Why there is no answer, as the end of a sentence: "SERVFAIL".
std::string_view trouble(LookupEnd);

class Answers {
 public:
  /// Null: not known yet, and wanted from now on. Beyond kMaxQuestions everything ends as `timed_out`.
  const Said* find(const Name& name, Ask what);

  void tell(Question question, Said said);

  /// What was asked for in vain since the last call, in the order of asking.
  std::vector<Question> take_wanted();

 private:
  std::map<Question, Said> known_;
  std::vector<Question> wanted_;
};

}  // namespace mxhealth::policy
