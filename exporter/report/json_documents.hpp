// The documents of the JSON API, which `mxhealthctl check --json` prints, too. Their schema is report/schema/v1.json:
// members are added there as here; to rename one, to drop one or to change its type is a new schema_version.
#pragma once

#include <string>

#include "report/book.hpp"

namespace mxhealth::report {

inline constexpr unsigned kSchemaVersion = 1;

/// Every domain and role in short, the worst first.
std::string status_json(const Book& book, Wall now);

/// Everything about one target.
std::string target_json(const TargetView& target, Wall now);

/// The schema of both (JSON Schema 2020-12).
std::string_view schema_json();

}  // namespace mxhealth::report
