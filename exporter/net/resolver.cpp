#include "net/resolver.hpp"

#include <functional>
#include <utility>

#include "net/resolver_desk.hpp"

namespace mxhealth::net {
namespace {

// Several lookups that one caller waits for.
struct Bundle {
  std::vector<Lookup> lookups;
  std::size_t missing = 0;
  std::function<void(std::vector<Lookup>)> done;
};

template <class Desk>
awaitable<std::vector<Lookup>> wait_for_all(Desk* desk, std::vector<dns::Question>* questions) {
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void(std::vector<Lookup>)>(
      [](auto handler, Desk* at, std::vector<dns::Question>* asked) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto bundle = std::make_shared<Bundle>();
        bundle->lookups.resize(asked->size());
        bundle->missing = asked->size();
        bundle->done = [shared](std::vector<Lookup> lookups) { (*shared)(std::move(lookups)); };
        for (std::size_t i = 0; i < asked->size(); ++i) {
          at->enter((*asked)[i], [bundle, i](Lookup lookup) {
            bundle->lookups[i] = std::move(lookup);
            if (--bundle->missing == 0) bundle->done(std::move(bundle->lookups));
          });
        }
      },
      use_awaitable, desk, questions);
}

}  // namespace

Resolver::Resolver(asio::io_context& io, ResolverSettings settings)
    : desk_(std::make_shared<Desk>(io, std::move(settings))) {
  desk_->begin();
}

Resolver::~Resolver() { desk_->stop(); }

awaitable<Lookup> Resolver::lookup(Name name, dns::Type type, Duration max_age) {
  std::vector<dns::Type> one{type};
  std::vector<Lookup> lookups = co_await lookup_all(std::move(name), std::move(one), max_age);
  co_return std::move(lookups.front());
}

awaitable<std::vector<Lookup>> Resolver::lookup_all(Name name, std::vector<dns::Type> types, Duration max_age) {
  const std::shared_ptr<Desk> desk = desk_;
  std::vector<Lookup> lookups(types.size());
  std::vector<std::size_t> places;
  std::vector<dns::Question> missing;
  for (std::size_t i = 0; i < types.size(); ++i) {
    dns::Question question{name, types[i]};
    if (auto hit = desk->cached(question, max_age)) {
      lookups[i] = std::move(*hit);
    } else {
      places.push_back(i);
      missing.push_back(std::move(question));
    }
  }
  if (!missing.empty()) {
    std::vector<Lookup> fresh = co_await wait_for_all(desk.get(), &missing);
    for (std::size_t i = 0; i < places.size(); ++i) lookups[places[i]] = std::move(fresh[i]);
  }
  co_return lookups;
}

void Resolver::stop() { desk_->stop(); }
std::vector<ResolverRecord> Resolver::records() const { return desk_->records(); }
std::optional<bool> Resolver::rewrites() const { return desk_->rewrites(); }
ResolverHealth Resolver::health(Mono now, Duration patience) { return desk_->health(now, patience); }

}  // namespace mxhealth::net
