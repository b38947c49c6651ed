// The program: two loops and a worker. Probing owns all state and runs on the calling thread; publishing serves HTTP on
// a thread of its own; the worker does what blocks (files, trust stores). They talk by posting values, nothing is
// shared.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "web/server.hpp"

namespace mxhealth::daemon {

struct AppOptions {
  std::filesystem::path config_file;
  web::WebOptions web;
};

class App {
 public:
  static constexpr std::chrono::seconds kDrainLimit{5};

  explicit App(AppOptions options);
  ~App();

  /// Runs until SIGTERM or SIGINT has been drained. Exit code: 0, or 1 when the configuration or a listen address is
  /// wrong (said on the log). `started` is told the addresses that listen.
  int run(const std::function<void(const std::vector<std::string>&)>& started = {});

  /// As SIGTERM does. From any thread.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mxhealth::daemon
