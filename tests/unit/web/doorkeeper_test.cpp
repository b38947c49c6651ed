// Who gets in, as values: no sockets, and a worker that works when it is told to.
#include "web/doorkeeper.hpp"

#include <crypt.h>
#include <gtest/gtest.h>

#include "web/passwords.hpp"

namespace mxhealth::web {
namespace {

using namespace std::chrono_literals;

std::string hash_of(const std::string& password, const char* setting = "$2b$04$abcdefghijklmnopqrstuu") {
  crypt_data data{};
  return ::crypt_r(password.c_str(), setting, &data);
}

std::string base64(const std::string& text) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8U | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) out += i + j > text.size() ? '=' : kDigits[(bits >> (18U - 6U * j)) & 63U];
  }
  return out;
}

std::string basic(const std::string& user, const std::string& password) {
  return "Basic " + base64(user + ":" + password);
}

struct World {
  explicit World(config::WebConfig web)
      : keeper([this](std::function<void()> job) { jobs.push_back(std::move(job)); }) {
    use(std::move(web));
  }
  void use(config::WebConfig web) {
    auto protection = std::make_shared<Protection>();
    protection->config = std::move(web);
    keeper.use(protection);
  }

  /// The status that a client gets in the end, 200 where it may pass.
  unsigned ask(const std::string& authorization) {
    auto decision = keeper.decide(authorization, now);
    if (!decision.answer) return 200;
    if (!decision.answer->later) return decision.answer->status;
    unsigned status = 0;
    decision.answer->later([&](const Answer& answer) { status = answer.status; });
    for (const auto& job : std::exchange(jobs, {})) {
      job();
      ++hashed;
    }
    if (status == 200) keeper.remember(decision.token);
    return status;
  }

  std::vector<std::function<void()>> jobs;
  Doorkeeper keeper;
  Doorkeeper::Instant now{1h};
  int hashed = 0;
};

config::WebConfig users() {
  config::WebConfig web;
  web.users.emplace("prometheus", Secret(hash_of("open sesame")));
  return web;
}

TEST(Doorkeeper, lets_everybody_in_where_nothing_is_configured) {
  World world({});
  EXPECT_EQ(world.ask(""), 200U);
  EXPECT_EQ(world.ask(basic("a", "b")), 200U);
}

TEST(Doorkeeper, lets_in_who_knows_the_password) {
  World world(users());
  EXPECT_EQ(world.ask(basic("prometheus", "open sesame")), 200U);
  EXPECT_EQ(world.ask(basic("prometheus", "open sesam")), 401U);
  EXPECT_EQ(world.ask(basic("prometheus", "")), 401U);
  EXPECT_EQ(world.ask(basic("prometheu", "open sesame")), 401U);
  EXPECT_EQ(world.ask(basic("", "open sesame")), 401U);
  EXPECT_EQ(world.ask(basic("prometheus", std::string("open sesame\0x", 13))), 401U);
}

TEST(Doorkeeper, refuses_what_is_no_login) {
  World world(users());
  for (const char* field : {"", "Basic", "Basic ", "Basic cHJvbWV0aGV1cw==", "Bearer abc", "Basic !!!!", "Basic abc",
                            "Basic ====", "cHJvbWV0aGV1czpvcGVuIHNlc2FtZQ=="}) {
    EXPECT_EQ(world.ask(field), 401U) << field;
  }
  EXPECT_EQ(world.hashed, 0);
}

TEST(Doorkeeper, takes_the_scheme_in_any_case) {
  World world(users());
  std::string field = basic("prometheus", "open sesame");
  field.replace(0, 5, "bAsIc");
  EXPECT_EQ(world.ask(field), 200U);
}

TEST(Doorkeeper, hashes_a_good_login_once_and_a_bad_one_every_time) {
  World world(users());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.ask(basic("prometheus", "open sesame")), 200U);
  EXPECT_EQ(world.hashed, 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.ask(basic("prometheus", "wrong")), 401U);
  EXPECT_EQ(world.hashed, 4);
}

TEST(Doorkeeper, an_unknown_user_costs_as_much_as_a_known_one) {
  World world(users());
  EXPECT_EQ(world.ask(basic("nobody", "open sesame")), 401U);
  EXPECT_EQ(world.hashed, 1);
  EXPECT_EQ(world.ask(basic("nobody", "open sesame")), 401U);
  EXPECT_EQ(world.hashed, 2);
}

TEST(Doorkeeper, a_new_password_ends_the_old_one_at_once) {
  World world(users());
  EXPECT_EQ(world.ask(basic("prometheus", "open sesame")), 200U);
  config::WebConfig changed;
  changed.users.emplace("prometheus", Secret(hash_of("another")));
  world.use(changed);
  EXPECT_EQ(world.ask(basic("prometheus", "open sesame")), 401U);
  EXPECT_EQ(world.ask(basic("prometheus", "another")), 200U);
}

TEST(Doorkeeper, a_user_who_was_taken_out_is_forgotten) {
  config::WebConfig two = users();
  two.users.emplace("other", Secret(hash_of("other")));
  World world(two);
  EXPECT_EQ(world.ask(basic("other", "other")), 200U);
  world.use(users());
  EXPECT_EQ(world.ask(basic("other", "other")), 401U);
}

TEST(Doorkeeper, has_no_more_than_so_many_logins_under_way) {
  World world(users());
  for (std::size_t i = 0; i < kMaxChecks; ++i) {
    auto decision = world.keeper.decide(basic("prometheus", std::to_string(i)), world.now);
    ASSERT_TRUE(decision.answer->later);
    decision.answer->later([](const Answer&) {});
  }
  EXPECT_EQ(world.keeper.decide(basic("prometheus", "x"), world.now).answer->status, 503U);
  for (const auto& job : std::exchange(world.jobs, {})) job();
  EXPECT_EQ(world.ask(basic("prometheus", "open sesame")), 200U);
}

TEST(Doorkeeper, remembers_a_bounded_number_of_good_logins) {
  config::WebConfig many;
  const std::string hash = hash_of("same");
  for (std::size_t i = 0; i <= kMaxRemembered; ++i) many.users.emplace(std::to_string(i), Secret(hash));
  World world(many);
  for (std::size_t i = 0; i <= kMaxRemembered; ++i) EXPECT_EQ(world.ask(basic(std::to_string(i), "same")), 200U);
  const int before = world.hashed;
  EXPECT_EQ(world.ask(basic(std::to_string(kMaxRemembered), "same")), 200U);
  EXPECT_EQ(world.hashed, before);
  EXPECT_EQ(world.ask(basic("0", "same")), 200U);  // the oldest was forgotten, and costs a hash again
  EXPECT_EQ(world.hashed, before + 1);
}

TEST(Doorkeeper, lets_a_burst_pass_and_then_one_each_interval) {
  config::WebConfig web;
  web.rate_limit = {10s, 3};
  World world(web);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.ask(""), 200U);
  EXPECT_EQ(world.ask(""), 429U);
  world.now += 9s;
  EXPECT_EQ(world.ask(""), 429U);
  world.now += 1s;
  EXPECT_EQ(world.ask(""), 200U);
  EXPECT_EQ(world.ask(""), 429U);
  world.now += 1h;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.ask(""), 200U);
  EXPECT_EQ(world.ask(""), 429U);
  world.use({});
  EXPECT_EQ(world.ask(""), 200U);
}

TEST(Doorkeeper, replaces_our_headers_by_those_configured) {
  config::WebConfig web;
  web.headers.emplace_back("Content-Security-Policy", "default-src 'self'");
  web.headers.emplace_back("X-Frame-Options", "deny");
  World world(web);
  const std::string fields(world.keeper.header_fields());
  EXPECT_EQ(fields.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(fields.find("Content-Security-Policy: default-src 'self'\r\n"), std::string::npos);
  EXPECT_NE(fields.find("X-Frame-Options: deny\r\n"), std::string::npos);
  EXPECT_NE(fields.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
}

TEST(Passwords, fit_hashes_of_all_the_prefixes_in_use) {
  for (const char* setting :
       {"$2a$04$abcdefghijklmnopqrstuu", "$2b$04$abcdefghijklmnopqrstuu", "$2y$04$abcdefghijklmnopqrstuu"}) {
    const Secret hash(hash_of("open sesame", setting));
    EXPECT_TRUE(password_fits(Secret("open sesame"), hash)) << setting;
    EXPECT_FALSE(password_fits(Secret("open sesame "), hash)) << setting;
  }
  EXPECT_FALSE(password_fits(Secret("a"), Secret("")));
  EXPECT_FALSE(password_fits(Secret(std::string(5000, 'a')), Secret(hash_of("a"))));
}

}  // namespace
}  // namespace mxhealth::web
