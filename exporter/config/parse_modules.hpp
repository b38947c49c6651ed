// The section `modules`: named ways to probe a port, and the three that are built in.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "config/config.hpp"
#include "config/reader.hpp"
#include "config/values.hpp"

namespace mxhealth::config {

inline constexpr Choice<TlsPolicy> kTlsPolicies[] = {
    {"opportunistic", TlsPolicy::opportunistic}, {"required", TlsPolicy::required}, {"verified", TlsPolicy::verified},
    {"implicit", TlsPolicy::implicit},           {"off", TlsPolicy::off},
};

std::map<std::string, Module> built_in_modules();

/// Adds to `modules` and changes the built-in ones. A module with mistakes is added too, so that targets can name it.
void parse_modules(const Field&, std::map<std::string, Module>& modules);

/// Fills in the passwords of `modules` from the files that the section names; relative ones lie under `directory`.
void read_passwords(const Field&, const std::filesystem::path& directory, std::map<std::string, Module>& modules);

/// Whether a session under this policy may end up without TLS.
bool may_be_plain(TlsPolicy);

}  // namespace mxhealth::config
