// Which version is offered next, and what the answers amount to.
#include <gtest/gtest.h>

#include "watch/oldest_tls.hpp"

namespace mxhealth::watch {
namespace {

using std::chrono::minutes;

const Mono kStart{std::chrono::hours(100)};

SessionRun accepted() {
  SessionRun run;
  run.ending = Ending::complete;
  run.ended_in = Phase::ehlo_tls;
  run.at(Phase::tls) = {.begun = true, .completed = true};
  return run;
}

SessionRun ended(Phase phase, Ending ending) {
  SessionRun run;
  run.ending = ending;
  run.ended_in = phase;
  return run;
}

SessionRun refused() { return ended(Phase::tls, Ending::tls_failed); }

TEST(OldestTls, stops_at_the_first_version_that_is_accepted) {
  OldestTls oldest;
  oldest.begin(kStart, TlsVersion::tls_1_3);
  EXPECT_EQ(oldest.next(), TlsVersion::tls_1_0);
  oldest.take(refused());
  EXPECT_EQ(oldest.next(), TlsVersion::tls_1_1);
  oldest.take(accepted());
  EXPECT_EQ(oldest.next(), std::nullopt);
  EXPECT_EQ(oldest.found(), TlsVersion::tls_1_1);
}

TEST(OldestTls, does_not_ask_for_the_version_that_was_spoken) {
  OldestTls oldest;
  oldest.begin(kStart, TlsVersion::tls_1_2);
  oldest.take(refused());
  oldest.take(refused());
  EXPECT_EQ(oldest.next(), std::nullopt);
  EXPECT_EQ(oldest.found(), TlsVersion::tls_1_2);
  oldest.begin(kStart, TlsVersion::tls_1_0);
  EXPECT_EQ(oldest.next(), std::nullopt);
  EXPECT_EQ(oldest.found(), TlsVersion::tls_1_0);
}

TEST(OldestTls, takes_a_connection_cut_in_the_handshake_for_a_refusal) {
  for (const Ending ending : {Ending::peer_closed, Ending::connection_error, Ending::tls_failed}) {
    OldestTls oldest;
    oldest.begin(kStart, TlsVersion::tls_1_3);
    oldest.take(ended(Phase::tls, ending));
    EXPECT_EQ(oldest.next(), TlsVersion::tls_1_1);
  }
}

TEST(OldestTls, keeps_what_it_knew_when_a_session_tells_nothing) {
  const SessionRun telling_nothing[] = {ended(Phase::connect, Ending::connect_failed),
                                        ended(Phase::banner, Ending::refused_by_reply),
                                        ended(Phase::starttls, Ending::complete), ended(Phase::tls, Ending::timed_out),
                                        ended(Phase::tls, Ending::stopped)};
  for (const SessionRun& run : telling_nothing) {
    OldestTls oldest;
    oldest.begin(kStart, TlsVersion::tls_1_3);
    oldest.take(accepted());
    oldest.begin(kStart, TlsVersion::tls_1_3);
    oldest.take(run);
    EXPECT_EQ(oldest.next(), std::nullopt);
    EXPECT_EQ(oldest.found(), TlsVersion::tls_1_0);
  }
}

TEST(OldestTls, asks_once_per_hour_whatever_came_of_it) {
  OldestTls oldest;
  EXPECT_TRUE(oldest.is_due(kStart));
  oldest.begin(kStart, TlsVersion::tls_1_3);
  oldest.take(ended(Phase::connect, Ending::connect_failed));
  EXPECT_FALSE(oldest.is_due(kStart + minutes(59)));
  EXPECT_TRUE(oldest.is_due(kStart + minutes(60)));
}

}  // namespace
}  // namespace mxhealth::watch
