#include "watch/visit_desk.hpp"

#include <algorithm>
#include <utility>

namespace mxhealth::watch {
namespace {

/// Equal for those who may share a visit.
std::string key_of(const config::Target& target, const net::Generation* generation) {
  std::string key = target.name.str() + '|' + std::to_string(reinterpret_cast<std::uintptr_t>(generation));
  for (const config::Walk& walk : target.walks) {
    key += walk.source == config::HostSource::mx_records ? "|mx" : "|host";
    for (const config::Module& module : walk.modules) key += ',' + module.name + ':' + std::to_string(module.port);
  }
  return key;
}

}  // namespace

void VisitDesk::visit(const VisitWish& wish, VisitAnswered answered) {
  if (stopped_) return answered(Refusal{Refusal::Why::stopping, "the exporter is stopping"});
  const config::Config& config = generation_->config();
  auto asked = asked_for(config, wish.target, wish.module, Asker::anybody);
  if (auto* refusal = std::get_if<Refusal>(&asked)) return answered(std::move(*refusal));
  auto& target = std::get<config::Target>(asked);
  const std::string key = key_of(target, generation_.get());
  const auto same = std::ranges::find_if(going_, [&](const auto& one) { return !one->leaving && one->key == key; });
  if (same != going_.end()) return wait(*same, wish, std::move(answered));
  if (going_.size() >= static_cast<std::size_t>(config.probe_endpoint.in_flight))
    return answered(Refusal{Refusal::Why::busy, "as many probes as probe_endpoint.in_flight allows are under way"});
  const auto going = going_.emplace_back(std::make_shared<Going>());
  going->key = key;
  wait(going, wish, std::move(answered));
  going->visit =
      std::make_unique<Visit>(generation_, std::move(target), Asker::anybody, [this, weak = std::weak_ptr(going)] {
        const auto settled = weak.lock();
        answer_all(*settled);
        leave(settled);
      });
}

// Who is out of patience is told what is known by then; the last to go takes the visit along.
void VisitDesk::wait(const std::shared_ptr<Going>& going, const VisitWish& wish, VisitAnswered answered) {
  const auto waiter = std::make_shared<Waiter>(Timer(io_.get_executor()), std::move(answered));
  going->waiters.push_back(waiter);
  waiter->patience.expires_after(wish.patience);
  waiter->patience.async_wait([this, of = std::weak_ptr(going), who = std::weak_ptr(waiter)](const auto& error) {
    const auto still_going = of.lock();
    const auto still_waiting = who.lock();
    if (error || !still_going || !still_waiting) return;
    std::erase(still_going->waiters, still_waiting);
    answer(*still_going, *still_waiting);
    if (still_going->waiters.empty() && !still_going->leaving) leave(still_going);
  });
}

void VisitDesk::answer(Going& going, Waiter& waiter) {
  if (waiter.answered) std::exchange(waiter.answered, nullptr)(going.visit->result());
}

void VisitDesk::answer_all(Going& going) {
  for (const auto& one : std::exchange(going.waiters, {})) answer(going, *one);
}

void VisitDesk::leave(const std::shared_ptr<Going>& going) {
  going->leaving = true;
  going->visit->end([this, weak = std::weak_ptr(going)] {
    if (const auto gone = weak.lock()) std::erase(going_, gone);
  });
}

void VisitDesk::stop() {
  stopped_ = true;
  for (const auto& going : going_) {
    if (going->leaving) continue;
    answer_all(*going);
    leave(going);
  }
}

}  // namespace mxhealth::watch
