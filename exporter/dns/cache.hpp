// Answers remembered for as long as their TTL allows, the negative ones too (RFC 2308). The least recently used go when
// room is short. Failures are never kept: whoever asks again after one deserves a fresh try. `now` is an argument.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>

#include "dns/answer.hpp"
#include "model/time.hpp"

namespace mxhealth::dns {

struct CacheBounds {
  std::chrono::seconds min_ttl{60};  ///< politeness: nothing is asked more often, whatever its TTL says
  std::chrono::seconds max_ttl{86400};
  std::size_t entries = 50'000;
  std::size_t octets = std::size_t{64} << 20;
};

class Cache {
 public:
  struct Hit {
    std::shared_ptr<const Answer> answer;
    std::chrono::seconds ttl{0};  ///< what is left of it
  };

  explicit Cache(CacheBounds bounds) : bounds_(bounds) {}

  /// The answer is null on a miss, and when it is older than `max_age`: then it stays for who is less particular.
  Hit find(const Question&, Mono now, Duration max_age = Duration::max());

  /// Not kept: failures, and negative answers without a SOA (RFC 2308 section 5).
  void keep(const Question&, std::shared_ptr<const Answer>, Mono now);

  void drop_if(const std::function<bool(const Answer&)>& unwanted);

  std::size_t size() const { return entries_.size(); }
  std::size_t octets() const { return octets_; }

 private:
  struct Entry {
    Question question;
    std::shared_ptr<const Answer> answer;
    Mono heard;
    Mono expires;
    std::size_t octets;
  };
  using Entries = std::list<Entry>;

  void drop(Entries::iterator);

  CacheBounds bounds_;
  Entries entries_;  // most recently used first
  std::unordered_map<Question, Entries::iterator> index_;
  std::size_t octets_ = 0;
};

}  // namespace mxhealth::dns
