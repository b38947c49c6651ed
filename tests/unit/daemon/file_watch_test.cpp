#include "daemon/file_watch.hpp"

#include "daemon/fixture.hpp"
#include "net/loopback.hpp"

namespace mxhealth::daemon {
namespace {

using namespace mxhealth::test;

class FileWatchTest : public testing::Test {
 protected:
  ~FileWatchTest() override { worker.join(); }
  std::unique_ptr<FileWatch> watch(const std::string& pattern) {
    return std::make_unique<FileWatch>(
        io, worker, std::vector<std::filesystem::path>{directory / pattern}, [this] { ++changes; }, 20ms);
  }
  bool changed(int times) {
    return run_until(io, [&] { return changes >= times; });
  }

  Directory directory;
  asio::io_context io{1};
  asio::thread_pool worker{1};
  int changes = 0;
};

TEST_F(FileWatchTest, says_when_a_file_comes_changes_and_goes) {
  directory.write("a.yml", "one");
  const auto watched = watch("*.yml");
  run_for(io, 100ms);
  EXPECT_EQ(changes, 0);
  directory.write("a.yml", "longer");
  ASSERT_TRUE(changed(1));
  directory.write("b.yml", "new");
  ASSERT_TRUE(changed(2));
  std::filesystem::remove(directory / "a.yml");
  ASSERT_TRUE(changed(3));
  run_for(io, 100ms);
  EXPECT_LE(changes, 5);  // a file may be seen half written
}

TEST_F(FileWatchTest, a_file_of_the_same_size_that_takes_the_others_place_is_a_change) {
  directory.write("a.yml", "one");
  const auto watched = watch("*.yml");
  directory.write("new", "two");
  std::filesystem::rename(directory / "new", directory / "a.yml");
  EXPECT_TRUE(changed(1));
}

TEST_F(FileWatchTest, a_path_may_have_any_characters) {
  EXPECT_EQ(literal("a/[b]*c?.d\\e"), "a/\\[b]\\*c\\?.d\\\\e");
  for (const char* odd : {"web[1].yml", "web*.yml", "we?b.yml", "we\\b.yml", "{a,b}.yml", "~.yml"}) {
    changes = 0;
    const auto watched = watch(literal(odd).string());
    run_for(io, 50ms);
    EXPECT_EQ(changes, 0) << odd;
    directory.write(odd, "comes");
    EXPECT_TRUE(changed(1)) << odd;
  }
}

TEST_F(FileWatchTest, other_files_are_nobodys_business) {
  const auto watched = watch("*.yml");
  directory.write("a.txt", "one");
  run_for(io, 150ms);
  EXPECT_EQ(changes, 0);
}

TEST_F(FileWatchTest, once_gone_it_says_nothing_and_holds_up_nothing) {
  auto watched = watch("*.yml");
  directory.write("a.yml", "one");
  watched.reset();
  run_for(io, 150ms);
  EXPECT_EQ(changes, 0);
  auto again = watch("*.yml");
  run_for(io, 30ms);  // a look is under way
  again.reset();
  io.restart();
  EXPECT_LT(io.run_for(1s), 100U);
  EXPECT_TRUE(io.stopped());
}

}  // namespace
}  // namespace mxhealth::daemon
