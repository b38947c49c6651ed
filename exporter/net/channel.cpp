#include "net/channel.hpp"

#include <ares.h>
#include <openssl/rand.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace mxhealth::net {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                         asio::io_context::executor_type>;

// ares_timeout() would walk every outstanding query; timeouts need no more precision than this.
constexpr auto kTick = std::chrono::milliseconds(50);

// What c-ares takes over UDP: more than our OPT offers, since a server that overshoots is better read than cut.
constexpr int kMaxUdpReply = 4096;

struct FreeChannel {
  void operator()(ares_channeldata* channel) const noexcept { ares_destroy(channel); }
};
using AresChannel = std::unique_ptr<ares_channeldata, FreeChannel>;

// A socket of c-ares that we wait on. c-ares closes it; we only let go of it.
struct Watched {
  Watched(asio::io_context& io, int socket) : fd(socket), descriptor(io) {}
  int fd;
  Descriptor descriptor;
  bool want_read = false;
  bool want_write = false;
  bool reading = false;  // a wait is pending
  bool writing = false;
  bool gone = false;
};

RawReply::End end_of(int status) {
  if (status == ARES_ETIMEOUT) return RawReply::End::timed_out;
  if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) return RawReply::End::cancelled;
  return RawReply::End::unreachable;
}

void initialise_library() {
  static const int status = ares_library_init(ARES_LIB_INIT_ALL);
  if (status != ARES_SUCCESS) throw std::runtime_error(std::string("c-ares: ") + ares_strerror(status));
}

}  // namespace

void Ask::end(RawReply reply) {
  if (!done_) return;
  asio::post(io_, [done = std::exchange(done_, {}), reply = std::move(reply)]() mutable { done(std::move(reply)); });
}

class Channel::State : public std::enable_shared_from_this<State> {
 public:
  State(asio::io_context& io, Transport transport) : transport_(transport), io_(io), tick_(io) {}

  void open(const Peer& server, Duration timeout);
  void close();
  void ask(const dns::Question&, std::shared_ptr<Ask>, Validation);
  bool speaks_edns() const;

  std::size_t asked = 0;
  std::unordered_set<std::uint16_t> ids;  // of outstanding questions

 private:
  struct Pending {
    std::shared_ptr<State> state;
    std::shared_ptr<Ask> ask;
    std::uint16_t id;
  };

  static void on_socket(void* self, ares_socket_t fd, int read, int write) noexcept;
  static void on_reply(void* pending, int status, int timeouts, unsigned char* packet, int size) noexcept;
  void socket_changed(int fd, bool read, bool write);
  void let_go(Watched&);
  void wait(const std::shared_ptr<Watched>&);
  void arm_tick();
  std::uint16_t fresh_id();

  Transport transport_;
  asio::io_context& io_;
  Timer tick_;
  bool ticking_ = false;
  std::unordered_map<int, std::shared_ptr<Watched>> sockets_;  // waits in the loop own them too
  AresChannel ares_;
};

// NOCHECKRESP: else SERVFAIL and REFUSED read like a resolver that is not there. IGNTC: a truncated answer is shown to
// us, and TCP gets channels of its own, since c-ares fails all queries of a channel when a server closes its
// connection. EDNS with EDNSPSZ: else answers beyond 512 octets are thrown away.
void Channel::State::open(const Peer& server, Duration timeout) {
  initialise_library();
  ares_options options{};
  options.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_IGNTC;
  if (transport_ != Transport::plain) options.flags |= ARES_FLAG_EDNS;
  if (transport_ == Transport::tcp) options.flags |= ARES_FLAG_USEVC;
  options.timeout = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(timeout).count());
  options.tries = 1;
  options.ndots = 1;
  options.ednspsz = kMaxUdpReply;
  std::array<char, 2> lookups{'b', '\0'};
  options.lookups = lookups.data();
  std::array<char, 10> no_file{"/dev/null"};  // nothing of this host's configuration
  options.resolvconf_path = no_file.data();
  options.sock_state_cb = &State::on_socket;
  options.sock_state_cb_data = this;
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_EDNSPSZ |
                   ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS | ARES_OPT_RESOLVCONF | ARES_OPT_SOCK_STATE_CB;
  ares_channel made = nullptr;
  int status = ares_init_options(&made, &options, mask);
  ares_.reset(made);
  if (status == ARES_SUCCESS) status = ares_set_servers_ports_csv(made, to_string(server).c_str());
  if (status != ARES_SUCCESS) throw std::runtime_error(std::string("c-ares: ") + ares_strerror(status));
}

// Callbacks run inside ares_destroy(): everything they touch is still there.
void Channel::State::close() {
  ares_.reset();
  for (const auto& [fd, socket] : sockets_) let_go(*socket);
  sockets_.clear();
  tick_.cancel();
}

void Channel::State::ask(const dns::Question& question, std::shared_ptr<Ask> ask, Validation validation) {
  const std::uint16_t id = fresh_id();
  const dns::QueryOptions options{
      .id = id, .edns = transport_ != Transport::plain, .checking_disabled = validation == Validation::disabled};
  const auto packet = dns::make_query(question, options);
  auto pending = std::make_unique<Pending>(Pending{shared_from_this(), std::move(ask), id});
  ++asked;
  ares_send(ares_.get(), packet.data(), static_cast<int>(packet.size()), &State::on_reply, pending.release());
  arm_tick();
}

// May run inside ares_send(), ares_process_fd() or ares_destroy(): it only notes and posts.
void Channel::State::on_reply(void* pending, int status, int, unsigned char* packet, int size) noexcept {
  const std::unique_ptr<Pending> owned(static_cast<Pending*>(pending));
  owned->state->ids.erase(owned->id);
  RawReply reply{end_of(status), owned->id, {}};
  if (packet != nullptr && size > 0 && reply.end != RawReply::End::cancelled) {
    reply.end = RawReply::End::packet;
    reply.packet.assign(packet, packet + size);
  }
  owned->ask->end(std::move(reply));
}

void Channel::State::on_socket(void* self, ares_socket_t fd, int read, int write) noexcept {
  static_cast<State*>(self)->socket_changed(fd, read != 0, write != 0);
}

void Channel::State::socket_changed(int fd, bool read, bool write) {
  const auto known = sockets_.find(fd);
  if (!read && !write) {  // c-ares closes it next
    if (known == sockets_.end()) return;
    let_go(*known->second);
    sockets_.erase(known);
    return;
  }
  auto socket = known == sockets_.end() ? std::make_shared<Watched>(io_, fd) : known->second;
  if (known == sockets_.end()) {
    boost::system::error_code error;
    socket->descriptor.assign(fd, error);
    if (error) return;  // its queries will time out
    sockets_.emplace(fd, socket);
  }
  socket->want_read = read;
  socket->want_write = write;
  wait(socket);
}

void Channel::State::let_go(Watched& socket) {
  socket.gone = true;
  socket.descriptor.release();  // ends the waits; never closes
}

void Channel::State::wait(const std::shared_ptr<Watched>& socket) {
  if (socket->want_read && !socket->reading) {
    socket->reading = true;
    socket->descriptor.async_wait(Descriptor::wait_read, [self = shared_from_this(), socket](auto error) {
      socket->reading = false;
      if (error || socket->gone) return;
      ares_process_fd(self->ares_.get(), socket->fd, ARES_SOCKET_BAD);
      if (!socket->gone) self->wait(socket);
    });
  }
  if (socket->want_write && !socket->writing) {
    socket->writing = true;
    socket->descriptor.async_wait(Descriptor::wait_write, [self = shared_from_this(), socket](auto error) {
      socket->writing = false;
      if (error || socket->gone) return;
      ares_process_fd(self->ares_.get(), ARES_SOCKET_BAD, socket->fd);
      if (!socket->gone) self->wait(socket);
    });
  }
}

void Channel::State::arm_tick() {
  if (ticking_ || ids.empty()) return;
  ticking_ = true;
  tick_.expires_after(kTick);
  tick_.async_wait([self = shared_from_this()](auto error) {
    self->ticking_ = false;
    if (error || !self->ares_) return;
    ares_process_fd(self->ares_.get(), ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    self->arm_tick();
  });
}

// c-ares matches replies by id and question but leaves the id to us: unpredictable (RFC 5452), and used once at a time.
std::uint16_t Channel::State::fresh_id() {
  for (;;) {
    std::array<unsigned char, 2> random{};
    if (RAND_bytes(random.data(), random.size()) != 1) throw std::runtime_error("no random numbers from OpenSSL");
    const auto id = static_cast<std::uint16_t>(random[0] << 8 | random[1]);
    if (ids.insert(id).second) return id;
  }
}

bool Channel::State::speaks_edns() const {
  ares_options options{};
  int mask = 0;
  if (ares_save_options(ares_.get(), &options, &mask) != ARES_SUCCESS) return true;
  const bool on = (options.flags & ARES_FLAG_EDNS) != 0;
  ares_destroy_options(&options);
  return on;
}

Channel::Channel(asio::io_context& io, const Peer& server, Transport transport, Duration timeout)
    : state_(std::make_shared<State>(io, transport)) {
  state_->open(server, timeout);
}

Channel::~Channel() { state_->close(); }

void Channel::ask(const dns::Question& question, std::shared_ptr<Ask> ask, Validation validation) {
  state_->ask(question, std::move(ask), validation);
}
std::size_t Channel::asked() const { return state_->asked; }
std::size_t Channel::outstanding() const { return state_->ids.size(); }
bool Channel::speaks_edns() const { return state_->speaks_edns(); }

}  // namespace mxhealth::net
