// Keeps the door of the page as --web.config.file and the files it names have it: a certificate that was renewed is
// served within seconds, as a user who was taken out is kept out. What is wrong changes nothing and is said once; doors
// are opened by a restart only. Files that are missing are watched, too, for they may come.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

#include "web/protection.hpp"

namespace mxhealth::daemon {

class Door {
 public:
  static constexpr std::chrono::milliseconds kEvery{1000};  // a few stat() each

  /// `use` is called on `loop`, and in set_up(), with each protection that is to hold from now on.
  using Use = std::function<void(std::shared_ptr<const web::Protection>)>;
  Door(boost::asio::io_context& loop, boost::asio::thread_pool& worker, std::filesystem::path web_config_file, Use use,
       std::chrono::milliseconds every = kEvery);
  ~Door();

  /// Reads the files, here and now, and watches them; false: they are wrong, which has been said.
  bool set_up();
  /// As it is it stays.
  void leave();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mxhealth::daemon
