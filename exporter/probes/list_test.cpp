#include "probes/list_test.hpp"

#include <utility>

#include "dnsbl/query_name.hpp"
#include "net/random_label.hpp"
#include "net/resolver.hpp"
#include "probes/listing.hpp"

namespace mxhealth::probes {
namespace {

using Kind = dnsbl::Reading::Kind;

net::awaitable<std::optional<Kind>> ask(net::Resolver& resolver, const dnsbl::List& list, std::optional<Name> name) {
  if (!name) co_return std::nullopt;
  Name asked = *std::move(name);
  const ListingAnswer answer = co_await look_up_listing(resolver, list, std::move(asked), Duration::zero());
  co_return answer.reading.kind;
}

std::optional<Name> name_of(const dnsbl::List& list, const std::optional<Subject>& point) {
  return point ? dnsbl::query_name(list, *point) : std::nullopt;
}

}  // namespace

// One after the other: three questions an hour are not worth a crowd.
net::awaitable<dnsbl::TestRound> test_list(net::Resolver& resolver, const dnsbl::List& list, ListKind kind) {
  dnsbl::TestRound round;
  const auto points = list.tests.find(kind);
  if (points != list.tests.end()) {
    std::optional<Name> listed = name_of(list, points->second.listed);
    std::optional<Name> clean = name_of(list, points->second.clean);
    round.listed = co_await ask(resolver, list, std::move(listed));
    round.clean = co_await ask(resolver, list, std::move(clean));
  }
  const std::string label = net::random_label();
  std::optional<Name> absent = dnsbl::absent_name(list, label);
  round.absent = co_await ask(resolver, list, std::move(absent));
  co_return round;
}

}  // namespace mxhealth::probes
