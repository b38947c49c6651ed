// One configured resolver: which channel and transport a question takes, and what is counted about it. Knows the
// detours (no EDNS there, TCP for what was truncated), but asks once: asking again or elsewhere is resolver's decision.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "dns/answer.hpp"
#include "model/record.hpp"
#include "net/await.hpp"
#include "net/channel.hpp"

namespace mxhealth::net {

inline constexpr std::size_t kMaxAsksPerPort =
    100;  // then a new socket, hence another source port (RFC 5452 section 9.2)
inline constexpr auto kEdnsRetry = std::chrono::hours(1);  // a resolver that knew no EDNS may have been replaced

/// How long a lookup is willing to wait: its deadline, or a stop, ends whatever it waits for just now.
class Patience {
 public:
  void end(RawReply::End why);
  std::optional<RawReply::End> over() const { return over_; }
  void wait_on(std::shared_ptr<Ask> ask) { ask_ = std::move(ask); }

 private:
  std::optional<RawReply::End> over_;
  std::shared_ptr<Ask> ask_;
};

class Upstream {
 public:
  Upstream(asio::io_context&, Peer server, Duration timeout);

  enum class Manner : std::uint8_t {
    usual,
    without_edns,  ///< for one who kept silent: some drop an OPT, or say FORMERR in a way that c-ares passes over
    unvalidated,   ///< for one who said SERVFAIL; what fails here has been counted as that already
  };

  /// The answer, or one whose `end` says which failure: servfail, refused, malformed, timed_out, unreachable,
  /// cancelled.
  awaitable<dns::Answer> ask(dns::Question, Manner, std::shared_ptr<Patience>);

  const ResolverRecord& record() const { return record_; }

 private:
  struct Heard;
  struct Inquiry {
    dns::Question question;
    Validation validation;
  };
  using ChannelPtr = std::shared_ptr<Channel>;  // second owner: whoever waits on it

  awaitable<Heard> hear(Inquiry, Transport, std::shared_ptr<Patience>);
  ChannelPtr channel_for(Transport);
  void forget_idle();
  void count(LookupEnd, Manner, Duration);

  asio::io_context& io_;
  Peer server_;
  Duration timeout_;
  std::array<ChannelPtr, 3> channels_;  // by transport: the one that takes the next question
  std::vector<ChannelPtr> retired_;     // have questions under way, take no more
  Mono edns_from_{};                    // not before, since the resolver showed that it knows none
  ResolverRecord record_;
};

}  // namespace mxhealth::net
