#include "config/warn_dnsbl.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/public_resolvers.hpp"
#include "config/values.hpp"

namespace mxhealth::config {
namespace {

using namespace std::chrono_literals;

// Listings change in hours. Whoever asks public lists more often than this is soon refused by them; for one's own list,
// and in a lab, it is nobody else's business.
constexpr Duration kPoliteListInterval = 10min;

bool of_the_book(const dnsbl::List& list) { return !list.verified.empty(); }

void warn_of_interval(const Field& dnsbl, const Dnsbl& config) {
  const auto field = dnsbl.peek("interval");
  if (!field || config.interval >= kPoliteListInterval || std::ranges::none_of(config.lists, of_the_book)) return;
  field->warn(fmt::format("below {} for lists of other people, who refuse those who ask too often",
                          to_text(kPoliteListInterval)));
}

void warn_of_volume(const Field& dnsbl, const Dnsbl& config) {
  const auto subjects = dnsbl.peek("subjects");
  if (!subjects) return;
  const double rounds = std::chrono::duration<double>(24h) / std::chrono::duration<double>(config.interval);
  for (const dnsbl::List& list : config.lists) {
    std::size_t count = 0;
    for (const ListKind kind : list.kinds) count += configured_subjects(config, kind);
    const double queries = static_cast<double>(count) * rounds;
    if (list.daily_queries == 0 || queries <= list.daily_queries) continue;
    subjects->warn(fmt::format("{} queries a day on {}, whose terms allow {}", static_cast<std::uint64_t>(queries),
                               list.name, list.daily_queries));
  }
}

/// Whether an item leaves the tests out knowingly; what is wrong with them has been complained about already.
bool is_untested(const Field& item, const dnsbl::List& list) {
  const auto points = item.peek("test_points");
  if (points) return points->node().text == "none" || (points->is(Node::Kind::map) && !points->peek("listed"));
  return std::ranges::none_of(list.tests, [](const auto& test) { return test.second.listed.has_value(); });
}

void warn_of_untested(const Field& dnsbl, const Dnsbl& config) {
  const auto lists = dnsbl.peek("lists");
  if (!lists) return;
  for (std::size_t i = 0; i < lists->node().children.size(); ++i) {
    const Field item(lists->node().children[i], fmt::format("{}[{}]", lists->path(), i), lists->report());
    auto name = item.is(Node::Kind::scalar) ? std::optional(item) : item.peek("name");
    if (!name) name = item.peek("book");
    const auto list = std::ranges::find(config.lists, name ? name->node().text : "", &dnsbl::List::name);
    if (list != config.lists.end() && is_untested(item, *list))
      item.warn("no test points: nobody notices when it dies, unless it then lists everybody");
  }
}

void warn_of_resolvers(const Section& root, const Config& config) {
  const Field* resolvers = root.get("resolvers");
  const std::size_t count = resolvers == nullptr ? 0 : resolvers->node().children.size();
  for (std::size_t i = 0; i < std::min(count, config.resolvers.size()); ++i) {
    const auto refused = refused_through(config.resolvers[i].address, config.dnsbl.lists);
    if (!refused) continue;
    Field(resolvers->node().children[i], fmt::format("{}[{}]", resolvers->path(), i), resolvers->report())
        .warn(*refused);
  }
}

}  // namespace

std::size_t configured_subjects(const Dnsbl& config, ListKind kind) {
  if (kind == ListKind::domain) return config.domains.size();
  const Family family = kind == ListKind::ipv4 ? Family::ipv4 : Family::ipv6;
  const int all = family == Family::ipv4 ? 32 : 128;
  std::size_t count = 0;
  for (const Network& network : config.addresses)
    if (network.address.family() == family) count += std::size_t{1} << (all - network.bits);
  return count;
}

void warn_of_dnsbl(const Section& root, const Config& config) {
  if (config.dnsbl.lists.empty()) return;
  warn_of_resolvers(root, config);
  const Field* dnsbl = root.get("dnsbl");
  if (dnsbl == nullptr) return;
  warn_of_interval(*dnsbl, config.dnsbl);
  warn_of_volume(*dnsbl, config.dnsbl);
  warn_of_untested(*dnsbl, config.dnsbl);
}

}  // namespace mxhealth::config
