// Which sessions run on a loop at this moment, so that nobody dials an address twice at a time, whichever engine asks:
// who comes second waits for the end of the first, and takes its result where that answers the same question.
// Belongs to one loop; does not start or end sessions itself.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "model/address.hpp"
#include "model/name.hpp"
#include "model/phase.hpp"
#include "model/session_run.hpp"
#include "model/tls_version.hpp"
#include "net/await.hpp"

namespace mxhealth::net {

class SessionsUnderWay {
 public:
  /// STARTTLS or not is the dialogue's; TLS from the first byte is another session.
  struct Key {
    Peer peer;
    bool implicit_tls = false;
    friend auto operator<=>(const Key&, const Key&) = default;
  };

  /// What a session asks: it answers whoever asks the same, of no other names.
  struct Question {
    std::vector<ServerName> names;  ///< sorted
    TlsPolicy tls = TlsPolicy::opportunistic;
    std::optional<TlsVersion> only = {};  ///< the one version of TLS that is offered; none: all
    bool by_own_name = false;  ///< the first name is what the server must have heard (SNI), not one that goes along
    bool answers(const Question& other) const;
  };

  /// One session, as others see it.
  struct Entry {
    Entry(asio::io_context& io, Question asked);
    using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                    boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
    Question question;
    Timer over;  ///< cancelled when the session has ended, or somebody gives up waiting
    bool ended = false;
    std::shared_ptr<const SessionRun> run;  ///< once it has ended; null where it was broken off
  };

  explicit SessionsUnderWay(asio::io_context& io) : io_(io), entries_(std::make_shared<Entries>()) {}

  std::shared_ptr<Entry> find(const Key& key) const;

  /// A session's place in the register, until it ends or is destroyed. There must be none yet.
  class Place {
   public:
    Place(SessionsUnderWay& all, Key key, Question question);
    ~Place() { end(nullptr); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    void end(std::shared_ptr<const SessionRun> run);

   private:
    std::weak_ptr<std::map<Key, std::shared_ptr<Entry>>> all_;
    Key key_;
    std::shared_ptr<Entry> entry_;
  };

 private:
  using Entries = std::map<Key, std::shared_ptr<Entry>>;
  asio::io_context& io_;
  std::shared_ptr<Entries> entries_;  // a place may outlive the loop's parts
};

}  // namespace mxhealth::net
