// The resolver's desk asks control questions: does the resolver answer at all, and does it tell the truth about names
// that do not exist? They go past the cache and past the queue, in rounds, one at a time.
#include <boost/asio/co_spawn.hpp>
#include <string>
#include <utility>

#include "log/event.hpp"
#include "net/clock.hpp"
#include "net/random_label.hpp"
#include "net/resolver_desk.hpp"

namespace mxhealth::net {
namespace {

Name no_name_below(const Name& control) { return Name::parse(random_label() + "." + control.str()).value_or(control); }

Name top_of(const Name& name) {
  const std::string_view text = name.view();
  return Name::parse(text.substr(text.rfind('.') + 1)).value_or(name);
}

}  // namespace

// A failing name is not a failing resolver: before we say so, what must be answered is asked.
ResolverHealth Resolver::Desk::health(Mono at, Duration patience) {
  if (pulse_.doubtful()) check_soon();
  return pulse_.health(at, patience);
}

void Resolver::Desk::check_soon() {
  const Mono earliest = checked_at_ ? *checked_at_ + kControlEvery : now();
  if (now() >= earliest) return check();
  if (std::exchange(checking_soon_, true)) return;
  soon_timer_.expires_at(earliest);
  soon_timer_.async_wait([self = shared_from_this()](auto error) {
    self->checking_soon_ = false;
    if (!error && self->pulse_.doubtful()) self->check();
  });
}

void Resolver::Desk::check_every_interval() {
  if (stopped_) return;
  check();
  check_timer_.expires_after(settings_.control_every);
  check_timer_.async_wait([self = shared_from_this()](auto error) {
    if (!error) self->check_every_interval();
  });
}

void Resolver::Desk::check() {
  if (stopped_ || !controls_.empty()) return;
  auto round = std::make_shared<Round>();
  round->begun = now();
  checked_at_ = round->begun;
  const dns::Question control = has_control_name() ? dns::Question{settings_.control, dns::Type::a} : last_answered_;
  const FlightPtr flight = control_flight(control);
  launch(flight, fly_control(shared_from_this(), flight, round));
  round->under_way = 1;
  if (!has_control_name()) return ask_elsewhere(round);
  const Name no_name = no_name_below(settings_.control);
  for (const dns::Type type : {dns::Type::a, dns::Type::aaaa}) {
    const FlightPtr other = control_flight({no_name, type});
    ++round->under_way;
    launch(other, fly_to_no_name(shared_from_this(), other, round));
  }
}

// What was answered last may be in the very zone that is broken now: a name that does not exist in the registry above
// it is asked for, too. Not below the root, whose denials validating resolvers keep for a day (RFC 8198).
void Resolver::Desk::ask_elsewhere(const std::shared_ptr<Round>& round) {
  if (last_answered_.name.is_root()) return;
  const FlightPtr flight = control_flight({no_name_below(top_of(last_answered_.name)), dns::Type::a});
  ++round->under_way;
  launch(flight, fly_elsewhere(shared_from_this(), flight, round));
}

Resolver::Desk::FlightPtr Resolver::Desk::control_flight(dns::Question question) {
  auto flight = std::make_shared<Flight>();
  flight->question = std::move(question);
  controls_.insert(flight);
  return flight;
}

awaitable<void> Resolver::Desk::fly_control(std::shared_ptr<Desk> desk, FlightPtr flight,
                                            std::shared_ptr<Round> round) {
  const dns::Answer answer = co_await desk->servers_.resolve(flight->question, flight->patience);
  if (desk->has_control_name())
    desk->note_control_name(answer.end);
  else
    desk->note_answer(*round, answer.end);
  desk->end_control(flight, *round);
}

awaitable<void> Resolver::Desk::fly_elsewhere(std::shared_ptr<Desk> desk, FlightPtr flight,
                                              std::shared_ptr<Round> round) {
  const dns::Answer answer = co_await desk->servers_.resolve(flight->question, flight->patience);
  desk->note_answer(*round, answer.end);
  desk->end_control(flight, *round);
}

void Resolver::Desk::note_answer(Round& round, LookupEnd end) {
  if (!shows_a_working_resolver(end)) return;
  round.answered = true;
  if (!stopped_) pulse_.answered(now());
}

// This is what shows whether the resolver still resolves, for no cache can know the answer. Each server is asked: the
// one that makes up addresses may be the one that is asked next.
awaitable<void> Resolver::Desk::fly_to_no_name(std::shared_ptr<Desk> desk, FlightPtr flight,
                                               std::shared_ptr<Round> round) {
  std::vector<dns::Answer> answers = co_await desk->servers_.ask_each(flight->question, flight->patience);
  for (dns::Answer& answer : answers) {
    desk->note_answer(*round, answer.end);
    round->of_no_name.push_back(std::move(answer));
  }
  desk->end_control(flight, *round);
}

void Resolver::Desk::end_control(const FlightPtr& flight, Round& round) {
  flight->landed = true;
  controls_.erase(flight);
  if (stopped_ || --round.under_way > 0) return;
  if (!round.answered) pulse_.control_failed(round.begun);
  if (!has_control_name()) return;
  learn_forgeries(round);
  held_back_ = false;
  start_queued();
}

void Resolver::Desk::note_control_name(LookupEnd end) {
  const bool missing = end == LookupEnd::nxdomain;
  if (!is_answer(end) || std::exchange(control_missing_, missing) == missing) return;
  log::event(
      missing ? log::Level::warn : log::Level::info, "resolver_check",
      {{"name", settings_.control.str()}, {"result", missing ? "the control name does not exist" : "it exists"}});
}

void Resolver::Desk::learn_forgeries(const Round& round) {
  const std::optional<bool> before = forgery_.found();
  if (!forgery_.learn(round.of_no_name)) return;
  cache_.drop_if([this](const dns::Answer& answer) { return forgery_.is_made_up(answer); });
  if (before == forgery_.found() || (!before && !*forgery_.found())) return;
  const bool rewrites = *forgery_.found();
  log::event(rewrites ? log::Level::warn : log::Level::info, "resolver_rewrites",
             {{"rewrites", rewrites ? "yes" : "no"},
              {"example", rewrites ? forgery_.addresses().begin()->to_string() : "none"},
              {"note", "a name that does not exist below resolver_check.name was asked for"}});
}

}  // namespace mxhealth::net
