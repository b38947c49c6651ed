// Replays the corpus of the fuzz target, and keeps its seeds in step with the packets below: run with
// MXHEALTH_WRITE_CORPUS set to write them anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "examine.hpp"
#include "packet.hpp"

namespace mxhealth::dns::test {
namespace {

const std::filesystem::path kCorpus = std::filesystem::path(MXHEALTH_FUZZ_CORPUS) / "dns_message";
constexpr std::string_view kName = "mail.example";

Octets read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Octets(std::istreambuf_iterator<char>(file), {});
}

Packet reply(Type type, std::uint16_t flags = kResponse) {
  Packet packet(0x1234, flags);
  packet.question(wire_name(kName), type);
  return packet;
}

Octets seed(Type type, const Packet& packet) {
  const auto at = std::ranges::find(kExaminedTypes, type) - kExaminedTypes.begin();
  Octets octets{static_cast<std::uint8_t>(at)};
  put(octets, packet.octets());
  return octets;
}

Octets answered(Type type, const Octets& data) { return seed(type, reply(type).answer(kName, type, 300, data).opt()); }

// Every type, every section, the flags that matter, and the ways to be wrong that deserve a head start.
std::map<std::string, Octets> seeds() {
  const Octets owner = pointer(kQuestionAt);
  Octets compressed{0, 10, 2, 'm', 'x'};
  put(compressed, pointer(kQuestionAt + 5));
  Packet chain = reply(Type::a);
  chain.answer(kName, Type::cname, 60, wire_name("b.example"))
      .answer("b.example", Type::cname, 60, wire_name("c.example"));
  chain.answer("c.example", Type::a, 60, {192, 0, 2, 1});
  Packet loop = reply(Type::a);
  loop.answer(kName, Type::cname, 60, wire_name("b.example")).answer("b.example", Type::cname, 60, wire_name(kName));
  Packet negative = reply(Type::mx, kResponse | kAuthentic | 3);
  negative.authority("example", Type::soa, 900, soa_data("ns.example", 60)).opt();
  Packet self = reply(Type::mx);
  self.answer(pointer(self.size()), Type::mx, 1, mx_data(1, "."));
  return {
      {"a", answered(Type::a, {192, 0, 2, 1})},
      {"aaaa", answered(Type::aaaa, Octets(16, 1))},
      {"mx", answered(Type::mx, mx_data(10, "mx.example"))},
      {"mx_compressed", seed(Type::mx, reply(Type::mx).answer(owner, Type::mx, 300, compressed))},
      {"mx_null", answered(Type::mx, mx_data(0, "."))},
      {"mx_short", answered(Type::mx, {0})},
      {"txt", answered(Type::txt, text_data({"v=spf1", " -all"}))},
      {"ptr", answered(Type::ptr, wire_name("host.example"))},
      {"srv", answered(Type::srv, {0, 1, 0, 2, 2, 0x4b, 1, 's', 0})},
      {"tlsa", answered(Type::tlsa, {3, 1, 1, 0xaa, 0xbb})},
      {"soa", answered(Type::soa, soa_data("ns.example", 60))},
      {"cname", answered(Type::cname, wire_name("other.example"))},
      {"chain", seed(Type::a, chain)},
      {"alias_loop", seed(Type::a, loop)},
      {"pointer_loop", seed(Type::mx, self)},
      {"nxdomain", seed(Type::mx, negative)},
      {"truncated", seed(Type::txt, reply(Type::txt, kResponse | kTruncated))},
      {"badvers", seed(Type::mx, reply(Type::mx).opt(1))},
      {"servfail_bare", seed(Type::mx, Packet(0x1234, kResponse | 2))},
  };
}

TEST(DnsCorpus, holds_the_seeds) {
  const bool write = std::getenv("MXHEALTH_WRITE_CORPUS") != nullptr;
  for (const auto& [name, octets] : seeds()) {
    if (write) {
      std::ofstream(kCorpus / name, std::ios::binary)
          .write(reinterpret_cast<const char*>(octets.data()), static_cast<std::streamsize>(octets.size()));
    }
    EXPECT_EQ(read(kCorpus / name), octets) << name;
  }
}

TEST(DnsCorpus, survives_its_replay) {
  std::size_t replayed = 0;
  std::size_t read_as_message = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus)) {
    ++replayed;
    if (examine(read(entry.path()))) ++read_as_message;
  }
  EXPECT_GE(replayed, seeds().size());
  EXPECT_GE(read_as_message, seeds().size() - 2);  // the short MX and the pointer loop
}

TEST(DnsCorpus, survives_every_octet_changed_and_every_cut) {
  for (const auto& [name, octets] : seeds()) {
    for (std::size_t at = 0; at < octets.size(); ++at) {
      for (const std::uint8_t value : {std::uint8_t{0}, std::uint8_t{0x3f}, std::uint8_t{0xc0}, std::uint8_t{0xff}}) {
        Octets changed = octets;
        changed[at] = value;
        examine(changed);
      }
      examine(std::span(octets).first(at));
    }
  }
}

}  // namespace
}  // namespace mxhealth::dns::test
