#include "bench/load_world.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <sstream>
#include <stdexcept>

#include <boost/asio/signal_set.hpp>

#include "lab/world.hpp"

namespace mxhealth::bench {
namespace {

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// "ca FILE", then "KIND NAME ADDRESS PORT" for each host; relative names are KIND.load-N.lab.test.
std::string description(const lab::World& world) {
  std::ostringstream out;
  const std::string config = world.config_yaml({});
  constexpr std::string_view kKey = "tls_ca_file: ";
  const auto at = config.find(kKey);
  if (at == std::string::npos) throw std::runtime_error("the lab's configuration names no tls_ca_file");
  out << "ca " << config.substr(at + kKey.size(), config.find('\n', at) - at - kKey.size()) << '\n';
  for (const auto& host : world.hosts()) {
    const std::string& name = host->name();
    out << name.substr(0, name.find('.')) << ' ' << name << ' ' << host->endpoint().address().to_string() << ' '
        << host->endpoint().port() << '\n';
  }
  return out.str();
}

[[noreturn]] void play(int tell, pid_t parent) {
  int status = 0;
  try {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    lab::asio::io_context io(1);
    lab::World world(io, lab::load_scenarios(MXHEALTH_LOAD_SCENARIO));
    const std::string told = description(world);
    for (std::size_t sent = 0; sent < told.size();) {
      const ssize_t n = ::write(tell, told.data() + sent, told.size() - sent);
      if (n < 0) throw std::runtime_error("write");
      sent += static_cast<std::size_t>(n);
    }
    ::close(tell);
    lab::asio::signal_set signals(io, SIGTERM);
    signals.async_wait([&io](const lab::Error&, int) { io.stop(); });
    io.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load_bench: the lab: %s\n", error.what());
    status = 1;
  }
  ::_exit(status);
}

std::string read_all(int from) {
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t n = 0; (n = ::read(from, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  return text;
}

}  // namespace

LoadWorld::LoadWorld() {
  raise_descriptor_limit();
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
  const pid_t parent = ::getpid();
  lab_ = ::fork();
  if (lab_ < 0) throw std::runtime_error("fork");
  if (lab_ == 0) {
    ::close(ends[0]);
    play(ends[1], parent);
  }
  ::close(ends[1]);
  std::istringstream told(read_all(ends[0]));
  ::close(ends[0]);
  std::string kind;
  std::string name;
  std::string address;
  std::uint16_t port = 0;
  told >> kind >> ca_file_;
  while (told >> kind >> name >> address >> port)
    hosts_[kind].push_back({Name::parse(name).value(), {Address::parse(address).value(), port}});
  if (hosts_.empty()) throw std::runtime_error("the lab did not start");
}

LoadWorld::~LoadWorld() {
  ::kill(lab_, SIGTERM);
  ::waitpid(lab_, nullptr, 0);
}

}  // namespace mxhealth::bench
