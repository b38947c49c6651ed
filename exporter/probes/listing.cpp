#include "probes/listing.hpp"

#include <algorithm>
#include <utility>

#include "model/transcript.hpp"
#include "net/resolver.hpp"

namespace mxhealth::probes {
namespace {

// A list may repeat the question in its reason. Names know no upper case, so neither does this comparison. What
// replaces the key holds no letter, so the search ends.
std::string without_key(std::string text, const std::string& key) {
  if (key.empty()) return text;
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  for (;;) {
    const auto at = std::search(text.begin(), text.end(), key.begin(), key.end(), same);
    if (at == text.end()) return text;
    text.replace(at, at + static_cast<std::ptrdiff_t>(key.size()), "***");
  }
}

std::vector<Address> addresses(const dns::Answer& answer) {
  std::vector<Address> all;
  for (const dns::Record& record : answer.records)
    if (const auto* address = std::get_if<Address>(&record.data)) all.push_back(*address);
  return all;
}

}  // namespace

net::awaitable<ListingAnswer> look_up_listing(net::Resolver& resolver, const dnsbl::List& list, Name asked,
                                              Duration max_age) {
  const net::Lookup lookup = co_await resolver.lookup(std::move(asked), dns::Type::a, max_age);
  const std::vector<Address> answers = addresses(*lookup.answer);
  co_return ListingAnswer{dnsbl::decode(list, lookup.facts.end, answers), lookup.facts.ttl};
}

net::awaitable<std::string> look_up_reason(net::Resolver& resolver, const dnsbl::List& list, Name asked) {
  const net::Lookup lookup = co_await resolver.lookup(std::move(asked), dns::Type::txt, Duration::zero());
  std::string reason;
  for (const dns::Record& record : lookup.answer->records) {
    const auto* text = std::get_if<dns::TextData>(&record.data);
    if (text == nullptr || reason.size() >= kMaxReason) continue;
    if (!reason.empty()) reason += "; ";
    reason += text->text;
  }
  co_return printable(without_key(std::move(reason), list.key.reveal()), kMaxReason);
}

}  // namespace mxhealth::probes
