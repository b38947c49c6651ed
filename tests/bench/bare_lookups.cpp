#include "bench/bare_lookups.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace mxhealth::bench {
namespace {

constexpr int kRoom = 4 << 20;
constexpr char kA = 1;
constexpr char kTxt = 16;

}  // namespace

BareLookups::BareLookups(const Peer& server, std::vector<std::string> names)
    : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), names_(std::move(names)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(server.port);
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &kRoom, sizeof kRoom);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error("cannot connect a UDP socket");
}

BareLookups::~BareLookups() { ::close(socket_); }

BareLookups::Found BareLookups::run() {
  Found found;
  wanted_.clear();
  for (unsigned id = 0; id < names_.size(); ++id) wanted_.push_back({id, kA});
  std::size_t next = 0;
  std::size_t answered = 0;
  while (answered < wanted_.size()) {
    while (next < wanted_.size() && next - answered < kWindow) next += ask(next, kWindow - (next - answered));
    pollfd readable{socket_, POLLIN, 0};
    if (::poll(&readable, 1, 2000) == 0) throw std::runtime_error("the bare client lost packets");
    answered += read(found);
  }
  found.questions = static_cast<unsigned>(wanted_.size());
  return found;
}

std::string BareLookups::packet(const Question& question) const {
  const unsigned id = question.type == kTxt ? question.id + static_cast<unsigned>(names_.size()) : question.id;
  std::string out{static_cast<char>(id >> 8U), static_cast<char>(id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  const std::string& name = names_[question.id];
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    out += static_cast<char>(dot - at);
    out.append(name, at, dot - at);
    at = dot + 1;
  }
  return out.append({0, 0, question.type, 0, 1});
}

std::size_t BareLookups::ask(std::size_t from, std::size_t most) {
  std::array<std::string, kBatch> packets;
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> messages{};
  const std::size_t count = std::min({most, kBatch, wanted_.size() - from});
  for (std::size_t i = 0; i < count; ++i) {
    packets[i] = packet(wanted_[from + i]);
    parts[i] = {packets[i].data(), packets[i].size()};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int sent = ::sendmmsg(socket_, messages.data(), static_cast<unsigned>(count), 0);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

std::size_t BareLookups::read(Found& found) {
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> messages{};
  for (std::size_t i = 0; i < kBatch; ++i) {
    parts[i] = {buffers_[i].data(), buffers_[i].size()};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int count = ::recvmmsg(socket_, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  for (int i = 0; i < count; ++i) take(buffers_[static_cast<std::size_t>(i)], found);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void BareLookups::take(const std::array<char, 512>& answer, Found& found) {
  const unsigned id = static_cast<unsigned char>(answer[0]) * 256U + static_cast<unsigned char>(answer[1]);
  const bool is_listed = answer[7] != 0;  // the low octet of the count of answers
  if (!is_listed) return;
  if (id >= names_.size()) {
    ++found.reasons;
    return;
  }
  ++found.listed;
  wanted_.push_back({id, kTxt});
}

}  // namespace mxhealth::bench
