// What somebody asks to have probed now, as text (`/probe?target=&module=`, `mxhealthctl check`): which target of the
// configuration it is, or what it stands for if it is none, and whether that may be asked for at all. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "config/config.hpp"
#include "watch/visit_result.hpp"

namespace mxhealth::watch {

enum class Asker : std::uint8_t {
  anybody,       ///< who reaches our port: only what is configured, or allowed by probe_endpoint.allow
  the_operator,  ///< at the terminal: everything
};

/// "example.com": as configured, else its MX walk, or the host itself for a module of submission. "relay.example:2525",
/// "[2001:db8::1]:25", "192.0.2.1": that host. No module: those that are configured, else the one of that port, else
/// mx.
std::variant<config::Target, Refusal> asked_for(const config::Config&, std::string_view target, std::string_view module,
                                                Asker asker);

/// The configuration of a look at that target alone: nothing is confirmed, no lists, no canaries.
config::Config alone(const config::Config& all, config::Target target, Asker asker);

}  // namespace mxhealth::watch
