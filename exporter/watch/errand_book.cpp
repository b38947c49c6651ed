#include "watch/errand_book.hpp"

namespace mxhealth::watch {

void ErrandBook::list(const std::vector<config::Module>& modules, const std::vector<ServerName>& servers,
                      Duration apart) {
  const auto old = std::exchange(errands_, {});
  for (const config::Module& module : modules) {
    if (!module.envelope || servers.empty()) continue;
    const Key key{module.name, servers.front()};
    ErrandSpec spec{.server = servers.front(), .envelope = *module.envelope};
    const auto known = old.find(key);
    const bool same = known != old.end() && known->second->spec() == spec;
    errands_[key] = same ? known->second : std::make_shared<Errand>(std::move(spec), apart);
  }
}

const Errand* ErrandBook::find(const config::Module& module, const ServerName& server) const {
  const auto found = errands_.find({module.name, server});
  return found == errands_.end() ? nullptr : found->second.get();
}

std::vector<std::shared_ptr<Errand>> ErrandBook::due(const config::Module& module, const ServerName& server,
                                                     Mono now) const {
  const auto found = errands_.find({module.name, server});
  if (found == errands_.end() || !found->second->is_due(now)) return {};
  return {found->second};
}

}  // namespace mxhealth::watch
