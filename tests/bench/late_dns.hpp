// A name server that answers each question a fixed time after it came: 40 blocklists that list every tenth subject.
// Runs in a thread of its own, on bare sockets, so that it is never what a benchmark waits for. Loopback, UDP.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "model/address.hpp"

namespace mxhealth::bench {

/// Whether 192.0.2.`last` is listed on list `list`: each list has every tenth address, each another one.
constexpr bool is_listed(unsigned last, unsigned list) { return (last + list) % 10 == 0; }

/// "7.2.0.192.list12.example" is address 7 on list 12. The test points of RFC 5782 are there, too.
class LateDns {
 public:
  explicit LateDns(std::chrono::microseconds late);
  ~LateDns();
  LateDns(const LateDns&) = delete;
  LateDns& operator=(const LateDns&) = delete;

  Peer peer() const { return peer_; }
  std::uint64_t questions() const { return questions_; }

 private:
  void serve();

  std::chrono::microseconds late_;
  int socket_ = -1;
  Peer peer_;
  std::atomic<std::uint64_t> questions_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // last: it uses all others
};

}  // namespace mxhealth::bench
