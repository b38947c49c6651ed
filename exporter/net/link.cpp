#include "net/link.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "net/clock.hpp"

namespace mxhealth::net {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress socket_address(const Address& address, std::uint16_t port) {
  SocketAddress out;
  const auto bytes = address.bytes();
  if (address.family() == Family::ipv4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&out.storage, &in, sizeof in);
    out.length = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port);
    std::memcpy(&in.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&out.storage, &in, sizeof in);
    out.length = sizeof in;
  }
  return out;
}

// Whether our routing table knows a way there; connecting a datagram socket sends nothing.
bool has_route(const SocketAddress& to) {
  const int fd = ::socket(to.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool routed = fd >= 0 && ::connect(fd, to.get(), to.length) == 0;
  if (fd >= 0) ::close(fd);
  return routed;
}

IoResult failed(int error) { return {.end = IoEnd::failed, .error = error, .at = now()}; }

// The round trip of SYN and SYN-ACK as the kernel saw it; empty when a SYN was sent again (then our clock is right).
std::optional<Duration> kernel_round_trip(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return std::nullopt;
  if (info.tcpi_total_retrans != 0 || info.tcpi_rtt == 0) return std::nullopt;
  return std::chrono::microseconds(info.tcpi_rtt);
}

// A server whose last segment is not acknowledged holds back the next (RFC 896), and our kernel waits 40 ms before it
// acknowledges: behind TLS session tickets that would be 40 ms of ours in every phase that follows. The kernel forgets
// this wish whenever we send.
void acknowledge_at_once(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

std::optional<timespec> stamp_of(msghdr& message) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
    return stamp;
  }
  return std::nullopt;
}

Duration since_epoch(const timespec& t) { return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec); }

// Arrival on the monotonic clock. A stamp from before we began to wait or from the future is the wall clock's jump:
// then our own reading stands.
void date(IoResult& result, const std::optional<timespec>& stamp, Mono waiting_since) {
  result.at = now();
  if (!stamp) return;
  timespec real{};
  ::clock_gettime(CLOCK_REALTIME, &real);
  const Duration age = since_epoch(real) - since_epoch(*stamp);
  if (age < Duration::zero() || result.at - age < waiting_since) return;
  result.at -= age;
  result.clock = Clock::kernel;
}

}  // namespace

Link::Link(asio::io_context& io, Wheel& wheel) : wheel_(wheel), socket_(io.get_executor()) {}

void Link::set_total(Mono when) {
  total_ = when;
  arm();
}

void Link::set_step(Duration limit) {
  step_ = now() + limit;
  arm();
}

void Link::arm() {
  expired_ = false;
  wheel_.arm(*this, std::min(step_, total_));
}

void Link::expire() {
  expired_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Link::stop() {
  stopped_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Link::close() {
  disarm();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

std::optional<IoResult> Link::already_over() const {
  if (stopped_) return IoResult{.end = IoEnd::stopped, .at = now()};
  if (expired_) return IoResult{.end = IoEnd::timed_out, .at = now()};
  return std::nullopt;
}

int Link::open(Peer peer, std::optional<Address> source) {
  const int domain = peer.address.family() == Family::ipv4 ? AF_INET : AF_INET6;
  const int fd = ::socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  boost::system::error_code error;
  const auto protocol = domain == AF_INET ? boost::asio::ip::tcp::v4() : boost::asio::ip::tcp::v6();
  socket_.assign(protocol, fd, error);
  if (error) {
    ::close(fd);
    return error.value();
  }
  if (source) {
    ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    const SocketAddress from = socket_address(*source, 0);
    if (::bind(fd, from.get(), from.length) != 0) return errno;
  }
  return 0;
}

awaitable<Connected> Link::connect(Peer peer, std::optional<Address> source) {
  const Mono begun = now();
  waiting_since_ = begun;
  if (const auto over = already_over()) co_return Connected{.result = *over, .round_trip = {}};
  if (const int error = open(peer, source))
    co_return Connected{.result = failed(error), .round_trip = {}, .never_left = true};
  const SocketAddress to = socket_address(peer.address, peer.port);
  const int fd = socket_.native_handle();
  if (::connect(fd, to.get(), to.length) != 0) {
    if (errno != EINPROGRESS) {
      const int error = errno;
      const bool may_be_theirs = error == ENETUNREACH || error == EACCES;  // a router's word, as near as this machine
      co_return Connected{.result = failed(error), .round_trip = {}, .never_left = !may_be_theirs || !has_route(to)};
    }
    const IoResult waited = co_await wait(Socket::wait_write);
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) co_return Connected{.result = failed(error), .round_trip = {}};
    const auto kernel = kernel_round_trip(fd);  // there was an answer, whatever our clock says by now
    const bool in_time = waited.end == IoEnd::timed_out && kernel && begun + *kernel <= std::min(step_, total_);
    if (waited.end != IoEnd::ok && !in_time) co_return Connected{.result = waited, .round_trip = {}};
  }
  Connected connected{.result = {.end = IoEnd::ok, .at = now()}, .round_trip = {}};
  connected.round_trip = connected.result.at - begun;
  if (const auto kernel = kernel_round_trip(fd); kernel && *kernel <= connected.round_trip) {
    connected.round_trip = *kernel;
    connected.result.clock = Clock::kernel;
  }
  connected.result.at = begun + connected.round_trip;
  co_return connected;
}

IoResult Link::try_read(std::span<char> into) {
  iovec io{into.data(), into.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timespec))> control;
  msghdr message{};
  message.msg_iov = &io;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t n = ::recvmsg(socket_.native_handle(), &message, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return {.end = IoEnd::would_block, .at = now()};
  if (n < 0) return failed(errno);
  if (n == 0) return {.end = IoEnd::closed, .at = now()};
  IoResult result{.end = IoEnd::ok, .size = static_cast<std::size_t>(n)};
  date(result, stamp_of(message), waiting_since_);
  return result;
}

IoResult Link::try_write(std::span<const char> bytes) {
  const ssize_t n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return {.end = IoEnd::would_block, .at = now()};
  if (n < 0) return failed(errno);
  return {.end = IoEnd::ok, .size = static_cast<std::size_t>(n), .at = now()};
}

// Once more even when the time is over: what the kernel stamped inside the limit counts.
IoResult Link::read_now(std::span<char> into) {
  const auto over = already_over();
  const IoResult got = try_read(into);
  if (!over) return got;
  const bool in_time = got.clock == Clock::kernel && got.at <= std::min(step_, total_);
  return got.end == IoEnd::ok && in_time && over->end == IoEnd::timed_out ? got : *over;
}

IoResult Link::write_now(std::span<const char> bytes) {
  if (const auto over = already_over()) return *over;
  return try_write(bytes);
}

awaitable<IoResult> Link::read_some(std::span<char> into) {
  for (;;) {
    const IoResult got = read_now(into);
    if (got.end != IoEnd::would_block) co_return got;
    co_await wait(Socket::wait_read);
  }
}

awaitable<IoResult> Link::write_all(std::span<const char> bytes) {
  waiting_since_ = now();
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const IoResult wrote = write_now(bytes.subspan(sent));
    if (wrote.end == IoEnd::would_block)
      co_await wait(Socket::wait_write);
    else if (wrote.end != IoEnd::ok)
      co_return wrote;
    sent += wrote.size;
  }
  co_return IoResult{.end = IoEnd::ok, .size = sent, .at = now()};
}

awaitable<IoResult> Link::wait_readable() { return wait(Socket::wait_read); }
awaitable<IoResult> Link::wait_writable() { return wait(Socket::wait_write); }

awaitable<IoResult> Link::wait(Socket::wait_type what) {
  if (const auto over = already_over()) co_return *over;
  if (what == Socket::wait_read) acknowledge_at_once(socket_.native_handle());
  const auto [error] = co_await socket_.async_wait(what, as_values);
  if (const auto over = already_over()) co_return *over;
  if (error) co_return failed(error.value());
  co_return IoResult{.end = IoEnd::ok, .at = now()};
}

int open_stamp_keeper() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (fd >= 0) ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  return fd;
}

}  // namespace mxhealth::net
