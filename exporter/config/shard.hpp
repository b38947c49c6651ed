// Which part of a configuration is one process's, when several share it: rendezvous hashing of names, so that a resize
// moves 1/n of the targets and no others, and nobody has to tell the processes about each other. The hash is our own,
// for every build on every machine must agree on it. Pure; knows nothing of flags or pods beyond how a pod is called.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "config/config.hpp"

namespace mxhealth::config {

inline constexpr std::size_t kMostShards = 1000;

/// One of `count` processes; `index` is from 0.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;
};

/// A number, or a name that ends in one after a hyphen, as a StatefulSet calls its pods: "2", "mxhealth-2".
std::optional<std::size_t> shard_index(std::string_view text);

/// The index of the shard that `name` belongs to, of so many.
std::size_t shard_of(std::string_view name, std::size_t count);

/// Leaves only what is this shard's: its targets by their names, its blocklist subjects (from `dnsbl.subjects`; those
/// of targets follow the targets) by their texts.
void keep_own(Config&, const Shard&);

}  // namespace mxhealth::config
