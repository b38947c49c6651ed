// What a scripted mail host does, as data: a linear script (greeting and whatever follows it), then a table of answers
// by command. Read from YAML, so a new behaviour needs no code. Knows nothing of sockets; mail_host.* plays it.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace YAML {
class Node;
}

namespace mxhealth::lab {

/// A mistake in a scenario or behaviour file; what() begins with file:line:column.
class ScenarioError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class Verb {
  send,          ///< send TEXT: each line of it, with CRLF; `{host}` is the host's name, `{now}` its time in ns
  raw,           ///< raw TEXT: these bytes in one write; escapes \r \n \t \0 \\ \xHH
  capabilities,  ///< capabilities: 250-host and the behaviour's list (STARTTLS left out inside TLS)
  expect,        ///< expect VERB: waits for a line; hangs up if it is another command
  hear,          ///< hear: waits for whatever comes next, a ClientHello for instance
  data,          ///< data: reads up to the line with the single dot
  wait,          ///< wait 300ms
  drip,          ///< drip 100ms TEXT: one byte at a time, escapes as in raw
  flood,         ///< flood COUNT TEXT: TEXT so many times; COUNT 0 is for ever
  tls,           ///< tls: the server's side of a handshake
  flight,        ///< flight N close|reset|silence: begins a handshake, sends N bytes of it, then that
  silence,       ///< silence: says nothing more until the peer leaves
  close,         ///< close: FIN, then listens until the peer leaves
  reset,         ///< reset: RST
};

struct Step {
  Verb verb = Verb::close;
  std::string text;
  std::chrono::milliseconds pause{0};
  std::size_t count = 0;
};
using Steps = std::vector<Step>;

/// What the network in front of the host does.
enum class Network { accepts, refuses, drops, host_unreachable, net_unreachable, prohibited };

struct Behaviour {
  std::string name;
  std::string about;
  Network network = Network::accepts;
  std::string certificate = "good";  ///< a kind of certs.hpp
  std::string tls_max;               ///< "1.0", "1.1", "1.2" or empty
  std::string tls_min;               ///< the same; empty: "1.0"
  std::vector<std::string> capabilities;
  Steps script;
  std::map<std::string, Steps> on;      ///< by command in upper case; "*" for the others
  std::map<std::string, Steps> on_tls;  ///< looked at first inside TLS
};
using BehaviourPtr = std::shared_ptr<const Behaviour>;

/// All behaviours by name. Later ones may be `like:` earlier ones; unless said otherwise all are like `ok`.
class BehaviourBook {
 public:
  static BehaviourBook load(const std::string& file);

  BehaviourPtr find(std::string_view name) const;  ///< null when unknown
  /// A name from the book, or a behaviour written in place as a map. Throws ScenarioError.
  BehaviourPtr read(const YAML::Node& node, const std::string& file) const;
  const std::vector<BehaviourPtr>& all() const { return all_; }

 private:
  std::vector<BehaviourPtr> all_;
};

/// "250ms", "2s". Throws std::invalid_argument.
std::chrono::milliseconds parse_duration(std::string_view text);

/// One line of a script. Throws std::invalid_argument.
Step parse_step(std::string_view line);

}  // namespace mxhealth::lab
