#include "web/accept_encoding.hpp"

#include <gtest/gtest.h>

namespace mxhealth::web {
namespace {

TEST(AcceptEncoding, takes_gzip_where_it_has_a_weight) {
  for (const char* field : {"gzip", "GZip", "x-gzip", "deflate, gzip", "gzip;q=0.5", "br;q=1.0,gzip ; q=0.001", "*",
                            "gzip;level=9;q=1", "identity;q=0, *;q=0.1"}) {
    EXPECT_TRUE(accepts_gzip(field)) << field;
  }
  for (const char* field : {"", "identity", "gzip;q=0", "gzip;Q=0.000", "*;q=0", "gzip;q=0, *", "agzip", ",;,", "br"}) {
    EXPECT_FALSE(accepts_gzip(field)) << field;
  }
}

}  // namespace
}  // namespace mxhealth::web
