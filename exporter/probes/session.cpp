#include "probes/session.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>

#include "net/clock.hpp"

namespace mxhealth::probes {
namespace {

using net::IoEnd;
using net::IoResult;
using net::now;

bool silent_before_greeting(Phase phase) { return phase == Phase::connect || phase == Phase::banner; }

std::string_view without_line_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  return line;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "5.7.8" at the front of `text` (RFC 3463 section 2); empty without one.
std::string_view status_of(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  if (word.size() < 5 || word.size() > 9 || !is_digit(word[0]) || word[1] != '.') return {};
  const std::string_view rest = word.substr(2);
  const auto dot = rest.find('.');
  if (dot == 0 || dot == std::string_view::npos || dot + 1 == rest.size() || rest.rfind('.') != dot) return {};
  return std::ranges::all_of(rest, [](char c) { return is_digit(c) || c == '.'; }) ? word : std::string_view{};
}

/// "535 5.7.8 ***"
std::string code_and_status(std::string_view line) {
  const bool reply = line.size() >= 4 && std::ranges::all_of(line.substr(0, 3), is_digit);
  if (!reply) return "***";
  const std::string status(status_of(line.substr(4)));
  return std::string(line.substr(0, 4)) + status + (status.empty() ? "***" : " ***");
}

}  // namespace

Session::Session(net::SessionTools tools, SessionPlan plan)
    : tools_(tools), plan_(std::move(plan)), dialogue_(plan_.dialogue, run_), link_(tools.io, tools.wheel) {}

net::awaitable<void> Session::run() {
  run_.started = std::chrono::system_clock::now();
  begun_ = last_event_ = now();
  link_.set_total(begun_ + plan_.timeouts.session);
  smtp::Step step = co_await connect();
  while (!std::holds_alternative<smtp::Finish>(step)) {
    if (draining_)
      step = stop_before(step);
    else
      step = co_await carry_out(std::move(step));
  }
  if (std::get<smtp::Finish>(step).quit) co_await say_quit();
  if (secure_ && run_.ending == Ending::complete) secure_->say_goodbye();
  secure_.reset();
  link_.close();
}

void Session::drain() {
  draining_ = true;
  if (silent_before_greeting(dialogue_.phase()) || dialogue_.phase() == Phase::tls)
    link_.stop();
  else
    link_.set_step(kDrainWait);
}

net::awaitable<smtp::Step> Session::connect() {
  begin_phase(Phase::connect, begun_);
  link_.set_step(plan_.timeouts.connect);
  const net::Connected connected = co_await link_.connect(plan_.peer, plan_.source);
  const int error = connected.result.error;
  if (connected.never_left && (error == ENETUNREACH || error == EACCES))  // our own routes: says nothing about them
    co_return dialogue_.failed(Ending::local_failure, error);
  if (connected.result.end != IoEnd::ok) co_return lost(connected.result);
  last_event_ = connected.result.at;
  run_.transcript.add(since_start(), Speaker::note, "connected to " + to_string(plan_.peer));
  smtp::Step step = dialogue_.begin();
  end_phase(connected.result);
  if (plan_.connected) plan_.connected();
  co_return step;
}

// The last reply is complete where something was to be sent: then QUIT is in order.
smtp::Step Session::stop_before(const smtp::Step& step) {
  const bool quit = std::holds_alternative<smtp::Send>(step);
  dialogue_.failed(Ending::stopped);
  return smtp::Finish{.quit = quit};
}

net::awaitable<smtp::Step> Session::carry_out(smtp::Step step) {
  if (auto* line = std::get_if<smtp::Send>(&step)) return send(std::move(*line));
  if (std::holds_alternative<smtp::StartHandshake>(step)) return shake_hands();
  return await_reply();
}

net::awaitable<smtp::Step> Session::send(smtp::Send what) {
  begin_phase(dialogue_.phase(), now());
  link_.set_step(plan_.timeouts.reply);
  run_.transcript.add(since_start(), Speaker::we, without_line_end(what.shown.empty() ? what.line : what.shown));
  const IoResult wrote = co_await write(std::move(what.line));
  if (wrote.end != IoEnd::ok) co_return lost(wrote);
  co_return co_await await_reply();
}

net::awaitable<smtp::Step> Session::await_reply() {
  if (dialogue_.phase() == Phase::banner) {
    begin_phase(Phase::banner, last_event_);
    link_.set_step(plan_.timeouts.banner);
  }
  IoResult got{.end = IoEnd::ok, .at = last_event_};
  for (;;) {
    const auto status = reader_.next();
    if (status == smtp::ReplyReader::Status::reply) break;
    if (status != smtp::ReplyReader::Status::need_more) {
      note_heard(without_line_end(reader_.offending_line()));
      co_return dialogue_.on_unreadable(status);
    }
    got = co_await read();
    if (got.end != IoEnd::ok) co_return lost(got);
    reader_.feed({tools_.scratch.data(), got.size});
  }
  note_reply(reader_.reply());
  smtp::Step step = dialogue_.on_reply(reader_.reply(), !reader_.pending().empty());
  end_phase(got);
  co_return step;
}

net::awaitable<smtp::Step> Session::shake_hands() {
  begin_phase(Phase::tls, now());
  link_.set_step(plan_.timeouts.tls);
  secure_ = std::make_unique<net::TlsLink>(link_, tools_.tls, plan_.only);
  const net::Handshake shake = co_await secure_->handshake(server_name_indication());
  if (shake.result.end != IoEnd::ok) co_return lost(shake.result);
  take_tls_facts();
  smtp::Step step = dialogue_.on_handshake_done();
  end_phase(shake.result);
  run_.at(Phase::tls).duration = shake.duration;  // without our own arithmetic (design section 5)
  co_return step;
}

net::awaitable<void> Session::say_quit() {
  begin_phase(Phase::quit, now());
  link_.set_total(now() + std::min(kQuitWait, plan_.timeouts.reply));
  run_.at(Phase::quit).begun = true;
  run_.transcript.add(since_start(), Speaker::we, without_line_end(smtp::kQuit));
  IoResult got = co_await write(std::string(smtp::kQuit));
  while (got.end == IoEnd::ok) {
    const auto status = reader_.next();
    if (status == smtp::ReplyReader::Status::reply) {
      note_reply(reader_.reply());
      run_.at(Phase::quit).completed = true;
      end_phase(got);
      break;
    }
    if (status != smtp::ReplyReader::Status::need_more) break;
    got = co_await read();
    if (got.end == IoEnd::ok) reader_.feed({tools_.scratch.data(), got.size});
  }
}

net::awaitable<IoResult> Session::read() {
  return secure_ ? secure_->read_some(tools_.scratch) : link_.read_some(tools_.scratch);
}

net::awaitable<IoResult> Session::write(std::string bytes) {
  if (secure_) co_return co_await secure_->write_all(bytes);
  co_return co_await link_.write_all(bytes);
}

smtp::Step Session::lost(const IoResult& result) {
  const bool connecting = dialogue_.phase() == Phase::connect;
  Ending ending = Ending::stopped;
  if (result.end == IoEnd::closed) ending = Ending::peer_closed;
  if (result.end == IoEnd::timed_out && !draining_) ending = Ending::timed_out;  // our haste is not their silence
  if (result.end == IoEnd::failed) ending = connecting ? Ending::connect_failed : Ending::connection_error;
  if (secure_ && result.end == IoEnd::failed && result.error == 0) {
    ending = Ending::tls_failed;
    run_.tls_error = secure_->tls_error();
  }
  run_.total_deadline = ending == Ending::timed_out && link_.total_was_cause();
  const smtp::Step step = dialogue_.failed(ending, result.error);
  std::string note = "ended in " + std::string(label(run_.ended_in)) + ": ";
  if (ending == Ending::timed_out) note += "no reply in time";
  if (ending == Ending::peer_closed) note += "the server closed the connection";
  if (ending == Ending::stopped) note += "stopped by us";
  if (ending == Ending::tls_failed) note += run_.tls_error;
  if (result.error != 0) note += std::error_code(result.error, std::generic_category()).message();
  run_.transcript.add(since_start(), Speaker::note, note);
  return step;
}

// Names only: an address is not allowed in SNI (RFC 6066 section 3).
ServerName Session::server_name_indication() const {
  const ServerName& name = plan_.names.front();
  return Address::parse(name.view()) ? ServerName{} : name;
}

void Session::take_tls_facts() {
  TlsFacts facts;
  facts.version = SSL_get_version(secure_->ssl());
  facts.cipher = SSL_CIPHER_get_name(SSL_get_current_cipher(secure_->ssl()));
  facts.sni = server_name_indication();
  facts.at = std::chrono::system_clock::now();
  const tls::Chain chain = tls::Chain::served_to(secure_->ssl());
  if (!chain.empty()) facts.chain = tools_.judge.judge(chain, plan_.names, facts.at);
  run_.transcript.add(since_start(), Speaker::note, "TLS: " + facts.version + ", " + facts.cipher);
  run_.tls = std::move(facts);
}

// A challenge is a password's hash in the making, and a server may repeat what it was told, even cut into several
// lines: of answers to a login only code and status are for reading.
void Session::note_heard(std::string_view line) {
  const auto& auth = plan_.dialogue.auth;
  if (!auth) return run_.transcript.add(since_start(), Speaker::server, line);
  const bool login = dialogue_.phase() == Phase::auth;
  run_.transcript.add(since_start(), Speaker::server,
                      login ? code_and_status(line) : smtp::without_secrets(line, auth->login));
}

void Session::note_reply(const smtp::Reply& reply) {
  std::string_view rest = reply.text;
  const std::string code = std::to_string(reply.code);
  for (std::size_t line = 1; line <= std::min(reply.lines, kMaxTranscriptLines); ++line) {
    const std::size_t end = rest.find('\n');
    const char separator = line < reply.lines ? '-' : ' ';
    note_heard(code + separator + std::string(rest.substr(0, end)));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
}

void Session::begin_phase(Phase phase, Mono at) {
  if (phase == phase_ && phase != Phase::connect) return;  // HELO goes on in EHLO's phase
  phase_ = phase;
  phase_begun_ = at;
}

void Session::end_phase(const IoResult& result) {
  last_event_ = result.at;
  PhaseRun& phase = run_.at(phase_);
  // Timed once: of several envelopes the first, and RSET goes under the phase it ends.
  if (!phase.completed || phase.clock != Clock::none) return;
  phase.duration = std::max(Duration::zero(), Duration(result.at - phase_begun_));
  phase.clock = result.clock;
}

Duration Session::since_start() const { return now() - begun_; }

}  // namespace mxhealth::probes
