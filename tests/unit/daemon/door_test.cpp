#include "daemon/door.hpp"

#include "daemon/fixture.hpp"
#include "net/loopback.hpp"

namespace mxhealth::daemon {
namespace {

using namespace mxhealth::test;
using namespace std::chrono_literals;

class DoorTest : public testing::Test {
 protected:
  ~DoorTest() override { worker.join(); }
  std::unique_ptr<Door> door(const std::string& file) {
    return std::make_unique<Door>(
        io, worker, directory / file,
        [this](std::shared_ptr<const web::Protection> next) { used.push_back(std::move(next)); }, 20ms);
  }
  bool has_used(std::size_t count) {
    return run_until(io, [&] { return used.size() >= count; });
  }
  static std::string errors() { return testing::internal::GetCapturedStderr(); }
  static std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }

  Directory directory;
  asio::io_context io{1};
  asio::thread_pool worker{1};
  std::vector<std::shared_ptr<const web::Protection>> used;
};

TEST_F(DoorTest, opens_for_everybody_where_nothing_is_configured) {
  Door everybodys(io, worker, {}, [this](auto next) { used.push_back(std::move(next)); });
  EXPECT_TRUE(everybodys.set_up());
  ASSERT_EQ(used.size(), 1U);
  EXPECT_EQ(used[0]->tls, nullptr);
}

TEST_F(DoorTest, does_not_open_at_a_start_with_a_wrong_file) {
  directory.write("web.yml", "basic_auth_users: {prometheus: 'no hash'}");
  EXPECT_FALSE(door("web.yml")->set_up());
  EXPECT_TRUE(used.empty());
}

TEST_F(DoorTest, is_rebuilt_when_its_file_changes_whatever_that_is_called) {
  for (const char* name : {"web.yml", "web[1].yml", "web*.yml"}) {
    used.clear();
    directory.write(name, "rate_limit: {interval: 1s, burst: 1}");
    const auto watched = door(name);
    ASSERT_TRUE(watched->set_up()) << name;
    directory.write(name, "rate_limit: {interval: 1s, burst: 20}");
    ASSERT_TRUE(has_used(2)) << name;
    EXPECT_EQ(used.back()->config.rate_limit.burst, 20) << name;
  }
}

TEST_F(DoorTest, says_once_what_is_wrong_and_looks_for_files_that_are_missing) {
  directory.write("web.yml", "{}");
  const auto watched = door("web.yml");
  ASSERT_TRUE(watched->set_up());
  testing::internal::CaptureStderr();
  directory.write("web.yml", "tls_server_config: {cert_file: late.pem, key_file: late.key}");
  run_for(io, 300ms);
  const std::string missing = errors();
  EXPECT_EQ(count(missing, "late.pem: cannot be read: No such file"), 1U) << missing;
  EXPECT_EQ(count(missing, "event=web_config_reload_failed"), 1U) << missing;
  testing::internal::CaptureStderr();
  directory.write("late.pem", "comes, and is no certificate");
  run_for(io, 300ms);
  const std::string came = errors();
  EXPECT_EQ(count(came, "late.pem: holds no certificate"), 1U) << came;
  EXPECT_EQ(used.size(), 1U);
}

TEST_F(DoorTest, stays_as_it_is_once_it_was_left) {
  directory.write("web.yml", "{}");
  const auto watched = door("web.yml");
  ASSERT_TRUE(watched->set_up());
  watched->leave();
  directory.write("web.yml", "rate_limit: {interval: 1s, burst: 20}");
  run_for(io, 200ms);
  EXPECT_EQ(used.size(), 1U);
}

}  // namespace
}  // namespace mxhealth::daemon
