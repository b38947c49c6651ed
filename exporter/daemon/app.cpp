#include "daemon/app.hpp"

#include <systemd/sd-daemon.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <thread>

#include "daemon/bring_up.hpp"
#include "daemon/door.hpp"
#include "daemon/file_watch.hpp"
#include "daemon/own_name.hpp"
#include "daemon/problems.hpp"
#include "log/event.hpp"
#include "metrics/own.hpp"
#include "net/generation.hpp"
#include "net/link.hpp"
#include "version.hpp"
#include "watch/engine.hpp"
#include "watch/visit_desk.hpp"
#include "web/mirror.hpp"

namespace mxhealth::daemon {
namespace {

namespace asio = boost::asio;
using log::Level;

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace

struct App::Parts {
  explicit Parts(AppOptions o)
      : options(std::move(o)),
        own({.version = kVersion, .revision = kRevision, .compiler = kCompiler}),
        mirror(options.transcripts),
        server(publishing, options.web, mirror,
               {.reload = [this](web::ReloadAnswer answer) { reload(std::move(answer)); },
                .own_metrics =
                    [this](metrics::Format format, std::size_t series) {
                      own.exposition_series(series);
                      return own.text(format);
                    },
                .work = [this](std::function<void()> job) { asio::post(worker, std::move(job)); },
                .probe = [this](watch::VisitWish wish,
                                watch::VisitAnswered answered) { visit(std::move(wish), std::move(answered)); }}),
        engine(loop, own, [this](Feed feed) { publish(std::move(feed)); }),
        visits(probing),
        signals(probing, SIGTERM, SIGINT, SIGHUP),
        drain_limit(probing),
        door(probing, worker, options.web_config_file, [this](std::shared_ptr<const web::Protection> protection) {
          asio::post(publishing, [this, next = std::move(protection)] { server.protect(next); });
        }) {
    own.shard(options.shard.index, options.shard.count);
  }

  void use(Ready ready);
  void say_loaded(const Ready&) const;
  void watch_files(const std::vector<std::filesystem::path>& patterns);
  void serve();
  void publish(Feed feed);
  void visit(watch::VisitWish wish, watch::VisitAnswered answered);
  void reload(web::ReloadAnswer answer);
  void reloaded(BroughtUp result, const web::ReloadAnswer& answer);
  void await_signal();
  void drain();
  void finish();

  AppOptions options;
  asio::io_context probing{1};
  asio::io_context publishing{1};
  asio::thread_pool worker{1};
  metrics::Own own;
  web::Mirror mirror;
  web::Server server;
  net::Loop loop{probing};
  watch::Engine engine;
  watch::VisitDesk visits;
  asio::signal_set signals;
  asio::steady_timer drain_limit;
  std::unique_ptr<FileWatch> target_files;
  Door door;
  std::vector<std::filesystem::path> watched;
  bool draining = false;
};

// The publishing thread: ends with the scope it was made in, also when a bug leaves that scope.
struct App::Publisher {
  Parts& parts;
  std::thread thread;
  ~Publisher() {
    asio::post(parts.publishing, [&server = parts.server] { server.stop(); });
    thread.join();
  }
};

App::App(AppOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}
App::~App() = default;

int App::run(const std::function<void(const std::vector<std::string>&)>& started) {
  Parts& p = *parts_;
  BroughtUp up = bring_up(p.options.config_file, p.options.shard);
  log_problems(Level::warn, "configuration_warning", up.warnings);
  log_problems(Level::error, "configuration_error", up.errors);
  const bool is_protected = p.door.set_up();
  if (!up.ready || !is_protected) return 1;
  const web::Server::Started listening = p.server.start();
  if (!listening) {
    log::event(Level::error, "listen_failed", {{"problem", listening.error}});
    return 1;
  }
  for (const std::string& address : listening.addresses) log::event(Level::info, "listening", {{"address", address}});
  net::open_stamp_keeper();
  p.use(std::move(*up.ready));
  p.own.reload_succeeded(std::chrono::system_clock::now());
  p.await_signal();
  {
    const Publisher publisher{p, std::thread([&p] { p.serve(); })};
    ::sd_notify(0, "READY=1");
    if (started) started(listening.addresses);
    p.probing.run();
  }
  p.worker.stop();  // what has not begun, nobody waits for any more
  p.worker.join();
  log::event(Level::info, "stopped");
  return 0;
}

// A bug on this thread ends the program as one on the other does: by way of main.
void App::Parts::serve() {
  try {
    publishing.run();
  } catch (...) {
    asio::post(probing, [bug = std::current_exception()] { std::rethrow_exception(bug); });
  }
}

void App::stop() {
  asio::post(parts_->probing, [parts = parts_.get()] { parts->drain(); });
}

void App::Parts::use(Ready ready) {
  const std::size_t in_flight = ready.in_flight;
  watch_files(ready.config.target_files);
  say_loaded(ready);
  auto generation = std::make_shared<net::Generation>(loop, std::move(ready.config), std::move(ready.trust));
  visits.use(generation);
  engine.use(generation, in_flight);
  warn_of_own_name(probing, std::move(generation));
}

void App::Parts::say_loaded(const Ready& ready) const {
  const std::size_t own_targets = ready.config.targets.size();
  log::event(Level::info, "configuration_loaded", {{"file", options.config_file.string()}, {"targets", own_targets}});
  if (options.shard.count == 1) return;
  log::event(Level::info, own_targets > 0 ? "shard" : "shard_without_targets",
             {{"index", options.shard.index},
              {"count", options.shard.count},
              {"targets", own_targets},
              {"all_targets", ready.all_targets}});
}

// What changed while the files were being read is still a change to a watch that began before.
void App::Parts::watch_files(const std::vector<std::filesystem::path>& patterns) {
  if (target_files && watched == patterns) return;
  watched = patterns;
  target_files = std::make_unique<FileWatch>(probing, worker, patterns, [this] { reload({}); });
}

void App::Parts::publish(Feed feed) {
  asio::post(publishing, [this, batch = std::move(feed)] { mirror.apply(batch); });
}

// From the publishing loop to probing and back.
void App::Parts::visit(watch::VisitWish wish, watch::VisitAnswered answered) {
  asio::post(probing, [this, asked = std::move(wish), reply = std::move(answered)] {
    visits.visit(asked, [this, reply](watch::VisitAnswer shown) {
      asio::post(publishing, [reply, shown = std::move(shown)] { reply(shown); });
    });
  });
}

// From any thread. `answer` may be empty: a signal waits for nobody.
void App::Parts::reload(web::ReloadAnswer answer) {
  asio::post(worker, [this, reply = std::move(answer)]() mutable {
    auto result = std::make_shared<BroughtUp>(bring_up(options.config_file, options.shard));
    asio::post(probing, [this, result, again = std::move(reply)] { reloaded(std::move(*result), again); });
  });
}

void App::Parts::reloaded(BroughtUp result, const web::ReloadAnswer& answer) {
  log_problems(Level::warn, "configuration_warning", result.warnings);
  if (!result.ready || draining) {
    log_problems(Level::error, "configuration_error", result.errors);
    log::event(Level::error, "reload_failed", {{"note", "the old configuration stays in use"}});
    own.reload_failed();
    if (answer) answer(draining ? "the exporter is stopping\n" : joined(result.errors));
    return;
  }
  use(std::move(*result.ready));
  own.reload_succeeded(std::chrono::system_clock::now());
  if (answer) answer(std::nullopt);
}

void App::Parts::await_signal() {
  signals.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    if (number == SIGHUP)
      reload({});
    else
      drain();
    if (!draining) await_signal();
  });
}

void App::Parts::drain() {
  if (std::exchange(draining, true)) return;
  log::event(Level::info, "draining", {{"limit", Duration(kDrainLimit)}});
  ::sd_notify(0, "STOPPING=1");
  target_files.reset();
  door.leave();
  asio::post(publishing, [this] { server.drain(); });
  drain_limit.expires_after(kDrainLimit);
  drain_limit.async_wait([this](const boost::system::error_code& error) {
    if (!error) finish();
  });
  visits.stop();
  engine.drain([this] { finish(); });
}

void App::Parts::finish() {
  drain_limit.cancel();
  signals.cancel();
  asio::post(publishing, [this] { server.stop(); });  // a scrape under way may end; then the loop has no more work
  probing.stop();
}

}  // namespace mxhealth::daemon
