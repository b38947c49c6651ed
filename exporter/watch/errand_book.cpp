#include "watch/errand_book.hpp"

namespace mxhealth::watch {

void ErrandBook::list(const std::vector<config::Module>& modules, const std::vector<ServerName>& servers,
                      Duration apart) {
  std::map<Key, std::shared_ptr<Errand>> listed;
  const auto add = [&](const config::Module& module, ErrandSpec spec) {
    const Key key{module.name, spec.server};
    const auto known = errands_.find(key);
    const bool same = known != errands_.end() && known->second->spec() == spec;
    listed[key] = same ? known->second : std::make_shared<Errand>(std::move(spec), apart);
  };
  for (const config::Module& module : modules) {
    if (module.envelope && !servers.empty())
      add(module, {.server = servers.front(), .wish = *module.envelope, .tls = module.tls});
    if (!module.auth) continue;
    for (const ServerName& server : servers) add(module, {.server = server, .wish = *module.auth, .tls = module.tls});
  }
  errands_ = std::move(listed);
}

void ErrandBook::forgive() {
  for (const auto& [key, errand] : errands_) errand->forgive();
}

const Errand* ErrandBook::find(const config::Module& module, const ServerName& server) const {
  const auto found = errands_.find({module.name, server});
  return found == errands_.end() ? nullptr : found->second.get();
}

std::vector<std::shared_ptr<Errand>> ErrandBook::due(const config::Module& module, Mono now) const {
  std::vector<std::shared_ptr<Errand>> all;
  for (const auto& [key, errand] : errands_)
    if (key.first == module.name && errand->is_due(now)) all.push_back(errand);
  return all;
}

}  // namespace mxhealth::watch
