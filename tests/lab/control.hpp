// Orders to a running world, one a line, read from a named pipe: for drills in which things break and are mended.
//
//   play HOST SERVICE BEHAVIOUR    its sessions from now on; also begins or stops listening (tests/lab/behaviours.yml)
//   dns NAME TYPE WORD             servfail, nxdomain … from now on, as in a scenario
//   dns NAME TYPE FIELD…           one record from now on; placeholders as in a scenario
//   resolver WORD                  the mood of the first resolver: silent, answers …
//
// What cannot be obeyed is said on stderr and changes nothing.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/streambuf.hpp>

#include <filesystem>
#include <string>

#include "lab/world.hpp"

namespace mxhealth::lab {

/// Throws std::invalid_argument for an order that makes no sense in this world.
void obey(World&, const std::string& order);

class Control {
 public:
  static constexpr std::size_t kMaxOrder = 4096;

  /// Makes the pipe unless it is there. Throws boost::system::system_error.
  Control(asio::io_context& io, World& world, const std::filesystem::path& pipe);

 private:
  void read_next();

  World& world_;
  asio::posix::stream_descriptor pipe_;
  asio::streambuf read_{kMaxOrder};
};

}  // namespace mxhealth::lab
