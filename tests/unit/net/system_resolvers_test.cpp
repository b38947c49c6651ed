#include "net/system_resolvers.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace mxhealth::net {
namespace {

TEST(SystemResolvers, are_the_nameserver_lines_of_resolv_conf) {
  const std::string path = testing::TempDir() + "mxhealth_resolv.conf";
  std::ofstream(path) << "# comment\nsearch example.net\nnameserver 192.0.2.53\n nameserver\t2001:db8::53 \n"
                         "nameserver fe80::1%eth0\nnameserver nonsense\nnameserver 192.0.2.53\noptions edns0\n"
                         "nameserver 127.0.0.53";
  std::vector<std::string> found;
  for (const Peer& peer : system_resolvers(path)) found.push_back(to_string(peer));
  EXPECT_EQ(found, (std::vector<std::string>{"192.0.2.53:53", "[2001:db8::53]:53", "127.0.0.53:53"}));
  std::ofstream many(path);
  for (std::size_t i = 0; i <= kMaxSystemResolvers; ++i) many << "nameserver 192.0.2." << i << "\n";
  many.close();
  EXPECT_EQ(system_resolvers(path).size(), kMaxSystemResolvers);
  std::remove(path.c_str());
  EXPECT_TRUE(system_resolvers(path).empty());
}

}  // namespace
}  // namespace mxhealth::net
