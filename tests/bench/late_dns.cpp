#include "bench/late_dns.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mxhealth::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 256;
constexpr int kRoom = 8 << 20;
constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kTxt = 16;

struct Late {
  Clock::time_point due;
  sockaddr_in to;
  std::string packet;
};

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::vector<std::string_view> labels(std::string_view question) {
  std::vector<std::string_view> all;
  for (std::size_t at = kHeader; at < question.size() && question[at] != 0;) {
    const auto size = static_cast<unsigned char>(question[at]);
    all.push_back(question.substr(at + 1, size));
    at += size + 1U;
  }
  return all;
}

bool listed(const std::vector<std::string_view>& name) {
  if (name.size() != 6 || !name[4].starts_with("list")) return false;
  const auto last = number(name[0]);
  const auto list = number(name[4].substr(4));
  if (!last || !list) return false;
  return name[3] == "127" ? *last == 2 : is_listed(*last, *list);
}

void put(std::string& out, std::initializer_list<int> octets) {
  for (const int octet : octets) out += static_cast<char>(octet);
}

// The question with what is there: 127.0.0.2 or its reason; else NXDOMAIN and a SOA for the time it lasts.
std::string reply(std::string_view question) {
  const auto name = labels(question);
  std::size_t end = kHeader + 1 + 4;
  for (const std::string_view label : name) end += label.size() + 1;
  if (end > question.size()) return {};
  const bool is_txt = question[end - 3] == static_cast<char>(kTxt);
  const bool found = listed(name);
  std::string out(question.substr(0, 2));
  put(out, {0x81, found ? 0x80 : 0x83, 0, 1, 0, found ? 1 : 0, 0, found ? 0 : 1, 0, 0});
  out += question.substr(kHeader, end - kHeader);
  if (found && is_txt) {
    constexpr std::string_view kReason = "listed, see https://list.example/";
    put(out, {0xC0, 0x0C, 0, kTxt, 0, 1, 0, 0, 1, 0x2C, 0, static_cast<int>(kReason.size()) + 1});
    put(out, {static_cast<int>(kReason.size())});
    out += kReason;
  } else if (found) {
    put(out, {0xC0, 0x0C, 0, 1, 0, 1, 0, 0, 1, 0x2C, 0, 4, 127, 0, 0, 2});
  } else {
    put(out, {0xC0, 0x0C, 0, 6, 0, 1, 0, 0, 1, 0x2C, 0, 22, 0, 0});
    put(out, {0, 0, 0, 1, 0, 0, 14, 16, 0, 0, 3, 132, 0, 9, 58, 128, 0, 0, 1, 0x2C});
  }
  return out;
}

// As many as are due, in one call.
void send_due(int socket, std::deque<Late>& late) {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> parts{};
  unsigned count = 0;
  const auto at = Clock::now();
  for (; count < kBatch && count < late.size() && late[count].due <= at; ++count) {
    parts[count] = {late[count].packet.data(), late[count].packet.size()};
    messages[count].msg_hdr.msg_name = &late[count].to;
    messages[count].msg_hdr.msg_namelen = sizeof(sockaddr_in);
    messages[count].msg_hdr.msg_iov = &parts[count];
    messages[count].msg_hdr.msg_iovlen = 1;
  }
  if (count == 0) return;
  const int sent = ::sendmmsg(socket, messages.data(), count, 0);
  for (int i = 0; i < sent; ++i) late.pop_front();
}

}  // namespace

LateDns::LateDns(std::chrono::microseconds late)
    : late_(late), socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &kRoom, sizeof kRoom);
  const bool bound = ::bind(socket_, reinterpret_cast<sockaddr*>(&here), sizeof here) == 0 &&
                     ::getsockname(socket_, reinterpret_cast<sockaddr*>(&here), &size) == 0;
  if (!bound) throw std::runtime_error("cannot bind a UDP socket on loopback");
  peer_ = {*Address::parse("127.0.0.1"), ntohs(here.sin_port)};
  thread_ = std::thread([this] { serve(); });
}

LateDns::~LateDns() {
  stopping_ = true;
  thread_.join();
  ::close(socket_);
}

void LateDns::serve() {
  std::deque<Late> late;
  std::vector<std::array<char, 512>> buffers(kBatch);
  std::array<sockaddr_in, kBatch> from{};
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> messages{};
  while (!stopping_) {
    timespec wait{0, 50'000'000};
    if (!late.empty()) {
      const auto left = std::chrono::nanoseconds(late.front().due - Clock::now()).count();
      wait.tv_nsec = left > 0 ? left : 0;
    }
    pollfd readable{socket_, POLLIN, 0};
    ::ppoll(&readable, 1, &wait, nullptr);
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {buffers[i].data(), buffers[i].size()};
      messages[i].msg_hdr = {&from[i], sizeof from[i], &parts[i], 1, nullptr, 0, 0};
    }
    const int count = ::recvmmsg(socket_, messages.data(), kBatch, 0, nullptr);
    for (int i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      std::string packet = reply({buffers[at].data(), messages[at].msg_len});
      if (!packet.empty()) late.push_back({Clock::now() + late_, from[at], std::move(packet)});
    }
    if (count > 0) questions_ += static_cast<std::uint64_t>(count);
    send_due(socket_, late);
  }
}

}  // namespace mxhealth::bench
