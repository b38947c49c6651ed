#include "web/passwords.hpp"

#include <crypt.h>
#include <openssl/crypto.h>

#include <cstring>
#include <memory>
#include <string_view>

namespace mxhealth::web {
namespace {

struct Cleansed {
  void operator()(crypt_data* data) const {
    OPENSSL_cleanse(data, sizeof *data);
    delete data;
  }
};

}  // namespace

bool password_fits(const Secret& password, const Secret& hash) {
  const std::unique_ptr<crypt_data, Cleansed> data(new crypt_data{});
  const char* const made = ::crypt_rn(password.reveal().c_str(), hash.reveal().c_str(), data.get(), sizeof *data);
  // A C string ends at a NUL: what stands behind it would not be looked at.
  const bool whole = password.reveal().find('\0') == std::string::npos;
  if (made == nullptr) return false;
  const std::string_view found(made);
  const bool same =
      found.size() == hash.reveal().size() && CRYPTO_memcmp(found.data(), hash.reveal().data(), found.size()) == 0;
  return whole && same;
}

}  // namespace mxhealth::web
