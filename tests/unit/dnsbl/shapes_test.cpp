// Dead and lying lists, round by round, through the whole of this room: names to ask, answers, health, listing. A round
// is a check of two subjects, then a test of the list, as watch/ makes them. Each list is in its senses for some rounds
// first, so that the lie has to be found out; at no time may it make a listing, or a clean bill, that is not true.
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "dnsbl/list_health.hpp"
#include "dnsbl/listing.hpp"
#include "dnsbl/query_name.hpp"

namespace mxhealth::dnsbl {
namespace {

using namespace std::chrono_literals;

constexpr int kHonestRounds = 3;
constexpr int kRounds = 12;

Address address(std::string_view text) { return Address::parse(text).value(); }

const Address kSpammer = address("192.0.2.10");  // on the list while it is honest
const Address kOther = address("192.0.2.11");

struct Answer {
  LookupEnd end = LookupEnd::nxdomain;
  std::vector<Address> addresses{};
};
Answer codes(std::initializer_list<const char*> texts) {
  Answer answer{LookupEnd::records, {}};
  for (const char* text : texts) answer.addresses.push_back(address(text));
  return answer;
}

/// What the list says of a name from the round on in which it went bad; `round` counts from there.
using Lie = std::function<Answer(const Name& asked, int round)>;

List list() {
  List made;
  made.zone = Name::parse("bl.example").value();
  made.kinds = {ListKind::ipv4};
  made.codes = {{CodePattern::parse("127.0.0.2").value(), "spam source", {}, false}};
  made.weight = 1;
  made.tests[ListKind::ipv4] = rfc5782_points(ListKind::ipv4);
  return made;
}

Name asked(std::string_view subject) { return query_name(list(), address(subject)).value(); }

Answer honest(const Name& name, int) {
  return name == asked("127.0.0.2") || name == asked("192.0.2.10") ? codes({"127.0.0.2"}) : Answer{};
}

/// One list, and what it says of its two subjects; empty while it is not believed.
struct World {
  World(List of, Lie told) : list(std::move(of)), lie(std::move(told)) {}

  Reading ask(const Name& name) const {
    const bool still_honest = round < kHonestRounds;
    const Answer answer = still_honest ? honest(name, round) : lie(name, round - kHonestRounds);
    return decode(list, answer.end, answer.addresses);
  }
  std::optional<ListingState> check(const Address& subject, Listing& listing) {
    const Reading reading = ask(query_name(list, subject).value());
    if (reading.kind == Reading::Kind::hijacked) health.note_hijacked();
    listing.take(reading, 300s, 1h, health.healthy(), Wall{} + round * 1h);
    return health.healthy() ? std::optional(listing.state()) : std::nullopt;
  }
  void test() {
    const TestPoints points = list.tests.at(ListKind::ipv4);
    TestRound made;
    if (points.listed) made.listed = ask(query_name(list, *points.listed).value()).kind;
    if (points.clean) made.clean = ask(query_name(list, *points.clean).value()).kind;
    made.absent = ask(absent_name(list, "x7k2").value()).kind;
    health.take(made, Mono{} + round * 1h, 1h);
  }
  /// The states that were shown after the list went bad.
  void run() {
    test();
    for (round = 0; round < kRounds; ++round) {
      const auto of_spammer = check(kSpammer, spammer);
      const auto of_other = check(kOther, other);
      if (round >= kHonestRounds && of_spammer) shown_of_spammer.insert(*of_spammer);
      if (round >= kHonestRounds && of_other) shown_of_other.insert(*of_other);
      test();
    }
  }

  List list;
  Lie lie;
  int round = 0;
  ListHealth health;
  Listing spammer;
  Listing other;
  std::set<ListingState> shown_of_spammer;
  std::set<ListingState> shown_of_other;
};

struct Shape {
  const char* name;
  Lie lie;
  std::optional<Ailment> ailment;  // that the list ends with
};

bool is_subject(const Name& name) { return name == asked("192.0.2.10") || name == asked("192.0.2.11"); }

// Nobody but the spammer may ever read listed.
TEST(Shapes, never_make_a_listing_that_is_none) {
  const std::vector<Shape> shapes{
      {"wildcard", [](const Name&, int) { return codes({"127.0.0.2"}); }, Ailment::lists_all},
      {"parked domain", [](const Name&, int) { return codes({"203.0.113.80"}); }, Ailment::hijacked},
      {"NXDOMAIN rewritten",
       [](const Name& name, int round) {
         const Answer answer = honest(name, round);
         return answer.end == LookupEnd::nxdomain ? codes({"198.51.100.7"}) : answer;
       },
       Ailment::hijacked},
      {"silence", [](const Name&, int) { return Answer{LookupEnd::timed_out}; }, Ailment::no_answer},
      {"SERVFAIL", [](const Name&, int) { return Answer{LookupEnd::servfail}; }, Ailment::no_answer},
      {"Spamhaus refuses", [](const Name&, int) { return codes({"127.255.255.254"}); }, Ailment::refused},
      {"an answer outside 127.0.0.0/8 for subjects alone",
       [](const Name& name, int round) { return is_subject(name) ? codes({"203.0.113.9"}) : honest(name, round); },
       std::nullopt},
      {"unknown code",
       [](const Name& name, int round) { return is_subject(name) ? codes({"127.0.0.99"}) : honest(name, round); },
       std::nullopt},
      {"empty", [](const Name&, int) { return Answer{LookupEnd::nxdomain}; }, Ailment::lists_nothing},
      {"no data", [](const Name&, int) { return Answer{LookupEnd::no_data}; }, Ailment::no_answer},
      {"slow: every other answer is lost",
       [](const Name& name, int round) { return round % 2 == 0 ? Answer{LookupEnd::timed_out} : honest(name, round); },
       std::nullopt},
      {"flapping",
       [](const Name& name, int round) {
         return is_subject(name) && round % 2 == 0 ? codes({"127.0.0.2"})
                : is_subject(name)                 ? Answer{}
                                                   : honest(name, round);
       },
       std::nullopt},
      {"test points missing",
       [](const Name& name, int) { return name == asked("192.0.2.10") ? codes({"127.0.0.2"}) : Answer{}; },
       Ailment::lists_nothing},
      {"our resolver makes addresses up", [](const Name&, int) { return Answer{LookupEnd::rewritten}; }, std::nullopt},
  };
  for (const Shape& shape : shapes) {
    World world(list(), shape.lie);
    world.run();
    EXPECT_FALSE(world.shown_of_other.contains(ListingState::listed)) << shape.name;
    EXPECT_EQ(world.health.ailment(), shape.ailment) << shape.name;
  }
}

// Whatever comes after it: a listing that counted is not taken back but by a list in its senses that says so.
TEST(Shapes, never_clear_a_listing_by_a_lie) {
  const std::vector<Shape> shapes{
      {"wildcard", [](const Name&, int) { return codes({"127.0.0.2"}); }, {}},
      {"parked domain", [](const Name&, int) { return codes({"203.0.113.80"}); }, {}},
      {"silence", [](const Name&, int) { return Answer{LookupEnd::timed_out}; }, {}},
      {"SERVFAIL", [](const Name&, int) { return Answer{LookupEnd::servfail}; }, {}},
      {"REFUSED", [](const Name&, int) { return Answer{LookupEnd::refused}; }, {}},
      {"no data", [](const Name&, int) { return Answer{LookupEnd::no_data}; }, {}},
      {"malformed", [](const Name&, int) { return Answer{LookupEnd::malformed}; }, {}},
      {"Spamhaus refuses", [](const Name&, int) { return codes({"127.255.255.254"}); }, {}},
      {"unknown code", [](const Name&, int) { return codes({"127.0.0.99"}); }, {}},
      {"our resolver makes addresses up", [](const Name&, int) { return Answer{LookupEnd::rewritten}; }, {}},
  };
  for (const Shape& shape : shapes) {
    World world(list(), shape.lie);
    world.run();
    EXPECT_FALSE(world.shown_of_spammer.contains(ListingState::clean)) << shape.name;
    EXPECT_NE(world.spammer.state(), ListingState::clean) << shape.name;
  }
}

// An empty list may clear what it listed in its last breath, until its next test; then it is not believed any more.
TEST(Shapes, believe_an_empty_list_no_longer_than_to_its_next_test) {
  World world(list(), [](const Name&, int) { return Answer{}; });
  world.run();
  EXPECT_EQ(world.health.ailment(), Ailment::lists_nothing);
  EXPECT_EQ(world.spammer.state(), ListingState::unknown);
}

TEST(Shapes, of_lists_that_add_up_bits_and_refuse_by_their_first) {
  List uribl = list();
  uribl.codes.clear();
  uribl.bits = {{2, "black", {}}, {8, "red", {}}};
  uribl.refusals = {CodePattern::parse("127.0.0.1").value()};
  World world(uribl, [](const Name&, int) { return codes({"127.0.0.1"}); });
  world.run();
  EXPECT_EQ(world.health.ailment(), Ailment::refused);
  EXPECT_TRUE(world.shown_of_other.empty() || !world.shown_of_other.contains(ListingState::listed));
  EXPECT_EQ(world.spammer.state(), ListingState::refused);
}

// Nothing that our own resolver makes up is taken; what was true before may not be any more.
TEST(Shapes, say_nothing_while_our_resolver_makes_addresses_up) {
  World world(list(), [](const Name&, int) { return Answer{LookupEnd::rewritten}; });
  world.run();
  EXPECT_EQ(world.shown_of_spammer, std::set{ListingState::unknown});
  EXPECT_EQ(world.shown_of_other, std::set{ListingState::unknown});
}

TEST(Shapes, of_an_honest_list_are_the_truth) {
  World world(list(), honest);
  world.run();
  EXPECT_EQ(world.shown_of_spammer, std::set{ListingState::listed});
  EXPECT_EQ(world.shown_of_other, std::set{ListingState::clean});
  EXPECT_TRUE(world.health.healthy());
}

}  // namespace
}  // namespace mxhealth::dnsbl
