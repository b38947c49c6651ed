// The program: two loops and a worker. Probing owns all state and runs on the calling thread; publishing serves HTTP on
// a thread of its own; the worker does what blocks (files, trust stores). They talk by posting values, nothing is
// shared.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "config/shard.hpp"
#include "report/book.hpp"
#include "web/server.hpp"

namespace mxhealth::daemon {

struct AppOptions {
  std::filesystem::path config_file;
  std::filesystem::path web_config_file = {};  // empty: plain HTTP, for everybody
  web::WebOptions web;
  config::Shard shard = {};
  report::Transcripts transcripts = report::Transcripts::kept;
};

class App {
 public:
  /// Then sessions are cut, and scrapes under way have 2 s more: all ends in 5 s.
  static constexpr std::chrono::seconds kDrainLimit{3};

  explicit App(AppOptions options);
  ~App();

  /// Runs until SIGTERM or SIGINT has been drained. Exit code: 0, or 1 when the configuration or a listen address is
  /// wrong (said on the log). `started` is told the addresses that listen.
  int run(const std::function<void(const std::vector<std::string>&)>& started = {});

  /// As SIGTERM does. From any thread.
  void stop();

 private:
  struct Parts;
  struct Publisher;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mxhealth::daemon
