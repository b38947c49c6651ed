#include "probes/spf_senders.hpp"

#include <map>

#include "net/dns_fixture.hpp"
#include "net/resolver.hpp"

namespace mxhealth::probes {
namespace {

using dns::Type;
using net::test::Asked;
using net::test::Replies;

// A long record as its character-strings, which are joined again (RFC 7208 section 3.3).
dns::test::Octets text_data(std::string_view text) {
  dns::test::Octets data;
  do {
    const std::string_view part = text.substr(0, 200);
    text.remove_prefix(part.size());
    const dns::test::Octets string = dns::test::text_data({part});
    data.insert(data.end(), string.begin(), string.end());
  } while (!text.empty());
  return data;
}

class SpfSendersTest : public testing::Test {
 protected:
  Replies answer(const Asked& asked) {
    if (asked.name == failing) return {asked.reply(2).opt().octets()};
    auto packet = asked.reply();
    if (const auto text = txt.find(asked.name); asked.type == Type::txt && text != txt.end())
      packet.answer(asked.name, Type::txt, 60, text_data(text->second));
    if (const auto host = mx.find(asked.name); asked.type == Type::mx && host != mx.end())
      packet.answer(asked.name, Type::mx, 60, dns::test::mx_data(10, host->second));
    const auto address = a.find(asked.name);
    if (asked.type == Type::a && address != a.end()) {
      const Address one = Address::parse(address->second).value();
      packet.answer(asked.name, Type::a, 60, {one.bytes().begin(), one.bytes().end()});
    }
    return {packet.opt().octets()};
  }

  std::string senders(std::string_view domain) {
    net::ResolverSettings settings;
    settings.servers = {server.peer()};
    net::Resolver resolver(io, std::move(settings));
    const SpfSenders found = net::test::run(io, look_up_spf_senders(resolver, Name::parse(domain).value()));
    complete = found.complete;
    too_wide = found.too_wide;
    std::string text;
    for (const config::Network& network : found.networks)
      text += (text.empty() ? "" : " ") + network.address.to_string() + "/" + std::to_string(network.bits);
    return text;
  }

  std::map<std::string, std::string> txt, mx, a;
  std::string failing = "nobody.example";
  bool complete = false;
  std::size_t too_wide = 0;
  boost::asio::io_context io{1};
  net::test::DnsServer server{io, [this](const Asked& asked) { return answer(asked); }};
};

TEST_F(SpfSendersTest, are_the_networks_hosts_and_includes_that_pass) {
  txt["example.net"] = "v=spf1 ip4:192.0.2.9/30 -ip4:198.51.100.1 a mx:mail.example.net include:_spf.example.org ~all";
  txt["_spf.example.org"] = "v=spf1 ip6:2001:db8::1 ?ip4:198.51.100.2 redirect=_more.example.org";
  txt["_more.example.org"] = "v=spf1 ip4:203.0.113.0/24 -all";
  a["example.net"] = "192.0.2.80";
  mx["mail.example.net"] = "mx.example.net";
  a["mx.example.net"] = "192.0.2.25";
  EXPECT_EQ(senders("example.net"), "192.0.2.8/30 2001:db8::1/128 203.0.113.0/24 192.0.2.80/32 192.0.2.25/32");
  EXPECT_TRUE(complete);
}

TEST_F(SpfSendersTest, of_networks_wider_than_a_slash_24_are_only_counted) {
  txt["example.net"] = "v=spf1 ip4:10.0.0.0/23 ip6:2001:db8::/119 ip4:192.0.2.0/24 -all";
  EXPECT_EQ(senders("example.net"), "192.0.2.0/24");
  EXPECT_EQ(too_wide, 2U);
}

TEST_F(SpfSendersTest, that_cannot_be_looked_up_leave_the_answer_incomplete) {
  txt["example.net"] = "v=spf1 ip4:192.0.2.1 include:broken.example -all";
  failing = "broken.example";
  EXPECT_EQ(senders("example.net"), "192.0.2.1/32");
  EXPECT_FALSE(complete);
}

TEST_F(SpfSendersTest, are_none_without_a_record_or_with_a_broken_one) {
  EXPECT_EQ(senders("example.net"), "");
  EXPECT_TRUE(complete);
  txt["example.net"] = "v=spf1 ip4:192.0.2.1 nonsense -all";
  EXPECT_EQ(senders("example.net"), "");
}

TEST_F(SpfSendersTest, of_a_loop_of_includes_are_found_once) {
  txt["a.example"] = "v=spf1 ip4:192.0.2.1 include:b.example include:%{i}.x.example -all";
  txt["b.example"] = "v=spf1 ip4:192.0.2.2 include:a.example -all";
  EXPECT_EQ(senders("a.example"), "192.0.2.1/32 192.0.2.2/32");
  EXPECT_EQ(server.asked.size(), 2U);
}

TEST_F(SpfSendersTest, are_bounded_in_records_and_networks) {
  for (std::size_t i = 0; i <= kMaxSpfRecords; ++i) {
    std::string text = "v=spf1 include:r" + std::to_string(i + 1) + ".example";
    for (int k = 0; k < 20; ++k) text += " ip4:10." + std::to_string(i) + ".0." + std::to_string(k);
    txt["r" + std::to_string(i) + ".example"] = text;
  }
  const std::string found = senders("r0.example");
  EXPECT_EQ(server.asked.size(), kMaxSpfRecords);
  EXPECT_EQ(std::ranges::count(found, '/'), static_cast<std::ptrdiff_t>(kMaxSpfNetworks));
}

TEST_F(SpfSendersTest, are_bounded_in_hosts) {
  txt["example.net"] = "v=spf1";
  for (std::size_t i = 0; i <= kMaxSpfHosts; ++i) {
    const std::string host = "h" + std::to_string(i) + ".example";
    txt["example.net"] += " a:" + host;
    a[host] = "10.0.0." + std::to_string(i);
  }
  EXPECT_EQ(std::ranges::count(senders("example.net"), '/'), static_cast<std::ptrdiff_t>(kMaxSpfHosts));
}

}  // namespace
}  // namespace mxhealth::probes
