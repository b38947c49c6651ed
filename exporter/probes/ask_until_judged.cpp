#include "probes/ask_until_judged.hpp"

#include <algorithm>

#include "net/resolver.hpp"

namespace mxhealth::probes {
namespace {

dns::Type type_of(policy::Ask what) {
  switch (what) {
    case policy::Ask::a: return dns::Type::a;
    case policy::Ask::aaaa: return dns::Type::aaaa;
    case policy::Ask::mx: return dns::Type::mx;
    case policy::Ask::ptr: return dns::Type::ptr;
    case policy::Ask::txt: return dns::Type::txt;
  }
  return dns::Type::txt;
}

policy::Said said(const net::Lookup& lookup) {
  policy::Said out;
  out.end = lookup.facts.end;
  std::vector<std::pair<std::uint16_t, Name>> exchanges;
  for (const dns::Record& record : lookup.answer->records) {
    if (const auto* address = std::get_if<Address>(&record.data)) out.addresses.push_back(*address);
    if (const auto* text = std::get_if<dns::TextData>(&record.data)) out.texts.push_back(text->text);
    if (const auto* name = std::get_if<dns::NameData>(&record.data))
      out.names.push_back(Name::parse(name->target).value_or(Name{}));
    if (const auto* mx = std::get_if<dns::MxData>(&record.data))
      exchanges.emplace_back(mx->preference, Name::parse(mx->exchange).value_or(Name{}));
  }
  std::ranges::sort(exchanges);
  for (auto& [preference, name] : exchanges) out.names.push_back(std::move(name));
  return out;
}

}  // namespace

net::awaitable<bool> Look::ask() {
  std::vector<policy::Question> wanted = answers.take_wanted();
  for (policy::Question& question : wanted) {
    policy::Said what;
    if (failures_ < kMaxFailures && std::chrono::steady_clock::now() - began_ < kLongestLook) {
      Name name = question.name;
      const net::Lookup lookup = co_await resolver_.lookup(std::move(name), type_of(question.what), max_age_);
      what = said(lookup);
      failures_ += what.failed() ? 1 : 0;
    }
    answers.tell(std::move(question), std::move(what));
  }
  co_return !wanted.empty();
}

}  // namespace mxhealth::probes
