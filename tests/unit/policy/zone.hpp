// A DNS zone for judgements that ask: names that are not in it do not exist.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/answers.hpp"

namespace mxhealth::policy::test {

inline Name name(std::string_view text) { return Name::parse(text).value(); }
inline Address address(std::string_view text) { return Address::parse(text).value(); }

class Zone {
 public:
  Zone& txt(std::string_view owner, std::string_view text) {
    return records(owner, Ask::txt).texts.emplace_back(text), *this;
  }
  Zone& mx(std::string_view owner, std::vector<std::string> hosts) { return add_names(owner, Ask::mx, hosts); }
  Zone& ptr(std::string_view owner, std::vector<std::string> names) { return add_names(owner, Ask::ptr, names); }
  Zone& a(std::string_view owner, std::vector<std::string> addresses) {
    for (const std::string& text : addresses) {
      const Address one = address(text);
      records(owner, one.family() == Family::ipv4 ? Ask::a : Ask::aaaa).addresses.push_back(one);
    }
    return *this;
  }
  /// The question ends so from now on.
  Zone& fails(std::string_view owner, Ask what, LookupEnd end = LookupEnd::servfail) {
    said_[{name(owner), what}] = Said{end};
    return *this;
  }

  Said answer(const Question& question) const {
    if (const auto known = said_.find(question); known != said_.end()) return known->second;
    Said nothing;
    nothing.end = names_.contains(question.name) ? LookupEnd::no_data : LookupEnd::nxdomain;
    return nothing;
  }

  /// A judgement that knows all it asked for. `judge` takes Answers and answers an optional or a list of notes.
  template <class Judge>
  auto settle(Judge judge) {
    Answers answers;
    for (int round = 0; round < 100; ++round) {
      auto judged = judge(answers);
      const auto wanted = answers.take_wanted();
      if (wanted.empty()) return judged;
      for (const Question& question : wanted) {
        asked.push_back(question);
        answers.tell(question, answer(question));
      }
    }
    ADD_FAILURE() << "it never ends";
    return judge(answers);
  }

  std::vector<Question> asked;

 private:
  Said& records(std::string_view owner, Ask what) {
    names_.insert(name(owner));
    Said& said = said_[{name(owner), what}];
    said.end = LookupEnd::records;
    return said;
  }
  Zone& add_names(std::string_view owner, Ask what, const std::vector<std::string>& names) {
    for (const std::string& one : names) records(owner, what).names.push_back(one == "." ? Name{} : name(one));
    return *this;
  }

  std::map<Question, Said> said_;
  std::set<Name> names_;
};

}  // namespace mxhealth::policy::test
