#include "lab/control.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "lab/test_client.hpp"

namespace mxhealth::lab {
namespace {

using testing::StartsWith;

std::vector<Scenario> two_hosts() { return load_scenarios(scenario_directory() / "second-mx-after-421.yml"); }

constexpr const char* kSecond = "second.second-mx-after-421.lab.test";

TEST(Control, hosts_and_names_do_as_they_are_told) {
  asio::io_context io(1);
  World world(io, two_hosts());
  const auto greeting = [&] { return TestClient(io, world.host(kSecond)->endpoint()).reply(); };
  EXPECT_THAT(greeting(), StartsWith("220 "));
  obey(world, std::string("play ") + kSecond + " mx banner_554");
  EXPECT_THAT(greeting(), StartsWith("554 "));
  obey(world, std::string("  play ") + kSecond + "  mx ok ");
  EXPECT_THAT(greeting(), StartsWith("220 "));
  for (const char* order : {"dns other.example A servfail", "dns other.example MX 10 mx.other.example", "",
                            "dns other.example A ${host.second.address}", "resolver silent", "resolver answers"})
    EXPECT_NO_THROW(obey(world, order)) << order;
}

TEST(Control, what_makes_no_sense_is_refused) {
  asio::io_context io(1);
  World world(io, two_hosts());
  const std::string play = std::string("play ") + kSecond;
  const std::vector<std::string> nonsense = {"dance",
                                             "play",
                                             play + " mx",
                                             "play nobody.example mx ok",
                                             play + " submission ok",
                                             play + " imap ok",
                                             play + " mx waltz",
                                             "dns x.example A",
                                             "dns x.example A waltz",
                                             "dns x.example ZZ nxdomain",
                                             "dns x.example A ${host.nobody.address}",
                                             "resolver waltz",
                                             "resolver"};
  for (const std::string& order : nonsense) EXPECT_THROW(obey(world, order), std::invalid_argument) << order;
  EXPECT_THAT(TestClient(io, world.host(kSecond)->endpoint()).reply(), StartsWith("220 "));
}

TEST(Control, orders_come_by_a_pipe_also_behind_one_that_was_too_long) {
  asio::io_context io(1);
  World world(io, two_hosts());
  const std::filesystem::path pipe = testing::TempDir() + "/lab-control-" + std::to_string(::getpid());
  Control control(io, world, pipe);
  const std::vector<std::string> orders = {std::string(Control::kMaxOrder, 'x') + "\n", "nonsense\n",
                                           std::string("play ") + kSecond + " mx refused\n"};
  for (const std::string& order : orders) {
    std::ofstream(pipe) << order;
    io.run_for(std::chrono::milliseconds(50));
    io.restart();
  }
  EXPECT_EQ(world.host(kSecond)->behaviour().name, "refused");
  std::filesystem::remove(pipe);
}

}  // namespace
}  // namespace mxhealth::lab
