// The versions of TLS that a server can be asked for one by one. Older ones (SSL 2 and 3) no library speaks any more.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mxhealth {

enum class TlsVersion : std::uint8_t { tls_1_0, tls_1_1, tls_1_2, tls_1_3 };  // the oldest first

struct TlsVersionRow {
  TlsVersion version;
  std::string_view label;  ///< OpenSSL's name, as in `tls_version_info`
  std::string_view words;
};

inline constexpr std::array<TlsVersionRow, 4> kTlsVersions{{
    {TlsVersion::tls_1_0, "TLSv1", "TLS 1.0"},
    {TlsVersion::tls_1_1, "TLSv1.1", "TLS 1.1"},
    {TlsVersion::tls_1_2, "TLSv1.2", "TLS 1.2"},
    {TlsVersion::tls_1_3, "TLSv1.3", "TLS 1.3"},
}};

constexpr std::string_view label(TlsVersion version) { return kTlsVersions[static_cast<std::size_t>(version)].label; }

constexpr std::optional<TlsVersion> tls_version(std::string_view label) {
  for (const TlsVersionRow& row : kTlsVersions)
    if (row.label == label) return row.version;
  return std::nullopt;
}

}  // namespace mxhealth
