// Lists as the resolver shows them, over time: what counts, what does not, what is told. Longer than other files: each
// way of a list to lie is a test over the same scripted zone.
#include "watch/list_watch.hpp"

#include "net/dns_fixture.hpp"
#include "watch/fixture.hpp"

namespace mxhealth::watch {
namespace {

using dns::test::soa_data;
using dns::test::text_data;
using net::test::Asked;
using net::test::Replies;

const Subject kSender = Address::parse("192.0.2.10").value();
const std::string kAsked = "10.2.0.192.bl.example";
const std::string kListedPoint = "2.0.0.127.bl.example";
const std::string kCleanPoint = "1.0.0.127.bl.example";

/// The zone of a list: what is not in it does not exist. TTLs are 1 s: they hold nothing up, since our cache is passed.
struct ListZone {
  std::map<std::string, std::vector<std::string>> a;
  std::map<std::string, std::string> txt;
  std::vector<std::string> everything;  // a wildcard
  int failing = 0;                      // an rcode instead of answers
  std::set<std::string> failing_names;  // to which there is none

  Replies operator()(const Asked& asked) const {
    if (failing != 0) return {asked.reply(static_cast<std::uint16_t>(failing)).opt().octets()};
    if (failing_names.contains(asked.name)) return {asked.reply(2).opt().octets()};
    const auto found = a.find(asked.name);
    const std::vector<std::string>& answers = found == a.end() ? everything : found->second;
    const auto reason = txt.find(asked.name);
    if (answers.empty())
      return {asked.reply(3).authority("bl.example", dns::Type::soa, 1, soa_data("ns", 1)).opt().octets()};
    auto packet = asked.reply();
    if (asked.type == dns::Type::a)
      for (const std::string& one : answers) {
        const Address address = Address::parse(one).value();
        packet.answer(asked.name, asked.type, 1, {address.bytes().begin(), address.bytes().end()});
      }
    if (asked.type == dns::Type::txt && reason != txt.end())
      packet.answer(asked.name, asked.type, 1, text_data({reason->second}));
    return {packet.opt().octets()};
  }
};

class ListWatchTest : public WatchTest, public ListWatch::Host {
 protected:
  ListWatchTest() {
    config.resolvers = {server.peer()};
    config.dnsbl.interval = 200ms;
    config.dnsbl.addresses = {{std::get<Address>(kSender), 32}};
    config.dnsbl.lists = {list("bl")};
    zone.a[kListedPoint] = {"127.0.0.2"};
  }

  static dnsbl::List list(const std::string& alias) {
    dnsbl::List made;
    made.name = alias;
    made.zone = name("bl.example");
    made.kinds = {ListKind::ipv4};
    made.codes = {{dnsbl::CodePattern::parse("127.0.0.2").value(), "spam source", {}, false},
                  {dnsbl::CodePattern::parse("127.0.0.10").value(), "policy: no mail server", {}, true}};
    made.weight = 1;
    made.tests[ListKind::ipv4] = dnsbl::rfc5782_points(ListKind::ipv4);
    return made;
  }

  // Lookups under way own the generation that owns their resolver.
  ~ListWatchTest() override {
    watch.stop();
    for (const auto& used : generations) used->resolver().stop();
  }

  void use() {
    generations.push_back(generation());
    watch.use(generations.back());
  }
  const ListingRecord* listing(const std::string& alias = "bl") const {
    const auto found = listings.find({kSender, alias});
    return found == listings.end() ? nullptr : found->second.get();
  }
  const ListRecord* list_record(const std::string& alias = "bl") const {
    const auto found = lists.find(alias);
    return found == lists.end() ? nullptr : found->second.get();
  }
  bool reads(ListingState state) {
    return run_until(io, [&] { return listing() != nullptr && listing()->state == state; });
  }
  std::size_t asked(const std::string& what) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(server.asked, [&](const Asked& a) { return a.name == what; }));
  }
  bool asked_again(const std::string& what, std::size_t times = 2) {
    const std::size_t before = asked(what);
    return run_until(io, [&] { return asked(what) >= before + times; });
  }

  ListZone zone;
  net::test::DnsServer server{io, [this](const Asked& asked) { return zone(asked); }};
  metrics::Own own{{}};
  std::map<ListingKey, std::shared_ptr<const ListingRecord>> listings;
  std::map<std::string, std::shared_ptr<const ListRecord>> lists;
  std::map<Subject, SubjectSource> subjects;
  std::vector<ListingState> told;  // of kSender on "bl", each change
  std::vector<std::shared_ptr<net::Generation>> generations;
  ListWatch watch{io, own, *this};

 private:
  void lists_idle() override {}
  void lists_changed() override {
    Feed feed;
    watch.feed(feed);
    for (const RecordKey& key : feed.gone) {
      if (const auto* listing = std::get_if<ListingKey>(&key)) listings.erase(*listing);
      if (const auto* list = std::get_if<ListKey>(&key)) lists.erase(list->list);
      if (const auto* subject = std::get_if<SubjectKey>(&key)) subjects.erase(subject->subject);
    }
    for (const Record& record : feed.changed) {
      if (const auto* l = std::get_if<std::shared_ptr<const ListRecord>>(&record)) lists[(*l)->key.list] = *l;
      if (const auto* s = std::get_if<std::shared_ptr<const SubjectRecord>>(&record))
        subjects[(*s)->key.subject] = (*s)->source;
      if (const auto* l = std::get_if<std::shared_ptr<const ListingRecord>>(&record)) note(*l);
    }
  }
  void note(const std::shared_ptr<const ListingRecord>& record) {
    listings[record->key] = record;
    if (record->key.list == "bl" && (told.empty() || told.back() != record->state)) told.push_back(record->state);
  }
};

TEST_F(ListWatchTest, a_listing_counts_after_a_second_check_and_tells_code_and_reason) {
  zone.a[kAsked] = {"127.0.0.2"};
  zone.txt[kAsked] = "see https://bl.example/192.0.2.10";
  use();
  ASSERT_TRUE(reads(ListingState::listed));
  EXPECT_EQ(told, (std::vector{ListingState::unknown, ListingState::listed}));
  EXPECT_GE(asked(kAsked), 3U);  // twice A, once TXT
  EXPECT_EQ(listing()->codes, std::vector<std::string>{"127.0.0.2"});
  EXPECT_EQ(listing()->meanings, std::vector<std::string>{"spam source"});
  EXPECT_EQ(listing()->reason, "see https://bl.example/192.0.2.10");
  EXPECT_EQ(listing()->weight, 1);
  EXPECT_EQ(subjects.at(kSender), SubjectSource::configured);
}

TEST_F(ListWatchTest, one_clean_answer_ends_a_listing) {
  zone.a[kAsked] = {"127.0.0.2"};
  use();
  ASSERT_TRUE(reads(ListingState::listed));
  zone.a.erase(kAsked);
  ASSERT_TRUE(reads(ListingState::clean));
  EXPECT_EQ(listing()->reason, "");
  EXPECT_EQ(listing()->weight, 0);
}

TEST_F(ListWatchTest, the_reason_is_asked_for_once_while_a_listing_stays_the_same) {
  zone.a[kAsked] = {"127.0.0.2"};
  zone.txt[kAsked] = "because";
  use();
  ASSERT_TRUE(reads(ListingState::listed));
  ASSERT_TRUE(asked_again(kAsked, 3));
  const auto texts = std::ranges::count_if(server.asked, [](const Asked& a) { return a.type == dns::Type::txt; });
  EXPECT_EQ(texts, 1);
  EXPECT_EQ(listing()->reason, "because");
}

TEST_F(ListWatchTest, what_is_listed_and_clean_in_turn_never_counts) {
  bool listed = false;
  use();
  ASSERT_TRUE(reads(ListingState::clean));
  for (int turn = 0; turn < 6; ++turn) {
    listed = !listed;
    if (listed)
      zone.a[kAsked] = {"127.0.0.2"};
    else
      zone.a.erase(kAsked);
    ASSERT_TRUE(asked_again(kAsked, 1));
    run_until(
        io, [] { return false; }, 5ms);  // its answer arrives
  }
  EXPECT_EQ(std::ranges::count(told, ListingState::listed), 0);
}

TEST_F(ListWatchTest, silence_after_a_listing_neither_ends_nor_keeps_it) {
  zone.a[kAsked] = {"127.0.0.2"};
  use();
  ASSERT_TRUE(reads(ListingState::listed));
  zone.failing = 2;
  ASSERT_TRUE(reads(ListingState::unknown));
  zone.failing = 0;
  ASSERT_TRUE(reads(ListingState::listed));
  EXPECT_EQ(std::ranges::count(told, ListingState::clean), 0);
}

TEST_F(ListWatchTest, a_list_that_lists_everything_is_not_asked_about_anybody) {
  zone.everything = {"127.0.0.2"};
  use();
  ASSERT_TRUE(reads(ListingState::unhealthy));
  ASSERT_TRUE(asked_again(kCleanPoint));
  EXPECT_EQ(asked(kAsked), 0U);
  EXPECT_EQ(list_record()->healthy, false);
}

TEST_F(ListWatchTest, a_list_that_goes_wild_between_two_tests_lists_nobody) {
  use();
  ASSERT_TRUE(reads(ListingState::clean));
  zone.everything = {"127.0.0.2"};
  ASSERT_TRUE(reads(ListingState::unhealthy));
  EXPECT_EQ(std::ranges::count(told, ListingState::listed), 0);
  zone.everything.clear();
  EXPECT_TRUE(reads(ListingState::clean));
}

TEST_F(ListWatchTest, what_was_seen_before_a_list_went_wild_is_no_first_sight_afterwards) {
  use();
  ASSERT_TRUE(reads(ListingState::clean));
  zone.everything = {"127.0.0.2"};
  ASSERT_TRUE(reads(ListingState::unhealthy));
  const std::size_t before = asked(kAsked);
  zone.everything.clear();
  zone.a[kAsked] = {"127.0.0.2"};
  ASSERT_TRUE(reads(ListingState::listed));
  EXPECT_GE(asked(kAsked) - before, 3U) << "two answers and a reason";
}

TEST_F(ListWatchTest, a_first_sight_without_a_proof_does_not_stay_clean_for_ever) {
  use();
  ASSERT_TRUE(reads(ListingState::clean));
  zone.a[kAsked] = {"127.0.0.2"};
  zone.failing_names = {kListedPoint, kCleanPoint};
  EXPECT_TRUE(reads(ListingState::unknown));
  EXPECT_EQ(std::ranges::count(told, ListingState::listed), 0);
}

TEST_F(ListWatchTest, a_shorter_interval_holds_at_once) {
  config.dnsbl.interval = 1h;
  use();
  ASSERT_TRUE(reads(ListingState::clean));
  config.dnsbl.interval = 200ms;
  use();
  EXPECT_TRUE(asked_again(kAsked));
}

TEST_F(ListWatchTest, a_list_that_is_emptied_between_two_tests_clears_nobody) {
  zone.a[kAsked] = {"127.0.0.2"};
  use();
  ASSERT_TRUE(reads(ListingState::listed));
  ASSERT_TRUE(asked_again(kListedPoint, 1));
  zone.a.clear();
  ASSERT_TRUE(reads(ListingState::unhealthy));
  EXPECT_EQ(std::ranges::count(told, ListingState::clean), 0);
  zone.a[kListedPoint] = zone.a[kAsked] = {"127.0.0.2"};
  EXPECT_TRUE(reads(ListingState::listed));
  EXPECT_EQ(std::ranges::count(told, ListingState::clean), 0);
}

TEST_F(ListWatchTest, an_answer_from_elsewhere_stops_the_list_until_its_next_good_test) {
  use();
  ASSERT_TRUE(reads(ListingState::clean));
  zone.a[kAsked] = {"203.0.113.9"};
  ASSERT_TRUE(reads(ListingState::unhealthy));
  zone.a.erase(kAsked);
  EXPECT_TRUE(reads(ListingState::clean));
}

TEST_F(ListWatchTest, a_list_that_refuses_us_reads_refused) {
  zone.everything = {"127.255.255.254"};
  use();
  ASSERT_TRUE(reads(ListingState::refused));
  EXPECT_EQ(list_record()->healthy, false);
}

TEST_F(ListWatchTest, a_list_that_says_nothing_leaves_everything_unknown) {
  zone.failing = 2;
  use();
  ASSERT_TRUE(run_until(io, [&] { return list_record() != nullptr && list_record()->lookups >= 3; }));
  EXPECT_EQ(told, std::vector{ListingState::unknown});
}

TEST_F(ListWatchTest, a_policy_code_weighs_nothing_for_a_target_and_all_for_a_configured_sender) {
  const Subject target = Address::parse("198.51.100.7").value();
  const Subject public_target = Address::parse("9.9.9.9").value();
  zone.a[kAsked] = {"127.0.0.10"};
  zone.a["9.9.9.9.bl.example"] = {"127.0.0.10"};
  use();
  watch.set_targets({target, public_target});
  ASSERT_TRUE(reads(ListingState::listed));
  EXPECT_EQ(listing()->weight, 1);
  const auto of_target = [&] { return listings.find({public_target, "bl"}); };
  ASSERT_TRUE(run_until(
      io, [&] { return of_target() != listings.end() && of_target()->second->state == ListingState::listed; }));
  EXPECT_EQ(of_target()->second->weight, 0);
  EXPECT_FALSE(subjects.contains(target));  // TEST-NET: no list knows it
}

TEST_F(ListWatchTest, an_allow_list_tells_how_far_it_trusts) {
  dnsbl::List vouching = list("white");
  vouching.allow_list = true;
  vouching.codes = {{dnsbl::CodePattern::parse("127.0.*.0-3").value(), "trusted", {}, false}};
  config.dnsbl.lists = {vouching};
  zone.a[kAsked] = {"127.0.5.3"};
  use();
  ASSERT_TRUE(
      run_until(io, [&] { return listing("white") != nullptr && listing("white")->state == ListingState::listed; }));
  EXPECT_TRUE(listing("white")->allow_list);
  EXPECT_EQ(listing("white")->trust, 3U);
}

TEST_F(ListWatchTest, the_key_of_a_list_is_asked_for_and_never_told) {
  dnsbl::List keyed = list("paid");
  keyed.keyed = true;
  keyed.key = Secret("abcdsecret");
  config.dnsbl.lists = {keyed};
  const std::string asked_name = "10.2.0.192.abcdsecret.bl.example";
  zone.a["2.0.0.127.abcdsecret.bl.example"] = {"127.0.0.2"};
  zone.a[asked_name] = {"127.0.0.2"};
  zone.txt[asked_name] = "see https://paid.example/?q=" + asked_name + "&upper=ABCDSECRET";
  use();
  ASSERT_TRUE(
      run_until(io, [&] { return listing("paid") != nullptr && listing("paid")->state == ListingState::listed; }));
  EXPECT_EQ(listing("paid")->reason, "see https://paid.example/?q=10.2.0.192.***.bl.example&upper=***");
}

TEST_F(ListWatchTest, a_reload_keeps_what_stays_and_forgets_what_goes) {
  zone.a[kAsked] = {"127.0.0.2"};
  config.dnsbl.lists = {list("bl"), list("other")};
  use();
  ASSERT_TRUE(reads(ListingState::listed));
  config.dnsbl.lists = {list("bl")};
  use();
  EXPECT_EQ(listing()->state, ListingState::listed);
  EXPECT_EQ(list_record("other"), nullptr);
  EXPECT_EQ(listing("other"), nullptr);
  config.dnsbl.addresses.clear();
  use();
  EXPECT_TRUE(listings.empty());
  EXPECT_TRUE(subjects.empty());
}

TEST_F(ListWatchTest, a_list_whose_facts_changed_begins_anew) {
  zone.a[kAsked] = {"127.0.0.2"};
  use();
  ASSERT_TRUE(reads(ListingState::listed));
  config.dnsbl.lists.front().codes.front().meaning = "something else";
  use();
  EXPECT_EQ(listing()->state, ListingState::unknown);
  ASSERT_TRUE(reads(ListingState::listed));
  EXPECT_EQ(listing()->meanings, std::vector<std::string>{"something else"});
}

}  // namespace
}  // namespace mxhealth::watch
