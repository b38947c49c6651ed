#include "policy/dkim_key.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "model/transcript.hpp"
#include "policy/tag_list.hpp"

namespace mxhealth::policy {
namespace {

constexpr std::size_t kMaxShown = 40;
constexpr std::size_t kEd25519Octets = 32;

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

bool is_base64(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

bool has_item(const std::string& list, std::string_view wanted) {
  return std::ranges::any_of(split(list, ':'), [&](const std::string& item) { return lower_case(item) == wanted; });
}

class Reading {
 public:
  DkimKey run(const TagList& tags);

 private:
  void version(const TagList& tags);
  void usage(const TagList& tags);
  void key(const std::string& p);
  void rsa(const std::string& der);
  void tell(Gravity gravity, std::string sentence) { key_.notes.push_back({gravity, std::move(sentence)}); }
  void broken(std::string sentence) { tell(Gravity::broken, std::move(sentence)); }

  DkimKey key_;
};

DkimKey Reading::run(const TagList& tags) {
  for (const std::string& fault : tags.faults)
    broken(fmt::format("syntax error, {}; verifiers ignore the key: correct it", fault));
  version(tags);
  if (const std::string* k = tags.find("k")) {
    key_.type = *k == "rsa" ? DkimKey::Type::rsa : *k == "ed25519" ? DkimKey::Type::ed25519 : DkimKey::Type::unknown;
    if (key_.type == DkimKey::Type::unknown)
      broken(
          fmt::format("k={} is no kind of key that verifiers know: publish rsa or ed25519", printable(*k, kMaxShown)));
  }
  usage(tags);
  const std::string* p = tags.find("p");
  if (p == nullptr)
    broken("the record has no p, so there is no key in it: publish the whole record");
  else
    key(*p);
  return std::move(key_);
}

void Reading::version(const TagList& tags) {
  const std::string* v = tags.find("v");
  if (v == nullptr) return;
  if (*v != "DKIM1")
    broken(fmt::format("v={} is not DKIM1; verifiers ignore the key: correct it", printable(*v, kMaxShown)));
  if (tags.tags.front().name != "v")
    broken("v=DKIM1 is not the first tag; verifiers ignore the key: move it to the front");
}

void Reading::usage(const TagList& tags) {
  if (const std::string* h = tags.find("h"); h != nullptr && !has_item(*h, "sha256"))
    broken(fmt::format("h={} leaves out sha256, the only digest that verifiers still take (RFC 8301): take h out",
                       printable(*h, kMaxShown)));
  if (const std::string* s = tags.find("s"); s != nullptr && !has_item(*s, "email") && !has_item(*s, "*"))
    broken(fmt::format("s={} says that the key is not for mail: take s out", printable(*s, kMaxShown)));
  if (const std::string* t = tags.find("t"); t != nullptr && has_item(*t, "y")) {
    key_.testing = true;
    tell(Gravity::risky,
         "t=y says that the domain only tests DKIM, and verifiers may treat its mail as unsigned: take t=y "
         "out");
  }
  if (const std::string* g = tags.find("g"); g != nullptr && *g != "*")
    tell(Gravity::note, "g is a tag of the past that some verifiers still heed: take it out");
}

void Reading::key(const std::string& p) {
  if (p.empty()) {
    key_.revoked = true;
    return broken(
        "the key is revoked (p is empty), so signatures with it fail: sign with another selector, and take this one "
        "out of dkim_selectors once nothing signs with it");
  }
  const auto der = from_folded_base64(p);
  if (!der) return broken("p is not base64, often for a quote or a backslash that got into it: publish the key again");
  switch (key_.type) {
    case DkimKey::Type::rsa: return rsa(*der);
    case DkimKey::Type::ed25519:
      if (der->size() != kEd25519Octets)
        return broken(
            fmt::format("p holds {} octets and an ed25519 key has 32 (RFC 8463): publish the raw key", der->size()));
      key_.bits = 256;
      return;
    case DkimKey::Type::unknown: return;
  }
}

void Reading::rsa(const std::string& der) {
  const auto bits = rsa_bits(der);
  if (!bits) return broken("p holds no RSA key, often because a part of it got lost: publish the key again");
  key_.bits = *bits;
  if (*bits < kLeastRsaBits)
    broken(fmt::format("the RSA key has {} bits and verifiers take none below 1024: make one of 2048", *bits));
  else if (*bits < kAdvisedRsaBits)
    tell(Gravity::risky, fmt::format("the RSA key has {} bits, which is little: make one of 2048", *bits));
  else if (*bits > kMostRsaBits)
    tell(Gravity::risky,
         fmt::format("the RSA key has {} bits and verifiers need not take more than 4096: make one of 2048", *bits));
}

}  // namespace

DkimKey read_dkim_key(std::string_view record) { return Reading().run(parse_tags(record)); }

std::optional<unsigned> rsa_bits(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto size = static_cast<long>(der.size());
  const auto* end = at + der.size();
  Key key(d2i_PUBKEY(nullptr, &at, size));
  if (!key) {
    at = end - der.size();
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
  }
  ERR_clear_error();
  const bool whole = key && at == end && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA;
  return whole ? std::optional(static_cast<unsigned>(EVP_PKEY_get_bits(key.get()))) : std::nullopt;
}

std::optional<std::string> from_folded_base64(std::string_view text) {
  std::string plain;
  std::ranges::copy_if(text, std::back_inserter(plain),
                       [](char c) { return c != ' ' && c != '\t' && c != '\r' && c != '\n'; });
  const std::size_t digits = std::min(plain.size(), plain.find('='));
  const std::size_t padding = plain.size() - digits;
  const bool form = !plain.empty() && plain.size() % 4 == 0 && padding <= 2 &&
                    std::all_of(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(digits), is_base64) &&
                    plain.find_first_not_of('=', digits) == std::string::npos;
  if (!form) return std::nullopt;
  std::string octets(plain.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                      reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  if (size < 0) return std::nullopt;
  octets.resize(octets.size() - padding);
  return octets;
}

}  // namespace mxhealth::policy
