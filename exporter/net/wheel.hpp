// One timer for all deadlines of a loop: a wheel of 50 ms slots. A deadline is never early and at most a slot late.
// Entries are intrusive: arming and disarming allocate nothing, and an entry that dies leaves the wheel by itself.
#pragma once

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>

#include "model/time.hpp"
#include "net/await.hpp"

namespace mxhealth::net {

class Wheel {
 public:
  static constexpr Duration kSlot = std::chrono::milliseconds(50);
  static constexpr std::size_t kSlots = 1024;  // one turn is 51.2 s; longer waits stay in their slot for more turns

  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    virtual ~Entry() { disarm(); }
    void disarm();
    bool armed() const { return wheel_ != nullptr; }

   private:
    friend class Wheel;
    virtual void expire() = 0;  // called once, already disarmed; may arm again
    Wheel* wheel_ = nullptr;
    Entry* previous_ = nullptr;
    Entry* next_ = nullptr;
    std::uint64_t tick_ = 0;
  };

  explicit Wheel(asio::io_context&);
  ~Wheel();
  Wheel(const Wheel&) = delete;
  Wheel& operator=(const Wheel&) = delete;

  void arm(Entry&, Mono when);  // replaces an earlier deadline of the entry
  std::size_t armed() const { return armed_; }

 private:
  std::uint64_t tick_of(Mono) const;
  void unlink(Entry&);
  void start();
  void turn();

  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    Executor>
      timer_;
  Mono origin_;
  std::uint64_t now_ = 0;  // the last tick whose slot was emptied
  std::size_t armed_ = 0;
  bool running_ = false;
  std::array<Entry*, kSlots> slots_{};
};

}  // namespace mxhealth::net
