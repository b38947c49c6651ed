#include "web/negotiation.hpp"

#include <gtest/gtest.h>

namespace mxhealth::web {
namespace {

using metrics::Format;

TEST(Negotiation, takes_gzip_where_it_has_a_weight) {
  for (const char* field :
       {"gzip", "GZip", "x-gzip", "deflate, gzip", "gzip;q=0.5", "br;q=1.0,gzip ; q=0.001", "*", "gzip;level=9;q=1",
        "identity;q=0, *;q=0.1", "gzip;q=0.5, identity;q=0.5", "gzip;q=1.000", "*;q=0, gzip", "gzip, *;q=0"}) {
    EXPECT_TRUE(accepts_gzip(field)) << field;
  }
}

TEST(Negotiation, leaves_gzip_where_it_is_refused_or_liked_less) {
  for (const char* field : {"", "identity", "gzip;q=0", "gzip;Q=0.000", "*;q=0", "gzip;q=0, *", "agzip", ",;,", "br",
                            "identity, gzip;q=0.9", "gzip;q=0.1, identity;q=0.2", "identity;q=0, *;q=0", "gzip;q=2",
                            "gzip;q=1.001", "gzip;q=x", "gzip;q=0.5555"}) {
    EXPECT_FALSE(accepts_gzip(field)) << field;
  }
}

TEST(Negotiation, gives_openmetrics_to_those_who_name_it) {
  for (const char* field :
       {"application/openmetrics-text", "application/openmetrics-text;version=1.0.0",
        "Application/OpenMetrics-Text ; Version=\"1.0.0\"", "application/openmetrics-text;version=1.0.0;q=0.001",
        // Prometheus 2.42, 2.5x and 3
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.9,text/plain;version=0.0.4;q=0.4,*/*;q=0.1",
        "application/openmetrics-text;q=0.5, text/plain;q=0.5", "application/openmetrics-text, */*"}) {
    EXPECT_EQ(format_for(field), Format::openmetrics) << field;
  }
}

TEST(Negotiation, gives_plain_text_to_everybody_else) {
  for (const char* field :
       {"", "*/*", "text/plain", "text/plain;version=0.0.4", "text/*", "application/*", "application/json",
        "text/html,application/xhtml+xml,*/*;q=0.8", "application/openmetrics-text;q=0",
        "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text;q=0.4, text/plain;q=0.5", "application/openmetrics-text;q=0.4, */*;q=0.5",
        "application/openmetrics-text;q=0.4, text/*;q=0.5, */*;q=0.1", "application/openmetrics-text;q=nonsense",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", ";;,,;q=1"}) {
    EXPECT_EQ(format_for(field), Format::text) << field;
  }
}

TEST(Negotiation, reads_how_long_a_scraper_waits) {
  EXPECT_EQ(scrape_timeout("10"), std::chrono::seconds(10));
  EXPECT_EQ(scrape_timeout("9.5"), std::chrono::milliseconds(9500));
  for (const char* text : {"", "0", "-1", "nan", "inf", "1e9", "10s", " 10"})
    EXPECT_EQ(scrape_timeout(text), std::nullopt) << text;
}

}  // namespace
}  // namespace mxhealth::web
