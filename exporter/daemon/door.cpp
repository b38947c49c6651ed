#include "daemon/door.hpp"

#include <boost/asio/post.hpp>
#include <string>
#include <utility>
#include <vector>

#include "daemon/file_watch.hpp"
#include "daemon/problems.hpp"

namespace mxhealth::daemon {

namespace asio = boost::asio;
using log::Level;

struct Door::State : std::enable_shared_from_this<State> {
  State(asio::io_context& l, asio::thread_pool& w, std::filesystem::path f, Use u, std::chrono::milliseconds e)
      : loop(l), worker(w), file(std::move(f)), use(std::move(u)), every(e) {}

  bool watch(const std::vector<std::filesystem::path>& files);
  void load_anew();
  void take(const web::LoadedProtection& loaded);

  asio::io_context& loop;
  asio::thread_pool& worker;
  const std::filesystem::path file;
  Use use;
  std::chrono::milliseconds every;
  std::shared_ptr<const web::Protection> in_use;
  std::vector<std::filesystem::path> watched;
  std::unique_ptr<FileWatch> files;
  std::vector<std::string> errors_said;
  bool left = false;
};

Door::Door(asio::io_context& loop, asio::thread_pool& worker, std::filesystem::path web_config_file, Use use,
           std::chrono::milliseconds every)
    : state_(std::make_shared<State>(loop, worker, std::move(web_config_file), std::move(use), every)) {}

Door::~Door() { leave(); }

void Door::leave() {
  state_->left = true;
  state_->files.reset();
}

bool Door::set_up() {
  const web::LoadedProtection loaded = web::load_protection(state_->file);
  log_problems(Level::warn, "web_config_warning", loaded.warnings);
  log_problems(Level::error, "web_config_error", loaded.errors);
  if (!loaded.protection) return false;
  state_->in_use = loaded.protection;
  state_->use(loaded.protection);
  state_->watch(loaded.files);
  return true;
}

/// True when these are others than before.
bool Door::State::watch(const std::vector<std::filesystem::path>& wanted) {
  if (files && watched == wanted) return false;
  watched = wanted;
  std::vector<std::filesystem::path> patterns;
  for (const auto& one : wanted) patterns.push_back(literal(one));
  const std::weak_ptr<State> weak = weak_from_this();
  const auto changed = [weak] {
    if (const auto self = weak.lock()) self->load_anew();
  };
  files = std::make_unique<FileWatch>(loop, worker, patterns, changed, every);
  return true;
}

void Door::State::load_anew() {
  asio::post(worker, [self = shared_from_this()] {
    auto loaded = std::make_shared<const web::LoadedProtection>(web::load_protection(self->file));
    asio::post(self->loop, [self, loaded] { self->take(*loaded); });
  });
}

void Door::State::take(const web::LoadedProtection& loaded) {
  if (left) return;
  // A file that came between the look for it and the beginning of the watch would not be seen to come.
  if (watch(loaded.files) && !loaded.protection) load_anew();
  const bool said = std::exchange(errors_said, loaded.errors) == loaded.errors;
  if (!loaded.protection && said) return;
  log_problems(Level::warn, "web_config_warning", loaded.warnings);
  log_problems(Level::error, "web_config_error", loaded.errors);
  if (!loaded.protection) {
    log::event(Level::error, "web_config_reload_failed", {{"note", "the old one stays in use"}});
  } else if (web::opens_doors(*in_use, *loaded.protection)) {
    log::event(Level::error, "web_config_reload_failed",
               {{"note", "TLS, users and client certificates are given up by a restart only; the old one stays"}});
  } else {
    log::event(Level::info, "web_config_reloaded");
    in_use = loaded.protection;
    use(loaded.protection);
  }
}

}  // namespace mxhealth::daemon
