#include "probes/texts.hpp"

#include <utility>

#include "net/resolver.hpp"

namespace mxhealth::probes {

net::awaitable<Texts> look_up_texts(net::Resolver& resolver, Name owner, Duration max_age) {
  const net::Lookup lookup = co_await resolver.lookup(std::move(owner), dns::Type::txt, max_age);
  Texts found;
  found.end = lookup.facts.end;
  for (const dns::Record& record : lookup.answer->records) {
    if (const auto* data = std::get_if<dns::TextData>(&record.data)) found.texts.push_back(data->text);
  }
  co_return found;
}

}  // namespace mxhealth::probes
