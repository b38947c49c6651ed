// Where /probe is asked: decides what may be, keeps the number of visits within its limit, lets those who ask for the
// same at the same time share one, and answers each when all is known or his patience ends. On the probing loop.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>
#include <string>

#include "net/generation.hpp"
#include "watch/visit.hpp"
#include "watch/visit_result.hpp"

namespace mxhealth::watch {

class VisitDesk {
 public:
  explicit VisitDesk(net::asio::io_context& io) : io_(io) {}
  VisitDesk(const VisitDesk&) = delete;
  VisitDesk& operator=(const VisitDesk&) = delete;

  /// The running configuration. What is under way ends by the one it began with.
  void use(std::shared_ptr<net::Generation> generation) { generation_ = std::move(generation); }
  void visit(const VisitWish& wish, VisitAnswered answered);
  /// Everybody is answered, and nothing is begun any more.
  void stop();

 private:
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, net::Executor>;
  struct Waiter {
    Timer patience;
    VisitAnswered answered;
  };
  struct Going {
    std::string key;  ///< what is asked of whom, under which configuration
    std::unique_ptr<Visit> visit;
    std::list<std::shared_ptr<Waiter>> waiters;
    bool leaving = false;
  };

  void wait(const std::shared_ptr<Going>& going, const VisitWish& wish, VisitAnswered answered);
  void answer(Going& going, Waiter& waiter);
  void answer_all(Going& going);
  void leave(const std::shared_ptr<Going>& going);

  net::asio::io_context& io_;
  std::shared_ptr<net::Generation> generation_;
  std::list<std::shared_ptr<Going>> going_;
  bool stopped_ = false;
};

}  // namespace mxhealth::watch
