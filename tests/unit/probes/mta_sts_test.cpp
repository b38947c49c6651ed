// Longer than other files: one policy host, and every way in which it can be right, wrong or hostile.
// MTA-STS from end to end on loopback: a name server, a host that serves policies over HTTPS, and the sentence by which
// each of its faults is told from the others.
#include "probes/mta_sts.hpp"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <map>

#include "net/dns_fixture.hpp"
#include "net/loopback.hpp"
#include "net/resolver.hpp"
#include "net/tls_link.hpp"
#include "policy/mta_sts.hpp"
#include "probes/tls_rpt.hpp"

namespace mxhealth::probes {
namespace {

using namespace mxhealth::test;
using dns::Type;
using net::test::Asked;
using net::test::Replies;
using tls::testing::Issued;

constexpr std::string_view kHost = "mta-sts.example.com";
const std::string kPolicy =
    "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";

std::string answer_with(const std::string& body, const std::string& head = kOk) {
  return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Issued lab_authority() {
  tls::testing::Wishes wishes = valid_today("lab authority");
  wishes.alt_names.clear();
  wishes.authority = true;
  return tls::testing::self_signed(wishes);
}

/// Until the client has gone, or for ever long: one octet at a time.
void drip(Talk& talk, std::string_view octets) {
  for (std::size_t i = 0; i < 500; ++i) {
    if (!talk.say(octets.substr(i % octets.size(), 1))) return;
    if (!talk.silent_for(20ms)) return;
  }
}

class MtaStsProbe : public testing::Test {
 protected:
  using Script = Host::Script;

  static void SetUpTestSuite() { static const int keeper [[maybe_unused]] = net::open_stamp_keeper(); }

  MtaStsProbe() {
    config.limits.non_public_targets = true;
    config.global.timeouts.session = 5s;
    subject.mx = {name("mx1.example.com"), name("mail.example.net")};
  }

  Replies answer(const Asked& asked) {
    if (asked.name == failing) return {asked.reply(2).opt().octets()};
    auto packet = asked.reply();
    if (asked.type == Type::txt && txt.contains(asked.name))
      for (const std::string& text : txt.at(asked.name))
        packet.answer(asked.name, Type::txt, 60, dns::test::text_data({text}));
    if (asked.type == Type::a && asked.name == kHost)
      for (const std::string& text : addresses) {
        const Address one = address(text);
        packet.answer(asked.name, Type::a, 60, {one.bytes().begin(), one.bytes().end()});
      }
    return {packet.opt().octets()};
  }

  PolicyFacts look_at(std::uint16_t port) {
    config.global.mta_sts_port = port;
    net::test::DnsServer server(io, [this](const Asked& asked) { return answer(asked); });
    net::ResolverSettings settings;
    settings.servers = {server.peer()};
    net::Resolver resolver(io, std::move(settings));
    PolicyTools tools{resolver, session_tools, config};
    net::HttpsStop stop;
    tools.stop = &stop;
    asio::steady_timer watch(io);
    if (stop_when) await_stop(watch, stop);
    return finish(io, look_up_mta_sts(tools, subject));
  }
  void await_stop(asio::steady_timer& watch, net::HttpsStop& stop) {
    watch.expires_after(5ms);
    watch.async_wait([&](const boost::system::error_code& error) {
      if (error) return;
      if (stop_when())
        stop.stop();
      else
        await_stop(watch, stop);
    });
  }
  /// Of a host that plays `script` to whoever connects.
  PolicyFacts look(Script script) {
    Host host(std::move(script));
    return look_at(host.peer().port);
  }
  /// Of a host that takes the question and says `answer`, all at once.
  PolicyFacts served(const std::string& text) {
    return look([this, text](Talk& talk) { serve(talk, text); });
  }
  PolicyFacts served_by(const Issued& shown, int at_most = TLS1_3_VERSION) {
    Identity other(shown);
    other.at_most(at_most);
    return look([&other](Talk& talk) {
      if (!talk.start_tls(other)) return;
      talk.line();
      talk.say(answer_with(kPolicy));
      talk.rest();
    });
  }
  void serve(Talk& talk, const std::string& text) {
    if (!ask(talk)) return;
    talk.say(text);
    talk.close_notify();
    talk.finish();
    talk.rest();
  }
  /// TLS and the whole question.
  bool ask(Talk& talk) {
    if (!talk.start_tls(identity)) return false;
    std::string all;
    for (std::string line = talk.line(); !line.empty() && line != "(gone)"; line = talk.line()) all += line + "\n";
    const std::lock_guard lock(mutex);
    question = all;
    return true;
  }

  static std::string first(const PolicyFacts& facts) { return facts.notes.empty() ? "" : facts.notes[0].sentence; }
  static void expect(const PolicyFacts& facts, Gravity gravity, std::string_view words) {
    ASSERT_FALSE(facts.notes.empty()) << words;
    EXPECT_NE(facts.notes[0].sentence.find(words), std::string::npos) << facts.notes[0].sentence;
    EXPECT_EQ(facts.notes[0].gravity, gravity) << facts.notes[0].sentence;
    for (const PolicyNote& note : facts.notes)
      EXPECT_TRUE(std::ranges::all_of(note.sentence, [](char c) { return c >= 0x20 && c < 0x7f; })) << note.sentence;
  }
  static void expect_broken(const PolicyFacts& facts, std::string_view words) {
    EXPECT_TRUE(facts.looked_up);
    EXPECT_EQ(is_valid(facts), false);
    EXPECT_FALSE(facts.mta_sts);
    expect(facts, Gravity::broken, words);
  }
  MtaSts held(const std::string& id, StsMode mode = StsMode::enforce) const {
    return {id, mode, {"mx1.example.com", "*.example.net"}, 604800s, std::chrono::system_clock::now() - 1h};
  }

  Issued authority = lab_authority();
  Issued leaf = tls::testing::issued_by(authority, valid_today(std::string(kHost)));
  Identity identity{leaf};
  std::map<std::string, std::vector<std::string>, std::less<>> txt{{"_mta-sts.example.com", {"v=STSv1; id=20261101;"}}};
  std::vector<std::string> addresses{"127.0.0.1"};
  std::string failing;
  std::function<bool()> stop_when;  // cuts what is being fetched
  config::Config config;
  PolicySubject subject{.domain = name("example.com")};

  std::mutex mutex;
  std::string question;

  asio::io_context io{1};
  net::Wheel wheel{io};
  net::SslContext context = net::make_probe_context();
  tls::ChainJudge judge{tls::testing::trusting(authority)};
  std::array<char, 16384> scratch{};
  net::SessionTools session_tools{.io = io, .wheel = wheel, .tls = context.get(), .judge = judge, .scratch = scratch};
};

// --- good ones ---

TEST_F(MtaStsProbe, a_good_policy_is_valid_and_kept) {
  const PolicyFacts facts = served(answer_with(kPolicy));
  EXPECT_EQ(first(facts), "");
  EXPECT_EQ(is_valid(facts), true);
  EXPECT_EQ(facts.mode, "enforce");
  EXPECT_EQ(facts.text,
            "v=STSv1; id=20261101; | version: STSv1 | mode: enforce | mx: mx1.example.com | mx: *.example.net | "
            "max_age: 604800");
  ASSERT_TRUE(facts.mta_sts);
  EXPECT_EQ(facts.mta_sts->id, "20261101");
  EXPECT_EQ(facts.mta_sts->mx.size(), 2U);
  EXPECT_LT(std::chrono::system_clock::now() - facts.mta_sts->fetched, 1min);
  ASSERT_TRUE(facts.not_after);
  EXPECT_EQ(*facts.not_after, valid_today("").until);
}

TEST_F(MtaStsProbe, what_is_asked_is_plain_http_1_1_with_the_hosts_name_in_sni_too) {
  std::promise<std::string> sni;
  std::uint16_t port = 0;
  Host host([&](Talk& talk) {
    if (!ask(talk)) return;
    const char* asked = SSL_get_servername(talk.ssl(), TLSEXT_NAMETYPE_host_name);
    sni.set_value(asked != nullptr ? asked : "");
    talk.say(answer_with(kPolicy));
    talk.rest();
  });
  port = host.peer().port;
  EXPECT_EQ(is_valid(look_at(port)), true);
  EXPECT_EQ(sni.get_future().get(), kHost);
  const std::lock_guard lock(mutex);
  EXPECT_TRUE(question.starts_with(
      "GET /.well-known/mta-sts.txt HTTP/1.1\nHost: mta-sts.example.com:" + std::to_string(port) + "\n"))
      << question;
  EXPECT_NE(question.find("Connection: close"), std::string::npos);
}

TEST_F(MtaStsProbe, a_policy_in_chunks_or_ended_by_tls_is_as_good) {
  const auto chunk = [](const std::string& text) { return fmt::format("{:x};ignored=1\r\n{}\r\n", text.size(), text); };
  const std::string chunks = chunk(kPolicy.substr(0, 16)) + chunk(kPolicy.substr(16)) + "0\r\nTrailer: x\r\n\r\n";
  EXPECT_EQ(is_valid(served(kOk + "Transfer-Encoding: chunked\r\n\r\n" + chunks)), true);
  EXPECT_EQ(is_valid(served(kOk + "\r\n" + kPolicy)), true);
  EXPECT_EQ(is_valid(served(answer_with(kPolicy, "HTTP/1.0 200 OK\r\nContent-Type: TEXT/plain; charset=utf-8\r\n"))),
            true);
}

TEST_F(MtaStsProbe, mode_testing_and_mode_none_are_good_policies) {
  std::string policy = kPolicy;
  const PolicyFacts testing = served(answer_with(policy.replace(policy.find("enforce"), 7, "testing")));
  EXPECT_EQ(is_valid(testing), true);
  EXPECT_EQ(testing.mode, "testing");
  const PolicyFacts none = served(answer_with("version: STSv1\nmode: none\nmax_age: 86400\n"));
  EXPECT_EQ(is_valid(none), true);
  EXPECT_EQ(none.mode, "none");
  expect(none, Gravity::note, "mode is none");
}

TEST_F(MtaStsProbe, a_wildcard_certificate_is_good) {
  auto wishes = valid_today("*.example.com");
  EXPECT_EQ(is_valid(served_by(tls::testing::issued_by(authority, wishes))), true);
}

TEST_F(MtaStsProbe, the_next_address_is_tried_where_one_refuses) {
  addresses = {"127.0.0.1", "127.0.0.9"};
  Host host([this](Talk& talk) { serve(talk, answer_with(kPolicy)); }, "127.0.0.9");
  EXPECT_EQ(is_valid(look_at(host.peer().port)), true);
}

TEST_F(MtaStsProbe, we_ask_from_our_source_address) {
  config.global.source_addresses = {address("127.0.0.5")};
  std::promise<std::string> from;
  look([&](Talk& talk) {
    from.set_value(talk.from());
    serve(talk, answer_with(kPolicy));
  });
  EXPECT_EQ(from.get_future().get(), "127.0.0.5");
}

// --- the text ---

TEST_F(MtaStsProbe, duplicate_keys_are_told_and_the_first_counts) {
  const PolicyFacts facts = served(answer_with(kPolicy + "mode: none\r\n"));
  EXPECT_EQ(is_valid(facts), true);
  EXPECT_EQ(facts.mode, "enforce");
  expect(facts, Gravity::risky, "several lines \"mode:\"");
}

TEST_F(MtaStsProbe, nul_octets_in_a_policy_are_told) {
  std::string policy = kPolicy;
  policy[10] = '\0';
  expect_broken(served(answer_with(policy)), "NUL octets");
}

TEST_F(MtaStsProbe, a_web_page_in_place_of_the_policy_is_told) {
  expect_broken(served(answer_with("<html>Welcome!</html>", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")),
                "is HTML");
}

TEST_F(MtaStsProbe, another_content_type_is_risky) {
  const PolicyFacts html = served(answer_with(kPolicy, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"));
  EXPECT_EQ(is_valid(html), true);
  expect(html, Gravity::risky, "as text/html; some senders take only text/plain");
  expect(served(answer_with(kPolicy, "HTTP/1.1 200 OK\r\n")), Gravity::risky, "without a Content-Type");
}

TEST_F(MtaStsProbe, a_compressed_policy_is_told) {
  expect_broken(served(answer_with("\x1f\x8b\x08", kOk + "Content-Encoding: gzip\r\n")), "compressed (gzip)");
}

TEST_F(MtaStsProbe, an_empty_policy_is_told) { expect_broken(served(answer_with("")), "policy is empty"); }

// --- the answer ---

TEST_F(MtaStsProbe, every_other_status_is_told) {
  expect_broken(served(answer_with("gone", "HTTP/1.1 404 Not Found\r\n")), "no policy there (404)");
  expect_broken(served(answer_with("oops", "HTTP/1.1 500 Internal Server Error\r\n")), "error of its own (500)");
  expect_broken(served(answer_with("no", "HTTP/1.1 403 Forbidden\r\n")), "answers 403 instead of 200");
  expect_broken(served("HTTP/1.1 204 No Content\r\n\r\n"), "answers 204 instead of 200");
}

TEST_F(MtaStsProbe, answers_that_only_announce_one_are_passed_over_a_few_times) {
  const std::string hint = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
  EXPECT_EQ(is_valid(served("HTTP/1.1 100 Continue\r\n\r\n" + hint + answer_with(kPolicy))), true);
  EXPECT_EQ(is_valid(served(hint + hint + hint + hint + hint + answer_with(kPolicy))), true);
  expect_broken(served(hint + hint + hint + hint + hint + hint + answer_with(kPolicy)), "no HTTP");
}

TEST_F(MtaStsProbe, a_redirect_is_told_and_not_followed) {
  Host host([this](Talk& talk) {
    serve(talk,
          "HTTP/1.1 301 Moved Permanently\r\nLocation: https://mta-sts.example.com/caf\xc3\xa9\r\n"
          "Content-Length: 0\r\n\r\n");
  });
  const PolicyFacts facts = look_at(host.peer().port);
  expect_broken(facts, "redirects (301) to https://mta-sts.example.com/caf??");
  EXPECT_EQ(host.sessions(), 1);
}

TEST_F(MtaStsProbe, a_policy_just_above_64_kib_is_told_and_one_just_below_is_read) {
  std::string policy = kPolicy;
  while (policy.size() + 1001 <= policy::kMaxStsPolicy) policy += "x: " + std::string(997, 'a') + "\n";
  policy += "x: " + std::string(policy::kMaxStsPolicy - policy.size() - 4, 'a') + "\n";
  EXPECT_EQ(is_valid(served(answer_with(policy))), true);
  const PolicyFacts above = served(answer_with(policy + "\n"));
  expect_broken(above, "longer than the 65536 octets");
  expect_broken(served(kOk + "\r\n" + policy + "\n"), "longer than the 65536 octets");
}

TEST_F(MtaStsProbe, a_header_without_end_is_told) {
  const PolicyFacts facts = look([this](Talk& talk) {
    if (!ask(talk)) return;
    talk.say("HTTP/1.1 200 OK\r\n");
    while (talk.say("X-More: and more\r\n")) {
    }
  });
  expect_broken(facts, "header without end");
}

TEST_F(MtaStsProbe, chunks_that_are_none_or_have_no_end_are_told) {
  const std::string head = kOk + "Transfer-Encoding: chunked\r\n\r\n";
  expect_broken(served(head + "xyz\r\nrubbish"), "cannot be read as HTTP");
  const auto endless = [&](const std::string& what) {
    return look([this, head, what](Talk& talk) {
      if (!ask(talk)) return;
      talk.say(head);
      while (talk.say(what)) {
      }
    });
  };
  expect_broken(endless("1\r\na\r\n"), "longer than the 65536 octets");
  expect_broken(endless("1;ignored=" + std::string(4000, 'x') + "\r\na\r\n"), "longer than the 65536 octets");
  EXPECT_EQ(is_valid(endless(std::string(4000, '0'))), false);
  EXPECT_EQ(is_valid(look([this, head](Talk& talk) {
              if (!ask(talk)) return;
              talk.say(head + "0\r\n");
              while (talk.say("X-Trailer: and more\r\n")) {
              }
            })),
            false);
}

TEST_F(MtaStsProbe, what_is_no_http_is_told) {
  expect_broken(served("220 mx.example.com ESMTP\r\n"), "no HTTP");
  expect_broken(served(std::string(3000, '\0')), "no HTTP");
}

TEST_F(MtaStsProbe, a_truncated_policy_is_told) {
  expect_broken(served(kOk + "Content-Length: 500\r\n\r\n" + kPolicy), "in the middle of the policy");
  const PolicyFacts cut = look([this](Talk& talk) {  // without close_notify anybody may have cut it
    if (!ask(talk)) return;
    talk.say(kOk + "\r\n" + kPolicy);
    talk.finish();
    talk.rest();
  });
  expect_broken(cut, "in the middle of the policy");
  expect_broken(served(""), "before the answer's header was complete");
}

TEST_F(MtaStsProbe, a_slow_drip_is_cut_when_we_stop) {
  std::atomic<bool> asked = false;
  Host host([&](Talk& talk) {
    if (!ask(talk)) return;
    asked = true;
    drip(talk, answer_with(std::string(2000, 'x')));
  });
  config.global.timeouts.session = 60s;
  stop_when = [&] { return asked.load(); };
  const Mono begun = clock_now();
  const PolicyFacts facts = look_at(host.peer().port);
  EXPECT_FALSE(facts.looked_up);
  EXPECT_LT(clock_now() - begun, 5s);
}

TEST_F(MtaStsProbe, a_slow_drip_is_cut_at_the_deadline) {
  config.global.timeouts.session = 400ms;
  const Mono begun = clock_now();
  const PolicyFacts facts = look([this](Talk& talk) {
    if (ask(talk)) drip(talk, answer_with(std::string(2000, 'x')));
  });
  expect_broken(facts, "so slowly");
  EXPECT_LT(clock_now() - begun, 5s);
}

// --- the certificate ---

TEST_F(MtaStsProbe, each_fault_of_the_certificate_is_told_and_its_end_too) {
  const Wall today = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  auto expired = valid_today(std::string(kHost));
  expired.from = today - 48h;
  expired.until = today - 24h;
  auto future = valid_today(std::string(kHost));
  future.from = today + 24h;
  auto only_cn = valid_today(std::string(kHost));
  only_cn.alt_names.clear();
  const Issued stranger = lab_authority();

  struct Case {
    Issued leaf;
    std::string_view words;
  };
  Case cases[] = {
      {tls::testing::issued_by(authority, expired), "has expired on"},
      {tls::testing::issued_by(authority, future), "valid only from"},
      {tls::testing::issued_by(authority, valid_today("www.example.com")), "does not name mta-sts.example.com"},
      {tls::testing::issued_by(authority, only_cn), "does not name mta-sts.example.com"},
      {tls::testing::self_signed(valid_today(std::string(kHost))), "nobody but itself"},
      {tls::testing::issued_by(stranger, valid_today(std::string(kHost))), "authority that is not trusted"}};
  for (const Case& one : cases) {
    const PolicyFacts facts = served_by(one.leaf);
    expect_broken(facts, one.words);
    ASSERT_TRUE(facts.not_after) << one.words;
  }
  EXPECT_EQ(*served_by(cases[0].leaf).not_after, expired.until);
}

TEST_F(MtaStsProbe, nothing_is_asked_of_a_host_that_is_not_verified) {
  Identity other(tls::testing::self_signed(valid_today(std::string(kHost))));
  std::promise<std::string> said;
  look([&](Talk& talk) {
    talk.start_tls(other);
    said.set_value(talk.line());
  });
  EXPECT_EQ(said.get_future().get(), "(gone)");
}

TEST_F(MtaStsProbe, old_tls_and_no_tls_are_told) {
  expect_broken(served_by(leaf, TLS1_1_VERSION), "nothing newer than TLSv1.1");
  EXPECT_EQ(is_valid(served_by(leaf, TLS1_2_VERSION)), true);
  const PolicyFacts clear = look([](Talk& talk) {
    talk.say("HTTP/1.1 400 Bad Request\r\n\r\n");
    talk.rest();
  });
  expect_broken(clear, "fails the TLS handshake");
}

// --- the host ---

TEST_F(MtaStsProbe, a_host_that_refuses_is_broken_and_one_that_is_silent_is_not_known) {
  expect_broken(look_at(closed_peer().port), "refuses connections");
  config.global.timeouts.session = 200ms;
  const PolicyFacts silent = look([](Talk& talk) { talk.rest(); });
  EXPECT_FALSE(silent.looked_up);
  expect(silent, Gravity::note, "did not answer in time, in the TLS handshake");
  const SilentPeer nobody;
  const PolicyFacts dropped = look_at(nobody.peer().port);
  EXPECT_FALSE(dropped.looked_up);
  expect(dropped, Gravity::note, "did not answer in time, while connecting");
}

TEST_F(MtaStsProbe, a_missing_host_is_broken_and_a_failed_lookup_is_not_known) {
  addresses.clear();
  expect_broken(look_at(1), "does not exist or has no address");
  failing = kHost;
  const PolicyFacts facts = look_at(1);
  EXPECT_FALSE(facts.looked_up);
  expect(facts, Gravity::note, "could not be looked up");
}

TEST_F(MtaStsProbe, addresses_that_are_not_public_are_not_dialled) {
  config.limits.non_public_targets = false;
  Host host([this](Talk& talk) { serve(talk, answer_with(kPolicy)); });
  expect_broken(look_at(host.peer().port), "not public");
  EXPECT_EQ(host.sessions(), 0);
}

TEST(MtaStsPeers, take_turns_between_the_families) {
  const std::vector<Address> found{address("192.0.2.1"), address("9.9.9.9"), address("8.8.8.8"), address("2620:fe::fe"),
                                   address("::1")};
  std::string text;
  for (const Peer& peer : policy_peers(found, 443, false)) text += to_string(peer) + " ";
  EXPECT_EQ(text, "[2620:fe::fe]:443 9.9.9.9:443 8.8.8.8:443 ");
  EXPECT_EQ(policy_peers(found, 443, true).size(), 5U);
}

// --- the record, and what was before ---

TEST_F(MtaStsProbe, a_failed_lookup_of_the_record_teaches_nothing) {
  failing = "_mta-sts.example.com";
  const PolicyFacts facts = served(answer_with(kPolicy));
  EXPECT_FALSE(facts.looked_up);
  expect(facts, Gravity::note, "cannot be looked up now");
}

TEST_F(MtaStsProbe, a_policy_without_a_record_is_risky_and_a_web_server_is_nothing) {
  txt.clear();
  const PolicyFacts policy = served(answer_with(kPolicy));
  EXPECT_FALSE(policy.present);
  EXPECT_FALSE(policy.mta_sts);
  expect(policy, Gravity::risky, "no TXT record at _mta-sts.example.com");
  const PolicyFacts page = served(answer_with("<html>", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"));
  EXPECT_FALSE(page.present);
  EXPECT_TRUE(page.notes.empty()) << first(page);
  EXPECT_FALSE(page.not_after);
}

TEST_F(MtaStsProbe, a_broken_record_hides_a_good_policy) {
  txt["_mta-sts.example.com"] = {"v=STSv1; id=2026-11-01;"};
  expect_broken(served(answer_with(kPolicy)), "other characters than letters and digits");
  config.global.timeouts.session = 200ms;
  expect_broken(look([](Talk& talk) { talk.rest(); }), "other characters than letters and digits");
}

TEST_F(MtaStsProbe, an_mx_outside_the_policy_is_broken_in_enforce_and_risky_in_testing) {
  subject.mx.push_back(name("backup.example.org"));
  const PolicyFacts enforced = served(answer_with(kPolicy));
  EXPECT_EQ(is_valid(enforced), false);
  EXPECT_TRUE(enforced.mta_sts);
  expect(enforced, Gravity::broken, "covers 1 of the 3 mail hosts (backup.example.org)");
  std::string policy = kPolicy;
  const PolicyFacts testing = served(answer_with(policy.replace(policy.find("enforce"), 7, "testing")));
  EXPECT_EQ(is_valid(testing), true);
  expect(testing, Gravity::risky, "covers 1 of the 3 mail hosts (backup.example.org)");
}

TEST_F(MtaStsProbe, a_changed_policy_with_the_same_id_is_risky) {
  subject.last_mta_sts = held("20261101");
  EXPECT_EQ(first(served(answer_with(kPolicy))), "");
  subject.last_mta_sts->mx = {"old.example.com"};
  expect(served(answer_with(kPolicy)), Gravity::risky,
         "the id of the TXT record at _mta-sts.example.com is still 20261101");
  subject.last_mta_sts->id = "20261031";
  EXPECT_EQ(first(served(answer_with(kPolicy))), "");
}

TEST_F(MtaStsProbe, a_new_id_that_cannot_be_fetched_leaves_senders_with_the_old_policy) {
  subject.last_mta_sts = held("20261031");
  const PolicyFacts facts = served(answer_with("gone", "HTTP/1.1 404 Not Found\r\n"));
  EXPECT_EQ(is_valid(facts), false);
  EXPECT_EQ(facts.mode, "enforce");
  ASSERT_TRUE(facts.mta_sts);
  EXPECT_EQ(facts.mta_sts->id, "20261031");
  ASSERT_EQ(facts.notes.size(), 2U);
  EXPECT_NE(facts.notes[1].sentence.find("announces a new policy (id 20261101)"), std::string::npos);
}

TEST_F(MtaStsProbe, senders_go_by_an_old_policy_until_it_is_too_old) {
  txt.clear();
  addresses.clear();
  subject.last_mta_sts = held("20261101");
  const PolicyFacts gone = look_at(1);
  EXPECT_FALSE(gone.present);
  ASSERT_TRUE(gone.mta_sts);
  expect(gone, Gravity::note, "go by it until");
  subject.last_mta_sts->fetched -= 604800s;
  EXPECT_FALSE(look_at(1).mta_sts);
}

TEST_F(MtaStsProbe, while_nothing_is_learnt_an_old_policy_holds_no_longer_than_for_senders) {
  failing = "_mta-sts.example.com";
  subject.last_mta_sts = held("20261101");
  const PolicyFacts fresh = look_at(1);
  EXPECT_FALSE(fresh.looked_up);
  EXPECT_TRUE(fresh.mta_sts);
  subject.last_mta_sts->fetched -= 604800s;
  const PolicyFacts stale = look_at(1);
  EXPECT_FALSE(stale.looked_up);
  EXPECT_FALSE(stale.mta_sts);
}

// --- TLS reports ---

TEST_F(MtaStsProbe, the_record_for_tls_reports_is_looked_up) {
  net::test::DnsServer server(io, [this](const Asked& asked) { return answer(asked); });
  net::ResolverSettings settings;
  settings.servers = {server.peer()};
  net::Resolver resolver(io, std::move(settings));
  PolicyTools tools{resolver, session_tools, config};
  EXPECT_FALSE(finish(io, look_up_tls_rpt(tools, subject)).present);
  const PolicySubject other{.domain = name("example.net")};
  txt["_smtp._tls.example.net"] = {"v=TLSRPTv1; rua=mailto:tls@example.net"};
  EXPECT_EQ(is_valid(finish(io, look_up_tls_rpt(tools, other))), true);
  failing = "_smtp._tls.example.org";
  const PolicySubject third{.domain = name("example.org")};
  EXPECT_FALSE(finish(io, look_up_tls_rpt(tools, third)).looked_up);
}

}  // namespace
}  // namespace mxhealth::probes
