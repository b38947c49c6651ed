#include "metrics/gzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "metrics/records.hpp"
#include "metrics/sheet.hpp"

namespace mxhealth::metrics {
namespace {

std::string member(const Pages& pages) {
  std::string all = gzip_head();
  for (const auto& page : pages) all += page->deflated().bytes;
  return all + gzip_tail(pages);
}

/// With zlib's own check of header, CRC and length; one member and nothing behind it.
std::string gunzip(const std::string& packed) {
  z_stream stream{};
  EXPECT_EQ(::inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string text(64 * 1024 * 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U);
  text.resize(stream.total_out);
  ::inflateEnd(&stream);
  return text;
}

TEST(Gzip, gives_the_text_back) {
  Sheet sheet;
  sheet.apply(example_feed());
  EXPECT_EQ(gunzip(member(sheet.text())), joined(sheet.text()));
}

TEST(Gzip, of_nothing_is_a_good_member) { EXPECT_EQ(gunzip(member({})), ""); }

TEST(Gzip, of_an_empty_page_and_a_large_one) {
  std::string noise(1'000'000, '\0');
  unsigned state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
  const Pages pages{std::make_shared<Page>(""), std::make_shared<Page>(noise), std::make_shared<Page>("end\n")};
  EXPECT_EQ(gunzip(member(pages)), noise + "end\n");
}

TEST(Gzip, keeps_what_did_not_change) {
  Sheet sheet;
  sheet.apply(example_feed());
  const Pages first = sheet.text();
  (void)member(first);
  ServerRecord server = example_server();
  server.probes = 21;
  sheet.apply({{share(server)}, {}, {}});
  const Pages second = sheet.text();
  EXPECT_EQ(gunzip(member(second)), joined(second));
  EXPECT_EQ(&first.front()->deflated(), &second.front()->deflated());
}

TEST(Gzip, follows_a_page_patched_in_place) {
  Sheet sheet;
  ServerRecord server = example_server();
  for (std::uint64_t probes = 20; probes < 25; ++probes) {
    server.probes = probes;
    sheet.apply({{share(server)}, {}, {}});
    EXPECT_EQ(gunzip(member(sheet.text())), joined(sheet.text()));
  }
}

}  // namespace
}  // namespace mxhealth::metrics
