#include "net/wheel.hpp"

namespace mxhealth::net {

Wheel::Wheel(asio::io_context& io) : timer_(io.get_executor()), origin_(std::chrono::steady_clock::now()) {}

Wheel::~Wheel() {
  for (Entry*& head : slots_)
    while (head != nullptr) unlink(*head);
}

void Wheel::Entry::disarm() {
  if (wheel_ != nullptr) wheel_->unlink(*this);
}

void Wheel::arm(Entry& entry, Mono when) {
  entry.disarm();
  if (armed_ == 0) now_ = tick_of(std::chrono::steady_clock::now());  // nothing was waiting: skip the idle time
  entry.wheel_ = this;
  entry.tick_ = std::max(tick_of(when) + 1, now_ + 1);  // rounded up: never early
  Entry*& head = slots_[entry.tick_ % kSlots];
  entry.next_ = head;
  entry.previous_ = nullptr;
  if (head != nullptr) head->previous_ = &entry;
  head = &entry;
  ++armed_;
  start();
}

std::uint64_t Wheel::tick_of(Mono when) const {
  return when <= origin_ ? 0 : static_cast<std::uint64_t>((when - origin_) / kSlot);
}

void Wheel::unlink(Entry& entry) {
  (entry.previous_ != nullptr ? entry.previous_->next_ : slots_[entry.tick_ % kSlots]) = entry.next_;
  if (entry.next_ != nullptr) entry.next_->previous_ = entry.previous_;
  entry.wheel_ = nullptr;
  --armed_;
}

void Wheel::start() {
  if (running_) return;
  running_ = true;
  timer_.expires_at(origin_ + kSlot * static_cast<std::int64_t>(now_ + 1));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    running_ = false;
    turn();
    if (armed_ > 0) start();
  });
}

void Wheel::turn() {
  const std::uint64_t reached = tick_of(std::chrono::steady_clock::now());
  while (now_ < reached && armed_ > 0) {
    const std::uint64_t tick = ++now_;
    for (Entry* entry = slots_[tick % kSlots]; entry != nullptr;) {
      if (entry->tick_ != tick) {
        entry = entry->next_;
        continue;
      }
      unlink(*entry);
      entry->expire();
      entry = slots_[tick % kSlots];  // expire() may have changed the list anywhere
    }
  }
  if (armed_ == 0) now_ = reached;
}

}  // namespace mxhealth::net
