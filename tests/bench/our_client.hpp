// Sessions as the exporter makes them, without the exporter around: deadlines, facts, transcript, the judged chain.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "bench/load_world.hpp"
#include "net/generation.hpp"
#include "probes/session.hpp"

namespace mxhealth::bench {

class Ours {
 public:
  Ours(net::asio::io_context& io, const std::string& ca_file) : loop_(io), judge_(trust(ca_file)) {}

  std::unique_ptr<probes::Session> session(const Host& host, smtp::TlsMode tls) {
    probes::SessionPlan plan;
    plan.peer = host.peer;
    plan.names = {host.name};
    plan.dialogue.tls = tls;
    plan.dialogue.ehlo_name = "probe.example.net";
    const net::SessionTools tools{
        .io = loop_.io, .wheel = loop_.wheel, .tls = tls_.get(), .judge = judge_, .scratch = loop_.scratch};
    return std::make_unique<probes::Session>(tools, std::move(plan));
  }

 private:
  static tls::TrustStore trust(const std::string& ca_file) {
    auto loaded = tls::TrustStore::load(ca_file);
    if (auto* error = std::get_if<tls::TrustStore::Error>(&loaded)) throw std::runtime_error(error->text);
    return std::move(std::get<tls::TrustStore>(loaded));
  }

  net::Loop loop_;
  net::SslContext tls_ = net::make_probe_context();
  tls::ChainJudge judge_;
};

}  // namespace mxhealth::bench
