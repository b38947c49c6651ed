#include "dnsbl/registered_domain.hpp"

#include <libpsl.h>

#include <memory>

namespace mxhealth::dnsbl {
namespace {

struct FreeSuffixes {
  void operator()(psl_ctx_t* suffixes) const noexcept { psl_free(suffixes); }
};
using Suffixes = std::unique_ptr<psl_ctx_t, FreeSuffixes>;

}  // namespace

std::optional<Name> registered_domain(const Name& name) {
  static const Suffixes kSuffixes(psl_latest(nullptr));  // the built-in ones where the system has no newer file
  const char* domain = psl_registrable_domain(kSuffixes.get(), name.str().c_str());
  return domain == nullptr ? std::nullopt : Name::parse(domain);
}

}  // namespace mxhealth::dnsbl
