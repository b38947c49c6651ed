#include "lab/session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "lab/faults.hpp"

namespace mxhealth::lab {
namespace {

/// The last line is a reply's last: three digits and no hyphen.
bool ends_a_reply(std::string_view bytes) {
  if (!bytes.ends_with('\n')) return false;
  const auto before = bytes.find_last_of('\n', bytes.size() - 2);
  const std::string_view line = bytes.substr(before == std::string_view::npos ? 0 : before + 1);
  return line.size() > 4 && line.substr(0, 3).find_first_not_of("0123456789") == std::string_view::npos &&
         line[3] != '-';
}

constexpr std::size_t kMaxLine = 8192;
constexpr std::size_t kFloodChunk = 16384;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string verb_of(const std::string& line) { return upper(line.substr(0, line.find_first_of(" :\t"))); }

}  // namespace

Session::Session(TcpSocket socket, std::string host, BehaviourPtr behaviour, Certificates& certificates,
                 std::shared_ptr<MailSeen> seen)
    : socket_(std::move(socket)),
      host_(std::move(host)),
      behaviour_(std::move(behaviour)),
      certificates_(certificates),
      seen_(std::move(seen)) {
  ++seen_->sessions;
  seen_->most_open = std::max(seen_->most_open, ++seen_->open_now);
}

Session::~Session() { --seen_->open_now; }

void Session::stop() {
  Error ignored;
  socket_.close(ignored);
  if (timer_) timer_->cancel();
}

awaitable<> Session::play(std::shared_ptr<Session> self) {
  Next next = co_await self->run(self->behaviour_->script);
  self->greeting_ = false;
  while (next == Next::go_on) {
    std::optional<std::string> line = co_await self->read_line();
    if (!line) break;
    next = co_await self->answer(std::move(*line));
  }
  self->stop();
}

awaitable<Session::Next> Session::run(const Steps& steps) {
  for (const Step& step : steps) {
    const Next next = co_await do_step(step);
    if (next == Next::hang_up) co_return next;
  }
  co_return Next::go_on;
}

awaitable<Session::Next> Session::do_step(const Step& step) {
  switch (step.verb) {
    case Verb::send: co_return co_await write(lines(step.text));
    case Verb::raw: co_return co_await write(named(step.text));
    case Verb::capabilities: co_return co_await write(capabilities());
    case Verb::expect: co_return co_await expect(step.text);
    case Verb::hear: co_return co_await hear();
    case Verb::data: co_return co_await read_data();
    case Verb::wait: co_return co_await pause(step.pause);
    case Verb::drip: co_return co_await drip(step);
    case Verb::flood: co_return co_await flood(step);
    case Verb::tls: co_return co_await handshake();
    case Verb::flight: co_return co_await broken_flight(step);
    case Verb::silence: co_return co_await listen_until_peer_leaves();
    case Verb::close: co_return co_await close();
    case Verb::reset:
      look_for_early_talk();
      close_by_reset(socket_);
      co_return Next::hang_up;
  }
  co_return Next::hang_up;
}

// --- what the peer says ---

awaitable<Session::Next> Session::answer(std::string line) {
  const Steps* steps = steps_for(verb_of(line));
  if (steps == nullptr) co_return Next::go_on;
  co_return co_await run(*steps);
}

const Steps* Session::steps_for(const std::string& verb) const {
  for (const auto* table : {tls_ ? &behaviour_->on_tls : nullptr, &behaviour_->on}) {
    if (table == nullptr) continue;
    if (const auto found = table->find(verb); found != table->end()) return &found->second;
  }
  const auto others = behaviour_->on.find("*");
  return others == behaviour_->on.end() ? nullptr : &others->second;
}

awaitable<Session::Next> Session::expect(std::string verb) {
  greeting_ = false;
  const std::optional<std::string> line = co_await read_line();
  co_return line&& verb_of(*line) == upper(verb) ? Next::go_on : Next::hang_up;
}

awaitable<Session::Next> Session::hear() {
  const bool more = co_await receive();
  co_return more ? Next::go_on : Next::hang_up;
}

awaitable<Session::Next> Session::read_data() {
  for (;;) {
    const std::optional<std::string> line = co_await read_line();
    if (!line) co_return Next::hang_up;
    if (*line == ".") co_return Next::go_on;
  }
}

awaitable<Session::Next> Session::listen_until_peer_leaves() {
  for (;;) {
    input_.clear();
    const bool more = co_await receive();
    if (!more) co_return Next::hang_up;
    if (greeting_) seen_->talked_early = true;
    note_line(input_.substr(0, input_.find_first_of("\r\n")));
  }
}

awaitable<std::optional<std::string>> Session::read_line() {
  for (;;) {
    const auto end = input_.find('\n');
    if (end != std::string::npos) {
      std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      note_line(line);
      co_return line;
    }
    if (input_.size() > kMaxLine) co_return std::nullopt;
    const bool more = co_await receive();
    if (!more) co_return std::nullopt;
  }
}

/// More input, decrypted. False when the connection is over.
awaitable<bool> Session::receive() {
  std::array<char, 2048> buffer;
  const std::size_t before = input_.size();
  while (input_.size() == before) {
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(buffer), as_values);
    if (error) co_return false;
    if (!tls_) {
      input_.append(buffer.data(), size);
      continue;
    }
    tls_->feed({buffer.data(), size});
    if (tls_->read(input_) != TlsPipe::State::wants_input) co_return input_.size() > before;
  }
  co_return true;
}

void Session::note_line(const std::string& line) {
  ++seen_->lines_received;
  if (verb_of(line) == "QUIT") ++seen_->quits;
  if (seen_->lines.size() < MailSeen::kMaxLinesKept) seen_->lines.push_back(line);
}

void Session::look_for_early_talk() {
  Error ignored;
  if (greeting_ && !tls_ && socket_.available(ignored) > 0) seen_->talked_early = true;
}

// --- what we say ---

std::string Session::lines(std::string_view text) const {
  std::string bytes;
  for (;;) {
    const auto end = std::min(text.find('\n'), text.size());
    bytes.append(text.substr(0, end)).append("\r\n");
    if (end >= text.size()) break;
    text.remove_prefix(end + 1);
  }
  return named(std::move(bytes));
}

std::string Session::named(std::string text) const {
  for (auto at = text.find("{host}"); at != std::string::npos; at = text.find("{host}", at)) text.replace(at, 6, host_);
  if (const auto at = text.find("{now}"); at != std::string::npos) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    text.replace(at, 5, std::to_string(std::chrono::nanoseconds(now).count()));
  }
  return text;
}

std::string Session::capabilities() const {
  std::vector<std::string> said{host_};
  for (const std::string& capability : behaviour_->capabilities) {
    if (!tls_ || upper(capability) != "STARTTLS") said.push_back(capability);
  }
  std::string bytes;
  for (std::size_t i = 0; i < said.size(); ++i)
    bytes.append(i + 1 == said.size() ? "250 " : "250-").append(said[i]).append("\r\n");
  return bytes;
}

awaitable<Session::Next> Session::write(std::string bytes) {
  look_for_early_talk();
  if (ends_a_reply(bytes)) greeting_ = false;  // whatever its code: QUIT is in order now
  if (tls_) {
    tls_->write(bytes);
    bytes = tls_->take_output();
  }
  co_return co_await send_raw(std::move(bytes));
}

awaitable<Session::Next> Session::send_raw(std::string bytes) {
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), as_values);
  co_return error ? Next::hang_up : Next::go_on;
}

awaitable<Session::Next> Session::pause(std::chrono::milliseconds time) {
  if (!timer_) timer_.emplace(socket_.get_executor());
  timer_->expires_after(time);
  co_await timer_->async_wait(as_values);  // a cancelled wait shows in the closed socket
  co_return socket_.is_open() ? Next::go_on : Next::hang_up;
}

awaitable<Session::Next> Session::drip(const Step& step) {
  const std::string bytes = named(step.text);
  for (const char byte : bytes) {
    Next next = co_await write(std::string(1, byte));
    if (next == Next::go_on) next = co_await pause(step.pause);
    if (next == Next::hang_up) co_return next;
  }
  co_return Next::go_on;
}

awaitable<Session::Next> Session::flood(const Step& step) {
  std::size_t left = step.count;
  do {
    std::string chunk;
    while (chunk.size() < kFloodChunk && (step.count == 0 || left > 0)) {
      chunk += step.text;
      --left;
    }
    const Next next = co_await write(std::move(chunk));
    if (next == Next::hang_up) co_return next;
  } while (step.count == 0 || left > 0);
  co_return Next::go_on;
}

}  // namespace mxhealth::lab
