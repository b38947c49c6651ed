#include "dns/forgery.hpp"

#include <algorithm>

namespace mxhealth::dns {

bool Forgery::learn(const std::vector<Answer>& answers) {
  if (std::ranges::none_of(answers, [](const Answer& answer) { return is_answer(answer.end); })) return false;
  std::set<Address> heard;
  for (const Answer& answer : answers)
    for (const Record& record : answer.records)
      if (const auto* address = std::get_if<Address>(&record.data)) heard.insert(*address);
  const std::size_t known = made_up_.size();
  const std::optional<bool> before = found_;
  found_ = !heard.empty();
  if (!*found_) made_up_.clear();
  for (const Address& address : heard)
    if (made_up_.size() < kMaxMadeUp) made_up_.insert(address);
  return before != found_ || known != made_up_.size();
}

bool Forgery::is_made_up(const Answer& answer) const {
  if (made_up_.empty() || answer.end != LookupEnd::records) return false;
  return std::ranges::all_of(answer.records, [&](const Record& record) {
    const auto* address = std::get_if<Address>(&record.data);
    return address != nullptr && made_up_.contains(*address);
  });
}

}  // namespace mxhealth::dns
