// Drives a judgement of policy/: asks DNS for what it wants to know, and judges again, until it is content. What ends
// it for sure: policy::kMaxQuestions, and kMaxFailures and kLongestLook, after which the rest counts as not answered.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "model/time.hpp"
#include "net/await.hpp"
#include "policy/answers.hpp"

namespace mxhealth::net {
class Resolver;
}

namespace mxhealth::probes {

inline constexpr int kMaxFailures = 5;  // lookups without an answer in one look, each up to timeouts.dns
inline constexpr Duration kLongestLook = std::chrono::minutes(1);  // then nothing more is asked

/// One look: the questions of one judgement, answered.
class Look {
 public:
  Look(net::Resolver& resolver, Duration max_age) : resolver_(resolver), max_age_(max_age) {}

  /// Asks for all that is wanted. False: nothing was.
  net::awaitable<bool> ask();

  policy::Answers answers;

 private:
  net::Resolver& resolver_;
  Duration max_age_;
  int failures_ = 0;
  Mono began_ = std::chrono::steady_clock::now();
};

/// `judge` takes the answers known so far, and says nothing while it wants more of them.
template <class Facts>
net::awaitable<Facts> ask_until_judged(net::Resolver& resolver,
                                       std::function<std::optional<Facts>(policy::Answers&)> judge,
                                       Duration max_age = Duration::max()) {
  Look look(resolver, max_age);
  for (;;) {
    std::optional<Facts> facts = judge(look.answers);
    if (facts) co_return *std::move(facts);
    const bool asked = co_await look.ask();
    if (!asked) break;
  }
  Facts nothing;  // a judgement that neither judges nor asks: ours
  nothing.looked_up = false;
  co_return nothing;
}

}  // namespace mxhealth::probes
