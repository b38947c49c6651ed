#include "lab/mail_host.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <utility>

#include "lab/session.hpp"

namespace mxhealth::lab {
namespace {

constexpr int kBacklog = 1024;
constexpr std::size_t kSessionsBeforeSweep = 64;

void sweep(std::vector<std::weak_ptr<Session>>& sessions) {
  if (sessions.size() < kSessionsBeforeSweep) return;
  std::erase_if(sessions, [](const auto& session) { return session.expired(); });
}

}  // namespace

MailHost::MailHost(asio::io_context& io, std::string name, const tcp::endpoint& at, BehaviourPtr behaviour,
                   Certificates& certificates)
    : io_(io), name_(std::move(name)), endpoint_(at), behaviour_(std::move(behaviour)), certificates_(certificates) {
  open();
}

MailHost::~MailHost() {
  for (const auto& known : sessions_) {
    if (const auto session = known.lock()) session->stop();
  }
}

void MailHost::play(BehaviourPtr behaviour) {
  const bool reopen = behaviour->network != behaviour_->network;
  behaviour_ = std::move(behaviour);
  if (!reopen) return;
  acceptor_.reset();
  full_.reset();
  open();
}

void MailHost::open() {
  opened_ = std::make_shared<bool>(true);
  if (behaviour_->network == Network::drops) full_.emplace(io_, endpoint_);
  if (behaviour_->network != Network::accepts) return;
  acceptor_.emplace(listen_on(io_, endpoint_, kBacklog));
  endpoint_ = acceptor_->local_endpoint();
  accept_next();
}

void MailHost::accept_next() {
  acceptor_->async_accept([this, opened = std::weak_ptr(opened_)](const Error& error, TcpSocket socket) {
    if (opened.expired()) return;
    if (!error) {
      auto session = std::make_shared<Session>(std::move(socket), name_, behaviour_, certificates_, seen_);
      sweep(sessions_);
      sessions_.push_back(session);
      asio::co_spawn(io_.get_executor(), Session::play(std::move(session)), asio::detached);
    }
    accept_next();
  });
}

}  // namespace mxhealth::lab
